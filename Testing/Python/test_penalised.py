"""LASSO paths: optimality by another derivation, the limit without penalty, equivariance, folds, what is refused."""

from __future__ import annotations

import autograd.numpy as anp
import numpy as np
import pandas as pd
import pytest
from autograd import grad
from hypothesis import given, settings
from hypothesis import strategies as st
from lasso_cases import cox_path, logistic_path
from lifelines import CoxPHFitter
from scipy.special import expit, factorial, logsumexp
from sklearn.linear_model import LogisticRegression

from RadiomicsPrognosisLib.errors import Cancelled, CohortError, InputError, NotConverged
from RadiomicsPrognosisLib.statistics.penalised import cross_validate, stratified_folds
from RadiomicsPrognosisLib.statistics.penalised.likelihoods import CoxLikelihood

few = settings(max_examples=15, deadline=None)
seeds = st.integers(0, 10_000)


def survival(seed: int, n: int = 60, p: int = 25, tied: bool = True):
    """Return correlated columns, times (in whole months when tied) and events, two thirds of the rows."""
    generator = np.random.default_rng(seed)
    x = generator.normal(size=(n, 4)) @ generator.normal(size=(4, p)) + generator.normal(size=(n, p))
    time = generator.exponential(10.0 * np.exp(-0.5 * x[:, 0]))
    event = (generator.random(n) < 2 / 3).astype(int)
    event[:2] = 1
    return x, np.ceil(time) if tied else time, event


def binary(seed: int, n: int = 60, p: int = 25):
    x = survival(seed, n, p)[0]
    y = (x[:, 0] + np.random.default_rng(seed).logistic(size=n) > 0).astype(int)
    y[:2] = 0, 1
    return x, y


def log_partial_likelihood(beta, x, time, event, ties: str):
    """Return Cox's log partial likelihood, term by term as the textbooks write it."""
    risk, total = anp.exp(anp.dot(x, beta)), 0.0
    for moment in np.unique(time[event == 1]):
        dead, at_risk = (time == moment) & (event == 1), time >= moment
        for place in range(dead.sum()):
            spared = place / dead.sum() if ties == "efron" else 0.0
            total = total - anp.log(anp.sum(risk[at_risk]) - spared * anp.sum(risk[dead]))
        total = total + anp.sum(anp.dot(x[dead], beta))
    return total


def assert_optimal(path, slopes, x):
    """Assert the LASSO's optimality conditions for gradients ``slopes`` (p, L) of the loss on the raw scale."""
    slopes, active = slopes / x.std(axis=0)[:, None], path.coefficients != 0
    lambdas = np.broadcast_to(path.lambdas, slopes.shape)
    np.testing.assert_allclose(slopes[active], (-lambdas * np.sign(path.coefficients))[active], rtol=0, atol=1e-9)
    assert (np.abs(slopes) <= lambdas + 1e-9)[~active].all()


@pytest.mark.parametrize("ties", ["breslow", "efron"])
@few
@given(seed=seeds)
def test_cox_path_is_optimal_by_the_textbook_likelihood(ties, seed):
    x, time, event = survival(seed)
    path = cox_path(x, time, event, ties=ties, n_lambdas=8)
    loss = grad(lambda beta: -log_partial_likelihood(beta, x, time, event, ties) / len(x))
    assert_optimal(path, np.column_stack([loss(beta) for beta in path.coefficients.T]), x)
    null = log_partial_likelihood(np.zeros(x.shape[1]), x, time, event, ties)
    for k, beta in enumerate(path.coefficients.T):
        gain = 2.0 * (log_partial_likelihood(beta, x, time, event, ties) - null)
        assert path.dev_ratio[k] * path.null_deviance == pytest.approx(gain, abs=1e-9)


@few
@given(seed=seeds)
def test_logistic_path_is_optimal_and_its_intercept_free(seed):
    x, y = binary(seed)
    path = logistic_path(x, y, n_lambdas=20)
    residual = expit(x @ path.coefficients + path.intercepts) - y[:, None]
    assert_optimal(path, x.T @ residual / len(y), x)
    np.testing.assert_allclose(residual.mean(axis=0), 0.0, atol=1e-10)


