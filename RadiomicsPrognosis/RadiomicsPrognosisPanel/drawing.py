"""Small pictures of the result: score scale, survival curve, contribution bars, in the colours of the theme.

Orange and blue stay apart for every form of colour blindness (Okabe and Ito 2008), and each is doubled by shape,
side or text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import qt

from RadiomicsPrognosisLib.prediction.record import SurvivalPrediction
from RadiomicsPrognosisLib.presenter.summary import Bar, Scale

from .answer import HATCH, HATCH_INK

WORSE, BETTER = "#D55E00", "#3A8FD0"

#: Height of the survival curve (pixels), and how much of its colour (0 - 255) shades its interval.
_CURVE_HEIGHT, _SHADE = 130, 70

#: The share of a picture's width (0 - 1) that names of features may take.
_NAMES = 0.55

#: Height (pixels) of the bar for a range of training patients, with the space below it.
_RANGE = 4

#: How curves that were averaged are drawn, with a sign for the legend.
DASHES = ((qt.Qt.DashLine, "╌╌"), (qt.Qt.DotLine, "┈┈"), (qt.Qt.DashDotLine, "╌┈"))

#: Pixels drawn per pixel shown, so that lines stay sharp on high-density screens.
_DENSITY = 2


class Canvas:
    """A transparent picture of ``width`` x ``height`` with a painter whose pen has the colour of the theme's text."""

    def __init__(self, label: qt.QLabel, width: int, height: int):
        self._pixmap = qt.QPixmap(width * _DENSITY, height * _DENSITY)
        self._pixmap.setDevicePixelRatio(float(_DENSITY))
        self._pixmap.fill(qt.QColor(0, 0, 0, 0))
        self.width, self.height = width, height
        self.ink = qt.QColor(label.palette.text().color())
        self.faint = qt.QColor(self.ink)
        self.faint.setAlpha(70)
        self._metrics = qt.QFontMetrics(label.font)
        self.painter = qt.QPainter()
        self.painter.begin(self._pixmap)
        self.painter.setFont(label.font)
        self.painter.setRenderHint(qt.QPainter.Antialiasing, True)
        self.painter.setPen(self.ink)

    def text(self, x: float, baseline: float, text: str, align: float = 0.0) -> None:
        """Write ``text``; ``align`` 0 starts at ``x``, 0.5 centres, 1 ends there; it never leaves the picture."""
        width = self.text_width(text)
        left = min(max(x - align * width, 0), max(self.width - width, 0))
        self.painter.drawText(qt.QPoint(round(left), round(baseline)), text)

    def text_width(self, text: str) -> int:
        """Return the width of ``text`` in pixels."""
        return self._metrics.horizontalAdvance(text)

    def elided(self, text: str, width: int) -> str:
        """Return ``text`` shortened to ``width`` pixels."""
        return self._metrics.elidedText(text, qt.Qt.ElideRight, width)

    def line(self, x1: float, y1: float, x2: float, y2: float) -> None:
        """Draw a line with the current pen."""
        self.painter.drawLine(round(x1), round(y1), round(x2), round(y2))

    def fill(self, x: float, y: float, width: float, height: float, colour: qt.QColor) -> None:
        """Fill a rectangle."""
        corners = ((x, y), (x + width, y), (x + width, y + height), (x, y + height))
        self.painter.fillPath(_path(corners), qt.QBrush(colour))

    def triangle(self, x: float, y: float, half: float, colour: qt.QColor) -> None:
        """Fill a triangle whose tip points down at (x, y)."""
        self.painter.fillPath(_path(((x, y), (x - half, y - 1.6 * half), (x + half, y - 1.6 * half))),
                              qt.QBrush(colour))

    def finish(self) -> qt.QPixmap:
        """End painting and return the picture."""
        self.painter.end()
        return self._pixmap


