"""The answer as small pictures for the slice views: a block of lines for a corner, one line for beside the contour.

They are painted by Qt, because VTK's own fonts have no sign for the groups' shapes, no marks, and Latin letters alone.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import qt
import slicer
import vtk
from slicer.i18n import tr as _

from RadiomicsPrognosisLib.presenter.shown_answer import ShownAnswer

from . import answer as words

#: Text is at least 5 : 1 on the plain behind it, also where that lets white bone through (WCAG 2.1 asks for 4.5 : 1).
_BRIGHT, _FAINT, _PLAIN, _OPACITY = "#FFFFFF", "#D2D2D2", "#000000", 185

#: Space around the text of a block and of a label (pixels at the density of ordinary screens), and between the two
#: columns in multiples of it.
_MARGIN, _LABEL_MARGIN, _COLUMNS = 5, 3, 2.4

#: A view at least this wide has a block of all words in half its width, a larger one in larger letters.
_WIDE, _LARGE = 400, 800

#: Height of the letters: of all words in a large view and in a wide one, of the shorter forms, of the line beside the
#: contour (pixels at the density of ordinary screens, as the widths above).
_LARGE_LETTERS, _LETTERS, _SMALL_LETTERS, _LABEL_LETTERS = 14, 12, 11, 12

#: Pictures of one answer that are kept: views have few sizes at a time.
_MOST_KEPT = 16


class Form(enum.Enum):
    """How much a block says."""

    FULL = "all words"
    SHORT = "few words"
    LEAST = "no outcome"


@dataclass(frozen=True)
class Line:
    """Texts at the left and right ends of a line."""

    left: str
    right: str = ""


@dataclass(frozen=True, kw_only=True)
class _Look:
    """The font and its height (pixels) of a text, its colour, and colour and opacity (0 - 255) behind it.

    ``hatch`` is the colour of stripes between that and the text, which then has a plate of its own; empty for none.
    """

    size: int
    bold: bool
    ink: str
    plain: str
    opacity: int
    hatch: str = ""


class Pictures:
    """Makes the pictures of one answer, each once; ``scale`` is how many pixels of a view make an ordinary one."""

    def __init__(self, item: ShownAnswer):
        self._item = item
        self._kept: dict[tuple[object, ...], vtk.vtkImageData] = {}

    def corner(self, width: int, height: int, scale: float) -> vtk.vtkImageData:
        """Return the block for a view with room of ``width`` x ``height`` pixels: the fullest one that leaves sight.

        It is never wider than that room; a view too low even for the least block gets that one all the same.
        """
        if width >= _WIDE * scale:
            letters = _LARGE_LETTERS if width >= _LARGE * scale else _LETTERS
            full = self._block(Form.FULL, letters, scale, width // 2)
            if full.GetDimensions()[1] <= 0.55 * height:
                return full
        short = self._block(Form.SHORT, _SMALL_LETTERS, scale, round(0.75 * width))
        if short.GetDimensions()[1] <= 0.6 * height:
            return short
        return self._block(Form.LEAST, _SMALL_LETTERS, scale, width)

    def label_texts(self, width: int, scale: float) -> list[str]:
        """Return what may stand beside the contour in a view ``width`` pixels wide, the fullest first."""
        told = self._item.told
        group = words.group(told)
        return [f"{group}  {told.score}", group] if width >= _WIDE * scale and told.group else [group]

    def label(self, text: str, width: int, scale: float) -> vtk.vtkImageData:
        """Return one of these texts with the answer's mark, at most ``width`` pixels wide."""
        return self._once((text, width, scale), lambda: self._draw_label(text, width, scale))

    def _block(self, form: Form, letters: int, scale: float, width: int) -> vtk.vtkImageData:
        return self._once((form, letters, scale, width), lambda: self._draw_block(form, letters, scale, width))

    def _once(self, key: tuple[object, ...], draw: Callable[[], vtk.vtkImageData]) -> vtk.vtkImageData:
        if key not in self._kept:
            if len(self._kept) >= _MOST_KEPT:  # of the widths that a view had while it was resized
                self._kept.clear()
            self._kept[key] = draw()
        return self._kept[key]

    def _draw_label(self, text: str, width: int, scale: float) -> vtk.vtkImageData:
        item = self._item
        look = _Look(size=round(_LABEL_LETTERS * scale), bold=False, ink=_BRIGHT, plain=words.background(item),
                     opacity=225)
        blocks = [*_badge(item.told.badge, look.size), ([Line(text, words.mark(item.freshness))], look)]
        return _picture(blocks, round(_LABEL_MARGIN * scale), width)

    def _draw_block(self, form: Form, letters: int, scale: float, width: int) -> vtk.vtkImageData:
        item, size = self._item, round(letters * scale)
        head = _Look(size=size, bold=True, ink=_BRIGHT, plain=words.background(item), opacity=255)
        rest = _Look(size=size, bold=False, ink=_BRIGHT if item.current else _FAINT, plain=_PLAIN, opacity=_OPACITY)
        margin, mark = round(_MARGIN * scale), words.mark(item.freshness)
        letters_of = qt.QFontMetrics(_font(head)).horizontalAdvance
        whole = words.headline(item.told)
        fits = letters_of(whole) + letters_of(mark) + round((2 + _COLUMNS) * margin) <= width
        title = whole if form is Form.FULL and fits else words.group(item.told)
        blocks = [([Line(title, mark)], head), *_badge(item.told.badge, size),
                  (body(item, form), rest)]
        return _picture(blocks, margin, width)


