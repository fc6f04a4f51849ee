"""Develop one signature from training rows: filters, LASSO or random forest, and the score that follows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ...errors import CohortError, InputError
from ...progress import Progress
from ...protocol import load_protocol
from ...statistics.cox import fit_cox
from ...statistics.logistic import fit_logistic
from ...statistics.multiplicity import adjusted
from ...statistics.penalised import CrossValidation, cross_validate
from ...statistics.redundancy import drop_redundant
from ...statistics.univariate import compare_groups, univariate_cox
from ..recipe.recipe import Recipe, SignatureSpec
from ..results import outcome
from ..rows.data import RESERVED, EndpointData
from ..rows.split import patient_folds


@dataclass(frozen=True, eq=False)
class Training:
    """The rows a signature learns from: candidate values ``x`` (n, p) of ``columns``, endpoint, patients, fold ids."""

    x: np.ndarray
    columns: tuple[str, ...]
    endpoint: EndpointData
    patients: np.ndarray
    fold_ids: np.ndarray | None = None

    def rows(self, which: np.ndarray) -> Training:
        """Return the same of some rows (mask or numbers)."""
        return replace(self, x=self.x[which], endpoint=self.endpoint.rows(which), patients=self.patients[which],
                       fold_ids=None if self.fold_ids is None else self.fold_ids[which])


@dataclass(frozen=True, eq=False)
class _Candidates:
    """Features still in the running: values (n, p), names, means and sds (p,) of the scaling (None: raw)."""

    x: np.ndarray
    names: tuple[str, ...]
    steps: tuple[outcome.SelectionStep, ...]
    p: np.ndarray | None = None

    def keep(self, kept: Sequence[str], step: str, text: str, p: np.ndarray | None = None) -> _Candidates:
        wanted = set(kept)
        which = np.array([name in wanted for name in self.names], dtype=bool)
        p = self.p if p is None else p
        made = outcome.SelectionStep(step, len(self.names), int(which.sum()), text)
        return _Candidates(self.x[:, which], tuple(np.array(self.names, object)[which]), (*self.steps, made),
                           None if p is None else p[which])


def column_of(recipe: Recipe, spec: SignatureSpec, feature: str) -> str:
    """Return the table's column of a feature: preceded by ``input:`` when the recipe has several inputs."""
    return feature if len(recipe.inputs) == 1 else f"{spec.input or recipe.inputs[0].name}:{feature}"


def candidate_features(recipe: Recipe, spec: SignatureSpec, table: pd.DataFrame,
                       earlier: dict[str, outcome.SignatureOutcome]) -> tuple[str, ...]:
    """Return the names of the features that ``spec`` starts from. Raises CohortError for columns that are absent."""
    rule = spec.features
    if rule.pattern:
        prefix = column_of(recipe, spec, "")
        others = RESERVED | {item.name for item in recipe.covariates} | {recipe.split.column, *recipe.split.stratify}
        others |= {column for endpoint in recipe.endpoints for column in endpoint.columns}
        found = [column.removeprefix(prefix) for column in map(str, table.columns)
                 if column.startswith(prefix) and column not in others]
        names = [name for name in found if re.fullmatch(rule.pattern, name)]
        if not names:
            raise CohortError(f"No column of the cohort matches the features of signature '{spec.id}' "
                              f"({prefix}{rule.pattern}).")
        return tuple(names)
    if rule.signature:
        return tuple(term.feature for term in earlier[rule.signature].terms)
    names = list(load_protocol(recipe.protocol).feature_names() if rule.protocol else rule.names)
    absent = [name for name in names if column_of(recipe, spec, name) not in table]
    if absent:
        raise CohortError(f"The cohort lacks {len(absent)} of the {len(names)} features of signature '{spec.id}', "
                          f"first '{column_of(recipe, spec, absent[0])}'; extract them under the recipe's protocol.")
    return tuple(names)