def draw_scale(label: qt.QLabel, width: int, scale: Scale, worse_above: bool | None, score_text: str,
               cutoff_text: str) -> qt.QPixmap:
    """Draw the score as a marker over its scale; left and right of the cut-off the groups' colours.

    Below it a bar for each of the training patients' ranges, mean +- 1 SD. ``worse_above`` None leaves the scale grey.
    """
    probe = qt.QFontMetrics(label.font).height()
    below_scale = _RANGE * max(len(scale.ranges) - 1, 0)
    canvas = Canvas(label, width, 4 * probe + 10 + below_scale)
    margin, top, thick = 8, probe + 12, 8
    span = width - 2 * margin

    def at(value: float) -> float:
        return margin + span * scale.share(value)

    split = at(scale.cutoff) if scale.cutoff is not None else margin
    below, above = (BETTER, WORSE) if worse_above else (WORSE, BETTER)
    if scale.cutoff is None or worse_above is None:
        canvas.fill(margin, top, span, thick, canvas.faint)
    else:
        canvas.fill(margin, top, split - margin, thick, qt.QColor(below))
        canvas.fill(split, top, margin + span - split, thick, qt.QColor(above))
    if scale.cutoff is not None:
        canvas.line(split, top - 4, split, top + thick + 4)
        canvas.text(split, top + thick + below_scale + probe + 2, cutoff_text, 0.5)
    for place, item in enumerate(scale.ranges):
        low, high = at(item.mean - item.sd), at(item.mean + item.sd)
        canvas.fill(low, top + thick + 1 + place * _RANGE, high - low, _RANGE - 1, canvas.faint)
    canvas.triangle(at(scale.score), top - 1, 6, canvas.ink)
    canvas.text(at(scale.score), probe - 2, score_text, 0.5)
    bottom = top + thick + below_scale + 2 * probe
    canvas.text(margin, bottom, f"{scale.low:.3g}")
    canvas.text(width - margin, bottom, f"{scale.high:.3g}", 1.0)
    return canvas.finish()


