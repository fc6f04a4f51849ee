"""Mistakes of files and names that a table of readings shows: copies, one lesion as two cases, one name in two ways."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import numpy as np
import pandas as pd

from ..statistics.inputs import listed
from ..warning import ResultWarning
from .rows import CASE, READER, READING, SESSION
from .study_result import ContourAgreement

#: Fewer features that agree to the last bit are not remarked on.
_FEATURES = 3


def mistakes_in(table: pd.DataFrame, features: Sequence[str],
                contours: Sequence[ContourAgreement]) -> list[ResultWarning]:
    """Return warnings of what is probably a mistake in ``table``, which is as checked_readings returns it."""
    marks = _marks(table, features)
    warnings = [*_copied(marks, contours), *_disjoint(contours), *_repeated_cases(marks)]
    for column in (CASE, READER, SESSION):
        warnings += _alike(column, table[column].astype(str).unique().tolist())
    return warnings


def _marks(table: pd.DataFrame, features: Sequence[str]) -> pd.DataFrame:
    """Return case, reading and what is the same only of the same VOI (``mark``); no rows where nothing tells."""
    if "voi_hash" in table and table["voi_hash"].notna().all():
        marks = table["voi_hash"].astype(str).tolist()
    elif len(features) >= _FEATURES:
        marks = [row.tobytes().hex() for row in np.ascontiguousarray(table[list(features)].to_numpy(float))]
    else:
        return table[[CASE, READING]].iloc[:0].assign(mark="")
    return table[[CASE, READING]].assign(mark=marks)


def _copied(marks: pd.DataFrame, contours: Sequence[ContourAgreement]) -> list[ResultWarning]:
    """Return the warning of readings whose VOI or every feature is the same in another reading of the case."""
    copies: dict[str, set[str]] = {}
    for case, reading in marks[marks.duplicated([CASE, "mark"], keep=False)][[CASE, READING]].itertuples(index=False):
        copies.setdefault(case, set()).add(reading)
    copies |= {item.case: {item.first, item.second} for item in contours if item.is_copy and item.case not in copies}
    if not copies:
        return []
    cases = listed([f"{case} ({', '.join(sorted(names))})" for case, names in sorted(copies.items())], "case")
    return [ResultWarning(
        "copied-reading", f"Two readings are identical to the last bit in {cases}. Drawn twice, contours differ: "
        "this is probably a copied file, and agreement looks better than it is. Check the files.")]


def _disjoint(contours: Sequence[ContourAgreement]) -> list[ResultWarning]:
    """Return the warning of contours of a case that have no voxel in common."""
    cases = [f"{item.case} ({item.first}, {item.second})" for item in contours
             if item.overlap is not None and item.overlap.dice == 0]
    if not cases:
        return []
    return [ResultWarning(
        "disjoint-contours", f"Two contours have no voxel in common in {listed(cases, 'case')}. They are probably of "
        "different lesions, or masks are swapped between cases; the agreement is then not that of readers. Check the "
        "files.")]


def _repeated_cases(marks: pd.DataFrame) -> list[ResultWarning]:
    """Return the warning of cases that hold the same VOI."""
    groups = (sorted(set(cases)) for _, cases in marks.groupby("mark")[CASE])
    same = sorted({" and ".join(group) for group in groups if len(group) > 1})
    if not same:
        return []
    return [ResultWarning(
        "repeated-case", f"Cases hold the same contoured lesion to the last bit: {'; '.join(same[:5])}"
        f"{f' and {len(same) - 5} more' if len(same) > 5 else ''}. A lesion is counted more than once, and intervals "
        "are too narrow. Keep one of them.")]


def _alike(column: str, names: Sequence[str]) -> list[ResultWarning]:
    """Return the warning of names that differ in nothing but case, spaces or zeros."""
    groups: dict[str, list[str]] = {}
    for name in sorted(names):
        groups.setdefault(_plain(name), []).append(name)
    alike = [" and ".join(f"'{name}'" for name in group) for group in groups.values() if len(group) > 1]
    if not alike:
        return []
    return [ResultWarning(
        "alike-names", f"Names of {column}s differ only by upper or lower case, spaces or zeros, and count as "
        f"different ones: {'; '.join(alike[:5])}{f' and {len(alike) - 5} more' if len(alike) > 5 else ''}. Write a "
        "name in one way throughout if they are the same.")]


def _plain(name: str) -> str:
    """Return a name without what people write in several ways: case, spaces, leading zeros, and the .0 of a table."""
    text = unicodedata.normalize("NFKC", name).casefold()
    text = re.sub(r"(?<!\d)\s+|\s+(?!\d)", "", text)
    return re.sub(r"(?<![\d.])0+(?=\d)", "", re.sub(r"(?<=\d)\.0+(?!\d)", "", text))
