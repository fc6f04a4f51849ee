"""What is drawn over one slice view while two readings are compared: a legend that tells whose outline is whose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import qt
import vtk

from .view_pictures import to_vtk
from .view_sprites import BORDER, LOWER, Box, Placed, SpriteOverlay

#: A view at least this wide (pixels at the density of ordinary screens) has names in its legend.
_WIDE = 400

#: Height of the letters, margin, length of a line's sample (pixels at the density of ordinary screens); what is behind.
_LETTERS, _MARGIN, _SAMPLE, _PLAIN, _OPACITY = 12, 5, 22, "#000000", 200


@dataclass(frozen=True)
class Key:
    """A line of the legend: its text, in full and in short, its colour (#RRGGBB) and the width (pixels) of an outline.

    Width 0 is a plain area.
    """

    text: str
    short: str
    colour: str
    width: int


@dataclass(frozen=True)
class Legend:
    """The legend's lines, shown in views of ``volumes`` (node IDs)."""

    keys: tuple[Key, ...]
    volumes: tuple[str, ...]


class LegendOverlay(SpriteOverlay[Legend]):
    """Keeps the legend in the lower left corner, above what Slicer writes there."""

    sprites = 1
    _kept: tuple[tuple[object, ...], vtk.vtkImageData] | None = None

    def _places(self, content: Legend) -> Sequence[Placed | None]:
        border, (width, height) = round(BORDER * self._scale), self._size()
        room = width - 2 * border
        if room < 1:
            return (None,)
        facts = (content.keys, room, self._scale)
        if self._kept is None or self._kept[0] != facts:
            self._kept = facts, draw_legend(content.keys, room, self._scale)
        picture, bottom = self._kept[1], border + self._taken(LOWER)
        wide, high, _depth = picture.GetDimensions()
        return ((picture, Box(border, bottom, wide, high)) if bottom + high <= height else None,)


def draw_legend(keys: Sequence[Key], limit: int, scale: float) -> vtk.vtkImageData:
    """Return the legend as a picture at most ``limit`` pixels wide; ``scale`` pixels make one of an ordinary screen."""
    font = qt.QFont()
    font.setPixelSize(round(_LETTERS * scale))
    metrics = qt.QFontMetrics(font)
    margin, sample = round(_MARGIN * scale), round(_SAMPLE * scale)
    left = 2 * margin + sample
    lines = [key.text if limit >= _WIDE * scale else key.short for key in keys]
    wanted = left + margin + max(map(metrics.horizontalAdvance, lines))
    width, line = max(min(wanted, limit), 1), metrics.height()
    pixmap = qt.QPixmap(width, len(keys) * line + margin)
    plain = qt.QColor(_PLAIN)
    plain.setAlpha(_OPACITY)
    pixmap.fill(plain)
    painter = qt.QPainter()
    painter.begin(pixmap)
    painter.setFont(font)
    painter.setPen(qt.QColor("#FFFFFF"))
    for number, (key, text) in enumerate(zip(keys, lines, strict=True)):
        top = margin // 2 + number * line
        thick = round(key.width * scale) if key.width else line - round(4 * scale)
        colour = qt.QColor(key.colour)
        if not key.width:
            colour.setAlpha(150)
        painter.fillRect(qt.QRect(margin, top + (line - thick) // 2, sample, thick), qt.QBrush(colour))
        shown = metrics.elidedText(text, qt.Qt.ElideRight, max(width - left - margin, 0))
        painter.drawText(qt.QPoint(left, top + metrics.ascent()), shown)
    painter.end()
    return to_vtk(pixmap)