def _badge(word: str, size: int) -> list[tuple[list[Line], _Look]]:
    """Return the block of a badge, hatched, or none without a word for it."""
    look = _Look(size=size, bold=True, ink=words.HATCH_INK, plain=words.HATCH_PLATE, opacity=255, hatch=words.HATCH)
    return [([Line(word)], look)] if word else []


def body(item: ShownAnswer, form: Form) -> list[Line]:
    """Return the lines below the headline; an answer that is not current begins with how old it is."""
    told = item.told
    lines = [] if item.current else [words.age(item.freshness)]
    lines.append(told.score)
    full = form is Form.FULL
    if told.caution:
        lines.append(_("unreliable for this case"))
    rows = [] if form is Form.LEAST else [
        Line(one.title if full else one.short, f"({one.text})" if one.questioned else one.text)
        for one in told.outcomes]
    if full and told.averaged:
        rows.append(Line(told.averaged))
    last = [*words.counted(told)] if full else [words.counted_in_short(told)]
    last += [words.stability(told)] if form is not Form.LEAST else []
    return [line for line in (*map(Line, lines), *rows, *map(Line, (*last, words.use()))) if line.left]


def _font(look: _Look) -> qt.QFont:
    font = qt.QFont()
    font.setPixelSize(look.size)
    font.setBold(look.bold)
    return font


def _picture(blocks: Sequence[tuple[list[Line], _Look]], margin: int, limit: int) -> vtk.vtkImageData:
    """Return the blocks of lines below each other, each on its plain, no wider than ``limit`` pixels."""
    metrics = [qt.QFontMetrics(_font(look)) for _lines, look in blocks]
    gap = round(_COLUMNS * margin)
    widths = [font.horizontalAdvance(line.left) + (font.horizontalAdvance(line.right) + gap if line.right else 0)
              for (lines, _look), font in zip(blocks, metrics, strict=True) for line in lines]
    width = max(min(max(widths) + 2 * margin, limit), 1)
    heights = [len(lines) * font.height() + margin for (lines, _look), font in zip(blocks, metrics, strict=True)]
    pixmap = qt.QPixmap(width, sum(heights))
    pixmap.fill(qt.QColor(0, 0, 0, 0))
    painter = qt.QPainter()
    painter.begin(pixmap)
    top = 0
    for (lines, look), height in zip(blocks, heights, strict=True):
        _paint(painter, lines, look, (top, width, height, margin))
        top += height
    painter.end()
    return to_vtk(pixmap)


def to_vtk(pixmap: qt.QPixmap) -> vtk.vtkImageData:
    """Return a painted picture as a sprite takes it."""
    image = vtk.vtkImageData()
    slicer.qMRMLUtils().qImageToVtkImageData(pixmap.toImage(), image)
    return image


def _paint(painter: qt.QPainter, lines: list[Line], look: _Look, box: tuple[int, int, int, int]) -> None:
    """Paint ``lines`` into the box (top, width, height, margin)."""
    top, width, height, margin = box
    plain = qt.QColor(look.plain)
    plain.setAlpha(look.opacity)
    painter.fillRect(qt.QRect(0, top, width, height), qt.QBrush(plain))
    if look.hatch:
        painter.fillRect(qt.QRect(0, top, width, height), qt.QBrush(qt.QColor(look.hatch), qt.Qt.BDiagPattern))
    font = _font(look)
    painter.setFont(font)
    painter.setPen(qt.QColor(look.ink))
    metrics = qt.QFontMetrics(font)
    baseline = top + margin // 2 + metrics.ascent()
    for line in lines:
        right = metrics.horizontalAdvance(line.right)
        room = width - 2 * margin - (right + margin if line.right else 0)
        left = metrics.elidedText(line.left, qt.Qt.ElideRight, room)
        if look.hatch:
            plate = qt.QRect(margin // 2, baseline - metrics.ascent(), metrics.horizontalAdvance(left) + margin,
                             metrics.height())
            painter.fillRect(plate, qt.QBrush(plain))
        painter.drawText(qt.QPoint(margin, baseline), left)
        painter.drawText(qt.QPoint(width - margin - right, baseline), line.right)
        baseline += metrics.height()
