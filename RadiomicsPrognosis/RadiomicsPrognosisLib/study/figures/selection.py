"""The other steps of a selection: intraclass correlations of all features, forest importances, the cut-off's search."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from ...figures.layout import SMALL_PT, Sheet, add_grid, fitted, fitted_heading, key, make_panels, threshold_line
from ...figures.theme import LIGHT, PRINT_WIDTH_CM, Theme, style
from ...reading.rule import Reproducibility
from ...texts import feature_label, number
from ..results.models import CutoffSearch
from ..results.signatures import ForestSelection

#: Height in cm of a bar with its gap, widest room for names, and room under the bars.
_BAR, _NAME, _BELOW = 0.5, 6.0, 1.8

#: A forest's importances: at least this many are drawn, and this many beyond the selected.
_LEAST, _NEXT = 10, 5


def draw_agreement(filtered: Reproducibility, title: str = "", theme: Theme = LIGHT,
                   width_cm: float = PRINT_WIDTH_CM) -> Figure:
    """Return the ICC of all features, sorted, for every comparison, with the threshold; above it they are kept."""
    by_estimate = filtered.bound == "estimate"
    with style(theme):
        keys = [key(f"{filtered.form} with 95 % CI" if by_estimate else f"{filtered.form}, lower bound",
                    linestyle="none", marker="o", markersize=3, color=theme.patient),
                key(f"threshold {filtered.threshold:g}", **threshold_line(theme))]
        sheet = make_panels([f"{item.comparison}: {len(item.features)} kept" for item in filtered.agreements], title,
                            ("Feature, by rising ICC", "ICC" if by_estimate else "Lower bound of the ICC"), keys, theme,
                            width_cm, 0.8)
        low = 0.0
        for axes, item in zip(sheet.axes, filtered.agreements, strict=True):
            form = item.icc.forms[filtered.form]
            values = form.icc if by_estimate else form.lower
            known = np.flatnonzero(~np.ma.getmaskarray(values))
            order = known[np.argsort(np.asarray(values)[known], kind="stable")]
            place = np.arange(1, len(order) + 1)
            if by_estimate:
                axes.fill_between(place, form.lower[order], form.upper[order], color=theme.muted, alpha=0.3,
                                  linewidth=0)
            axes.plot(place, values[order], linestyle="none", marker="o", markersize=1.8, markeredgewidth=0,
                      color=theme.patient)
            axes.axhline(filtered.threshold, **threshold_line(theme))
            add_grid(axes, theme, "y")
            low = min(low, float(values[order].min()) if len(order) else 0.0)
        for axes in sheet.axes:
            axes.set_ylim(max(low, -1.0) - 0.03, 1.03)
    return sheet.figure


def draw_importances(forest: ForestSelection, title: str = "", theme: Theme = LIGHT, width_cm: float = PRINT_WIDTH_CM,
                     most: int = 25) -> Figure:
    """Return the forest's largest importances, those selected filled and the others in outline."""
    count = min(len(forest.features), max(forest.selected + _NEXT, _LEAST), most)
    importances, name_cm = forest.importances[:count], min(_NAME, 0.45 * width_cm)
    with style(theme):
        sheet = Sheet.blank(width_cm, (0.9 if title else 0.4) + _BAR * count + _BELOW, theme)
        axes = sheet.plot(name_cm, _BELOW, width_cm - (name_cm + 0.5), _BAR * count)
        bars = axes.barh(range(count), importances, height=0.66, edgecolor=theme.patient,
                         color=[theme.patient if place < forest.selected else "none" for place in range(count)])
        axes.bar_label(bars, [number(value, 3) for value in importances], padding=3, fontsize=7)
        axes.set_xlim(0, 1.15 * float(importances[0]) or 1.0)
        names = [fitted(feature_label(name), name_cm - 0.4, SMALL_PT) for name in forest.features[:count]]
        axes.set_yticks(range(count), names, fontsize=SMALL_PT)
        axes.set_ylim(count - 0.4, -0.6)
        axes.tick_params(axis="y", length=0)
        axes.set_xlabel("Mean decrease of impurity")
        sheet.write_heading(fitted_heading(title, width_cm))
        sheet.write(0.2, 0.2, f"Filled: the {forest.selected} selected of {len(forest.features)}.", SMALL_PT)
    return sheet.figure


def draw_cutoff_search(search: CutoffSearch, score: str, title: str = "", theme: Theme = LIGHT,
                       width_cm: float = PRINT_WIDTH_CM) -> Figure:
    """Return the standardised log-rank statistic of every candidate cut-off, the one taken marked."""
    statistics = np.abs(search.statistics)
    highest = float(statistics.max())
    with style(theme):
        keys = [key(f"cut-off {number(search.value, 4)}, |statistic| {number(highest, 4)}", **threshold_line(theme))]
        sheet = make_panels([""], title, (score, "|Log-rank statistic|"), keys, theme, min(width_cm, 10.0), 0.7)
        axes = sheet.axes[0]
        axes.plot(search.candidates, statistics, color=theme.patient, linewidth=1.2, marker="o", markersize=2.2)
        axes.axvline(search.value, **threshold_line(theme))
        add_grid(axes, theme)
        axes.set_ylim(0, 1.08 * highest)
    return sheet.figure
