"""LASSO paths and cross-validation against R's glmnet: statistics/fx01 and fx02 ('tight'), fx13 (near rounding)."""

from __future__ import annotations

from functools import cache

import fixtures
import numpy as np
import pandas as pd
import pytest
from fixtures import reference
from lasso_cases import cox_path, logistic_path
from scipy.special import expit

from RadiomicsPrognosisLib.statistics.penalised import CrossValidation, cross_validate

TABLES = ("wpbc", "vdv150")
# R's own distance from the optimum at fx01's and fx02's thresholds; fx13 shows it to vanish as the threshold does.
TIGHT = 2e-5
TIGHT_COLLINEAR_LOGISTIC = 7e-5
NEAR_ROUNDING = 5e-7


@cache
def table(name: str) -> pd.DataFrame:
    return pd.DataFrame(fixtures.columns(f"fx_{name}"))


@cache
def fitted(family: str, name: str, measure: str = "deviance", grouped: bool = True, n_lambdas: int = 100,
           ratio: float | None = None) -> CrossValidation:
    data = table(name)
    columns = data.columns[3:]
    outcome = (data["time"], data["status"]) if family == "cox" else data["status"]
    return cross_validate(family, data[columns], outcome, data["foldid"], measure=measure, grouped=grouped,
                          names=columns, n_lambdas=n_lambdas, lambda_min_ratio=ratio)


def assert_coefficients(name: str, result: np.ndarray, expected: dict | list, tolerance: float) -> None:
    """Compare raw-scale coefficients on the standardised scale; R writes an empty list for the null model."""
    columns = table(name)[table(name).columns[3:]]
    wanted = np.array([dict(expected or {}).get(column, 0.0) for column in columns])
    np.testing.assert_allclose(result * columns.std(ddof=0), wanted * columns.std(ddof=0), rtol=0, atol=tolerance)


@pytest.mark.parametrize("name", TABLES)
def test_cox_path_is_glmnets(name):
    expected, path = reference(f"fx01_coxnet_{name}")["tight"], fitted("cox", name).path
    to_min = expected["index_min"]
    assert path.null_deviance == pytest.approx(expected["nulldev"], rel=1e-12)
    # glmnet's own first penalty is off by its convergence: 7e-9.
    np.testing.assert_allclose(path.lambdas, expected["lambda"], rtol=1e-8)
    np.testing.assert_allclose(path.dev_ratio[:to_min], expected["dev_ratio"][:to_min], rtol=0, atol=1e-6)
    np.testing.assert_array_equal(path.df[:to_min], expected["df"][:to_min])
    for point in expected["coef_at"]:
        if point["index"] <= to_min:
            assert_coefficients(name, path.coefficients[:, point["index"] - 1], point["coef"], TIGHT)
    assert path.kkt_residual.max() <= 1e-9


@pytest.mark.parametrize("name", TABLES)
def test_cox_cross_validation_is_glmnets(name):
    expected, result = reference(f"fx01_coxnet_{name}")["tight"], fitted("cox", name)
    to_min = expected["index_min"]
    assert (result.index_min + 1, result.index_1se + 1) == (expected["index_min"], expected["index_1se"])
    np.testing.assert_allclose(result.cvm[:to_min], expected["cvm"][:to_min], rtol=1e-5)
    np.testing.assert_allclose(result.cvsd[:to_min], expected["cvsd"][:to_min], rtol=1e-4)
    assert_coefficients(name, result.coefficients("min"), expected["coef_min"], TIGHT)
    assert_coefficients(name, result.coefficients("1se"), expected["coef_1se"], TIGHT)
    predictors = table(name)[table(name).columns[3:]].to_numpy() @ result.coefficients("min")
    np.testing.assert_allclose(predictors, expected["lp_at_min"], rtol=0, atol=5e-5)


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize(("key", "options", "tolerance"), [
    # R's distance from the optimum moves its ungrouped curve by 1.2e-5 (fx13: 5e-8).
    ("ungrouped", {"grouped": False}, 2e-5),
    ("C", {"measure": "C"}, 1e-12)])
def test_other_cox_measures_are_glmnets(name, key, options, tolerance):
    expected, result = reference(f"fx01_coxnet_{name}")["tight"], fitted("cox", name, **options)
    expected, to_min = expected[key], expected["index_min"]
    np.testing.assert_allclose(result.cvm[:to_min], expected["cvm"][:to_min], rtol=tolerance)
    assert result.path.lambdas[result.index("min")] == pytest.approx(expected["lambda_min"], rel=1e-8)
    assert result.path.lambdas[result.index("1se")] == pytest.approx(expected["lambda_1se"], rel=1e-8)


