"""Rows in clusters against R (survival, sandwich, survey), and against what must hold whatever R says.

data/statistics/fx17_clusters.R makes the numbers and the two tables, whose months tie.
"""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from RadiomicsPrognosisLib.errors import CohortError, InputError
from RadiomicsPrognosisLib.estimates.cox import fit_cox as reported_cox
from RadiomicsPrognosisLib.statistics.bootstrap import bootstrap_optimism
from RadiomicsPrognosisLib.statistics.calibration import calibrate_probability
from RadiomicsPrognosisLib.statistics.clusters import cluster_numbers, exchanged_rows, resampled_rows
from RadiomicsPrognosisLib.statistics.concordance import compare_concordance, concordance
from RadiomicsPrognosisLib.statistics.contingency import compare_clustered
from RadiomicsPrognosisLib.statistics.cox import fit_cox
from RadiomicsPrognosisLib.statistics.hazard_uncertainty import Robust, hazard_uncertainty
from RadiomicsPrognosisLib.statistics.kaplan_meier import estimate_at, kaplan_meier, log_rank
from RadiomicsPrognosisLib.statistics.logistic import fit_logistic
from RadiomicsPrognosisLib.statistics.maxstat import maximally_selected_cutoff
from RadiomicsPrognosisLib.statistics.proportional_hazards import proportional_hazards
from RadiomicsPrognosisLib.statistics.roc import auc, compare_auc
from RadiomicsPrognosisLib.statistics.score_residuals import score_residuals
from RadiomicsPrognosisLib.statistics.stepwise import backward_cox, backward_logistic
from RadiomicsPrognosisLib.statistics.time_dependent import brier_at, compare_time_auc, time_auc
from RadiomicsPrognosisLib.statistics.univariate import compare_groups, univariate_cox

DATA = Path(__file__).parent / "data" / "statistics"
R = json.loads((DATA / "fx17_clusters.json").read_text(encoding="utf-8"))
EYES, BLADDER = (pd.read_csv(DATA / f"fx17_{name}.csv") for name in ("eyes", "bladder"))
TERMS = {"eyes": ["trt", "risk", "juvenile"], "bladder": ["rx", "number", "size"]}
TABLES = {"eyes": EYES, "bladder": BLADDER}
TIME, EVENT, ID = (EYES[name].to_numpy() for name in ("time", "status", "id"))
SCORE, OTHER = EYES["score"].to_numpy(), EYES["other"].to_numpy()
COX = [("eyes", "efron"), ("bladder", "efron"), ("bladder", "breslow")]


def close(value: Any, expected: Any, tolerance: float = 1e-8) -> None:
    np.testing.assert_allclose(np.asarray(value, float), np.asarray(expected, float), rtol=tolerance, atol=tolerance)


def doubled(*columns: Any) -> list[np.ndarray]:
    """Return each column twice over: every row and its exact copy, which adds nothing to what is known."""
    return [np.concatenate([np.asarray(column), np.asarray(column)]) for column in columns]


@pytest.mark.parametrize("name, ties", COX)
def test_cox_is_coxph_with_cluster(name: str, ties: str) -> None:
    data, known = TABLES[name], R[name][ties]
    x = data[TERMS[name]].to_numpy(float)
    model = fit_cox(data["time"], data["status"], x, TERMS[name], ties, clusters=data["id"])
    close(model.coefficients, known["coef"])
    close(model.naive_covariance, known["naive"])
    close(model.covariance, known["robust"])
    close(model.wald.statistic, known["wald"])
    close(model.score.statistic, np.ravel(known["rscore"]))
    close(np.column_stack([model.lower, model.upper, model.p]),
          np.column_stack([known["lower"], known["upper"], known["p"]]))
    assert model.clusters == data["id"].nunique() and model.joint == model.wald
    residuals = score_residuals(data["time"].to_numpy(float), data["status"].to_numpy(float), x,
                                (x - x.mean(axis=0)) @ model.coefficients, ties)
    close(residuals, known["score_residuals"])


def test_the_reported_cox_model_is_the_robust_one() -> None:
    x = EYES[TERMS["eyes"]]
    close(reported_cox(TIME, EVENT, x, clusters=ID).covariance, R["eyes"]["efron"]["robust"])


def test_logistic_is_vcov_cl() -> None:
    model = fit_logistic(EVENT, EYES[TERMS["eyes"]], clusters=ID)
    close(model.coefficients, R["logistic"]["coef"])
    close(model.covariance, R["logistic"]["vcov"])


def test_concordance_and_its_comparison_are_those_of_clusters() -> None:
    c = concordance(TIME, EVENT, SCORE, clusters=ID)
    close([c.c, c.se**2], [R["concordance"]["c"], R["concordance"]["var"]])
    variance = np.array(R["compared"]["vcov"])
    close(compare_concordance(TIME, EVENT, SCORE, OTHER, clusters=ID).se**2,
          variance[0, 0] + variance[1, 1] - 2 * variance[0, 1])


