"""The other steps of a selection: intraclass correlations of all features, forest importances, the cut-off's search."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ...figures.theme import LIGHT, PRINT_WIDTH_CM, Theme, new_figure, style
from ...texts import feature_label, number
from ..results import CutoffSearch, ForestSelection, Reproducibility
from .layout import SMALL_PT, TITLE_PT, fitted, key, make_panels, write_heading


def draw_agreement(found: Reproducibility, title: str = "", theme: Theme = LIGHT,
                   width_cm: float = PRINT_WIDTH_CM) -> Figure:
    """Return the ICC of all features, sorted, for every comparison, with the threshold; above it they are kept."""
    panels = [(item.comparison, item.icc.forms[found.form]) for item in found.agreements]
    what = "ICC" if found.bound == "estimate" else "lower bound of the ICC"
    with style(theme):
        keys = [key(f"{found.form} with 95 % CI" if found.bound == "estimate" else f"{found.form}, lower bound",
                    linestyle="none", marker="o", markersize=3, color=theme.patient),
                key(f"threshold {found.threshold:g}", color=theme.ink, linestyle=(0, (4, 2)), linewidth=1.0)]
        made = make_panels([f"{name}: {len(item.features)} kept" for (name, _), item in
                            zip(panels, found.agreements, strict=True)], title,
                           ("Feature, by rising ICC", what[0].upper() + what[1:]), keys, theme, width_cm, 0.8)
        low = 0.0
        for axes, (_, form) in zip(made.axes, panels, strict=True):
            values = form.icc if found.bound == "estimate" else form.lower
            known = np.flatnonzero(~np.ma.getmaskarray(values))
            order = known[np.argsort(np.asarray(values)[known], kind="stable")]
            place = np.arange(1, len(order) + 1)
            if found.bound == "estimate":
                axes.fill_between(place, form.lower[order], form.upper[order], color=theme.muted, alpha=0.3,
                                  linewidth=0)
            axes.plot(place, values[order], linestyle="none", marker="o", markersize=1.8, markeredgewidth=0,
                      color=theme.patient)
            axes.axhline(found.threshold, color=theme.ink, linestyle=(0, (4, 2)), linewidth=1.0)
            axes.grid(axis="y", color=theme.line, linewidth=0.5)
            axes.set_axisbelow(True)
            low = min(low, float(values[order].min()) if len(order) else 0.0)
        for axes in made.axes:
            axes.set_ylim(max(low, -1.0) - 0.03, 1.03)
    return made.figure


def draw_importances(found: ForestSelection, title: str = "", theme: Theme = LIGHT, width_cm: float = PRINT_WIDTH_CM,
                     most: int = 25) -> Figure:
    """Return the forest's largest importances, those selected filled and the others in outline."""
    count = min(len(found.features), max(found.selected + 5, 10), most)
    name_cm = min(6.0, 0.45 * width_cm)
    above, below = (0.9 if title else 0.4), 1.8
    total = above + 0.5 * count + below
    with style(theme):
        figure = new_figure(width_cm, total, theme)
        axes = figure.add_axes((name_cm / width_cm, below / total, 1 - (name_cm + 0.5) / width_cm, 0.5 * count / total))
        taken = np.arange(count) < found.selected
        bars = axes.barh(range(count), found.importances[:count], height=0.66,
                         color=[theme.patient if item else "none" for item in taken], edgecolor=theme.patient)
        axes.bar_label(bars, [number(value, 3) for value in found.importances[:count]], padding=3, fontsize=7)
        axes.set_xlim(0, 1.15 * float(found.importances[0]) or 1.0)
        names = [fitted(feature_label(name), name_cm - 0.4, SMALL_PT) for name in found.features[:count]]
        axes.set_yticks(range(count), names, fontsize=SMALL_PT)
        axes.set_ylim(count - 0.4, -0.6)
        axes.tick_params(axis="y", length=0)
        axes.set_xlabel("Mean decrease of impurity")
        write_heading(figure, fitted(title, width_cm - 0.4, TITLE_PT, True))
        figure.text(0.2 / width_cm, 0.2 / total, f"Filled: the {found.selected} selected of {len(found.features)}.",
                    fontsize=SMALL_PT)
    return figure


def draw_cutoff_search(found: CutoffSearch, score: str, title: str = "", theme: Theme = LIGHT,
                       width_cm: float = PRINT_WIDTH_CM) -> Figure:
    """Return the standardised log-rank statistic of every candidate cut-off, the one taken marked."""
    with style(theme):
        keys = [key(f"cut-off {number(found.value, 4)}, |statistic| "
                    f"{number(float(np.abs(found.statistics).max()), 4)}", color=theme.ink, linestyle=(0, (4, 2)),
                    linewidth=1.0)]
        made = make_panels([""], title, (score, "|Log-rank statistic|"), keys, theme, min(width_cm, 10.0),
                           0.7)
        axes: Axes = made.axes[0]
        axes.plot(found.candidates, np.abs(found.statistics), color=theme.patient, linewidth=1.2, marker="o",
                  markersize=2.2)
        axes.axvline(found.value, color=theme.ink, linestyle=(0, (4, 2)), linewidth=1.0)
        axes.grid(color=theme.line, linewidth=0.5)
        axes.set_axisbelow(True)
        axes.set_ylim(0, 1.08 * float(np.abs(found.statistics).max()))
    return made.figure
