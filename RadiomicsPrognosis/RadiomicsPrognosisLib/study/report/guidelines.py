"""The reporting guidelines that a checklist goes through: their items, and what in a study answers each."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from ...checked import Table
from ...contract import read
from ...files import read_toml
from ...resources import shipped_folder

#: The files of Resources/Guidelines, in the order of the checklists.
_FILES = ("tripod-ai", "clear", "metrics")


@dataclass(frozen=True)
class Guideline:
    """A guideline: its ``items`` in short words by number, and those ``answered_by`` something in a study's results."""

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


@functools.cache
def guidelines() -> tuple[Guideline, ...]:
    """Return TRIPOD+AI, CLEAR and METRICS. Raises FileError or SchemaError where their files are damaged."""
    paths = [shipped_folder() / "Guidelines" / f"{name}.toml" for name in _FILES]
    return tuple(read(Guideline, Table(read_toml(path, "Guideline"), path.name)) for path in paths)
