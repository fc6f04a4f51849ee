"""A report as PDF pages (A4) by fpdf2: the same blocks as the HTML page, letters of any script, figures as vectors."""

from __future__ import annotations

import functools
import io
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import matplotlib
from fontTools.ttLib import TTFont
from fpdf import FPDF
from fpdf.enums import TableBordersLayout, XPos, YPos
from fpdf.fonts import FontFace
from matplotlib import font_manager

from ..figures.theme import LIGHT, font_families, png_bytes
from .blocks import (
    Block,
    DataTable,
    Facts,
    Headline,
    Link,
    Notice,
    Pair,
    Paragraph,
    Picture,
    Report,
    Section,
    Tiles,
)

_MARGIN_MM = 20.0

_CM_PER_INCH = 2.54

#: Height of the band above every page and of a badge beside a title, and distance of their hatching, in mm.
_BAND_MM, _BADGE_MM, _HATCH_MM = 7.0, 4.6, 2.4

#: A band's text is set no smaller than this (points).
_LEAST_PT = 7.0

#: Most height in mm of one of two pictures side by side.
_PAIR_MM = 60.0

#: Gap in mm between things side by side.
_GAP_MM = 5.0

_TONES = {"worse": LIGHT.worse, "better": LIGHT.better, "questioned": LIGHT.muted}

#: A PDF must name a date; without one given it is this, so that the same report is the same file.
_NO_DATE = datetime(2000, 1, 1, tzinfo=UTC)

#: Letters stand as the font draws them: ligatures would make the text harder to search.
_SHAPING = {"liga": False, "dlig": False}


def pdf_bytes(report: Report, created: datetime | None = None) -> bytes:
    """Return the report as a PDF file, whose date is ``created``."""
    page = _Page(report)
    page.set_creation_date(created or _NO_DATE)
    page.head()
    for section in report.sections:
        page.section(section)
    return bytes(page.output())


