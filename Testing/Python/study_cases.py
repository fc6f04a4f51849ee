"""Simulated cohorts for the shipped recipes: correlated features of which a few act on the outcome."""

from __future__ import annotations

import copy
import functools
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from RadiomicsPrognosisLib.files import read_toml
from RadiomicsPrognosisLib.models.covariates import Covariate
from RadiomicsPrognosisLib.models.model import BINARY
from RadiomicsPrognosisLib.resources import find
from RadiomicsPrognosisLib.statistics.penalised import stratified_folds
from RadiomicsPrognosisLib.study.output.study_folder import Study
from RadiomicsPrognosisLib.study.recipe.parsing import parse_recipe
from RadiomicsPrognosisLib.study.recipe.recipe import Recipe
from RadiomicsPrognosisLib.study.run import run_study


def shipped_values(name: str) -> dict[str, Any]:
    """Return a shipped recipe's table as parsed."""
    return read_toml(find("Recipes", ".toml", name, "Recipe"), "Recipe")


def ibex_table_values() -> dict[str, Any]:
    """Return S3's recipe for a table that IBEX made, changed as its first lines say."""
    values = shipped_values("s3_escc_early_recurrence")
    del values["protocol"]
    values["signatures"][0]["features"] = {"pattern": "ibex_.+"}
    return values


def correlated(generator: np.random.Generator, n: int, p: int, families: int) -> np.ndarray:
    """Return standard normal columns (n, p) that share one of ``families`` factors each."""
    common = generator.standard_normal((n, families))[:, generator.integers(0, families, p)]
    shared = generator.uniform(0.3, 0.9, p)
    return np.sqrt(shared) * common + np.sqrt(1.0 - shared) * generator.standard_normal((n, p))