@pytest.mark.parametrize("name", TABLES)
def test_logistic_path_is_glmnets(name):
    expected, path = reference(f"fx02_lognet_{name}")["tight"], fitted("logistic", name, ratio=0.01).path
    assert path.null_deviance == pytest.approx(expected["nulldev"], rel=1e-12)
    np.testing.assert_allclose(path.lambdas, expected["lambda"], rtol=1e-12)
    np.testing.assert_allclose(path.dev_ratio, expected["dev_ratio"], rtol=0, atol=2e-6)
    np.testing.assert_array_equal(path.df, expected["df"])
    assert path.kkt_residual.max() <= 1e-9


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize(("measure", "tolerance"), [("deviance", 1e-5), ("auc", 1e-12), ("class", 1e-12)])
def test_logistic_cross_validation_is_glmnets(name, measure, tolerance):
    expected = reference(f"fx02_lognet_{name}")["tight"][measure]
    result = fitted("logistic", name, measure, ratio=0.01)
    upto = expected["index_min"] if measure == "deviance" else None
    np.testing.assert_allclose(result.cvm[:upto], expected["cvm"][:upto], rtol=tolerance)
    np.testing.assert_allclose(result.cvsd[:upto], expected["cvsd"][:upto], rtol=10 * tolerance)
    assert (result.index_min + 1, result.index_1se + 1) == (expected["index_min"], expected["index_1se"])
    if measure == "deviance":
        tolerance = TIGHT if name == "vdv150" else TIGHT_COLLINEAR_LOGISTIC
        assert_coefficients(name, result.coefficients("min"), expected["coef_min"], tolerance)
        assert_coefficients(name, result.coefficients("1se"), expected["coef_1se"], tolerance)


@pytest.mark.parametrize("key", reference("fx13_penalised_tight")["fits"])
def test_equals_glmnet_near_rounding(key):
    expected = reference("fx13_penalised_tight")["fits"][key]
    name, family = expected["name"], "cox" if expected["family"] == "cox" else "logistic"
    result = fitted(family, name, "deviance", not key.endswith("ungrouped"), expected["n_lambdas"],
                   expected["lambda_min_ratio"])
    np.testing.assert_allclose(result.path.dev_ratio, expected["dev_ratio"], rtol=0, atol=2e-8)
    np.testing.assert_allclose(result.cvm, expected["cvm"], rtol=1e-7)
    np.testing.assert_allclose(result.cvsd, expected["cvsd"], rtol=NEAR_ROUNDING)
    np.testing.assert_array_equal(result.path.df, expected["df"])
    assert (result.index_min + 1, result.index_1se + 1) == (expected["index_min"], expected["index_1se"])
    np.testing.assert_allclose(result.path.intercepts, expected["intercept"], rtol=0, atol=NEAR_ROUNDING)
    assert_coefficients(name, result.coefficients("min"), expected["coef"]["min"], NEAR_ROUNDING)
    assert_coefficients(name, result.path.coefficients[:, -1], expected["coef"]["last"], NEAR_ROUNDING)


def test_path_ends_where_tight_r_ends():
    """glmnet ends this path after 84 of 100 lambdas because the deviance stalls."""
    path = fitted("cox", "wpbc").path
    assert len(path.lambdas) == len(reference("fx01_coxnet_wpbc")["tight"]["lambda"]) == 84
    assert "hardly explain more" in path.end


def test_given_lambdas_are_all_used():
    data = table("wpbc")
    columns, own = data[data.columns[3:]], fitted("cox", "wpbc").path
    path = cox_path(columns, data["time"], data["status"], lambdas=[own.lambdas[5], own.lambdas[50], 1e-7])
    np.testing.assert_allclose(path.coefficients[:, :2], own.coefficients[:, [5, 50]], rtol=0, atol=1e-6)
    assert len(path.lambdas) == 3


def test_null_model_is_put_into_words():
    result = fitted("cox", "wpbc")
    assert result.selected("1se") == {}
    assert result.describe("1se").startswith("No feature is selected at lambda.1se")
    assert "selects 5 of 32 features" in result.describe("min")
    assert list(result.selected("min")) == ["mean_symmetry", "mean_fractaldim", "worst_perimeter", "tsize", "pnodes"]


def test_logistic_predictions_include_the_intercept():
    """At every penalty the mean predicted probability is the share of cases: the intercept is not penalised."""
    data = table("vdv150")
    columns = data[data.columns[3:]].to_numpy()
    path = logistic_path(columns, data["status"])
    probability = expit(columns @ path.coefficients + path.intercepts)
    np.testing.assert_allclose(probability.mean(axis=0), data["status"].mean(), rtol=1e-9)