def test_efron_limit_without_penalty_is_lifelines():
    x, time, event = survival(3, n=150, p=5)
    assert len(np.unique(time[event == 1])) < event.sum()
    frame = pd.DataFrame(x).assign(time=time, event=event)
    peer = CoxPHFitter().fit(frame, "time", "event", fit_options={"precision": 1e-13})
    path = cox_path(x, time, event, ties="efron", lambdas=[1e-3, 1e-6, 1e-10])
    np.testing.assert_allclose(path.coefficients[:, -1], peer.params_, rtol=0, atol=1e-7)
    chi_squared = peer.log_likelihood_ratio_test().test_statistic
    assert path.dev_ratio[-1] * path.null_deviance == pytest.approx(chi_squared, rel=1e-8)


def test_logistic_limit_without_penalty_is_scikit_learns():
    x, y = binary(3, n=150, p=5)
    peer = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-12).fit(x, y)
    path = logistic_path(x, y, lambdas=[1e-3, 1e-6, 1e-10])
    np.testing.assert_allclose(path.coefficients[:, -1], peer.coef_[0], rtol=0, atol=1e-7)
    assert path.intercepts[-1] == pytest.approx(peer.intercept_[0], abs=1e-7)


def test_efron_is_breslow_without_ties():
    x, time, event = survival(5, tied=False)
    np.testing.assert_allclose(cox_path(x, time, event, ties="efron").coefficients,
                               cox_path(x, time, event).coefficients, rtol=0, atol=1e-12)


@few
@given(seed=seeds, data=st.data())
def test_scaling_shifting_and_permuting_columns_and_rows(seed, data):
    x, time, event = survival(seed)
    generator = np.random.default_rng(data.draw(seeds))
    columns, rows = generator.permutation(x.shape[1]), generator.permutation(len(x))
    scale, shift = 10.0 ** generator.uniform(-4, 4, x.shape[1]), generator.normal(size=x.shape[1])
    path = cox_path(x, time, event, n_lambdas=20)
    # Only the order of the times counts.
    other = cox_path((scale * (x + shift))[:, columns][rows], np.sqrt(time[rows]), event[rows], n_lambdas=20)
    np.testing.assert_allclose(other.lambdas, path.lambdas, rtol=1e-10)
    np.testing.assert_allclose(other.coefficients * scale[columns, None], path.coefficients[columns], rtol=0, atol=1e-7)


@few
@given(seed=seeds)
def test_exchanging_the_classes_turns_the_signs(seed):
    x, y = binary(seed)
    one, other = logistic_path(x, y, n_lambdas=20), logistic_path(x, 1 - y, n_lambdas=20)
    np.testing.assert_allclose(one.coefficients, -other.coefficients, rtol=0, atol=1e-7)
    np.testing.assert_allclose(one.intercepts, -other.intercepts, rtol=0, atol=1e-7)


def test_constant_and_repeated_columns_keep_zero():
    x, time, event = survival(1, p=6)
    table = np.column_stack([x, np.full(len(x), 0.1), 3.0 - 1e3 * x[:, 0], x[:, 2]])
    path = cox_path(table, time, event)
    assert path.constant == (6,)
    assert path.twins == ((7, 0), (8, 2))
    assert not path.coefficients[6:].any()
    np.testing.assert_allclose(path.coefficients[:6], cox_path(x, time, event).coefficients, rtol=0, atol=1e-9)


