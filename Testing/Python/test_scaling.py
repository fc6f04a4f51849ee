"""Fitting a scaling from a feature table: R's means and SDs, and every table that must be refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import papers
import pytest

from RadiomicsPrognosisLib.errors import CohortError, ModelMismatch, SchemaError
from RadiomicsPrognosisLib.models.scaling import fit_scaling, load_scaling, parse_scaling, save_scaling, scalings_for
from RadiomicsPrognosisLib.models.store import load_model

S1 = load_model("s1_escc_lpfs_radscore")

#: What every scaling is asked for.
WHAT = {"disease": S1.disease, "origin": "x"}


@pytest.fixture()
def table() -> pd.DataFrame:
    """Twenty-five cases with every feature of S1."""
    generator = np.random.default_rng(3)
    values = {name: generator.normal(size=25) * 10.0**power for power, name in enumerate(papers.S1_BETAS, start=-6)}
    return pd.DataFrame({"case": [f"P{n:02d}" for n in range(25)], "protocol_hash": S1.image_protocol().hash,
                         "engine": "pyradiomics", "engine_version": "3.1.4", "error": None, **values})


def test_means_and_sds_are_those_of_r_scale(table: pd.DataFrame) -> None:
    """R's scale() divides by the SD with n - 1."""
    scaling = fit_scaling(table, S1, "mine", disease=S1.disease, origin="my hospital")
    for name in papers.S1_BETAS:
        values = table[name].to_numpy()
        assert scaling.means[name] == pytest.approx(values.sum() / 25, rel=1e-13)
        assert scaling.sds[name] == pytest.approx(np.sqrt(((values - values.mean()) ** 2).sum() / 24), rel=1e-13)
    assert (scaling.cases, scaling.demonstration) == (25, False)


def test_saved_and_loaded_it_is_the_same(table: pd.DataFrame, user_home: Path) -> None:
    scaling = fit_scaling(table, S1, "mine", disease=S1.disease, origin="my hospital", licence="CC BY 4.0")
    assert save_scaling(scaling).is_relative_to(user_home)
    assert load_scaling("mine", S1) == scaling
    assert {item.name for item in scalings_for(S1)} == {"mine", "demonstration-sts-ct"}
    assert scalings_for(load_model("s2_escc_ln_response")) == []


def test_failed_rows_are_left_out(table: pd.DataFrame) -> None:
    failed = table.iloc[:1].assign(error="empty", **dict.fromkeys(papers.S1_BETAS, np.nan))
    assert fit_scaling(pd.concat([table, failed]), S1, "mine", **WHAT) == fit_scaling(table, S1, "mine", **WHAT)


@pytest.mark.parametrize(("change", "error", "message"), [
    (lambda t: t.head(19), CohortError, "19 usable cases; a scaling needs at least 20"),
    (lambda t: t.assign(protocol_hash="f" * 64), ModelMismatch, "protocol hash ffffffffffff"),
    (lambda t: t.assign(engine=["a"] + ["b"] * 24), ModelMismatch, "several values of 'engine'"),
    (lambda t: t.assign(engine="mirp"), ModelMismatch, "engine 'mirp'"),
    (lambda t: t.drop(columns="engine"), CohortError, "no column 'engine'"),
    (lambda t: t.drop(columns="wavelet-HLL_glcm_Idn"), CohortError, "no column 'wavelet-HLL_glcm_Idn'"),
    (lambda t: t.assign(**{"wavelet-HLL_glcm_Idn": 0.3}), CohortError, "the same value in all 25 rows"),
    (lambda t: t.assign(**{"wavelet-HLL_glcm_Idn": [np.nan] + [1.0] * 24}), CohortError, r"no value in 1 rows \(P00\)"),
])
def test_tables_that_cannot_be_scaled(table: pd.DataFrame, change: object, error: type[Exception],
                                      message: str) -> None:
    with pytest.raises(error, match=message):
        fit_scaling(change(table), S1, "mine", **WHAT)


def test_the_demonstration_scaling_says_what_it_is() -> None:
    scaling = load_scaling("demonstration-sts-ct", S1)
    assert scaling.demonstration
    assert scaling.cases == 20
    assert "another disease" in scaling.origin
    assert "CC BY 3.0" in scaling.licence


def test_a_broken_file_names_the_key(table: pd.DataFrame) -> None:
    values = fit_scaling(table, S1, "mine", **WHAT).to_dict()
    values["features"]["wavelet-HLL_glcm_Idn"]["sd"] = 0
    with pytest.raises(SchemaError, match=r"mine.json: 'features.wavelet-HLL_glcm_Idn.sd' is 0; allowed: > 0"):
        parse_scaling(values, "mine.json")
