"""How the contours of a case agree between readings, from images and masks in files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

import joblib
import numpy as np
import pandas as pd

from ..cohort.table import label_of, series_of
from ..errors import InputError
from ..progress import Progress, step
from ..voi import Grid, read_image, read_mask
from ..voi.grid import PlacedMask, place
from .overlap import placed_overlap
from .rows import CASE, READING
from .study_result import ContourAgreement, ContourSource

#: A case's readings to compare: its sources and the pairs of readings among them.
_Work = tuple[list[ContourSource], list[tuple[str, str]]]


def contour_sources(table: pd.DataFrame) -> tuple[ContourSource, ...]:
    """Return where the contours are of a table as checked_readings returns it, by case; none without the columns."""
    if not {"image", "mask"} <= set(table):
        return ()
    rows = table[table["image"].notna() & table["mask"].notna()].sort_values([CASE, READING], kind="stable")
    return tuple(ContourSource(case=row[CASE], reading=row[READING], image=str(row["image"]), mask=str(row["mask"]),
                               label=label_of(row), series=series_of(row))
                 for row in rows.to_dict("records"))


def compare_contours(sources: Iterable[ContourSource], pairs: Sequence[tuple[str, str]], jobs: int = 1,
                     progress: Progress | None = None) -> tuple[ContourAgreement, ...]:
    """Return the agreement of the ``pairs`` of readings of every case in ``sources``, which are sorted by case.

    Contours are taken as drawn, before any HU range, on the grid of the case's first image; one that cannot be read
    or placed there is a reason and no error. ``jobs`` processes work on it (-1: one per core).
    """
    work = []
    for _, group in groupby(sources, key=lambda item: item.case):
        items = list(group)
        held = {item.reading for item in items}
        wanted = [pair for pair in pairs if set(pair) <= held]
        if wanted:
            work.append((items, wanted))
    rows: list[ContourAgreement] = []
    for done, agreements in enumerate(_computed(work, jobs), start=1):
        rows += agreements
        step(progress, done, len(work), f"contours of {agreements[0].case}")
    return tuple(rows)


def _computed(work: list[_Work], jobs: int) -> Iterator[list[ContourAgreement]]:
    if jobs == 1 or len(work) < 2:
        yield from map(_compare_case, work)
    else:
        yield from joblib.Parallel(n_jobs=jobs, return_as="generator")(joblib.delayed(_compare_case)(item)
                                                                       for item in work)


def _compare_case(work: _Work) -> list[ContourAgreement]:
    sources, pairs = work
    placed: dict[str, PlacedMask] = {}
    reasons: dict[str, str] = {}
    grid: Grid | None = None
    for source in sources:
        try:
            grid = grid or Grid.of(read_image(source.image, source.series))
            mask, name = read_mask(source.mask, source.label)
            placed[source.reading] = place(mask, grid, f"Segment '{name}' of reading {source.reading}")
        except InputError as error:
            reasons[source.reading] = str(error)
    return [_agreement(sources[0].case, pair, placed, reasons, grid) for pair in pairs]


def _agreement(case: str, pair: tuple[str, str], placed: dict[str, PlacedMask], reasons: dict[str, str],
               grid: Grid | None) -> ContourAgreement:
    first, second = pair
    reason = " ".join(reasons[reading] for reading in pair if reading in reasons)
    if reason or grid is None:
        return ContourAgreement(case=case, first=first, second=second, overlap=None, is_copy=False, reason=reason)
    a, b = placed[first], placed[second]
    return ContourAgreement(case=case, first=first, second=second, overlap=placed_overlap(a, b, grid),
                            is_copy=a.start == b.start and np.array_equal(a.voxels, b.voxels), reason="")
