"""The nomogram as a drawing: points, an axis per factor, total points, outcomes, and one case's way through it.

All numbers come from :mod:`..models.model_nomogram`; here they only get a place on paper.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..models.model import Model
from ..models.model_nomogram import ModelNomogram, model_nomogram
from ..prediction.case_points import CasePath, case_path
from ..prediction.record import Prediction
from ..texts import clean, is_number, percent, signed, wrapped
from .theme import LIGHT, PRINT_WIDTH_CM, Theme, new_figure, style

#: Below this width (cm) titles stand above their axes instead of to the left.
_NARROW_CM = 12.0

#: Width in cm of a character of a tick label, and the least gap between two labels.
_CHARACTER_CM, _GAP_CM = 0.16, 0.12

_TICK_CM = 0.12


def draw_nomogram(prediction: Prediction | None, model: Model, theme: Theme = LIGHT,
                  width_cm: float = PRINT_WIDTH_CM) -> Figure:
    """Return the nomogram with the case marked on it as far as it is known (None: no case).

    Raises InputError when the model has no nomogram.
    """
    drawn = model_nomogram(model)
    path = case_path(drawn, model, prediction)
    narrow = width_cm < _NARROW_CM
    rows = 2 + len(drawn.nomogram.axes) + len(drawn.outcomes)
    row_cm = 1.45 if narrow else 1.12
    with style(theme):
        height_cm = row_cm * rows + 0.55
        figure = new_figure(width_cm, height_cm, theme)
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_xlim(0, width_cm)
        axes.set_ylim(height_cm, 0)
        axes.axis("off")
        span = (0.6, width_cm - 0.6) if narrow else (4.0, width_cm - 3.1)
        _Sheet(axes, theme, span, row_cm, narrow).draw(drawn, path)
    return figure


class _Sheet:
    """The page a nomogram is drawn on: places in cm from the top left corner, ``span`` where the axes lie."""

    def __init__(self, axes: Axes, theme: Theme, span: tuple[float, float], row_cm: float, narrow: bool):
        self.axes, self.theme, self.span, self.narrow = axes, theme, span, narrow
        self.row_cm = row_cm

    def draw(self, drawn: ModelNomogram, path: CasePath) -> None:
        """Draw all rows from top to bottom."""
        nomogram = drawn.nomogram
        top = self._row(0)
        largest = max(max(axis.points) for axis in nomogram.axes)
        ticks = [share * largest / 10 for share in range(11)]
        self._axis(top, "Points", [tick / largest for tick in ticks], [f"{tick:g}" for tick in ticks], bold=True)
        for row, axis in enumerate(nomogram.axes, start=1):
            y = self._row(row)
            self._axis(y, drawn.titles[axis.name], [point / largest for point in axis.points],
                       drawn.tick_labels[axis.name])
            if axis.name in path.terms:
                value, points = path.terms[axis.name]
                x = self._mark(y, points / largest)
                self._guide(x, y, top)
                self._answer(y, f"{signed(clean(value, 14))}: {signed(f'{points:.0f}')} points")
        self._outcomes(drawn, path, 1 + len(nomogram.axes))
        if path.terms and not self.narrow:
            self.axes.text(self.span[1] + 0.35, 0.42, "this case", color=self.theme.patient, fontweight="bold",
                           va="center", fontsize=8.5)

    def _outcomes(self, drawn: ModelNomogram, path: CasePath, row: int) -> None:
        """Draw total points and the outcome axes under it, with the case's line down through them."""
        totals = drawn.nomogram.total_points
        y = self._row(row)
        self._axis(y, "Total points", [tick / totals[-1] for tick in totals], [f"{tick:g}" for tick in totals],
                   bold=True)
        if path.total is not None:
            x = self._mark(y, path.total / totals[-1])
            self._answer(y, f"{signed(f'{path.total:.0f}')} points", bold=True)
            self._guide(x, y, self._row(row + len(drawn.outcomes)))
        for index, axis in enumerate(drawn.outcomes):
            y = self._row(row + 1 + index)
            self._axis(y, axis.name, [point / totals[-1] for point in axis.total_points],
                       [f"{value:g}" for value in axis.values])
            if path.total is not None:
                self._mark(y, path.total / totals[-1])
                self._answer(y, percent(path.outcomes[index]), bold=True)

    def _row(self, index: int) -> float:
        return 0.75 + self.row_cm * index + (0.25 if self.narrow else 0.0)

    def _x(self, share: float) -> float:
        return self.span[0] + share * (self.span[1] - self.span[0])

    def _axis(self, y: float, title: str, shares: Sequence[float], labels: Sequence[str], bold: bool = False) -> None:
        """Draw an axis with ticks at ``shares`` (0 - 1) of the span, and its title; crowded labels are left out."""
        ink, weight = self.theme.ink, "bold" if bold else "normal"
        if shares:
            self.axes.plot([self._x(min(shares)), self._x(max(shares))], [y, y], color=ink, linewidth=1,
                           solid_capstyle="butt")
        places = [self._x(share) for share in shares]
        texts = [clean(label, 14) for label in labels]
        below, above = _labelled(places, texts)
        for index, (x, text) in enumerate(zip(places, texts, strict=True)):
            up = index in above
            self.axes.plot([x, x], [y, y - _TICK_CM if up else y + _TICK_CM], color=ink, linewidth=0.8)
            if index in below or up:
                self._text(x, y + (-0.2 if up else 0.2), signed(text), ha="center", va="bottom" if up else "top",
                           fontsize=7.5)
        if self.narrow:
            self._text(self.span[0], y - 0.34, clean(title, 34), va="center", fontsize=8, fontweight=weight)
        else:
            self.axes.text(0.15, y, wrapped(title, 21, 3), va="center", fontsize=8.5, fontweight=weight,
                           linespacing=1.05)

    def _text(self, x: float, y: float, text: str, **options: Any) -> None:
        """Write text that hides the guide lines behind it."""
        patch = {"facecolor": self.theme.background, "edgecolor": "none", "pad": 0.5}
        self.axes.text(x, y, text, bbox=patch, zorder=3, **options)

    def _mark(self, y: float, share: float) -> float:
        """Mark the case on an axis and return its place; beyond the span, an arrow at the end."""
        inside = -1e-9 <= share <= 1 + 1e-9
        x = self._x(min(max(share, 0.0), 1.0))
        self.axes.plot([x], [y], marker="D" if inside else (">" if share > 1 else "<"), markersize=6 if inside else 8,
                       color=self.theme.patient, zorder=5, markeredgecolor=self.theme.background, markeredgewidth=0.6)
        return x

    def _guide(self, x: float, start: float, end: float) -> None:
        self.axes.plot([x, x], [start, end], color=self.theme.patient, linewidth=0.9, linestyle=(0, (2, 2)), zorder=1)

    def _answer(self, y: float, text: str, bold: bool = False) -> None:
        """Write what the case has on this axis, right of it (or above its right end when narrow)."""
        x, height, side = (self.span[1], y - 0.34, "right") if self.narrow else (self.span[1] + 0.35, y, "left")
        self._text(x, height, text, va="center", ha=side, fontsize=8, color=self.theme.patient,
                   fontweight="bold" if bold else "normal")


def _labelled(places: Sequence[float], texts: Sequence[str]) -> tuple[set[int], set[int]]:
    """Return the indices of ticks whose labels stand below the axis, and of those that stand above.

    Where labels would run into each other, evenly spaced numbers keep every second or fifth, other numbers those that
    fit from the ends inwards, and names (levels) move above the axis.
    """
    widths = [_CHARACTER_CM * len(text) + _GAP_CM for text in texts]

    def free(index: int, taken: Iterable[int]) -> bool:
        return all(abs(places[index] - places[other]) >= (widths[index] + widths[other]) / 2 for other in taken
                   if other != index)

    everyone = range(len(places))
    steps = np.diff(places)
    if all(map(is_number, texts)) and len(places) > 2 and np.ptp(steps) < 1e-6 * abs(steps).max():
        for stride in (1, 2, 5):
            if all(free(index, everyone[::stride]) for index in everyone[::stride]):
                return set(everyone[::stride]), set()
    below: set[int] = set()
    above: set[int] = set()
    for index in dict.fromkeys([*everyone[:1], *everyone[-1:], *everyone]):
        if free(index, below):
            below.add(index)
        elif not is_number(texts[index]) and free(index, above):
            above.add(index)
    return below, above
