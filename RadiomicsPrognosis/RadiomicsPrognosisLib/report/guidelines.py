"""Reporting guidelines as they stand in Resources/Guidelines: their items, and what in a result answers each."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from ..checked import Table
from ..contract import read
from ..files import read_toml
from ..resources import shipped_folder
from .blocks import DataTable, Link
from .elements import table


@dataclass(frozen=True)
class Guideline:
    """A guideline: its ``items`` in short words by number, and those ``answered_by`` something in a result."""

    name: str
    citation: str
    doi: str
    items: dict[str, str]
    answered_by: dict[str, str]

    def check(self, table: Table) -> None:
        """Raise SchemaError for an answer to an item that the guideline does not have."""
        for number in self.answered_by:
            if number not in self.items:
                table.fail(f"answered_by.{number}", "is no item of the guideline")

    @property
    def source(self) -> tuple[str, Link]:
        """The name, and where the guideline was published."""
        return self.name, Link(f"{self.citation}, doi:{self.doi}", f"https://doi.org/{quote(self.doi)}")


@functools.cache
def read_guidelines(*names: str) -> tuple[Guideline, ...]:
    """Return the guidelines of those file names in Resources/Guidelines. Raises FileError or SchemaError."""
    paths = [shipped_folder() / "Guidelines" / f"{name}.toml" for name in names]
    return tuple(read(Guideline, Table(read_toml(path, "Guideline"), path.name)) for path in paths)


def checklist_tables(guideline: Guideline, places: Mapping[str, str], who: str, unanswered: str = ""
                     ) -> tuple[DataTable, ...]:
    """Return the items answered and the items left to the authors.

    ``places`` says by what answers an item where that stands, empty where there is none; ``who`` answers ('this run'),
    and ``unanswered`` is the remark on an item left to the authors.
    """
    done, left = [], []
    for number, what in guideline.items.items():
        answer = guideline.answered_by.get(number)
        if answer is not None and places[answer]:
            done.append((f"{number} · {what}", places[answer]))
        else:
            left.append((f"{number} · {what}", f"{who} has no answer" if answer else unanswered))
    return (*table(f"{guideline.name}: answered by {who} ({len(done)} of {len(guideline.items)} items)",
                   ("Item", "Where"), done, (0, 1)),
            *table(f"{guideline.name}: for the authors ({len(left)} items)", ("Item", "Remark"), left, (0, 1)))
