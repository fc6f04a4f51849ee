"""ROC curves of several models beside each other, with the area under each and its interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure

from ...figures.theme import LIGHT, PRINT_WIDTH_CM, Theme, style
from ...notation import interval
from ...statistics.roc import Auc, RocCurve
from ...statistics.time_dependent import TimeAuc, TimeRoc
from .layout import key, make_panels, percent_axes, series


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
        keys = [key(label, linewidth=1.6, **series(theme, number)) for number, label in
                sorted(names.items())]
        made = make_panels([name for name, _ in panels], title, ("1 − specificity (%)", "Sensitivity (%)"), keys, theme,
                           width_cm)
        for axes, (_, lines) in zip(made.axes, panels, strict=True):
            percent_axes(axes, theme)
            axes.plot([0, 1], [0, 1], color=theme.muted, linewidth=0.7)
            shown = []
            for line in lines:
                look = series(theme, line.number)
                axes.plot(1 - line.curve.specificity, line.curve.sensitivity, linewidth=1.5, **look)
                if line.area is not None:
                    text = interval(line.area.auc, line.area.lower, line.area.upper)
                    shown.append(key(text, linewidth=1.5, **look))
            if shown:
                confidence = next(line.area.confidence for line in lines if line.area is not None)
                legend = axes.legend(handles=shown, loc="lower right", title=f"AUC ({100 * confidence:g} % CI)",
                                     fontsize=6.5, title_fontsize=6.5, handlelength=1.9, handletextpad=0.4,
                                     borderpad=0.3, labelspacing=0.3, borderaxespad=0.3, framealpha=0.85,
                                     facecolor=theme.background, edgecolor="none")
                legend.set_zorder(4)
    return made.figure
