"""Results of small readers' studies to draw and report: readers, sessions, models and contours in all mixtures."""

from __future__ import annotations

import functools
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import SimpleITK as sitk
from figure_cases import COX, demonstration_scaling
from reading_cases import small_image

from RadiomicsPrognosisLib.models.store import load_model
from RadiomicsPrognosisLib.protocol import Protocol
from RadiomicsPrognosisLib.reading.analysis import analyse_readings, contour_pairs
from RadiomicsPrognosisLib.reading.contour_agreement import compare_contours, contour_sources
from RadiomicsPrognosisLib.reading.report import UNKNOWN, Circumstances, SessionInterval
from RadiomicsPrognosisLib.reading.result import ContourSource, ReproducibilityResult
from RadiomicsPrognosisLib.reading.rows import checked_readings
from RadiomicsPrognosisLib.reading.rule import ReproducibilityFilter, SourceTable

RULE = ReproducibilityFilter("ICC(2,1)", 0.9)

TWO_READERS = (("A", "1"), ("A", "2"), ("B", "1"))

KNOWN = Circumstances(
    title="A small study", design="The design followed: S1.", sampling="A simple random sample of 2 of the 12 cases.",
    blinding="Readings were blinded.", notes=("Drawn by nobody.",), first_day="2026-01-02", last_day="2026-03-04",
    washout_days=60.0, seconds=190.0,
    intervals=(SessionInterval(reader="A", session="2", cases=12, shortest_days=61.0, longest_days=70.4),))


@dataclass(frozen=True)
class ReportCase:
    """A result with the sources of its contours and what is known of its readings."""

    result: ReproducibilityResult
    sources: tuple[ContourSource, ...] = ()
    known: Circumstances = UNKNOWN


def protocol() -> Protocol:
    return load_model(COX).image_protocol()


def features_table(readings: tuple[tuple[str, str], ...], cases: int = 12, sd: float = 0.4, features: int = 60,
                   seed: int = 3) -> pd.DataFrame:
    """Return a table of the first ``features`` of S1's protocol and the model's own, in SDs of the scaling.

    Later readings differ from the truth by more; the last feature of the table is the same everywhere.
    """
    generator = np.random.default_rng(seed)
    model = load_model(COX)
    scaling = demonstration_scaling(model)
    names = list(dict.fromkeys([*model.term_keys, *protocol().feature_names()[:features]]))
    truth = generator.standard_normal((cases, len(names)))
    rows = []
    for number, (reader, session) in enumerate(readings):
        noise = sd * (1 + number) * generator.standard_normal(truth.shape) * np.linspace(0.2, 3, len(names))
        for case, values in enumerate(truth + noise):
            row = {name: scaling.means.get(name, 0.0) + scaling.sds.get(name, 1.0) * value
                   for name, value in zip(names, values, strict=True)}
            rows.append({"case": f"P{case + 1:02d}", "reader": reader, "session": session, "protocol": protocol().id,
                         "protocol_hash": protocol().hash, "engine": scaling.engine,
                         "engine_version": scaling.engine_version, "n_stage": "N1", "complete_response": "no",
                         **row, names[-1]: 1.0})
    return pd.DataFrame(rows)


def with_contours(table: pd.DataFrame, folder: Path) -> pd.DataFrame:
    """Return the table with images and masks written to ``folder``; a later reading's contour is shifted further."""
    images, masks = [], []
    for case, reader, session in table[["case", "reader", "session"]].itertuples(index=False):
        number = int(case[1:])
        image, mask = small_image(number % 5)
        shift = {"A": 0, "B": 2}[reader] + int(session) - 1
        array = np.roll(sitk.GetArrayFromImage(mask), shift if number % 3 else 0, axis=2)
        array[6, 9, 2 + shift] = 1  # no two readings are copies
        moved = sitk.GetImageFromArray(array)
        moved.CopyInformation(mask)
        paths = folder / f"{case}.nrrd", folder / f"{case}-{reader}-{session}.nrrd"
        for path, volume in zip(paths, (image, moved), strict=True):
            sitk.WriteImage(volume, str(path))
        images.append(str(paths[0]))
        masks.append(str(paths[1]))
    return table.assign(image=images, mask=masks)


def analysed(table: pd.DataFrame, model: bool = True, scaling: bool = True, rule: ReproducibilityFilter = RULE
             ) -> ReproducibilityResult:
    chosen = load_model(COX) if model else None
    sources = contour_sources(checked_readings(table, ()))
    contours = compare_contours(sources, contour_pairs(table), 1) if sources else ()
    return analyse_readings(table, rule, chosen, demonstration_scaling(chosen) if chosen and scaling else None,
                            protocol(), contours, (SourceTable("cohort.csv", "0123456789abcdef" * 4),))


@functools.cache
def full_case() -> ReportCase:
    """Return two readers, one of them in two sessions, with model, scaling, covariates and contours."""
    folder = Path(tempfile.mkdtemp(prefix="readings-"))
    table = with_contours(features_table(TWO_READERS), folder)
    sources = tuple(contour_sources(checked_readings(table, ())))
    return ReportCase(analysed(table), sources, KNOWN)


@functools.cache
def report_cases() -> dict[str, ReportCase]:
    """Return the studies by name."""
    three = features_table((("A", "1"), ("B", "1"), ("C", "1")))
    intra = features_table((("A", "1"), ("A", "2"))).drop(columns=["reader", "n_stage"])
    inter = features_table((("A", "1"), ("B", "1")), cases=3).drop(columns="session")
    missing = features_table(TWO_READERS).drop(index=[2, 15, 30])
    return {
        "full": full_case(),
        "three-readers": ReportCase(analysed(three)),
        "intra-only": ReportCase(analysed(intra, rule=ReproducibilityFilter("ICC(3,1)", 0.75, "lower"))),
        "inter-only": ReportCase(analysed(inter, model=False)),
        "no-scaling": ReportCase(analysed(missing, scaling=False)),
    }
