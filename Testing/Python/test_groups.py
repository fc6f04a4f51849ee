"""The typical curves of the risk groups, against what the study printed and against sampling from its distributions."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from RadiomicsPrognosisLib.models.groups import group_curves
from RadiomicsPrognosisLib.models.predictors import SCORE
from RadiomicsPrognosisLib.models.store import load_model

MONTHS = np.array([12.0, 24.0, 36.0])

#: Published mixes of the 221 patients: N stage, complete response, Rad-score (mean, SD).
COHORTS = ((155, (20, 70, 55, 10), 52 / 155, (-0.0289, 0.35)), (66, (13, 28, 22, 3), 26 / 66, (-0.058, 0.538)))


def test_groups_together_give_the_published_survival() -> None:
    """By the law of total probability both groups, weighted by their shares, are all 221 patients."""
    curves = group_curves(load_model("s1_escc_lpfs_radscore"), MONTHS)
    together = (1 - curves.share_above) * curves.below + curves.share_above * curves.above
    # The truncated normals end 8 SDs out, so the sum is exact but for rounding and the solved baseline (1e-12).
    np.testing.assert_allclose(together, [0.561, 0.374, 0.321], atol=1e-9)
    assert (curves.above < curves.below).all()


def test_curves_equal_the_mean_over_sampled_patients() -> None:
    model = load_model("s1_escc_lpfs_radscore")
    generator = np.random.default_rng(3)
    n = 200_000
    score, lp = [], []
    for patients, stages, response, (mean, sd) in COHORTS:
        size = round(n * patients / 221)
        score.append(generator.normal(mean, sd, size))
        stage = generator.choice(4, size, p=np.array(stages) / sum(stages))
        complete = generator.random(size) < response
        lp.append(math.log(4.423) * score[-1] + math.log(1.892) * stage + math.log(0.154) * complete)
    score, lp = np.concatenate(score), np.concatenate(lp)
    survival = model.survival.predict(lp, MONTHS)
    curves = group_curves(model, MONTHS)
    for expected, side in ((curves.below, score < 0.1411), (curves.above, score >= 0.1411)):
        error = survival[side].std(axis=0) / math.sqrt(side.sum())
        assert (np.abs(survival[side].mean(axis=0) - expected) < 4 * error).all()
    assert abs((score >= 0.1411).mean() - curves.share_above) < 4 * math.sqrt(0.25 / n)


def test_a_score_alone_needs_no_published_tables() -> None:
    model = load_model("s1_escc_lpfs_radscore")
    alone = replace(model.survival, coefficients={SCORE: 1.2}, reconstruction=None)
    curves = group_curves(replace(model, survival=alone), MONTHS)
    training = model.reference.scores[0]
    scores = np.random.default_rng(4).normal(training.mean, training.sd, 100_000)
    survival = np.exp(-np.outer(np.exp(1.2 * scores), alone.baseline_cumulative_hazard.at(MONTHS)))
    above = scores >= model.cutoff.value
    error = survival[above].std(axis=0) / math.sqrt(above.sum())
    assert (np.abs(survival[above].mean(axis=0) - curves.above) < 4 * error).all()


@pytest.mark.parametrize("change", ["no cut-off", "unknown covariates", "logistic"])
def test_groups_are_not_made_up(change: str) -> None:
    model = load_model("s2_escc_ln_response" if change == "logistic" else "s1_escc_lpfs_radscore")
    if change == "no cut-off":
        model = replace(model, cutoff=None)
    if change == "unknown covariates":
        model = replace(model, survival=replace(model.survival, reconstruction=None))
    assert group_curves(model, MONTHS) is None
