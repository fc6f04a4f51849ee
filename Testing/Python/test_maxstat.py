"""The maximally selected log-rank cut-off equals R's maxstat, statistic by statistic."""

from __future__ import annotations

import numpy as np
import pytest
from fixtures import columns, reference
from hypothesis import given, settings
from hypothesis import strategies as st

from RadiomicsPrognosisLib.errors import CohortError, InputError
from RadiomicsPrognosisLib.statistics.maxstat import maximally_selected_cutoff

REFERENCE = reference("fx08_maxstat")
DATA = {name: columns(f"fx_{name}") for name in ("gbsg", "lung", "wpbc")}


@pytest.mark.parametrize("key", ["gbsg_pgr", "gbsg_nodes", "lung_age", "lung_age_20", "wpbc_worst_radius"])
def test_cutoff_statistics_and_p_equal_maxstat(key: str) -> None:
    theirs, data = REFERENCE[key], DATA[key.split("_")[0]]
    score = data[theirs["variable"]]
    result = maximally_selected_cutoff(data["time"], data["status"], score, theirs["minprop"])
    assert result.cutoff == theirs["cutpoint"] == theirs["survminer"]["cutpoint"]
    assert result.statistic == pytest.approx(theirs["statistic"], rel=1e-10)
    np.testing.assert_array_equal(result.cutoffs, theirs["candidates"]["cut"])
    np.testing.assert_allclose(result.statistics, theirs["candidates"]["stat"], rtol=1e-10)
    assert result.p_lausen92 == pytest.approx(theirs["p"]["Lau92"], rel=1e-10)
    # 1 - (Phi(b) - Phi(-b)) in R cancels; its error is one rounding of 1.
    assert result.p_lausen94 == pytest.approx(theirs["p"]["Lau94.M"], rel=1e-10, abs=3e-16)
    assert (result.low, result.high) == ((score <= result.cutoff).sum(), (score > result.cutoff).sum())


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6))
def test_monotone_transforms_and_order_do_not_matter(seed: int) -> None:
    generator = np.random.default_rng(seed)
    score = np.round(generator.normal(size=50), 1)
    time, event = np.ceil(8 * generator.exponential(np.exp(-score))), generator.random(50) < 0.7
    rows = generator.permutation(50)
    one = maximally_selected_cutoff(time, event, score)
    two = maximally_selected_cutoff(3 * time[rows], event[rows], np.exp(score[rows]))
    np.testing.assert_allclose(one.statistics, two.statistics, atol=1e-9)
    np.testing.assert_allclose(np.log(two.cutoffs), one.cutoffs, atol=1e-9)
    assert 0.0 <= one.p_lausen94 <= 1.0 and 0.0 <= one.p_lausen92 <= 1.0
    assert min(one.low, one.high) >= 5


def test_refusals() -> None:
    time, event = np.arange(1.0, 21.0), np.ones(20)
    with pytest.raises(CohortError, match="No cut-off leaves at least 10 % of the 20 rows"):
        maximally_selected_cutoff(time, event, np.ones(20))
    with pytest.raises(CohortError, match="same time and event"):
        maximally_selected_cutoff(np.ones(20), event, time)
    with pytest.raises(InputError, match=r"between 0 and 0\.5"):
        maximally_selected_cutoff(time, event, time, 0.5)