def cohort_table(recipe: Recipe, n: int, seed: int, features: Sequence[str], active: int = 6, signal: float = 1.0,
                 cohorts: Sequence[tuple[str, int]] = ()) -> pd.DataFrame:
    """Return a table with ``features``, the recipe's covariates and outcomes.

    ``active`` features and all covariates act on every outcome, ``signal`` 0 switches that off.
    Event times are exponential with a median near 14 months at the mean risk, censored independently (about 30 %).
    ``cohorts`` (name, rows) fill the column 'cohort'.
    """
    generator = np.random.default_rng(seed)
    z = correlated(generator, n, len(features), max(4, len(features) // 12))
    acting = generator.choice(len(features), active, replace=False)
    risk = signal * (z[:, acting] @ np.full(active, 0.5))
    columns: dict[str, object] = {"case": [f"c{i:04d}" for i in range(n)]}
    columns |= clinical_columns(recipe, generator, risk, signal)
    if cohorts:
        columns["cohort"] = np.repeat([name for name, _ in cohorts], [size for _, size in cohorts])
    scale = 10.0 ** generator.uniform(-3, 3, len(features))
    values = pd.DataFrame(z * scale + 2 * scale, columns=list(features))
    return pd.concat([pd.DataFrame(columns), values], axis=1)


def clinical_columns(recipe: Recipe, generator: np.random.Generator, risk: np.ndarray, signal: float = 1.0,
                     ) -> dict[str, object]:
    """Return columns (n,) of the recipe's covariates, drawn at random, and of outcomes by them and the ``risk`` (n,).

    A covariate that no model takes does not act, age and sex apart.
    """
    n, columns = len(risk), {}
    taken = {"age", "sex", *recipe.split.stratify}.union(*(model.covariates for model in recipe.models))
    for item in recipe.covariates:
        if item.name in taken:
            columns[item.name], effect = _drawn(item, generator, n)
            risk = risk + signal * 0.8 * effect
    for endpoint in recipe.endpoints:
        if endpoint.kind == BINARY:
            odds = (-risk if endpoint.favourable else risk) + 0.3 * generator.logistic(size=n)
            outcome = (odds > np.median(odds)).astype(int)
            # A column that is covariate and outcome of the same name is the outcome.
            columns[endpoint.outcome] = outcome
        else:
            failure = generator.exponential(20.0 * np.exp(-risk))
            censoring = generator.uniform(6.0, 90.0, n)
            columns[endpoint.time] = np.round(np.minimum(failure, censoring) + 0.05, 2)
            columns[endpoint.status] = (failure <= censoring).astype(int)
    described = [item for item in recipe.covariates if item.name not in taken | set(columns)]
    columns |= {item.name: _drawn(item, generator, n)[0] for item in described}
    return columns


def _drawn(item: Covariate, generator: np.random.Generator, n: int) -> tuple[object, np.ndarray]:
    """Return ``n`` random values of a covariate and their effects, from -0.5 to 0.5."""
    if item.kind == "continuous":
        low, high = (0.0 if item.range[0] is None else item.range[0]), item.range[1] or 100.0
        share = generator.beta(4, 4, n)
        return np.round(low + share * (high - low), 1), share - 0.5
    level = generator.integers(0, len(item.levels), n)
    return [item.levels[i][0] for i in level], level / (len(item.levels) - 1) - 0.5


def readings_table(table: pd.DataFrame, features: Sequence[str], cases: int, seed: int,
                   noisy: Sequence[str] = ()) -> pd.DataFrame:
    """Return two readers with two sessions each of the first ``cases`` rows; ``noisy`` features do not repeat."""
    generator, readings = np.random.default_rng(seed), []
    spread = table[list(features)].std().to_numpy()
    noise = np.where(np.isin(features, list(noisy)), 3.0, 0.05)
    for reader in ("a", "b"):
        for session in ("1", "2"):
            error = generator.standard_normal((cases, len(features))) * spread * noise
            values = table[list(features)].head(cases) + error
            named = pd.DataFrame({"case": table["case"].head(cases), "reader": reader, "session": session})
            readings.append(pd.concat([named, values], axis=1))
    return pd.concat(readings, ignore_index=True)


def protocol_features(recipe: Recipe, number: int | None = None) -> list[str]:
    """Return the features of the recipe's protocol, all or the first ``number``."""
    return list(recipe.protocol.feature_names())[:number]


def truth_recipe() -> Recipe:
    """Return S1's recipe reduced to signature and Rad-score model, with the split and the folds taken from columns."""
    values = shipped_values("s1_escc_lpfs_radscore")
    values["split"] = {"kind": "column"}
    values["models"] = values["models"][:1]
    del values["covariates"], values["reproducibility"], values["validation"]
    values["signatures"][0]["penalised"]["fold_column"] = "fold"
    return parse_recipe(values, "truth")


def truth_cohort(seed: int, signal: float = 1.0) -> tuple[pd.DataFrame, list[str]]:
    """Return 155 training and 66 validation rows with 851 features, 17 of them acting, censored as study S1 is."""
    generator, n = np.random.default_rng(seed), 221
    features = protocol_features(truth_recipe())
    z = correlated(generator, n, len(features), 37)
    acting = generator.choice(len(features), 17, replace=False)
    risk = signal * (z[:, acting] @ generator.normal(0.0, 0.35, 17))
    # Median 13.7 months at the mean risk; censoring between month 6 and 70 leaves about 31 % without event.
    failure = generator.exponential(13.7 / np.log(2.0) * np.exp(-risk))
    censoring = generator.uniform(6.0, 70.0, n)
    x = (z + 2.0) * 10.0 ** generator.uniform(-3.0, 3.0, len(features))
    event = (failure <= censoring).astype(int)
    cohort = np.repeat(["training", "validation"], [155, 66])
    fold = np.zeros(n, dtype=int)
    fold[:155] = stratified_folds(event[:155], 10, seed)
    table = pd.DataFrame({"case": [f"c{i:03d}" for i in range(n)], "cohort": cohort, "fold": fold,
                          "time": np.minimum(failure, censoring), "event": event})
    return pd.concat([table, pd.DataFrame(x, columns=features)], axis=1), features


#: Features of the reduced recipes of S1 and S2.
SMALL = 60


def small(name: str = "s1_escc_lpfs_radscore", **changes: Any) -> Recipe:
    """Return a shipped recipe with few bootstrap repetitions; S1 and S2 with the first features of their protocol."""
    values = copy.deepcopy(shipped_values(name))
    values.setdefault("validation", {})["bootstrap"] = 4 if name.startswith("s1") else 0
    recipe = parse_recipe({**values, **changes}, name)
    if recipe.protocol:
        for signature in values["signatures"]:
            signature["features"] = {"names": protocol_features(recipe, SMALL)}
    return parse_recipe({**values, **changes}, name)


#: S1's recipe with a given split, its features, and the cohorts of its tables.
S1 = small(split={"kind": "column"})
FEATURES = protocol_features(S1, SMALL)
COHORTS = (("training", 150), ("validation", 70))


def s1_table(seed: int = 1, signal: float = 1.0) -> pd.DataFrame:
    """Return rows for S1's reduced recipe."""
    return cohort_table(S1, 220, seed, FEATURES, signal=signal, cohorts=COHORTS)


@functools.cache
def s1_study() -> Study:
    """Return the study of S1's reduced recipe on its table with a signal."""
    return run_study(S1, s1_table())