def test_kaplan_meier_is_survfit_with_cluster() -> None:
    curve, known = kaplan_meier(TIME, EVENT, clusters=ID), R["km"]
    estimates = [estimate_at(curve, at) for at in known["times"]]
    for key in ("survival", "se", "lower", "upper"):
        close([getattr(item, key) for item in estimates], known[key])
    close(curve.times, known["all_time"])


def test_the_jackknife_of_single_rows_is_greenwood() -> None:
    """With every row and its exact copy in a cluster, the standard error is that of the rows once."""
    time, event, own = doubled(TIME, EVENT, np.arange(len(TIME)))
    close(kaplan_meier(time, event, clusters=own).se, kaplan_meier(TIME, EVENT).se, 1e-12)


@pytest.mark.parametrize("name, group", [("eyes", "group"), ("bladder", "rx")])
def test_log_rank_is_the_robust_score_test(name: str, group: str) -> None:
    data = TABLES[name]
    robust = log_rank(data["time"], data["status"], data[group], data["id"])
    plain = log_rank(data["time"], data["status"], data[group])
    close(robust.test.statistic, np.ravel(R["log_rank"][name]))
    assert robust.observed == plain.observed and robust.expected == plain.expected


def test_means_are_compared_as_by_lm_and_vcov_cl() -> None:
    ranks = compare_groups(SCORE, EYES["trt"], ID)
    assert ranks.test in ("cluster-robust t of ranks", "cluster-robust t")
    known = R["means"]["ranks" if ranks.test.endswith("ranks") else "two"]
    close([ranks.statistic**2, ranks.p], [known["F"], known["p"]])
    three = compare_groups(SCORE, R["three"], ID)
    assert three.test.startswith("cluster-robust F")
    if not three.test.endswith("ranks"):
        close([three.statistic, three.p], [R["means"]["three"]["F"], R["means"]["three"]["p"]])


def test_counts_are_compared_as_rao_and_scott_do() -> None:
    test = compare_clustered(EVENT, EYES["trt"], ID)
    assert test.test == "Rao-Scott chi-squared" and test.df == 1
    close(test.p, np.ravel(R["rao_scott"]["p"]))


def test_copies_of_rows_tell_nothing_new() -> None:
    """Obuchowski's variance of every row and its copy is DeLong's of the rows; so are C, AUC at a time and Brier."""
    time, event, score, other, own = doubled(TIME, EVENT, SCORE, OTHER, np.arange(len(TIME)))
    close(auc(event, score, clusters=own).variance, auc(EVENT, SCORE).variance, 1e-12)
    close(compare_auc(event, score, other, clusters=own).se, compare_auc(EVENT, SCORE, OTHER).se, 1e-12)
    assert compare_auc(event, score, other, clusters=own).method == "Obuchowski"
    close(concordance(time, event, score, clusters=own).se, concordance(TIME, EVENT, SCORE).se, 1e-12)
    survival = np.clip(1 - SCORE / 25, 0.01, 0.99)
    close(time_auc(time, event, score, 24, clusters=own).se, time_auc(TIME, EVENT, SCORE, 24).se, 1e-12)
    close(compare_time_auc(time, event, score, other, 24, clusters=own).se,
          compare_time_auc(TIME, EVENT, SCORE, OTHER, 24).se, 1e-12)
    close(brier_at(time, event, np.tile(survival, 2), 24, own).se, brier_at(TIME, EVENT, survival, 24).se, 1e-12)


def obuchowski(outcome: np.ndarray, score: np.ndarray, clusters: np.ndarray) -> float:
    """Return the variance as the paper writes it, cluster by cluster and pair by pair."""
    high, low = score[outcome == 1], score[outcome == 0]
    kernel = (high[:, None] > low) + 0.5 * (high[:, None] == low)
    area, m, n = kernel.mean(), len(high), len(low)
    names = np.unique(clusters)
    above = np.array([(kernel.mean(axis=1)[clusters[outcome == 1] == name] - area).sum() for name in names])
    below = np.array([(kernel.mean(axis=0)[clusters[outcome == 0] == name] - area).sum() for name in names])
    with_high = len(np.unique(clusters[outcome == 1]))
    with_low = len(np.unique(clusters[outcome == 0]))
    s10 = with_high / ((with_high - 1) * m) * (above**2).sum()
    s01 = with_low / ((with_low - 1) * n) * (below**2).sum()
    s11 = len(names) / (len(names) - 1) * (above * below).sum()
    return float(s10 / m + s01 / n + 2 * s11 / (m * n))