@pytest.mark.parametrize("ties", ["breslow", "efron"])
def test_linearly_dependent_columns_are_solved(ties):
    x, time, event = survival(2, n=40, p=6)
    table = np.column_stack([x, x[:, 0] + x[:, 1], x[:, 2] - x[:, 3], x.sum(axis=1)])
    lambdas = np.geomspace(0.1, 1e-6, 12)
    path, plain = cox_path(table, time, event, ties=ties, lambdas=lambdas), cox_path(x, time, event, ties=ties,
                                                                                  lambdas=lambdas)
    assert path.kkt_residual.max() <= 1e-9
    # The same space of predictors: as the penalty vanishes, the same fit.
    assert path.dev_ratio[-1] == pytest.approx(plain.dev_ratio[-1], abs=1e-6)


def test_perfect_separation_ends_a_path_that_says_so():
    x, _ = binary(4)
    path = logistic_path(x, x[:, 0] > 0)
    assert path.dev_ratio[-1] > 0.999 > path.dev_ratio[-2]
    assert "99.9 %" in path.end
    time, event = np.exp(-3.0 * x[:, 0]), np.ones(len(x))
    assert cox_path(x, time, event).kkt_residual.max() <= 1e-9
    with pytest.raises(NotConverged, match="lambda = 1e-10"):
        cox_path(x, time, event, lambdas=[1e-10])


def test_a_path_of_its_own_ends_before_a_penalty_that_cannot_be_solved():
    """The risk falls so steeply with time that hazard ratios leave double precision (e^700) while the path runs."""
    x = np.random.default_rng(0).normal(size=(60, 8))
    path = cox_path(x, np.exp(-3.0 * x[:, 0]), np.ones(60))
    assert "cannot be solved" in path.end
    assert len(path.lambdas) < 100
    assert path.kkt_residual.max() <= 1e-9


@pytest.mark.parametrize("ties", ["breslow", "efron"])
def test_deviance_is_right_where_hazard_ratios_leave_double_precision(ties):
    """Coefficients meet rows they were not fitted to: an outlier's risk may be e^1000 times another's."""
    _, time, event = survival(1)
    predictor = np.random.default_rng(1).normal(scale=500.0, size=60)
    likelihood, deviance = CoxLikelihood(time, event, ties), 0.0
    for moment in np.unique(time[event == 1]):
        dead, at_risk = (time == moment) & (event == 1), time >= moment
        count = int(dead.sum())
        for place in range(count):
            weights = at_risk - (place / count if ties == "efron" else 0.0) * dead
            deviance += 2.0 * logsumexp(predictor, b=weights)
        saturated = -np.log(factorial(count)) if ties == "efron" else -count * np.log(count)
        deviance += 2.0 * (saturated - predictor[dead].sum())
    deviances = likelihood.deviances(np.column_stack([predictor, np.zeros(60)])[likelihood.order])
    assert deviances[0] == pytest.approx(deviance, rel=1e-12)


@pytest.mark.parametrize(("change", "error", "words"), [
    (lambda x, t, e: (x, t, 0 * e), CohortError, "no row has an event"),
    (lambda x, t, e: (x, -t, e), CohortError, "time is negative"),
    (lambda x, t, e: (x, t, e + 1), CohortError, "must be 0 or 1"),
    (lambda x, t, e: (np.ones_like(x), t, e), CohortError, "all 25 columns are constant"),
    (lambda x, t, e: (np.where(np.arange(25) == 3, np.nan, x), t, e), CohortError, "column f3: missing"),
    (lambda x, t, e: (np.where(np.arange(25) == 3, 1e200 * x, x), t, e), CohortError, "column f3: the spread"),
    (lambda x, t, e: (x, np.where(t == t[5], np.inf, t), e), CohortError, "time is missing or infinite"),
    (lambda x, t, e: (x, np.arange(60), np.arange(60) == 59), CohortError, "every gradient is zero"),
    (lambda x, t, e: (x, t[:-1], e), InputError, "one column of 60 rows"),
    (lambda x, t, e: (x.astype(str).astype(object) + "?", t, e), InputError, "not a number")])
def test_unusable_cox_input_is_refused(change, error, words):
    with pytest.raises(error, match=words):
        cox_path(*change(*survival(1)), names=[f"f{j}" for j in range(25)])


