"""ROC curves of several models beside each other, with the area under each and its interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ...figures.layout import key, make_panels, percent_axes, series
from ...figures.theme import LIGHT, PRINT_WIDTH_CM, Theme, style
from ...notation import interval
from ...statistics.roc import Auc, RocCurve
from ...statistics.time_dependent import TimeAuc, TimeRoc


@dataclass(frozen=True)
class RocLine:
    """A model's ``curve`` with its ``area`` (None where it could not be computed); ``number`` fixes its line style."""

    label: str
    number: int
    curve: RocCurve | TimeRoc
    area: Auc | TimeAuc | None


def draw_roc(panels: Sequence[tuple[str, Sequence[RocLine]]], title: str = "", theme: Theme = LIGHT,
             width_cm: float = PRINT_WIDTH_CM) -> Figure:
    """Return a panel per (title, lines), such as one per horizon."""
    names = {line.number: line.label for _, lines in panels for line in lines}
    with style(theme):
        keys = [key(label, **series(theme, number, 1.6)) for number, label in sorted(names.items())]
        sheet = make_panels([name for name, _ in panels], title, ("1 − specificity (%)", "Sensitivity (%)"), keys,
                            theme, width_cm)
        for axes, (_, lines) in zip(sheet.axes, panels, strict=True):
            percent_axes(axes, theme)
            axes.plot([0, 1], [0, 1], color=theme.muted, linewidth=0.7)
            for line in lines:
                axes.plot(1 - line.curve.specificity, line.curve.sensitivity, **series(theme, line.number, 1.5))
            _list_areas(axes, lines, theme)
    return sheet.figure


def _list_areas(axes: Axes, lines: Sequence[RocLine], theme: Theme) -> None:
    """List the areas, with their intervals where they have any, in the lower right, where a curve of use is not."""
    keys, levels = [], []
    for line in lines:
        if line.area is not None:
            levels.append(line.area.confidence)
            text = interval(line.area.auc, line.area.lower, line.area.upper)
        elif isinstance(line.curve, TimeRoc):
            text = interval(line.curve.auc)
        else:
            continue
        keys.append(key(text, **series(theme, line.number, 1.5)))
    if not keys:
        return
    legend = axes.legend(handles=keys, loc="lower right", title=f"AUC ({100 * levels[0]:g} % CI)" if levels else "AUC",
                         fontsize=6.5, title_fontsize=6.5, handlelength=1.9, handletextpad=0.4, borderpad=0.3,
                         labelspacing=0.3, borderaxespad=0.3, framealpha=0.85, facecolor=theme.background,
                         edgecolor="none")
    legend.set_zorder(4)