class _CurvePlot:
    """Axes for survival (0 - 1) against months on ``canvas``."""

    def __init__(self, canvas: Canvas, height: int, survival: SurvivalPrediction):
        probe = qt.QFontMetrics(canvas.painter.font()).height()
        self._canvas, self._probe = canvas, probe
        self._left, self._right = canvas.text_width("100 %") + 8, canvas.width - 12
        self._top, self._bottom = probe // 2 + 2, height - 2 * probe
        self._end = max(survival.curve_months[-1], *survival.horizons_months)

    def point(self, months: float, share: float) -> tuple[float, float]:
        """Return where a survival stands on the canvas."""
        return (self._left + (self._right - self._left) * months / self._end,
                self._bottom - (self._bottom - self._top) * share)

    def draw_axes(self, horizons: tuple[float, ...], unit: str) -> None:
        """Draw grid and numbers."""
        canvas = self._canvas
        canvas.painter.setPen(canvas.faint)
        for share in (0.0, 0.5, 1.0):
            canvas.line(self._left, self.point(0, share)[1], self._right, self.point(0, share)[1])
        for months in horizons:
            canvas.line(self.point(months, 0)[0], self._top, self.point(months, 0)[0], self._bottom)
        canvas.painter.setPen(canvas.ink)
        for share in (0.0, 0.5, 1.0):
            canvas.text(self._left - 4, self.point(0, share)[1] + self._probe // 3, f"{100 * share:.0f} %", 1.0)
        for months in (0.0, *horizons):
            canvas.text(self.point(months, 0)[0], self._bottom + self._probe, f"{months:g}", 0.5)
        canvas.text((self._left + self._right) / 2, self._bottom + 2 * self._probe - 3, unit, 0.5)

    def corners(self, months: tuple[float, ...], shares: Iterable[float], step: bool) -> list[tuple[float, float]]:
        """Return the points of a curve that begins with 1 at time 0."""
        points, last = [self.point(0.0, 1.0)], 1.0
        for time, share in zip(months, shares, strict=True):
            points += [self.point(time, last)] if step else []
            points.append(self.point(time, share))
            last = share
        return points


def draw_curve(label: qt.QLabel, width: int, survival: SurvivalPrediction, step: bool, unit: str,
               doubtful: bool = False) -> qt.QPixmap:
    """Draw the survival curve with its interval shaded and the horizons marked; time in months.

    Curves that were averaged are dashed, each in a pattern of its own; what is ``doubtful`` is grey.
    """
    canvas = Canvas(label, width, _CURVE_HEIGHT)
    plot, months = _CurvePlot(canvas, _CURVE_HEIGHT, survival), survival.curve_months
    plot.draw_axes(survival.horizons_months, unit)
    colour = qt.QColor(canvas.ink if doubtful else BETTER)
    if survival.curve_intervals:
        shade = qt.QColor(colour)
        shade.setAlpha(_SHADE)
        upper = plot.corners(months, (high for _low, high in survival.curve_intervals), step)
        lower = plot.corners(months, (low for low, _high in survival.curve_intervals), step)
        canvas.painter.fillPath(_path([*upper, *reversed(lower)]), qt.QBrush(shade))
    for number, item in enumerate(survival.alternatives):
        pen = qt.QPen(canvas.ink)
        pen.setStyle(DASHES[number % len(DASHES)][0])
        canvas.painter.strokePath(_path(plot.corners(months, item.curve, step)), pen)
    pen = qt.QPen(colour)
    pen.setWidth(2)
    canvas.painter.strokePath(_path(plot.corners(months, survival.curve, step)), pen)
    for index, (time, share) in enumerate(survival.by_horizon()):
        x, y = plot.point(time, share)
        canvas.fill(x - 3, y - 3, 6, 6, canvas.ink)
        if survival.horizon_intervals:
            low, high = survival.horizon_intervals[index]
            canvas.line(x, plot.point(time, low)[1], x, plot.point(time, high)[1])
    return canvas.finish()


def _path(points: Sequence[tuple[float, float]]) -> qt.QPainterPath:
    path = qt.QPainterPath()
    path.moveTo(*points[0])
    for point in points[1:]:
        path.lineTo(*point)
    return path


def hatch(label: qt.QLabel) -> None:
    """Give a label the hatched background of what means nothing for a patient."""
    palette = label.palette
    palette.setBrush(qt.QPalette.Window, qt.QBrush(qt.QColor(HATCH), qt.Qt.BDiagPattern))
    palette.setColor(qt.QPalette.WindowText, qt.QColor(HATCH_INK))
    label.setPalette(palette)
    label.autoFillBackground = True


def draw_bars(label: qt.QLabel, width: int, bars: tuple[Bar, ...]) -> qt.QPixmap:
    """Draw contributions as bars left (lower the score) and right (raise it) of the line at zero."""
    metrics = qt.QFontMetrics(label.font)
    row, letters = metrics.height() + 4, metrics.horizontalAdvance
    number = max(letters(f"{bar.value:+.3f}") for bar in bars)
    names = min(max(letters(bar.name) for bar in bars), round(_NAMES * width))
    lines = [_wrapped(bar.name, metrics, names) for bar in bars]
    tops = [sum(row + metrics.height() * (len(line) - 1) for line in lines[:place]) for place in range(len(bars) + 1)]
    canvas = Canvas(label, width, tops[-1] + 4)
    left, right = names + 8, width - number - 8
    lowest, highest = min(0.0, *(bar.value for bar in bars)), max(0.0, *(bar.value for bar in bars))
    scale = (right - left) / ((highest - lowest) or 1.0)
    zero = left - lowest * scale
    for bar, y, line in zip(bars, tops, lines, strict=False):
        for number_of_line, text in enumerate(line):
            canvas.text(0, y + row - 6 + number_of_line * metrics.height(), text)
        length = scale * bar.value
        colour = qt.QColor(WORSE if length > 0 else BETTER)
        canvas.fill(min(zero, zero + length), y + 4, abs(length), row - 8, colour)
        canvas.text(width, y + row - 6, f"{bar.value:+.3f}", 1.0)
    canvas.line(zero, 0, zero, tops[-1])
    return canvas.finish()


def _wrapped(text: str, metrics: qt.QFontMetrics, room: int) -> list[str]:
    """Return ``text`` in as many lines as it needs at a width of ``room`` pixels, broken between words."""
    lines: list[str] = []
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and metrics.horizontalAdvance(longer) <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
