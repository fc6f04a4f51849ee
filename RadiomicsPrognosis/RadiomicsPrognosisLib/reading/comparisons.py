"""Which readings of a study are set side by side, and their features as arrays of cases by readings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from ..errors import CohortError
from ..statistics.arrays import Floats
from .rows import CASE, READER, READING, SESSION
from .study_result import INTER, INTRA, OVERALL, PAIR, ReadingPlan, ReadingSession


@dataclass(frozen=True, kw_only=True)
class ReadingSet:
    """Readings to compare, by label: ``id``, ``kind``, ``title`` and ``who`` as in ReadingComparison."""

    id: str
    kind: str
    title: str
    who: str
    readings: tuple[str, ...]


def readings_of_one_reader(table: pd.DataFrame) -> list[str]:
    """Return the readings of the reader with most sessions, from a table as checked_readings returns it."""
    sessions = _distinct(table).groupby(READER)[READING].apply(list)
    return max(sessions, key=len)


def readings_of_all_readers(table: pd.DataFrame) -> list[str]:
    """Return every reader's first reading, from a table as checked_readings returns it."""
    return _distinct(table).drop_duplicates(READER)[READING].tolist()


def _distinct(table: pd.DataFrame) -> pd.DataFrame:
    return table[[READER, SESSION, READING]].drop_duplicates().sort_values([READER, SESSION])


def common_cases(table: pd.DataFrame, readings: Sequence[str]) -> list[str]:
    """Return the cases that all of ``readings`` hold, sorted."""
    held = [set(table.loc[table[READING] == reading, CASE]) for reading in readings]
    return sorted(set.intersection(*held))


def readings_cube(table: pd.DataFrame, readings: Sequence[str], features: Sequence[str], comparison: str) -> Floats:
    """Return ``features`` (features, cases, readings) of the cases that all of ``readings`` hold.

    Raises CohortError, naming the ``comparison``, for fewer than two readings or cases.
    """
    cases = common_cases(table, readings)
    if len(readings) < 2 or len(cases) < 2:
        raise CohortError(f"The {comparison} comparison needs two or more readings of the same two or more cases; "
                          f"there are {len(readings)} readings ({', '.join(readings)}) with {len(cases)} cases in "
                          "common. Add them, or leave the comparison out.")
    rows = [table[table[READING] == reading].set_index(CASE) for reading in readings]
    return np.stack([reading.loc[cases, list(features)].to_numpy(float).T for reading in rows], axis=2)


def reading_sets(table: pd.DataFrame, plan: ReadingPlan) -> tuple[ReadingSet, ...]:
    """Return what to compare in a table as checked_readings returns it, no set of readings twice.

    First the two that a filter judges by: the sessions of the reader with most, and every reader's first. Then the
    sessions of each other reader, the readers of each session, all readings, and the pairs within a reader or session.
    """
    sets: dict[frozenset[str], ReadingSet] = {}
    by_label = {item.label: item for item in plan.readings}

    def add(kind: str, who: str, readings: Sequence[str]) -> None:
        if len(readings) > 1:
            items = [by_label[reading] for reading in readings]
            sets.setdefault(frozenset(readings), _named(kind, who, items, plan))

    intra = readings_of_one_reader(table)
    add(INTRA, by_label[intra[0]].reader, intra)
    add(INTER, "", readings_of_all_readers(table))
    for reader in plan.readers:
        add(INTRA, reader, [item.label for item in plan.readings if item.reader == reader])
    for session in plan.sessions:
        add(INTER, session, [item.label for item in plan.readings if item.session == session])
    add(OVERALL, "", [item.label for item in plan.readings])
    for group in list(sets.values()):
        if group.kind != OVERALL:
            for pair in combinations(group.readings, 2):
                add(PAIR, "", pair)
    return tuple(sets.values())


def _named(kind: str, who: str, items: Sequence[ReadingSession], plan: ReadingPlan) -> ReadingSet:
    """Return a set of readings with the id that tables use and a title for people."""
    labels = tuple(item.label for item in items)
    identifier = {INTRA: f"{INTRA} {who}", INTER: f"{INTER} {who}".strip(), OVERALL: OVERALL,
                  PAIR: f"{PAIR} {' - '.join(labels)}"}[kind]
    return ReadingSet(id=identifier, kind=kind, title="All readings" if kind == OVERALL else _title(items, plan),
                      who=who, readings=labels)


def _title(items: Sequence[ReadingSession], plan: ReadingPlan) -> str:
    """Return what readings of one reader, or of one session or the first of each reader, are called."""
    readers, sessions = (list(dict.fromkeys(values)) for values in
                         ([item.reader for item in items], [item.session for item in items]))
    if len(readers) == 1:
        return (f"{readers[0]}, sessions" if len(plan.readers) > 1 else "Sessions") + f" {_and(sessions)}"
    if len(sessions) == 1:
        return _and(readers) + (f", session {sessions[0]}" if len(plan.sessions) > 1 else "")
    return f"{_and(readers)}, each in the first session"


def _and(names: Sequence[str]) -> str:
    """Return names as they stand in a sentence: 'A, B and C'."""
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
