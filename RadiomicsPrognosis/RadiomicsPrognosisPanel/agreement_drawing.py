"""Pictures of how well readings repeat: Bland-Altman of the score and histogram of ICCs, in the theme's colours."""

from __future__ import annotations

import qt

from RadiomicsPrognosisLib.presenter.agreement_plots import BIN_WIDTH, DifferencePlot, IccHistogram

from .agreement_texts import decimals
from .drawing import BETTER, WORSE, Canvas

#: Heights (pixels) of the two pictures.
_DIFFERENCES_HEIGHT, _HISTOGRAM_HEIGHT = 190, 130


def draw_differences(label: qt.QLabel, width: int, plot: DifferencePlot, across: str, up: str) -> qt.QPixmap:
    """Draw differences against means with bias, limits and their intervals; ``across`` and ``up`` name the axes.

    A case whose two readings are of different groups is an orange triangle, every other one a blue dot.
    """
    probe = qt.QFontMetrics(label.font).height()
    canvas = Canvas(label, width, _DIFFERENCES_HEIGHT)
    bands = (plot.upper, plot.bias, plot.lower)
    numbers = decimals([band.value for band in bands], plot.upper.value - plot.lower.value)
    left, right = 4, width - max(map(canvas.text_width, numbers)) - 8
    top, bottom = probe + 4, _DIFFERENCES_HEIGHT - 2 * probe - 2
    (first, last), (low, high) = plot.means(), plot.differences()

    def height(value: float) -> float:
        return bottom - (bottom - top) * (value - low) / (high - low)

    pale = qt.QColor(canvas.faint)
    pale.setAlpha(28)
    for band in bands:
        if band.lower is not None and band.upper is not None:
            canvas.fill(left, height(band.upper), right - left, height(band.lower) - height(band.upper), pale)
    canvas.painter.setPen(canvas.faint)
    canvas.line(left, height(0), right, height(0))
    canvas.painter.setPen(canvas.ink)
    for band, dashed in zip(bands, (True, False, True), strict=True):
        _rule(canvas, left, right, height(band.value), dashed)
    for baseline, number in zip(_spread([height(band.value) for band in bands], probe), numbers, strict=True):
        canvas.text(width, baseline + probe // 3, number, 1.0)
    for point in plot.points:
        x = left + (right - left) * (point.mean - first) / (last - first)
        _mark(canvas, x, height(point.difference), point.flipped)
    canvas.text(left, probe - 2, up)
    ends = decimals((first, last), last - first)
    canvas.text(left, bottom + probe, ends[0])
    canvas.text(right, bottom + probe, ends[1], 1.0)
    canvas.text((left + right) / 2, bottom + 2 * probe - 2, across, 0.5)
    return canvas.finish()


def draw_histogram(label: qt.QLabel, width: int, histogram: IccHistogram, across: str, up: str) -> qt.QPixmap:
    """Draw how many features have which ICC, those that pass in blue, the threshold as a line.

    ``across`` and ``up`` name the axes; values below zero are counted in the bar at the left.
    """
    probe = qt.QFontMetrics(label.font).height()
    canvas = Canvas(label, width, _HISTOGRAM_HEIGHT)
    left, right = 4, width - 4
    top, bottom = probe + 4, _HISTOGRAM_HEIGHT - 2 * probe - 2
    step = (right - left) / len(histogram.bins)
    scale = (bottom - top) / max(histogram.highest, 1)

    def place(icc: float) -> float:
        return left + step * (1 + icc / BIN_WIDTH)

    for number, item in enumerate(histogram.bins):
        x, failing, passing = left + number * step, scale * item.failing, scale * item.passing
        canvas.fill(x + 1, bottom - failing, step - 2, failing, qt.QColor(WORSE))
        canvas.fill(x + 1, bottom - failing - passing, step - 2, passing, qt.QColor(BETTER))
    canvas.line(left, bottom, right, bottom)
    _rule(canvas, top - 2, bottom, place(histogram.threshold), True, upright=True)
    canvas.text(left, probe - 2, up)
    number = f"{histogram.threshold:g}"
    beside = left + canvas.text_width(up) + 8 + canvas.text_width(number) / 2
    canvas.text(max(place(histogram.threshold), beside), probe - 2, number, 0.5)
    canvas.text(left, bottom + probe, "< 0")
    for icc in (0.25, 0.5, 0.75, 1.0):
        canvas.text(place(icc), bottom + probe, f"{icc:g}", 0.5)
    canvas.text((left + right) / 2, bottom + 2 * probe - 2, across, 0.5)
    return canvas.finish()


def _rule(canvas: Canvas, start: float, end: float, at: float, dashed: bool, upright: bool = False) -> None:
    """Draw a line across the picture (or upright), dashed for a limit."""
    dash, gap = (6, 4) if dashed else (end - start, 0)
    while start < end:
        stop = min(start + dash, end)
        canvas.line(*((at, start, at, stop) if upright else (start, at, stop, at)))
        start = stop + gap


def _mark(canvas: Canvas, x: float, y: float, flipped: bool) -> None:
    if flipped:
        canvas.triangle(x, y + 5, 5, qt.QColor(WORSE))
        return
    path = qt.QPainterPath()
    path.addEllipse(x - 3, y - 3, 6, 6)
    canvas.painter.fillPath(path, qt.QBrush(qt.QColor(BETTER)))


def _spread(heights: list[float], least: float) -> list[float]:
    """Return ``heights``, from the top down, moved so that neighbours are at least so far from each other."""
    upper, middle, lower = heights
    return [min(upper, middle - least), middle, max(lower, middle + least)]
