"""Intraclass correlations of all features: histograms, and medians with quartiles by image type and feature class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ...figures.layout import (
    NAME_PT,
    NARROW_CM,
    SMALL_PT,
    Look,
    Sheet,
    add_grid,
    fitted,
    fitted_heading,
    heading_cm,
    key,
    legend_shape,
    make_panels,
    series,
    text_cm,
    threshold_line,
)
from ...figures.theme import LIGHT, PRINT_WIDTH_CM, Theme, style
from ..result import FeatureSummary
from .rows import ROW, SIDE, draw_bands

#: Width of a bar; values below 0 are counted in a bar of their own.
_BIN = 0.05

#: What published studies ask for; how many features reach each is written in the picture.
LEVELS = (0.75, 0.80, 0.90)

_LEGEND = 0.45

#: Stands over the numbers at the right.
_KEPT = "kept of"


@dataclass(frozen=True, eq=False)
class IccPanel:
    """A comparison's ``values`` (n,), those that are judged, of the features that have one; ``unknown`` have none."""

    title: str
    values: np.ndarray
    unknown: int

    def reaching(self, level: float) -> int:
        """Return how many features reach ``level``."""
        return int((self.values >= level).sum())

    def counts(self) -> np.ndarray:
        """Return the numbers of features (21,) below 0 and in each bin from 0 to 1, a bin's lower end inside."""
        # A value on an edge belongs to the bin above it, as one on the threshold passes; rounding must not move it.
        places = np.clip(np.floor(self.values / _BIN + 1e-9).astype(int), -1, round(1 / _BIN) - 1)
        return np.bincount(places + 1, minlength=round(1 / _BIN) + 1)


def draw_icc_histograms(panels: Sequence[IccPanel], quantity: str, threshold: float, title: str = "",
                        theme: Theme = LIGHT, width_cm: float = PRINT_WIDTH_CM) -> Figure:
    """Return a histogram per comparison; ``quantity`` (ICC, or its lower bound) names the axis.

    Bars from the threshold on are filled, the others hatched.
    """
    with style(theme):
        sheet = make_panels([panel.title for panel in panels], title, (quantity, "Features"),
                            [key(f"threshold {threshold:g}", **threshold_line(theme))], theme, width_cm, 0.8)
        highest = max(int(panel.counts().max()) for panel in panels)
        for axes, panel in zip(sheet.axes, panels, strict=True):
            _draw_histogram(axes, panel, threshold, theme)
            axes.set_ylim(0, 1.05 * max(highest, 1))
            axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    return sheet.figure


def _draw_histogram(axes: Axes, panel: IccPanel, threshold: float, theme: Theme) -> None:
    counts = panel.counts()
    lows = np.round((np.arange(len(counts)) - 1) * _BIN, 10)
    passing = lows >= threshold - 1e-9
    for chosen, face, hatch in ((passing, theme.better, None), (~passing, theme.band, "////")):
        axes.bar(lows[chosen] + _BIN / 2, counts[chosen], 0.86 * _BIN, edgecolor=theme.better, linewidth=0.6,
                 facecolor=face, hatch=hatch)
    axes.axvline(threshold, **threshold_line(theme))
    axes.set_xlim(-_BIN - 0.01, 1.01)
    axes.set_xticks([-_BIN / 2, 0.25, 0.5, 0.75, 1], ["< 0", "0.25", "0.5", "0.75", "1"])
    add_grid(axes, theme, "y")
    whole = len(panel.values) + panel.unknown
    lines = [f"≥ {level:.2f}: {panel.reaching(level)} of {whole}" for level in LEVELS]
    lines += [f"no value: {panel.unknown}"] if panel.unknown else []
    axes.text(0.04, 0.96, "\n".join(lines), transform=axes.transAxes, va="top", fontsize=SMALL_PT, linespacing=1.3,
              bbox={"facecolor": theme.background, "edgecolor": "none", "alpha": 0.8, "pad": 1})


