"""The nomogram as a drawing: points, an axis per factor, total points, outcomes, and one case's way through it.

All numbers come from :mod:`..models.model_nomogram`; here they only get a place on paper.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..models.model import Model
from ..models.model_nomogram import ModelNomogram, model_nomogram
from ..prediction.case_points import CasePath, case_path
from ..prediction.record import Prediction
from ..texts import clean, percent, signed, wrapped
from .layout import text_cm
from .theme import LIGHT, PRINT_WIDTH_CM, Theme, new_figure, style
from .tick_labels import LABEL_PT, LINE_CM, TickLabel, label_ticks

#: Below this width (cm) titles stand above their axes instead of to the left.
_NARROW_CM = 12.0

#: Lengths in cm of a tick with and without a label, and of a line that leads from a tick to its label.
_TICK_CM, _MINOR_CM, _LEADER_CM = 0.13, 0.07, 0.26

#: Distance in cm from an axis to its labels, between the labels of two rows, and least height of a row.
_LABEL_CM, _ROW_GAP_CM, _ROW_CM = 0.19, 0.24, 1.0

#: Height in cm of a title above its axis, and of the head over the first row.
_TITLE_CM, _HEAD_CM = 0.42, 0.55

#: Room in cm that a guide line keeps from a label.
_CLEAR_CM = 0.06


@dataclass(frozen=True, kw_only=True)
class _AxisRow:
    """An axis on the sheet: its ends and ticks (cm across), labels, and the case's place and words on it.

    ``case`` is the case's share of the span (0 - 1; beyond it off the axis), None where it is not known.
    """

    title: str
    places: tuple[float, ...]
    minor: tuple[float, ...]
    labels: tuple[TickLabel, ...]
    bold: bool = False
    case: float | None = None
    words: str = ""

    def reach(self, up: bool) -> float:
        """Return the height in cm that the labels above or below the axis take."""
        return max((_LABEL_CM + LINE_CM * item.lines + (_LEADER_CM if item.led else 0.0)
                    for item in self.labels if item.up is up), default=_LABEL_CM)


def draw_nomogram(prediction: Prediction | None, model: Model, theme: Theme = LIGHT,
                  width_cm: float = PRINT_WIDTH_CM) -> Figure:
    """Return the nomogram with the case marked on it as far as it is known (None: no case).

    Raises InputError when the model has no nomogram.
    """
    drawn = model_nomogram(model)
    path = case_path(drawn, model, prediction)
    narrow = width_cm < _NARROW_CM
    span = (0.6, width_cm - 0.6) if narrow else (4.0, width_cm - 3.1)
    with style(theme):
        rows = _rows(drawn, model, path, span)
        heights, bottom = _heights(rows, narrow)
        figure = new_figure(width_cm, bottom, theme)
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_xlim(0, width_cm)
        axes.set_ylim(bottom, 0)
        axes.axis("off")
        sheet = _Sheet(axes, theme, span, narrow)
        for row, y in zip(rows, heights, strict=True):
            sheet.draw_row(row, y)
        sheet.draw_guides(rows, heights, len(drawn.nomogram.axes))
        if path.terms and not narrow:
            axes.text(span[1] + 0.35, 0.36, "this case", color=theme.patient, fontweight="bold", va="center",
                      fontsize=8.5)
    return figure


def _rows(drawn: ModelNomogram, model: Model, path: CasePath, span: tuple[float, float]) -> list[_AxisRow]:
    """Return points, factors, total points and outcomes, from top to bottom."""
    nomogram = drawn.nomogram
    largest, whole = max(max(axis.points) for axis in nomogram.axes), nomogram.total_points[-1]
    tens = [share * largest / 10 for share in range(11)]
    rows = [_row("Points", tens, [f"{tick:g}" for tick in tens], largest, span, bold=True)]
    leveled = {*(item.name for item in model.covariates if item.levels),
               *(item.id for item in model.scores if item.cutoff is not None)}
    for axis in nomogram.axes:
        value, points = path.terms.get(axis.name, ("", None))
        rows.append(_row(drawn.titles[axis.name], axis.points, drawn.tick_labels[axis.name], largest, span, case=points,
                         levels=axis.name in leveled, words="" if points is None else
                         f"{signed(clean(value, 14))}: {signed(f'{points:.0f}')} points"))
    totals = nomogram.total_points
    rows.append(_row("Total points", totals, [f"{tick:g}" for tick in totals], whole, span, bold=True, case=path.total,
                     words="" if path.total is None else f"{signed(f'{path.total:.0f}')} points"))
    for index, outcome in enumerate(drawn.outcomes):
        rows.append(_row(f"{outcome.name} (%)", outcome.total_points, [f"{100 * value:g}" for value in outcome.values],
                         whole, span, case=path.total, between=drawn.minor_points.get(outcome.name, ()),
                         words="" if path.total is None else percent(path.outcomes[index])))
    return rows


def _row(title: str, points: Sequence[float], texts: Sequence[str], largest: float, span: tuple[float, float], *,
         bold: bool = False, case: float | None = None, words: str = "", between: Sequence[float] | None = None,
         levels: bool = False) -> _AxisRow:
    """Return a row of ticks at ``points`` of ``largest``; ``between`` are minor ticks, a scale's halves when None."""
    def across(value: float) -> float:
        return span[0] + value / largest * (span[1] - span[0])

    places = [across(value) for value in points]
    labels = label_ticks(places, [clean(text, 40) for text in texts], (span[0] - 0.35, span[1] + 0.25),
                         levels)
    halves = [] if levels else [0.5 * (left + right) for left, right in pairwise(places)]
    minor = halves if between is None else [across(value) for value in between]
    return _AxisRow(title=title, places=tuple(places), minor=tuple(minor), labels=labels, bold=bold,
                case=None if case is None else case / largest, words=words)