def develop(recipe: Recipe, spec: SignatureSpec, training: Training, reproducible: Sequence[str] | None, seed: int,
            progress: Progress | None = None) -> outcome.SignatureOutcome:
    """Return the signature that ``training`` gives.

    Nothing selected, or a refit that the data do not allow (perfect separation, more features than events), is an
    outcome with ``reason`` and no terms. ``training.columns`` are feature names; ``reproducible`` are those the
    reproducibility filter keeps. Raises CohortError for rows that cannot be used: a missing value (unless the recipe
    leaves such features out), all features constant, too few events for the folds.
    """
    start = outcome.SelectionStep("features", len(training.columns), len(training.columns),
                                  f"{len(training.columns)} candidate features.")
    found = _Candidates(training.x, training.columns, (start,))
    if reproducible is not None:
        found = found.keep(reproducible, "reproducibility", "Features that are reproducible over readings are kept.")
    found = _complete(found, spec)
    found, means, sds = _scaled(found, spec)
    survival = recipe.endpoint(spec.endpoint).is_survival
    if spec.univariate:
        found = _univariate(found, spec, training.endpoint, survival)
    if spec.redundancy and len(found.names):
        by_p = spec.redundancy.prefer == "lowest p"
        result = drop_redundant(found.x, spec.redundancy.threshold, found.names, found.p if by_p else None)
        found = found.keep(result.kept, "redundancy", f"{len(result.dropped)} features with |Spearman's rho| >= "
                           f"{result.threshold:g} to a preferred one ({spec.redundancy.prefer}) are dropped.")
    blank = outcome.SignatureOutcome(spec.id, spec.title, spec.endpoint, found.steps, None, None, 0.0, (),
                                     n=len(training.x), events=int(training.endpoint.positive.sum()))
    if not found.names:
        return replace(blank, reason=f"No feature of '{spec.id}' is left after the {found.steps[-1].name} filter.")
    made, chosen, coefficients, intercept = _select(found, spec, blank, training, survival, seed, progress)
    if made.reason:
        return made
    if spec.score == "refitted":
        try:
            coefficients, intercept = _refit(found, chosen, training.endpoint, survival)
        except InputError as error:
            return replace(made, reason=f"The {len(chosen)} selected features of '{spec.id}' cannot be fitted without "
                                        f"penalty: {error}")
    terms = tuple(outcome.SignatureTerm(found.names[j], spec.input or recipe.inputs[0].name, float(coefficients[j]),
                                        means.get(found.names[j]), sds.get(found.names[j])) for j in chosen)
    return replace(made, intercept=float(intercept), terms=terms)


def _complete(found: _Candidates, spec: SignatureSpec) -> _Candidates:
    missing = ~np.isfinite(found.x).all(axis=0)
    if not missing.any():
        return found
    names = np.array(found.names, object)
    if spec.features.missing == "refuse":
        rows = int((~np.isfinite(found.x)).any(axis=1).sum())
        raise CohortError(f"{int(missing.sum())} features of signature '{spec.id}' have missing values in {rows} "
                          f"training rows (first: {names[missing][0]}); complete or remove those rows, or let the "
                          "recipe leave such features out (features.missing).")
    return found.keep(names[~missing], "missing", "Features with a missing value in a training row are left out.")


def _scaled(found: _Candidates, spec: SignatureSpec) -> tuple[_Candidates, dict[str, float], dict[str, float]]:
    """Drop constant features and z-score the others with the rows' own means and SDs (n - 1, as R's scale)."""
    means, sds = found.x.mean(axis=0), found.x.std(axis=0, ddof=1)
    # A spread within rounding of the mean is a constant feature: a z-score would divide by noise.
    varies = sds > 1e-12 * np.maximum(np.abs(means), np.finfo(float).tiny)
    if not varies.any():
        raise CohortError(f"All {len(found.names)} features of signature '{spec.id}' are constant in the "
                          f"{len(found.x)} training rows; nothing can be selected.")
    if not varies.all():
        names = np.array(found.names, object)[varies]
        found = found.keep(names, "constant", "Features with one value in all training rows are left out.")
    if spec.scaling == "none":
        return found, {}, {}
    means, sds = means[varies], sds[varies]
    scaled = replace(found, x=(found.x - means) / sds)
    return (scaled, dict(zip(found.names, means.tolist(), strict=True)),
            dict(zip(found.names, sds.tolist(), strict=True)))


def _univariate(found: _Candidates, spec: SignatureSpec, endpoint: EndpointData, survival: bool) -> _Candidates:
    rule = spec.univariate
    if survival:
        p = np.array([row.p for row in univariate_cox(endpoint.time, endpoint.event, found.x, found.names)])
    else:
        p = np.array([compare_groups(column, endpoint.outcome).p for column in found.x.T])
    test = "Cox regression" if survival else "t or Mann-Whitney test"
    kept = [name for name, value in zip(found.names, adjusted(p, rule.adjustment), strict=True)
            if value <= rule.p_at_most]
    text = f"{test}, p <= {rule.p_at_most:g}" + (f" ({rule.adjustment})" if rule.adjustment != "none" else "") + "."
    # The p values as they are rank the features: adjusted ones are tied.
    return found.keep(kept, "univariate", text, p)