def test_clusters_that_each_balance_leave_nothing_to_test_by() -> None:
    with pytest.raises(CohortError, match="balance each other; there is no variance to test by"):
        compare_clustered([0, 0, 1, 1, 0, 0, 1, 1], [0, 1] * 4, [0, 0, 1, 1, 2, 2, 3, 3])


def test_the_clustered_auc_is_obuchowskis_formula() -> None:
    area = auc(EVENT, SCORE, clusters=ID)
    close([area.auc, area.variance], [auc(EVENT, SCORE).auc, obuchowski(EVENT, SCORE, ID)], 1e-12)


def test_calibration_takes_copies_for_one() -> None:
    predicted = np.where(np.median(SCORE) < SCORE, 0.7, 0.3)
    outcome, twice, own = doubled(EVENT, predicted, np.arange(len(EVENT)))
    once = calibrate_probability(EVENT, predicted, 2)
    for copies, single in zip(calibrate_probability(outcome, twice, 2, clusters=own), once, strict=True):
        assert copies.n == 2 * single.n and copies.observed == single.observed
        close(copies.se, single.se * (single.n / (single.n - 1)) ** 0.5, 1e-9)


def test_proportional_hazards_of_copies_is_a_score_test() -> None:
    """The variance is that of whole clusters: every row twice, in the same clusters, leaves the test as it is."""
    x = EYES[TERMS["eyes"]].to_numpy(float)
    own = np.repeat(np.arange(len(x) // 2 + 1), 2)[:len(x)]
    tables = []
    for copies in (1, 2):
        time, event, clusters = (np.tile(values, copies) for values in (TIME, EVENT, own))
        rows = np.tile(x, (copies, 1))
        model = fit_cox(time, event, rows, TERMS["eyes"], "breslow", clusters=clusters)
        tables.append(proportional_hazards(model, time, event, rows, "identity", clusters=clusters))
    for one, two in zip([*tables[0].tests, tables[0].together], [*tables[1].tests, tables[1].together], strict=True):
        close(two.statistic, one.statistic, 1e-8)


@pytest.mark.parametrize("name, terms, case", [("eyes", ["trt", "risk"], [1.0, 9.0]),
                                               ("bladder", ["rx", "number"], [1.0, 3.0])])
def test_a_predicted_curve_moves_with_the_clusters_weights(name: str, terms: list[str], case: list[float]) -> None:
    """A case's cumulative hazard moves with the clusters' weights as R's weighted fits do (central differences)."""
    data, known = TABLES[name], R["baseline"][name]
    time, event, clusters = (data[column].to_numpy(float) for column in ("time", "status", "id"))
    x = data[terms].to_numpy(float)
    model = fit_cox(time, event, x, clusters=clusters)
    assert model.naive_covariance is not None
    uncertain = hazard_uncertainty(time, event, x, model.coefficients, "efron", 1000,
                                   Robust(clusters, model.naive_covariance, model.covariance))
    places = np.searchsorted(uncertain.times, known["time"])
    close(uncertain.times[places], known["time"])
    distance = np.array(case) - uncertain.centre[places]
    variance = uncertain.variance[places] + np.einsum("tp,pq,tq->t", distance, model.covariance, distance)
    close(np.exp(model.linear_predictor([case])) * model.baseline_at_zero().at(known["time"]), known["cumhaz"])
    close(np.sqrt(variance) * known["cumhaz"], known["std_err"], 1e-6)


def test_the_search_of_a_cut_off_allows_for_clusters() -> None:
    score = np.random.default_rng(8).normal(size=len(TIME)) - 0.4 * np.log(TIME)
    plain, robust = (maximally_selected_cutoff(TIME, EVENT, score, clusters=given) for given in (None, ID))
    assert plain.p_clustered is None and plain.p == plain.p_lausen92
    assert robust.cutoff == plain.cutoff and robust.p == robust.p_clustered
    # Copies double the squared statistic, and the p value of clusters is of the rows once.
    time, event, twice, own = doubled(TIME, EVENT, score, np.arange(len(TIME)))
    copies = maximally_selected_cutoff(time, event, twice, clusters=own)
    assert copies.p_lausen92 < 0.2 * plain.p_lausen92
    assert copies.p == pytest.approx(plain.p_lausen94, abs=0.03)


def test_selection_counts_what_clusters_tell() -> None:
    """Copies in clusters: twice the log-likelihood and twice the penalty, so the choice is that of the rows once."""
    time, event, own = doubled(TIME, EVENT, np.arange(len(TIME)))
    x = EYES[["trt", "risk", "juvenile", "other"]]
    twice = pd.concat([x, x])
    assert backward_cox(time, event, twice, ties="breslow", clusters=own).kept == backward_cox(
        TIME, EVENT, x, ties="breslow").kept
    robust = backward_logistic(event, twice, clusters=own)
    assert robust.kept == backward_logistic(EVENT, x).kept
    model = fit_logistic(event, twice, clusters=own)
    assert model.criterion == pytest.approx(-2 * model.loglik + 2 * 2 * 5, rel=0.02)
    assert robust.trace[0].aic == model.criterion


def test_univariate_p_values_are_robust() -> None:
    rows = univariate_cox(TIME, EVENT, EYES[["trt", "risk"]], clusters=ID)
    for row, name in zip(rows, ("trt", "risk"), strict=True):
        assert row.p == fit_cox(TIME, EVENT, EYES[[name]], clusters=ID).p[0]


def test_a_bootstrap_draws_whole_clusters() -> None:
    generator, numbers = np.random.default_rng(1), cluster_numbers(ID, len(ID))
    assert numbers is not None
    sizes = np.bincount(numbers)
    for _ in range(5):
        drawn = resampled_rows(numbers, len(ID), generator)
        times = np.bincount(drawn, minlength=len(ID))
        assert all(len(set(times[numbers == number])) == 1 for number in range(len(sizes)))
        assert sum(times[numbers == number][0] for number in range(len(sizes))) == len(sizes)


def test_a_clustered_bootstrap_measures_the_clusters_optimism() -> None:
    """The mean's own squared error: its optimism is twice its variance, that of clusters where rows are copies."""
    values = np.random.default_rng(3).normal(size=60)
    copies, own = np.repeat(values, 4), np.repeat(np.arange(60), 4)

    def optimism(data: np.ndarray, clusters: np.ndarray | None) -> float:
        result = bootstrap_optimism(lambda rows: float(data[rows].mean()),
                                    lambda mean, rows: [-((data[rows] - mean) ** 2).mean()], len(data), 400, 5,
                                    clusters=clusters)
        return float(result.optimism[0])

    assert optimism(copies, own) == pytest.approx(optimism(values, None), rel=0.25)
    assert optimism(copies, None) < 0.5 * optimism(copies, own)


def test_shuffling_keeps_a_cluster_s_outcomes_together() -> None:
    generator, numbers = np.random.default_rng(2), cluster_numbers(ID, len(ID))
    assert numbers is not None
    rows = exchanged_rows(numbers, len(ID), generator)
    for number in range(numbers.max() + 1):
        assert len(set(numbers[rows[numbers == number]])) == 1
    assert (numbers[rows] != numbers).mean() > 0.9


def test_rows_of_their_own_are_what_they_are_without_clusters() -> None:
    """Every record is the same to the last bit, and holds no word of clusters."""
    own = np.arange(len(TIME))
    x = EYES[TERMS["eyes"]]
    pairs = [(fit_cox(TIME, EVENT, x, clusters=own), fit_cox(TIME, EVENT, x)),
             (fit_logistic(EVENT, x, clusters=own), fit_logistic(EVENT, x)),
             (kaplan_meier(TIME, EVENT, clusters=own), kaplan_meier(TIME, EVENT)),
             (log_rank(TIME, EVENT, EYES["trt"], own), log_rank(TIME, EVENT, EYES["trt"])),
             (auc(EVENT, SCORE, clusters=own), auc(EVENT, SCORE)),
             (time_auc(TIME, EVENT, SCORE, 24, clusters=own), time_auc(TIME, EVENT, SCORE, 24)),
             (compare_groups(SCORE, EYES["trt"], own), compare_groups(SCORE, EYES["trt"])),
             (maximally_selected_cutoff(TIME, EVENT, SCORE, clusters=own),
              maximally_selected_cutoff(TIME, EVENT, SCORE))]
    for given, plain in pairs:
        assert repr(given.to_dict()) == repr(plain.to_dict())
        assert "clusters" not in plain.to_dict() and "p_clustered" not in plain.to_dict()
        assert {field.name for field in fields(given)} >= set(plain.to_dict())


def test_what_clusters_cannot_tell_is_refused() -> None:
    few = np.repeat([0, 1, 2], len(TIME))[:len(TIME)] + (np.arange(len(TIME)) % 3)
    with pytest.raises(CohortError, match="more clusters than coefficients"):
        fit_cox(TIME, EVENT, EYES[TERMS["eyes"]], clusters=few)
    with pytest.raises(InputError, match="one value per row"):
        fit_cox(TIME, EVENT, EYES[TERMS["eyes"]], clusters=few[:-1])
    with pytest.raises(CohortError, match="two of each"):
        auc([0, 0, 1, 1], [1, 2, 3, 4], clusters=[1, 2, 3, 3])
    with pytest.raises(CohortError, match="at least two"):
        compare_groups([1.0, 2.0, 3.0], [0, 0, 1], [5, 5, 5])