@pytest.mark.parametrize(("options", "words"), [
    ({"ties": "exact"}, "ties = 'exact'"), ({"n_lambdas": 1}, "n_lambdas = 1"), ({"names": ["a"]}, "1 names"),
    ({"lambda_min_ratio": 1.0}, "lambda_min_ratio = 1.0"), ({"lambdas": [0.1, 0.2]}, "must fall"),
    ({"lambdas": [0.1, 0.0]}, "positive numbers")])
def test_impossible_options_are_refused(options, words):
    with pytest.raises(InputError, match=words):
        cox_path(*survival(1), **options)


def test_one_class_is_refused():
    x, y = binary(1)
    with pytest.raises(CohortError, match="all 60 rows have outcome 1"):
        logistic_path(x, np.ones_like(y))


@pytest.mark.parametrize(("family", "folds", "options", "words"), [
    ("cox", 12, {"grouped": False}, "grouped = False needs"), ("cox", 5, {"measure": "auc"}, "not one of family 'cox'"),
    ("cox", 5, {"measure": "C", "grouped": False}, "only per fold"),
    ("logistic", 12, {"measure": "auc"}, "the AUC needs"), ("logistic", 30, {}, "grouped = False"),
    ("logistic", 2, {}, "at least 3"), ("linear", 5, {}, "family = 'linear'")])
def test_cross_validation_refuses_what_does_not_fit(family, folds, options, words):
    x, time, event = survival(1)
    outcome = (time, event) if family == "cox" else event
    with pytest.raises(InputError, match=words):
        cross_validate(family, x, outcome, np.arange(60) % folds, **options)


def test_a_fold_that_cannot_be_used_is_named():
    x, time, event = survival(1)
    folds = np.where(event == 1, np.arange(60) % 4, 4)
    with pytest.raises(CohortError, match=r"fold 5 of 5 \(\d+ rows\): it has no event"):
        cross_validate("cox", x, (time, event), folds)
    with pytest.raises(CohortError, match=r"fold 1 of 5 \(\d+ rows\): its rows are all of one class"):
        cross_validate("logistic", x, event, folds, measure="auc")


def test_repeated_runs_give_the_same_bytes():
    x, time, event = survival(1)
    folds = stratified_folds(event, 5, seed=3)
    one, other = (cross_validate("cox", x, (time, event), folds, ties="efron") for _ in range(2))
    assert one.cvm.tobytes() == other.cvm.tobytes()
    assert one.path.coefficients.tobytes() == other.path.coefficients.tobytes()


def test_progress_rises_to_one_and_can_cancel():
    x, time, event = survival(1)
    folds, reports = stratified_folds(event, 5, seed=3), []
    cross_validate("cox", x, (time, event), folds, n_lambdas=10, progress=lambda *report: reports.append(report))
    shares = [share for share, _ in reports]
    assert shares == sorted(shares)
    assert shares[0] == 0.0 and shares[-1] == 1.0
    assert any(text.startswith("fold 2 of 5") for _, text in reports)

    def cancel(share: float, text: str) -> None:
        if share > 0.5:
            raise Cancelled

    with pytest.raises(Cancelled):
        cross_validate("cox", x, (time, event), folds, progress=cancel)


@given(sizes=st.lists(st.integers(1, 40), min_size=1, max_size=4), k=st.integers(2, 10), seed=seeds)
def test_stratified_folds_are_even_and_repeatable(sizes, k, seed):
    strata = np.repeat(np.arange(len(sizes)), sizes)
    if k > len(strata):
        with pytest.raises(InputError, match="cannot make k"):
            stratified_folds(strata, k, seed)
        return
    folds = stratified_folds(strata, k, seed)
    assert np.ptp(np.bincount(folds, minlength=k + 1)[1:]) <= 1
    for stratum in np.unique(strata):
        assert np.ptp(np.bincount(folds[strata == stratum], minlength=k + 1)[1:]) <= 1
    np.testing.assert_array_equal(folds, stratified_folds(strata, k, seed))
