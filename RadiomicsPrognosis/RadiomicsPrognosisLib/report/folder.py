"""A report as a folder: one HTML page, and its figures as files beside it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from ..figures.theme import LIGHT, save_figure
from ..files import whole_file
from ..progress import Progress, step
from ..texts import clean
from .blocks import Block, Picture, Report, Section
from .page import html_page


def write_page(report: Report, path: Path, figures: Path, progress: Progress | None) -> Path:
    """Write the page to ``path``, and each figure as .svg and .png into the folder ``figures``; return ``path``.

    The same report gives the same bytes. Raises FileError when the folder cannot be written.
    """
    pictures = [block for section in report.sections for block in section.blocks if isinstance(block, Picture)]
    for done, picture in enumerate(pictures, 1):
        with whole_file(figures / f"{picture.name}.svg") as f:
            f.write(picture.svg)
        save_figure(picture.figure, figures / f"{picture.name}.png", LIGHT)
        step(progress, done, len(pictures), f"figure {done} of {len(pictures)}")
    with whole_file(path) as f:
        f.write(html_page(report))
    return path


def with_unique_names(sections: Iterable[Section]) -> tuple[Section, ...]:
    """Return the sections with pictures named for files and identifiers: letters, digits and hyphens, each once."""
    taken: set[str] = set()

    def renamed(block: Block) -> Block:
        if not isinstance(block, Picture):
            return block
        stem = re.sub(r"[^A-Za-z0-9]+", "-", clean(block.name, 80)).strip("-").lower() or "figure"
        candidate, count = stem, 1
        while candidate in taken:
            count += 1
            candidate = f"{stem}-{count}"
        taken.add(candidate)
        return replace(block, name=candidate)

    return tuple(replace(section, blocks=tuple(map(renamed, section.blocks))) for section in sections)
