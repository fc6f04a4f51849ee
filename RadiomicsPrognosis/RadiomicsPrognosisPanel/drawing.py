"""Small pictures of the result: score scale, survival curve, contribution bars, in the colours of the theme.

Orange and blue stay apart for every form of colour blindness (Okabe and Ito 2008), and each is doubled by shape,
side or text.
"""

from __future__ import annotations

import qt

from RadiomicsPrognosisLib.prediction.record import SurvivalPrediction
from RadiomicsPrognosisLib.presenter.summary import Bar, Scale

WORSE, BETTER = "#D55E00", "#3A8FD0"

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
        path = qt.QPainterPath()
        path.moveTo(x, y)
        for corner in ((x + width, y), (x + width, y + height), (x, y + height)):
            path.lineTo(*corner)
        path.closeSubpath()
        self.painter.fillPath(path, qt.QBrush(colour))

    def triangle(self, x: float, y: float, half: float, colour: qt.QColor) -> None:
        """Fill a triangle whose tip points down at (x, y)."""
        path = qt.QPainterPath()
        path.moveTo(x, y)
        path.lineTo(x - half, y - 1.6 * half)
        path.lineTo(x + half, y - 1.6 * half)
        path.closeSubpath()
        self.painter.fillPath(path, qt.QBrush(colour))

    def finish(self) -> qt.QPixmap:
        """End painting and return the picture."""
        self.painter.end()
        return self._pixmap


def draw_scale(label: qt.QLabel, width: int, scale: Scale, worse_above: bool | None, score_text: str,
               cutoff_text: str) -> qt.QPixmap:
    """Draw the score as a marker over its scale; left and right of the cut-off the groups' colours."""
    probe = qt.QFontMetrics(label.font).height()
    canvas = Canvas(label, width, 4 * probe + 10)
    margin, top, thick = 8, probe + 12, 8
    span = width - 2 * margin

    def at(value: float) -> float:
        return margin + span * scale.share(value)

    split = at(scale.cutoff) if scale.cutoff is not None else margin
    below, above = (BETTER, WORSE) if worse_above else (WORSE, BETTER)
    if scale.cutoff is None:
        canvas.fill(margin, top, span, thick, canvas.faint)
    else:
        canvas.fill(margin, top, split - margin, thick, qt.QColor(below))
        canvas.fill(split, top, margin + span - split, thick, qt.QColor(above))
        canvas.line(split, top - 4, split, top + thick + 4)
        canvas.text(split, top + thick + probe + 2, cutoff_text, 0.5)
    if scale.mean is not None:
        low, high = at(scale.mean - scale.sd), at(scale.mean + scale.sd)
        canvas.fill(low, top + thick + 1, high - low, 3, canvas.faint)
    canvas.triangle(at(scale.score), top - 1, 6, canvas.ink)
    canvas.text(at(scale.score), probe - 2, score_text, 0.5)
    bottom = top + thick + 2 * probe
    canvas.text(margin, bottom, f"{scale.low:.3g}")
    canvas.text(width - margin, bottom, f"{scale.high:.3g}", 1.0)
    return canvas.finish()


def draw_curve(label: qt.QLabel, width: int, survival: SurvivalPrediction, step: bool, unit: str) -> qt.QPixmap:
    """Draw the survival curve with the horizons marked; time in months."""
    probe = qt.QFontMetrics(label.font).height()
    canvas = Canvas(label, width, 130)
    left, right, top, bottom = canvas.text_width("100 %") + 8, width - 12, probe // 2 + 2, 130 - 2 * probe
    end = max(survival.curve_months[-1], *survival.horizons_months)

    def point(months: float, share: float) -> tuple[float, float]:
        return left + (right - left) * months / end, bottom - (bottom - top) * share

    canvas.painter.setPen(canvas.faint)
    for share in (0.0, 0.5, 1.0):
        canvas.line(left, point(0, share)[1], right, point(0, share)[1])
    for months in survival.horizons_months:
        canvas.line(point(months, 0)[0], top, point(months, 0)[0], bottom)
    canvas.painter.setPen(canvas.ink)
    for share in (0.0, 0.5, 1.0):
        canvas.text(left - 4, point(0, share)[1] + probe // 3, f"{100 * share:.0f} %", 1.0)
    for months in (0.0, *survival.horizons_months):
        canvas.text(point(months, 0)[0], bottom + probe, f"{months:g}", 0.5)
    canvas.text((left + right) / 2, bottom + 2 * probe - 3, unit, 0.5)
    path = qt.QPainterPath()
    path.moveTo(*point(0.0, 1.0))
    last = 1.0
    for months, share in zip(survival.curve_months, survival.curve, strict=True):
        if step:
            path.lineTo(*point(months, last))
        path.lineTo(*point(months, share))
        last = share
    pen = qt.QPen(qt.QColor(BETTER))
    pen.setWidth(2)
    canvas.painter.strokePath(path, pen)
    for months, share in zip(survival.horizons_months, survival.at_horizons, strict=True):
        x, y = point(months, share)
        canvas.fill(x - 3, y - 3, 6, 6, canvas.ink)
    return canvas.finish()


def draw_bars(label: qt.QLabel, width: int, bars: tuple[Bar, ...]) -> qt.QPixmap:
    """Draw contributions as bars left (lower the score) and right (raise it) of the line at zero."""
    row = qt.QFontMetrics(label.font).height() + 4
    canvas = Canvas(label, width, row * len(bars) + 4)
    number = max(canvas.text_width(f"{bar.value:+.3f}") for bar in bars)
    names = min(max(canvas.text_width(bar.name) for bar in bars), round(0.55 * width))
    left, right = names + 8, width - number - 8
    lowest, highest = min(0.0, *(bar.value for bar in bars)), max(0.0, *(bar.value for bar in bars))
    scale = (right - left) / ((highest - lowest) or 1.0)
    zero = left - lowest * scale
    for place, bar in enumerate(bars):
        y = place * row
        canvas.text(0, y + row - 6, canvas.elided(bar.name, names))
        length = scale * bar.value
        colour = qt.QColor(WORSE if length > 0 else BETTER)
        canvas.fill(min(zero, zero + length), y + 4, abs(length), row - 8, colour)
        canvas.text(width, y + row - 6, f"{bar.value:+.3f}", 1.0)
    canvas.line(zero, 0, zero, row * len(bars))
    return canvas.finish()