def draw_icc_groups(comparisons: Sequence[tuple[str, Sequence[FeatureSummary]]], quantity: str, threshold: float,
                    title: str = "", theme: Theme = LIGHT, width_cm: float = PRINT_WIDTH_CM) -> Figure:
    """Return median and quartiles of each group of features, grouped by what they are grouped ``by``.

    ``comparisons`` are (title, summaries of the same groups); at the right of a wide figure stands how many of a
    group's features are kept in each.
    """
    rows = _group_rows([group for _, group in comparisons], width_cm >= NARROW_CM)
    keys = [key(name, **_look(place, theme)) for place, (name, _) in enumerate(comparisons)]
    keys.append(key(f"threshold {threshold:g}", **threshold_line(theme)))
    with style(theme):
        right = max(text_cm(text, SMALL_PT) for text in (_KEPT, *(row.kept for row in rows))) + 0.3
        right = right if any(row.kept for row in rows) else 0.3
        columns, legend_rows = legend_shape(keys, width_cm)
        heading = fitted_heading(title, width_cm, 2)
        below, height = 1.1 + _LEGEND * legend_rows, ROW * len(rows)
        sheet = Sheet.blank(width_cm, heading_cm(heading) + 0.75 + height + below, theme)
        axes = sheet.plot(SIDE, below, width_cm - SIDE - right - 0.2, height)
        low = min(_draw_quartiles(axes, number + 0.22 * (place - (len(comparisons) - 1) / 2), item, place, theme)
                  for number, row in enumerate(rows) for place, item in enumerate(row.items or (None,)))
        draw_bands(axes, len(rows), [number for number, row in enumerate(rows) if not row.items], theme)
        axes.axvline(threshold, **threshold_line(theme))
        axes.set_xlim(max(low - 0.03, -1.0) if low < 0 else 0, 1.02)
        axes.set_xlabel(fitted(quantity, width_cm - SIDE - right, NAME_PT))
        _write_rows(sheet, rows, below + height)
        sheet.write_heading(heading)
        sheet.add_legend(keys, columns)
    return sheet.figure


@dataclass(frozen=True)
class _GroupRow:
    """A line of the figure: a head, or a group with its summary by comparison (None: it has none) and what is kept."""

    name: str
    items: tuple[FeatureSummary | None, ...] = ()
    kept: str = ""


def _group_rows(comparisons: Sequence[Sequence[FeatureSummary]], with_kept: bool) -> list[_GroupRow]:
    rows: list[_GroupRow] = []
    heads: set[str] = set()
    for summary in comparisons[0]:
        if summary.by not in heads:
            heads.add(summary.by)
            rows.append(_GroupRow(f"{summary.by[:1].upper()}{summary.by[1:]}"))
        items = tuple(_same(group, summary) for group in comparisons)
        kept = " | ".join("" if item is None else f"{item.kept}/{item.features}" for item in items)
        rows.append(_GroupRow(summary.name, items, kept if with_kept else ""))
    return rows


def _write_rows(sheet: Sheet, rows: Sequence[_GroupRow], top: float) -> None:
    """Write names and what is kept beside the rows, which begin at the height ``top`` (cm)."""
    for number, row in enumerate(rows):
        y, head = top - (number + 0.5) * ROW, not row.items
        sheet.write(0.2 if head else 0.45, y, fitted(row.name, SIDE - 0.6, SMALL_PT, head), SMALL_PT, va="center",
                    fontweight="bold" if head else "normal")
        sheet.write(sheet.width - 0.1, y, row.kept, SMALL_PT, va="center", ha="right")
    if any(row.kept for row in rows):
        sheet.write(sheet.width - 0.1, top + 0.1, _KEPT, SMALL_PT, va="bottom", ha="right")


def _same(summaries: Sequence[FeatureSummary], item: FeatureSummary) -> FeatureSummary | None:
    return next((other for other in summaries if (other.by, other.name) == (item.by, item.name)), None)


def _look(place: int, theme: Theme) -> Look:
    return {**series(theme, place, 1.4), "marker": "o", "markersize": 4}


def _draw_quartiles(axes: Axes, y: float, item: FeatureSummary | None, place: int, theme: Theme) -> float:
    """Draw a line between the quartiles with a dot at the median; return the lower end, 0 where there is none."""
    if item is None or item.median is None or item.lower_quartile is None or item.upper_quartile is None:
        return 0.0
    look = series(theme, place, 1.4)
    axes.plot([item.lower_quartile, item.upper_quartile], [y, y], **look)
    axes.plot([item.median], [y], marker="o", markersize=4, color=look["color"])
    return item.lower_quartile
