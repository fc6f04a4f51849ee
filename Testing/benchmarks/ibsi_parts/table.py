"""What the IBSI benchmark prints and writes: sections of a few sentences and a table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Section:
    """A heading, what is compared with what in Markdown, and a table: its ``columns`` and rows of text.

    A cell that holds a result ('28 of 28') or a verdict is text like any other; the first column names the row.
    """

    title: str
    text: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def printed(self) -> str:
        """Return the section for a terminal."""
        widths = [max(len(row[at]) for row in (self.columns, *self.rows)) for at in range(len(self.columns))]
        lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
                 for row in (self.columns, *self.rows)]
        return "\n".join([self.title, "", *lines, ""])

    def markdown(self) -> str:
        """Return the section for a page of the documentation."""
        lines = ["| " + " | ".join(row) + " |" for row in (self.columns, *self.rows)]
        lines.insert(1, "|" + " --- |" * len(self.columns))
        return "\n".join([f"## {self.title}", "", self.text, "", *lines, ""])
