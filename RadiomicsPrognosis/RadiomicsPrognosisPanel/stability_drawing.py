"""Pictures of how stable an answer is: the perturbed scores over their scale, and bars of shares."""

from __future__ import annotations

from dataclasses import dataclass

import qt

from RadiomicsPrognosisLib.stability.scale import StabilityScale

from .drawing import BETTER, WORSE, Canvas

#: Pixels: margin at the sides, height of the histogram, of the groups' band, of a bracket with its gap.
_SIDE, _HISTOGRAM, _BAND, _BRACKET = 8, 64, 8, 8

#: Pixels of the width for each bar of the histogram, at least.
_BAR = 11


@dataclass(frozen=True, kw_only=True)
class SpreadMarks:
    """The texts on the picture: of the case, of the cut-off, of the two brackets, and of the groups' two sides."""

    case: str
    cutoff: str
    interval: str
    agreement: str
    below: str
    above: str


@dataclass(frozen=True)
class ShareRow:
    """A bar: its name, the share (1 is the whole; None: not known), and the share in words."""

    name: str
    share: float | None
    text: str


def draw_spread(label: qt.QLabel, width: int, scale: StabilityScale, marks: SpreadMarks) -> qt.QPixmap:
    """Draw the histogram of the perturbed scores, each bar in the colour of its side of the cut-off."""
    row = qt.QFontMetrics(label.font).height()
    brackets = [(scale.lower, scale.upper, marks.interval)]
    if scale.agreement is not None:
        brackets.append((*scale.agreement, marks.agreement))
    names = row if marks.below else 0
    top, base = row + 12 + names, row + 12 + names + _HISTOGRAM
    below_band = base + _BAND
    canvas = Canvas(label, width, below_band + row + 4 + len(brackets) * (row + _BRACKET))
    span = canvas.width - 2 * _SIDE

    def at(value: float) -> float:
        return _SIDE + span * scale.share(value)

    _draw_groups(canvas, scale, marks, at(scale.cutoff) if scale.cutoff is not None else None, (row, base))
    bars = scale.bars(max(span // _BAR, 8))
    tallest = max(bar.count for bar in bars)
    for bar in bars:
        height = (_HISTOGRAM - 4) * bar.count / tallest
        canvas.fill(at(bar.start) + 0.5, base - height, at(bar.end) - at(bar.start) - 1, height,
                    _colour(scale, bar.above, canvas))
    if scale.cutoff is not None:
        _draw_cutoff(canvas, at(scale.cutoff), (top, below_band))
        canvas.text(at(scale.cutoff), below_band + row, marks.cutoff, 0.5)
    canvas.triangle(at(scale.unperturbed), top, 6, canvas.ink)
    canvas.line(at(scale.unperturbed), top, at(scale.unperturbed), base)
    canvas.text(at(scale.unperturbed), row - 2, marks.case, 0.5)
    bottom = below_band + row + 4
    for low, high, text in brackets:
        _draw_bracket(canvas, (at(low), at(high)), bottom + _BRACKET / 2, text, row)
        bottom += row + _BRACKET
    return canvas.finish()


def _colour(scale: StabilityScale, above: bool | None, canvas: Canvas) -> qt.QColor:
    if above is None or scale.worse_is_above is None:
        return canvas.faint
    return qt.QColor(WORSE if above == scale.worse_is_above else BETTER)


def _draw_groups(canvas: Canvas, scale: StabilityScale, marks: SpreadMarks, split: float | None,
                 rows: tuple[int, int]) -> None:
    """Draw the band under the histogram in the groups' colours, and above it how many are on either side."""
    row, base = rows
    if split is None:
        canvas.fill(_SIDE, base, canvas.width - 2 * _SIDE, _BAND, canvas.faint)
        return
    canvas.fill(_SIDE, base, split - _SIDE, _BAND, _colour(scale, False, canvas))
    canvas.fill(split, base, canvas.width - _SIDE - split, _BAND, _colour(scale, True, canvas))
    room = (canvas.width - 3 * _SIDE) // 2
    canvas.text(_SIDE, 2 * row - 2, canvas.elided(marks.below, room))
    canvas.text(canvas.width - _SIDE, 2 * row - 2, canvas.elided(marks.above, room), 1.0)


def _draw_cutoff(canvas: Canvas, x: float, ends: tuple[int, int]) -> None:
    """Draw a dashed line."""
    for y in range(ends[0], ends[1], 6):
        canvas.line(x, y, x, y + 3)


def _draw_bracket(canvas: Canvas, ends: tuple[float, float], y: float, text: str, row: int) -> None:
    """Draw a line between ``ends`` with upright tips, and its name below."""
    canvas.line(ends[0], y, ends[1], y)
    for x in ends:
        canvas.line(x, y - 3, x, y + 3)
    canvas.text((ends[0] + ends[1]) / 2, y + row, text, 0.5)


def draw_shares(label: qt.QLabel, width: int, rows: tuple[ShareRow, ...]) -> qt.QPixmap:
    """Draw shares as bars from a line at zero; one that works against the others goes to the left."""
    height = qt.QFontMetrics(label.font).height() + 4
    canvas = Canvas(label, width, height * len(rows) + 4)
    number = max((canvas.text_width(row.text) for row in rows), default=0)
    names = min(max((canvas.text_width(row.name) for row in rows), default=0), round(0.55 * width))
    left, right = names + 8, width - number - 8
    shares = [row.share for row in rows if row.share is not None]
    lowest, highest = min(0.0, *shares, 0.0), max(0.0, *shares, 0.0)
    unit = (right - left) / ((highest - lowest) or 1.0)
    zero = left - lowest * unit
    for place, row in enumerate(rows):
        y = place * height
        canvas.text(0, y + height - 6, canvas.elided(row.name, names))
        length = unit * (row.share or 0.0)
        canvas.fill(min(zero, zero + length), y + 4, abs(length), height - 8, canvas.faint)
        canvas.text(width, y + height - 6, row.text, 1.0)
    canvas.line(zero, 0, zero, height * len(rows))
    return canvas.finish()
