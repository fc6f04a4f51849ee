"""Simulated studies to draw and report: with signal, binary, three cohorts, a random forest, nothing to be found."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

from study_cases import cohort_table, protocol_features, readings_table, shipped_values

from RadiomicsPrognosisLib.study.output.study_folder import Study
from RadiomicsPrognosisLib.study.recipe.parsing import parse_recipe
from RadiomicsPrognosisLib.study.recipe.recipe import Recipe
from RadiomicsPrognosisLib.study.results import ValidationResult
from RadiomicsPrognosisLib.study.run import Options, run_study
from RadiomicsPrognosisLib.study.steps.validate import validate_model

#: Numbers of features are kept small, so that a case takes a second.
FEATURES = 40

SOURCE = {"cohort": {"file": "cohort.csv", "sha256": "0123456789abcdef" * 4}}


def recipe(name: str, bootstrap: int = 0) -> Recipe:
    """Return a shipped recipe with few bootstrap repetitions, on the first features of its protocol."""
    values: dict[str, Any] = shipped_values(name)
    values.setdefault("validation", {})["bootstrap"] = bootstrap
    parsed = parse_recipe(values, name)
    if parsed.protocol:
        for item in values["signatures"]:
            item["features"] = {"names": protocol_features(parsed, FEATURES)}
        parsed = parse_recipe(values, name)
    return parsed


def columns(pattern: str, inputs: Sequence[str] = ("",)) -> list[str]:
    """Return names of ``FEATURES`` columns of every input."""
    return [f"{name}:{pattern}{i:03d}" if name else f"{pattern}{i:03d}" for name in inputs for i in range(FEATURES)]


@functools.cache
def survival_case() -> Study:
    """Return study S1 on 221 simulated patients, with readings, nested resampling and permutations."""
    s1 = recipe("s1_escc_lpfs_radscore", bootstrap=8)
    features = protocol_features(s1, FEATURES)
    table = cohort_table(s1, 221, 4, features).assign(protocol=s1.protocol_name)
    return run_study(s1, table, readings_table(table, features, 30, 3, features[::7]),
                     Options(nested=True, permutations=2), SOURCE)


@functools.cache
def binary_case() -> Study:
    """Return study S3 on 197 simulated patients."""
    s3 = recipe("s3_escc_early_recurrence")
    features = protocol_features(s3, FEATURES)
    return run_study(s3, cohort_table(s3, 197, 2, features), source=SOURCE)


@functools.cache
def phases_case() -> Study:
    """Return study S4: two images, three cohorts."""
    s4 = recipe("s4_gnen_dl_survival", bootstrap=4)
    features = columns("dl_", [item.name for item in s4.inputs])
    cohorts = (("training", 76), ("internal validation", 32), ("external validation", 54))
    return run_study(s4, cohort_table(s4, 162, 3, features, cohorts=cohorts), source=SOURCE)


@functools.cache
def forest_case() -> Study:
    """Return study S0: a LASSO against a random forest, then survival."""
    s0, features = recipe("s0_escc_lnm_cnn"), columns("dl_")
    return run_study(s0, cohort_table(s0, 308, 5, features), source=SOURCE)


@functools.cache
def nothing_case() -> Study:
    """Return study S1 without any signal: nothing is selected."""
    s1 = recipe("s1_escc_lpfs_radscore")
    return run_study(s1, cohort_table(s1, 221, 1, protocol_features(s1, FEATURES), signal=0.0), source=SOURCE)


def run_cases() -> dict[str, Study]:
    """Return all studies by name."""
    return {"survival": survival_case(), "binary": binary_case(), "phases": phases_case(), "forest": forest_case(),
            "nothing": nothing_case()}


@functools.cache
def validation_case() -> ValidationResult:
    """Return the validation of the survival case's nomogram on new patients."""
    study, s1 = survival_case(), recipe("s1_escc_lpfs_radscore")
    stored = next(item for item in study.stored if item.result.id == "nomogram")
    features = protocol_features(s1, FEATURES)
    table = cohort_table(s1, 120, 4, features, cohorts=(("hospital A", 70), ("hospital B", 50)))
    return validate_model(stored.model, table.assign(protocol=s1.protocol_name), stored.scaling, source=SOURCE)
