"""The designs of published reading studies, from Resources/ReadingStudies: who contours what again, and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..checked import Table
from ..contract import entry, read
from ..errors import InputError
from ..files import read_toml
from ..resources import find, listing
from .design import ALL, SAMPLE, ReadingScope

_KIND = "ReadingStudies"


@dataclass(frozen=True)
class PresetScope:
    """Which ``cases`` the reader and session of these numbers (from 1) have."""

    reader: int = entry(low=1)
    session: int = entry(low=1)
    cases: str = entry(choices=(ALL, SAMPLE))


@dataclass(frozen=True, kw_only=True)
class Preset:
    """A design without cases and names.

    ``citation`` names the paper (empty: none), ``text`` says in its words who contoured what, ``not_reported`` what it
    does not say and how that is filled in here. ``reread`` is the size of the sample (None: all cases),
    ``washout_days`` the time between sessions. ``icc_form`` (None: not reported) and ``threshold`` are those of the
    paper's filter, ``threshold_included`` tells whether a feature at the threshold is kept.
    """

    id: str
    title: str
    citation: str = entry(default="")
    text: str
    not_reported: tuple[str, ...] = entry(default=())
    reread: int | None = entry(default=None, low=1)
    washout_days: float = entry(default=0.0, low=0)
    threshold: float | None = entry(default=None, low=0, high=1)
    threshold_included: bool = entry(default=True)
    icc_form: str | None = entry(default=None)
    model: str = entry(default="")
    scope: tuple[PresetScope, ...] = entry(least="row that says who reads what")

    @property
    def readers(self) -> int:
        """How many readers it has."""
        return max(item.reader for item in self.scope)

    @property
    def sessions(self) -> int:
        """How many sessions it has."""
        return max(item.session for item in self.scope)

    def scope_of(self, readers: Sequence[str], sessions: Sequence[str]) -> tuple[ReadingScope, ...]:
        """Return the scopes of the readers and sessions with these names.

        Readers beyond the preset's last read what that one reads, sessions beyond its last are like that one; of fewer
        readers or sessions, those there are keep theirs.
        """
        known = {(item.reader, item.session): item.cases for item in self.scope}
        rows = []
        for reader_number, reader in enumerate(readers, start=1):
            for number, session in enumerate(sessions, start=1):
                cases = known.get((min(reader_number, self.readers), min(number, self.sessions)))
                if cases is not None:
                    rows.append(ReadingScope(reader, session, cases))
        return tuple(rows)


def load_preset(name: str) -> Preset:
    """Return the preset called ``name``, or in the file of that path. Raises FileError or SchemaError."""
    path = find(_KIND, ".toml", name, "Reading study")
    return read(Preset, Table(read_toml(path, "Reading study"), path.name))


def presets() -> tuple[list[Preset], list[InputError]]:
    """Return the presets at hand, and the errors of those that cannot be read."""
    loaded, errors = [], []
    for name in listing(_KIND, ".toml"):
        try:
            loaded.append(load_preset(name))
        except InputError as error:
            errors.append(error)
    return loaded, errors
