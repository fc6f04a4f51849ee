"""The one way to a score: a case scored alone, among n rows of a table, or by a study has the same bits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

from RadiomicsPrognosisLib.cohort.scoring import predict_table
from RadiomicsPrognosisLib.errors import ModelMismatch
from RadiomicsPrognosisLib.features.extraction import FeatureSet
from RadiomicsPrognosisLib.models.model import Model
from RadiomicsPrognosisLib.models.predict import RowPredictions, predict_rows
from RadiomicsPrognosisLib.models.scaling import load_scaling
from RadiomicsPrognosisLib.models.store import load_model
from RadiomicsPrognosisLib.prediction.predict import predict
from RadiomicsPrognosisLib.statistics.logistic_function import logistic_probability

S1 = load_model("s1_escc_lpfs_radscore")
RESPONSE = load_model("s2_escc_ln_response")
SCALING = load_scaling("demonstration-sts-ct", S1)

#: Values as far from the training data as damaged input can be, and missing ones.
VALUES = st.floats(-1e9, 1e9) | st.floats(-3.0, 3.0) | st.just(np.nan)


@st.composite
def rows_of(draw: st.DrawFn, model: Model) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Return features (n, terms) and covariates (n,) by name."""
    n = draw(st.integers(1, 6))
    features = draw(arrays_of.arrays(float, (n, len(model.terms)), elements=VALUES))
    covariates = {item.name: np.array([draw(st.sampled_from([*(value for _, value in item.levels), np.nan]))
                                       for _ in range(n)]) for item in model.covariates}
    return features, covariates


def bits(rows: RowPredictions, which: slice) -> list[bytes]:
    outcome = rows.outcome((6.0, 12.0, 36.0))
    assert outcome is not None
    return [np.ascontiguousarray(values[which]).tobytes()
            for values in (rows.values, rows.contributions, rows.score, rows.linear_predictor, rows.above, outcome)]


@pytest.mark.parametrize("model", [S1, RESPONSE], ids=lambda model: model.id)
@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_a_row_alone_has_the_bits_it_has_among_others(model: Model, data: st.DataObject) -> None:
    features, covariates = data.draw(rows_of(model))
    scaling = SCALING if model.needs_scaling else None
    together = predict_rows(model, features, covariates, scaling)
    for i in range(len(features)):
        one = slice(i, i + 1)
        alone = predict_rows(model, features[one], {name: values[one] for name, values in covariates.items()}, scaling)
        assert bits(alone, slice(None)) == bits(together, one)


@settings(deadline=None, max_examples=30)
@given(rows_of(S1))
def test_a_case_has_the_bits_of_its_row_in_a_table(rows: tuple[np.ndarray, dict[str, np.ndarray]]) -> None:
    """``predict`` is n = 1; scoring a table and a study's measures are n rows of the same function."""
    features, covariates = np.nan_to_num(rows[0]), rows[1]
    model = replace(S1, reference=None)  # or a score far from its patients' would be withheld
    table = pd.DataFrame(features, columns=S1.term_keys).assign(**covariates, protocol=S1.protocol_name)
    together = predict_table(model, table, SCALING)
    protocol = S1.image_protocol()
    survival = together.outcome(S1.horizons_months)
    for i, values in enumerate(features):
        by_name = dict(zip(S1.features(), values.tolist(), strict=True))
        extracted = FeatureSet(values=by_name, undefined=(), protocol_id=protocol.id, protocol_hash=protocol.hash,
                               engine_name=SCALING.engine, engine_version=SCALING.engine_version)
        known = {name: column[i] for name, column in covariates.items() if not np.isnan(column[i])}
        case = predict(model, {"image": extracted}, {}, SCALING, known)
        assert case.score == together.score[i] and case.group.above == together.above[i]
        if len(known) == len(covariates):
            assert case.linear_predictor == together.linear_predictor[i]
            assert case.survival.at_horizons == tuple(survival[i].tolist())
        else:
            assert case.survival is None and np.isnan(together.linear_predictor[i])


def test_a_missing_value_gives_no_score_and_no_group() -> None:
    features = np.zeros((2, len(RESPONSE.signature.terms)))
    features[1, 0] = np.nan
    rows = predict_rows(RESPONSE, features, {})
    assert np.isnan(rows.score).tolist() == [False, True]
    assert np.isnan(rows.outcome(())).tolist() == [False, True]
    assert not rows.above[1]


def test_a_model_that_needs_a_scaling_refuses_rows_without_one() -> None:
    with pytest.raises(ModelMismatch, match="choose a scaling"):
        predict_rows(S1, np.zeros((1, len(S1.signature.terms))), {})


def test_a_model_that_ends_in_a_score_has_no_outcome() -> None:
    model = replace(RESPONSE, probability=None)
    rows = predict_rows(model, np.zeros((3, len(model.terms))), {})
    assert rows.outcome((12.0,)) is None and np.isnan(rows.linear_predictor).all()


@given(st.floats(-700.0, 700.0))  # beyond, the probability leaves the normal doubles
def test_the_logistic_function_is_scipys(log_odds: float) -> None:
    from scipy.special import expit
    # Both are right to the last bits of what exp gives.
    assert logistic_probability(log_odds)[0] == pytest.approx(expit(log_odds), rel=4e-16, abs=0)


@given(st.lists(st.floats(-800.0, 800.0), min_size=1, max_size=30))
def test_a_probability_alone_has_the_bits_it_has_among_others(log_odds: list[float]) -> None:
    together = logistic_probability(log_odds)
    assert ((together >= 0.0) & (together <= 1.0)).all()
    for value, probability in zip(log_odds, together.tolist(), strict=True):
        assert logistic_probability(value).tolist() == [probability]