def _heights(rows: Sequence[_AxisRow], narrow: bool) -> tuple[list[float], float]:
    """Return the place of every axis (cm from above), and that of the sheet's end."""
    title = _TITLE_CM if narrow else 0.0
    y, heights = _HEAD_CM + title, []
    for index, row in enumerate(rows):
        above = row.reach(True) if any(item.up for item in row.labels) else 0.12
        if index:
            before = rows[index - 1].reach(False)
            y += max(before + _ROW_GAP_CM + above + title, _ROW_CM)
        heights.append(y)
    return heights, y + rows[-1].reach(False) + 0.2


class _Sheet:
    """The page a nomogram is drawn on: places in cm from the top left corner, ``span`` where the axes lie."""

    def __init__(self, axes: Axes, theme: Theme, span: tuple[float, float], narrow: bool):
        self.axes, self.theme, self.span, self.narrow = axes, theme, span, narrow
        self.boxes: list[tuple[float, float, float, float]] = []

    def draw_row(self, row: _AxisRow, y: float) -> None:
        """Draw an axis with ticks, labels, title and what the case has on it."""
        ink, weight = self.theme.ink, "bold" if row.bold else "normal"
        ends = [*row.places, *row.minor]
        if ends:
            self.axes.plot([min(ends), max(ends)], [y, y], color=ink, linewidth=1, solid_capstyle="butt")
        for x in row.minor:
            self.axes.plot([x, x], [y, y + _MINOR_CM], color=ink, linewidth=0.5)
        labelled = {item.tick: item.up for item in row.labels}
        for x in row.places:
            length = _TICK_CM if x in labelled else _MINOR_CM
            self.axes.plot([x, x], [y, y - length if labelled.get(x) else y + length], color=ink, linewidth=0.8)
        for label in row.labels:
            self._label(label, y)
        title_y = y
        if self.narrow:
            raised = row.reach(True) if any(item.up for item in row.labels) else 0.12
            title_y = y - raised - 0.2
            text = clean(row.title, 34)
            self._write(self.span[0], title_y, text, text_cm(text, 8, row.bold), 8, "left", weight=weight)
        else:
            self.axes.text(0.15, y, wrapped(row.title, 21, 3), va="center", fontsize=8.5, fontweight=weight,
                           linespacing=1.05)
        if row.words:
            bold = row.title == "Total points" or "(%)" in row.title
            x, side = (self.span[1], "right") if self.narrow else (self.span[1] + 0.35, "left")
            self._write(x, title_y, row.words, text_cm(row.words, 8, bold), 8, side, colour=self.theme.patient,
                        weight="bold" if bold else "normal")
        if row.case is not None:
            self._mark(y, row.case)

    def _label(self, label: TickLabel, y: float) -> None:
        """Write a label, and lead it to its tick where it does not stand under it."""
        sign = -1.0 if label.up else 1.0
        start = y + sign * _LABEL_CM
        if label.led:
            self.axes.plot([label.tick, label.x], [y + sign * _TICK_CM, start + sign * _LEADER_CM],
                           color=self.theme.muted, linewidth=0.6)
            start += sign * (_LEADER_CM + 0.02)
        height = LINE_CM * label.lines
        # A baseline, which all names share, where letters that do not rise would else stand higher.
        base = start - height + 0.75 * LINE_CM if label.up else start + 0.75 * LINE_CM
        for number, line in enumerate(label.text.split("\n")):
            self.axes.text(label.x, base + number * LINE_CM, line, ha="center", va="baseline", fontsize=LABEL_PT,
                           zorder=3)
        self._take(label.x - label.width / 2, start - height if label.up else start, label.width, height)

    def _write(self, x: float, y: float, text: str, width: float, size: float, side: str, colour: str = "",
               weight: str = "normal") -> None:
        left = x - width if side == "right" else x
        self.axes.text(left, y, text, va="center", ha="left", fontsize=size, color=colour or self.theme.ink,
                       fontweight=weight, zorder=3)
        self._take(left, y - 0.17, width, 0.34)

    def _take(self, left: float, top: float, width: float, height: float) -> None:
        self.boxes.append((left - _CLEAR_CM, left + width + _CLEAR_CM, top - _CLEAR_CM, top + height + _CLEAR_CM))

    def _x(self, share: float) -> float:
        return self.span[0] + min(max(share, 0.0), 1.0) * (self.span[1] - self.span[0])

    def _mark(self, y: float, share: float) -> None:
        """Mark the case on an axis; beyond the span, by an arrow at its end."""
        inside = -1e-9 <= share <= 1 + 1e-9
        self.axes.plot([self._x(share)], [y], marker="D" if inside else (">" if share > 1 else "<"),
                       markersize=6 if inside else 8, color=self.theme.patient, zorder=5,
                       markeredgecolor=self.theme.background, markeredgewidth=0.6)

    def draw_guides(self, rows: Sequence[_AxisRow], heights: Sequence[float], factors: int) -> None:
        """Draw the case's lines: from each factor up to the points, and from the total down to the outcomes."""
        for row, y in zip(rows[1: 1 + factors], heights[1: 1 + factors], strict=True):
            if row.case is not None:
                self._guide(self._x(row.case), heights[0], y)
        total = rows[1 + factors]
        if total.case is not None:
            self._guide(self._x(total.case), heights[1 + factors], heights[-1])

    def _guide(self, x: float, start: float, end: float) -> None:
        """Draw a vertical line from ``start`` down to ``end``, with gaps where labels and titles stand."""
        at = start
        for left, right, top, bottom in sorted(self.boxes, key=lambda box: box[2]):
            if not (left < x < right and bottom > at and top < end):
                continue
            self._stretch(x, at, top)
            at = max(at, bottom)
        self._stretch(x, at, end)

    def _stretch(self, x: float, start: float, end: float) -> None:
        if end > start:
            self.axes.plot([x, x], [start, end], color=self.theme.patient, linewidth=0.9, linestyle=(0, (2, 2)),
                           zorder=1, label="_guide")