class _Page(FPDF):
    """The pages a report is set on."""

    def __init__(self, report: Report):
        super().__init__(format="A4", unit="mm")
        self.report = report
        self.set_margins(_MARGIN_MM, 16, _MARGIN_MM)
        self.set_auto_page_break(True, margin=22)
        self.set_title(report.title)
        self.set_lang("en")
        fonts = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
        self.add_font("text", "", fonts / "DejaVuSans.ttf")
        self.add_font("text", "B", fonts / "DejaVuSans-Bold.ttf")
        for name, path in _fallback_files():
            self.add_font(name, "", path)
        self.set_fallback_fonts([name for name, _ in _fallback_files()], exact_match=False)
        self.set_text_shaping(True, features=_SHAPING)
        self.add_page()

    def header(self) -> None:
        """Write the band above every page of a report that has one (called by FPDF)."""
        if self.report.band:
            text, size = _shown(self.report.band), 10.0
            self._font(size, bold=True)
            while size > _LEAST_PT and self.get_string_width(text) > self.epw - 8:
                size -= 0.5
                self._font(size, bold=True)
            self._hatched(self.l_margin, 6.0, self.epw, _BAND_MM, text)
            self.set_y(6.0 + _BAND_MM + 3.0)

    def footer(self) -> None:
        """Write patient and series, disclaimer and page number under every page (called by FPDF)."""
        self.set_y(-19)
        self._font(7)
        self.cell(self.epw, 4, _shown(self.report.identity), new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self._font(7, colour=LIGHT.muted)
        self.cell(self.epw - 15, 4, _shown(self.report.footer), new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.cell(self.epw - 15, 4, self.report.disclaimer)
        self.cell(15, 4, f"{self.page_no()} / {{nb}}", align="R")

    def head(self) -> None:
        """Write title, model and disclaimer."""
        self._font(16, bold=True)
        self._paragraph(self.report.title, 8)
        self._font(9.5, colour=LIGHT.muted)
        self._paragraph(self.report.subtitle, 5)
        self.ln(1.5)
        self._font(9.5, bold=True)
        self.set_draw_color(LIGHT.worse)
        self.multi_cell(self.epw, 6.5, self.report.disclaimer, border=1, new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def section(self, section: Section) -> None:
        """Write a section's title and blocks."""
        if section.own_page:
            self.add_page()
        else:
            self._keep(16 + self._least_height(section))
            self.ln(2.5)
        self._font(12.5, bold=True)
        self._title(section.title, 7)
        self.set_draw_color(LIGHT.line)
        self.line(self.l_margin, self.get_y(), self.w - self.r_margin, self.get_y())
        self.ln(2)
        for block in section.blocks:
            self._block(block)

    def _least_height(self, section: Section) -> float:
        """Return the height (mm) of what must stand under a section's title on the same page."""
        first = section.blocks[0] if section.blocks else None
        if isinstance(first, Picture):
            self._font(8.5)
            return _size_mm(first, self.epw)[1] + self._height(_shown(first.caption), self.epw, 4.4) + 10
        return 14.0

    def _block(self, block: Block) -> None:
        match block:
            case Paragraph():
                self._font(9)
                self._paragraph(block.text, 4.5)
            case Notice():
                self._notice(block)
            case Headline():
                self._headline(block)
            case Tiles():
                self._tiles(block)
            case Facts():
                self._facts(block)
            case DataTable():
                self._table(block)
            case Picture():
                self._picture(block)
            case Pair():
                self._pair(block)
        self.ln(1.2)

    def _title(self, text: str, line_mm: float) -> None:
        """Write a title in the font that is set, with the report's badge beside it."""
        if not self.report.badge:
            self._paragraph(text, line_mm)
            return
        shown = _shown(text)
        width = min(self.get_string_width(shown) + 3, self.epw - 34)
        top = self.get_y()
        self.multi_cell(width, line_mm, shown, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        below, size = self.get_y(), self.font_size_pt
        self._font(7, bold=True)
        self._hatched(self.l_margin + width + 1, top + (line_mm - _BADGE_MM) / 2, 32, _BADGE_MM, self.report.badge)
        self._font(size, bold=True)
        self.set_xy(self.l_margin, below)

    def _hatched(self, left: float, top: float, width: float, height: float, text: str) -> None:
        """Write ``text`` on a white ground in the middle of a hatched box, cut to the box where it is longer."""
        self.set_draw_color(LIGHT.line)
        self.set_line_width(0.5)
        with self.rect_clip(left, top, width, height):
            start = left - height
            while start < left + width:
                self.line(start, top + height, start + height, top)
                start += _HATCH_MM
        self.set_draw_color(LIGHT.worse)
        self.rect(left, top, width, height)
        self.set_line_width(0.2)
        while len(text) > 1 and self.get_string_width(text) + 3 > width - 2:
            text = text.rstrip("…")[:-1] + "…"
        inner = self.get_string_width(text) + 3
        self.set_fill_color(LIGHT.background)
        self.set_text_color(LIGHT.ink)
        self.set_xy(left + (width - inner) / 2, top + 0.6)
        self.cell(inner, height - 1.2, text, align="C", fill=True)

    def _headline(self, headline: Headline) -> None:
        """Write the result on a tinted ground with a bar in its tone at the left."""
        self._font(13, bold=True)
        text, remark = _shown(headline.text), _shown(headline.remark)
        high = self._height(text, self.epw - 6, 6)
        self._font(9)
        high += 2.5 + (self._height(remark, self.epw - 6, 4.6) if remark else 0.0)
        self._keep(high)
        top = self.get_y()
        self.set_fill_color(LIGHT.band)
        self.rect(self.l_margin, top, self.epw, high, style="F")
        self.set_fill_color(_TONES.get(headline.tone, LIGHT.muted))
        self.rect(self.l_margin, top, 2, high, style="F")
        self.set_fill_color(LIGHT.background)
        self.set_xy(self.l_margin + 4, top + 1)
        self._font(13, bold=True, colour=LIGHT.muted if headline.questioned else LIGHT.ink)
        self.multi_cell(self.epw - 6, 6, text, align="L", new_x=XPos.LEFT, new_y=YPos.NEXT)
        self._font(9)
        if remark:
            self.multi_cell(self.epw - 6, 4.6, remark, align="L", new_x=XPos.LEFT, new_y=YPos.NEXT)
        self.set_xy(self.l_margin, top + high)

    def _notice(self, notice: Notice) -> None:
        """Write a notice on a tinted ground with a bar at its left."""
        self._font(9)
        text = _shown(f"{notice.title}. {notice.text}")
        height = 2 + self._height(text, self.epw - 4, 4.5)
        self._keep(height)
        top = self.get_y()
        self.set_fill_color(LIGHT.band)
        self.rect(self.l_margin, top, self.epw, height, style="F")
        self.set_fill_color(LIGHT.worse if notice.kind == "warning" else LIGHT.muted)
        self.rect(self.l_margin, top, 1.4, height, style="F")
        self.set_fill_color(LIGHT.background)
        self.set_xy(self.l_margin + 3, top + 1)
        self.multi_cell(self.epw - 4, 4.5, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.set_y(top + height)

    def _tiles(self, tiles: Tiles) -> None:
        """Write tiles in rows of as many as :attr:`Tiles.columns`, each with label, value and remark."""
        for start in range(0, len(tiles.items), tiles.columns):
            items = tiles.items[start: start + tiles.columns]
            self._keep(22)
            with self.table(col_widths=(1,) * len(items), borders_layout=TableBordersLayout.NONE, line_height=4.6,
                            first_row_as_headings=False, padding=(0.5, 2), width=self.epw, text_align="LEFT",
                            gutter_width=2) as table:
                for size, bold, field in ((8.5, False, "label"), (13, True, "value"), (7.5, False, "remark")):
                    if not any(getattr(item, field) for item in items):
                        continue
                    row = table.row()
                    for item in items:
                        tone = _TONES.get(item.tone, LIGHT.ink)
                        row.cell(_shown(getattr(item, field)), style=FontFace(
                            family="text", emphasis="B" if bold else "", size_pt=size, fill_color=LIGHT.band,
                            color=tone if field == "value" else LIGHT.ink))
            self.ln(1)

    def _facts(self, facts: Facts) -> None:
        self._font(9)
        with self.table(col_widths=(30, 70), borders_layout=TableBordersLayout.NONE, line_height=4.6, align="L",
                        first_row_as_headings=False, padding=(0.3, 1), text_align="LEFT", v_align="TOP",
                        width=self.epw) as table:
            for label, value in facts.rows:
                row = table.row()
                row.cell(_shown(label), style=FontFace(color=LIGHT.muted))
                if isinstance(value, Link):
                    row.cell(_shown(value.text), link=value.url, style=FontFace(color=LIGHT.better))
                else:
                    row.cell(_shown(value))

    def _table(self, data: DataTable) -> None:
        self._keep(25)
        self._font(9.5, bold=True)
        self._paragraph(data.title, 6)
        widths = self._column_widths(data)
        self._font(7)
        self.set_draw_color(LIGHT.line)
        with self.table(col_widths=widths, borders_layout=TableBordersLayout.HORIZONTAL_LINES, line_height=4,
                        padding=(0.4, 0.8), headings_style=FontFace(emphasis="B"), width=self.epw,
                        text_align=["RIGHT" if index in data.numbers else "LEFT" for index in range(len(widths))],
                        ) as table:
            for cells in (data.head, *data.rows):
                table.row([_shown(cell) for cell in cells])

    def _column_widths(self, data: DataTable) -> list[float]:
        """Return widths in mm: a column of numbers or of few letters as its
        longest needs, the others share what is left by theirs."""
        self._font(7, bold=True)
        longest = [max(self.get_string_width(cells[index]) for cells in (data.head, *data.rows)) + 2.2
                   for index in range(len(data.head))]
        left = max(self.epw - sum(longest[index] for index in data.numbers), 0.3 * self.epw)
        shared = [index for index in range(len(longest)) if index not in data.numbers]
        # A short column, such as one of 'agrees', is set as wide as it is long before the others share the rest.
        short = {index for index in shared if longest[index] <= left / (2 * len(shared))}
        left -= sum(longest[index] for index in short)
        texts = sum(longest[index] for index in shared if index not in short)
        return [width if index in data.numbers or index in short else left * width / texts
                for index, width in enumerate(longest)]

    def _picture(self, picture: Picture) -> None:
        """Write a figure with title and caption, kept on one page."""
        width, height = _size_mm(picture, self.epw)
        self._font(8.5)
        caption = self._height(_shown(picture.caption), self.epw, 4.4)
        self._keep(height + caption + 10)
        self._set_picture(picture, self.l_margin, width, height, self.epw)

    def _pair(self, pair: Pair) -> None:
        """Write two figures side by side, kept on one page."""
        column = (self.epw - _GAP_MM) / 2
        sizes = [_size_mm(picture, column, _PAIR_MM) for picture in (pair.left, pair.right)]
        self._font(7.5)
        captions = [self._height(_shown(picture.caption), column, 3.8) for picture in (pair.left, pair.right)]
        self._keep(max(height for _, height in sizes) + max(captions) + 9)
        top, below, right = self.get_y(), [], self.r_margin
        for index, (picture, (width, height)) in enumerate(zip((pair.left, pair.right), sizes, strict=True)):
            left = self.l_margin + index * (column + _GAP_MM)
            self.set_xy(left, top)
            # What FPDF breaks lines at are its margins.
            margin, self.l_margin = self.l_margin, left
            self.r_margin = self.w - left - column
            self._set_picture(picture, left, width, height, column)
            below.append(self.get_y())
            self.l_margin, self.r_margin = margin, right
        self.set_xy(self.l_margin, max(below))

    def _set_picture(self, picture: Picture, left: float, width: float, height: float, column: float) -> None:
        half = column < self.w / 2
        self._font(9.5, bold=True)
        self._title(picture.title, 6)
        data = picture.svg.encode() if picture.vector else png_bytes(picture.figure, LIGHT)
        self.image(io.BytesIO(data), x=left, w=width, h=height, alt_text=_shown(picture.caption))
        self.ln(1)
        self._font(7.5 if half else 8.5, colour=LIGHT.muted)
        self._paragraph(picture.caption, 3.8 if half else 4.4)

    def _height(self, text: str, width: float, line_mm: float) -> float:
        """Return the height (mm) of a text in the font that is set."""
        # multi_cell returns what ``output`` names, a number for HEIGHT.
        return cast(float, self.multi_cell(width, line_mm, text, dry_run=True, output="HEIGHT"))

    def _paragraph(self, text: str, line_mm: float) -> None:
        self.multi_cell(self.epw, line_mm, _shown(text), align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def _font(self, size: float, bold: bool = False, colour: str = LIGHT.ink) -> None:
        self.set_font("text", "B" if bold else "", size)
        self.set_text_color(colour)

    def _keep(self, height_mm: float) -> None:
        """Begin a new page unless ``height_mm`` is left on this one."""
        if self.will_page_break(height_mm):
            self.add_page()


def _size_mm(picture: Picture, widest: float, highest: float = 400.0) -> tuple[float, float]:
    """Return width and height (mm) of a figure, shrunk to fit ``widest`` and ``highest``."""
    width, height = (10 * _CM_PER_INCH * side for side in picture.figure.get_size_inches())
    scale = min(1.0, widest / width, highest / height)
    return scale * width, scale * height


@functools.cache
def _fallback_files() -> tuple[tuple[str, str], ...]:
    """Return (name, path) of the machine's fonts for letters that DejaVu Sans lacks, where a PDF can hold them."""
    paths = [(name, font_manager.findfont(name, fallback_to_default=False)) for name in font_families()[1:]]
    return tuple((name, path) for name, path in paths if Path(path).suffix.lower() in (".ttf", ".otf"))


@functools.cache
def _letters() -> frozenset[int]:
    """Return the code points that DejaVu Sans and the fallback fonts have."""
    first = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
    return frozenset().union(*(TTFont(path, lazy=True).getBestCmap() for path in
                               (first, *(path for _, path in _fallback_files()))))


def _shown(text: str) -> str:
    """Return ``text`` with U+FFFD for letters that no font at hand has: a gap would hide that something is there."""
    return "".join(char if ord(char) in _letters() or char in "\n\u200c\u200d" else "\ufffd" for char in text)