def _select(found: _Candidates, spec: SignatureSpec, blank: outcome.SignatureOutcome, training: Training,
            survival: bool, seed: int,
            progress: Progress | None) -> tuple[outcome.SignatureOutcome, np.ndarray, np.ndarray, float]:
    """Return the outcome with its selection, the numbers of the selected columns, and the LASSO's coefficients (p,) and
    intercept (0 without LASSO)."""
    none = np.zeros(len(found.names))
    if spec.penalised:
        result, rule = _penalised(found, spec, training, survival, seed, progress)
        record = _penalised_record(result, spec, rule)
        step = outcome.SelectionStep("LASSO", len(found.names), len(result.selected(rule)), record.text)
        made = replace(blank, penalised=record, steps=(*found.steps, step),
                       reason="" if result.selected(rule) else record.text)
        coefficients = result.coefficients(rule)
        return made, np.flatnonzero(coefficients), coefficients, result.intercept(rule)
    if spec.forest:
        record = _forest(found, spec, training.endpoint.outcome, seed)
        step = outcome.SelectionStep("random forest", len(found.names), record.selected, record.text)
        chosen = np.sort([found.names.index(name) for name in record.features[:record.selected]])
        return replace(blank, forest=record, steps=(*found.steps, step)), chosen, none, 0.0
    return blank, np.arange(len(found.names)), none, 0.0


def _penalised(found: _Candidates, spec: SignatureSpec, training: Training, survival: bool, seed: int,
               progress: Progress | None) -> tuple[CrossValidation, str]:
    rule = spec.penalised
    folds = training.fold_ids
    if folds is None:
        folds = patient_folds(training.patients, training.endpoint.positive, rule.folds, seed)
    result = cross_validate("cox" if survival else "logistic", found.x, training.endpoint.target, folds,
                            measure=rule.measure, ties=rule.ties, names=found.names, progress=progress)
    fall_back = rule.rule == "1se" and rule.if_nothing == "min" and not result.selected("1se")
    return result, "min" if fall_back else rule.rule


def _penalised_record(result: CrossValidation, spec: SignatureSpec, used: str) -> outcome.PenalisedSelection:
    path, rule = result.path, spec.penalised.rule
    ever = np.flatnonzero((path.coefficients != 0).any(axis=1))
    text = result.describe(rule)
    if used != rule:
        text += f" The recipe falls back on lambda.{used}: {result.describe(used)}"
    return outcome.PenalisedSelection(
        path.family, result.measure, len(np.unique(result.fold_ids)), path.ties, path.lambdas, result.cvm, result.cvsd,
        path.df, path.dev_ratio, tuple(path.names[j] for j in ever), path.coefficients[ever], result.index_min,
        result.index_1se, rule, used, text)


def _forest(found: _Candidates, spec: SignatureSpec, labels: np.ndarray, seed: int) -> outcome.ForestSelection:
    from sklearn.ensemble import RandomForestClassifier

    forest = RandomForestClassifier(spec.forest.trees, random_state=seed, n_jobs=1).fit(found.x, labels)
    order = np.argsort(-forest.feature_importances_, kind="stable")
    number = min(spec.forest.select, len(found.names))
    return outcome.ForestSelection(
        spec.forest.trees, tuple(found.names[j] for j in order), forest.feature_importances_[order], number,
        f"The {number} features of highest importance in a random forest of {spec.forest.trees} trees are kept.")


def _refit(found: _Candidates, chosen: np.ndarray, endpoint: EndpointData, survival: bool) -> tuple[np.ndarray, float]:
    names = [found.names[j] for j in chosen]
    coefficients = np.zeros(len(found.names))
    if survival:
        coefficients[chosen] = fit_cox(endpoint.time, endpoint.event, found.x[:, chosen], names).coefficients
        return coefficients, 0.0
    fit = fit_logistic(endpoint.outcome, found.x[:, chosen], names)
    coefficients[chosen] = fit.coefficients[1:]
    return coefficients, float(fit.coefficients[0])


def values_of(recipe: Recipe, made: outcome.SignatureOutcome, table: pd.DataFrame) -> np.ndarray:
    """Return the terms' values (n, terms), z-scored where the signature is; NaN where the table has none."""
    spec = recipe.signature(made.id)
    x = table[[column_of(recipe, spec, term.feature) for term in made.terms]].to_numpy(float)
    if made.terms and made.terms[0].mean is not None:
        x = (x - [term.mean for term in made.terms]) / [term.sd for term in made.terms]
    return x


def scores_of(recipe: Recipe, made: outcome.SignatureOutcome, table: pd.DataFrame) -> np.ndarray:
    """Return the signature's score (n,) of every row; NaN where a feature is missing."""
    # Row by row, so that equal rows get equal scores to the last bit and count as ties.
    products = values_of(recipe, made, table) * [term.coefficient for term in made.terms]
    return made.intercept + products.sum(axis=1)
