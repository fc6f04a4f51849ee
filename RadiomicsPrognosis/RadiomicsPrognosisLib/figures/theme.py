"""How every figure looks and is saved: fonts, and deterministic SVG and PNG bytes."""

from __future__ import annotations

import contextlib
import functools
import io
import re
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib import font_manager
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from ..errors import FileError
from ..files import whole_file
from ..palette import DARK as DARK
from ..palette import LIGHT as LIGHT
from ..palette import Theme as Theme

#: Width in cm that fills the text column of a printed page.
PRINT_WIDTH_CM = 16.0

#: Resolution of PNG files (dots per inch), enough for print at the figure's own size.
PNG_DPI = 200

_CM_PER_INCH = 2.54

#: Fonts tried, in this order, for letters that DejaVu Sans (part of matplotlib) lacks.
_FALLBACK_FONTS = ("Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC", "Hiragino Sans GB", "SimHei",
                   "Arial Unicode MS", "WenQuanYi Zen Hei", "Noto Sans Devanagari", "Nirmala UI",
                   "Noto Sans Thai", "Leelawadee UI")

_ID = re.compile(r'(\bid="|\bhref="#|url\(#)([^")]+)')


THEMES = {"light": LIGHT, "dark": DARK}


@contextlib.contextmanager
def style(theme: Theme) -> Iterator[None]:
    """Draw inside this context: fonts and colours of ``theme``; text from outside is never read as mathematics."""
    settings: dict[Any, Any] = {  # rc_context wants the literal names of all settings
        "font.family": font_families(), "font.size": 8.5, "axes.titlesize": 9, "axes.labelsize": 8.5,
        "xtick.labelsize": 8, "ytick.labelsize": 8, "text.parse_math": False, "axes.unicode_minus": True,
        "text.color": theme.ink, "axes.labelcolor": theme.ink, "axes.edgecolor": theme.muted,
        "xtick.color": theme.muted, "ytick.color": theme.muted, "xtick.labelcolor": theme.ink,
        "ytick.labelcolor": theme.ink, "axes.facecolor": "none", "figure.facecolor": theme.background,
        "savefig.facecolor": "auto", "axes.spines.top": False, "axes.spines.right": False, "axes.linewidth": 0.8,
        "lines.linewidth": 1.6, "hatch.linewidth": 0.8,
        # Letters as outlines look alike on every machine; a fixed salt makes identifiers, and so the bytes, repeat.
        "svg.fonttype": "path", "svg.hashsalt": "radiomics-prognosis", "svg.image_inline": True,
    }
    with matplotlib.rc_context(settings):
        yield


@functools.cache
def font_families() -> tuple[str, ...]:
    """Return DejaVu Sans and the fallback fonts that this machine has."""
    installed = set(font_manager.fontManager.get_font_names())
    return ("DejaVu Sans", *(name for name in _FALLBACK_FONTS if name in installed))


def new_figure(width_cm: float, height_cm: float, theme: Theme) -> Figure:
    """Return an empty figure of that size; it belongs to no window."""
    return Figure(figsize=(width_cm / _CM_PER_INCH, height_cm / _CM_PER_INCH), facecolor=theme.background)


def png_bytes(figure: Figure, theme: Theme, dpi: int = PNG_DPI) -> bytes:
    """Return the figure as a PNG file."""
    buffer = io.BytesIO()
    with style(theme):
        FigureCanvasAgg(figure).print_figure(buffer, format="png", dpi=dpi, metadata={"Software": None})
    return buffer.getvalue()


def svg_text(figure: Figure, theme: Theme) -> str:
    """Return the figure as an SVG file (letters as outlines, pictures inside, no date, no reference to elsewhere)."""
    buffer = io.BytesIO()
    no_metadata = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    with style(theme):
        FigureCanvasSVG(figure).print_figure(buffer, format="svg", metadata=no_metadata)
    return buffer.getvalue().decode()


def save_figure(figure: Figure, path: str | Path, theme: Theme, dpi: int = PNG_DPI) -> Path:
    """Write the figure to ``path``, as PNG or SVG by its suffix, and return the path. Raises FileError."""
    path = Path(path)
    if path.suffix.lower() not in (".png", ".svg"):
        raise FileError(f"'{path}' is neither .png nor .svg, the two forms a figure is written in.")
    with whole_file(path, "wb") as f:
        f.write(png_bytes(figure, theme, dpi) if path.suffix.lower() == ".png" else svg_text(figure, theme).encode())
    return path


def inline_svg(svg: str, theme: Theme, name: str) -> str:
    """Return a figure's SVG file as an ``<svg>`` element for an HTML page; ``theme`` is the one it was drawn in.

    Its identifiers start with ``name``, so that several figures share a page, and its colours are CSS variables
    (``--ink``, ``--better`` ...: the fields of Theme) with the theme's own as fallback, so that the page can recolour.
    """
    text = svg[svg.index("<svg"):].strip()
    text = re.sub(r'\s+xmlns(:\w+)?="[^"]*"', "", text).replace("xlink:href", "href")
    text = _ID.sub(lambda match: f"{match[1]}{name}-{match[2]}", text)
    text = text.replace("*{stroke-", "svg *{stroke-")
    for field, colour in asdict(theme).items():
        text = text.replace(colour, f"var(--{field}, {colour})")
    return text
