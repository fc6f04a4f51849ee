"""Develop one signature from training rows: filters, LASSO or random forest, and the score that follows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ...cohort.columns import numeric_columns
from ...errors import CohortError, InputError
from ...models.predict import weighted_sum
from ...progress import Progress
from ...statistics.multiplicity import adjusted
from ...statistics.penalised import CrossValidation, cross_validate
from ...statistics.redundancy import drop_redundant
from ..endpoints import Observations
from ..recipe.recipe import ForestRule, PenalisedRule, Recipe, SignatureSpec, UnivariateFilter
from ..results import ForestSelection, PenalisedSelection, SelectedFeature, SelectionStep, SignatureResult
from ..rows.data import RESERVED
from ..rows.split import patient_folds


@dataclass(frozen=True, eq=False)
class Training:
    """The rows a signature learns from: candidate values ``x`` (n, p) of ``columns``, endpoint, patients, fold ids."""

    x: np.ndarray
    columns: tuple[str, ...]
    observed: Observations
    patients: np.ndarray
    fold_ids: np.ndarray | None = None

    def rows(self, which: np.ndarray) -> Training:
        """Return the same of some rows (mask or numbers)."""
        return replace(self, x=self.x[which], observed=self.observed.rows(which), patients=self.patients[which],
                       fold_ids=None if self.fold_ids is None else self.fold_ids[which])


@dataclass(frozen=True, eq=False)
class _Candidates:
    """Features still in the running: values (n, p), names, means and sds (p,) of the scaling (None: raw)."""

    x: np.ndarray
    names: tuple[str, ...]
    steps: tuple[SelectionStep, ...]
    p: np.ndarray | None = None

    def keep(self, kept: Sequence[str], step: str, text: str, p: np.ndarray | None = None) -> _Candidates:
        wanted = set(kept)
        which = np.array([name in wanted for name in self.names], dtype=bool)
        p = self.p if p is None else p
        record = SelectionStep(step, len(self.names), int(which.sum()), text)
        return _Candidates(self.x[:, which], tuple(np.array(self.names, object)[which]), (*self.steps, record),
                           None if p is None else p[which])


def candidate_features(recipe: Recipe, spec: SignatureSpec, table: pd.DataFrame,
                       earlier: Mapping[str, SignatureResult]) -> tuple[str, ...]:
    """Return the names of the features that ``spec`` starts from. Raises CohortError for columns that are absent."""
    rule = spec.features
    if rule.pattern:
        prefix = recipe.column_of(spec, "")
        others = RESERVED | {item.name for item in recipe.covariates} | {recipe.split.column, *recipe.split.stratify}
        others |= {column for endpoint in recipe.endpoints for column in endpoint.columns}
        own = [column.removeprefix(prefix) for column in map(str, table.columns)
               if column.startswith(prefix) and column not in others]
        names = [name for name in own if re.fullmatch(rule.pattern, name)]
        if not names:
            raise CohortError(f"No column of the cohort matches the features of signature '{spec.id}' "
                              f"({prefix}{rule.pattern}).")
        return tuple(names)
    if rule.signature:
        return tuple(term.feature for term in earlier[rule.signature].terms)
    names = list(recipe.protocol.feature_names() if rule.protocol and recipe.protocol else rule.names)
    absent = [name for name in names if recipe.column_of(spec, name) not in table]
    if absent:
        raise CohortError(f"The cohort lacks {len(absent)} of the {len(names)} features of signature '{spec.id}', "
                          f"first '{recipe.column_of(spec, absent[0])}'; extract them under the recipe's protocol.")
    return tuple(names)


def develop(recipe: Recipe, spec: SignatureSpec, training: Training, reproducible: Sequence[str] | None, seed: int,
            progress: Progress | None = None) -> SignatureResult:
    """Return the signature that ``training`` gives.

    Nothing selected, or a refit that the data do not allow (perfect separation, more features than events), is a result
    with ``reason`` and no terms. ``training.columns`` are feature names; ``reproducible`` are those the reproducibility
    filter keeps. Raises CohortError for rows that cannot be used: a missing value (unless the recipe leaves such
    features out), all features constant, too few events for the folds.
    """
    candidates, means, sds = _filtered(spec, training, reproducible)
    blank = SignatureResult(id=spec.id, title=spec.title, endpoint=spec.endpoint, steps=candidates.steps,
                            penalised=None, forest=None, intercept=0.0, terms=(), n=len(training.x),
                            events=int(training.observed.positive.sum()))
    if not candidates.names:
        return replace(blank, reason=f"No feature of '{spec.id}' is left after the {candidates.steps[-1].name} filter.")
    selection = _select(candidates, spec, blank, training, seed, progress)
    if selection.result.reason:
        return selection.result
    coefficients, intercept = selection.coefficients, selection.intercept
    if spec.score == "refitted":
        try:
            coefficients, intercept = _refit(candidates, selection.columns, training.observed)
        except InputError as error:
            return replace(selection.result, reason=f"The {len(selection.columns)} selected features of '{spec.id}' "
                                                    f"cannot be fitted without penalty: {error}")
    terms = tuple(SelectedFeature(candidates.names[j], recipe.input_of(spec), float(coefficients[j]),
                                  means.get(candidates.names[j]), sds.get(candidates.names[j]))
                  for j in selection.columns)
    return replace(selection.result, intercept=float(intercept), terms=terms)


def _filtered(spec: SignatureSpec, training: Training, reproducible: Sequence[str] | None
              ) -> tuple[_Candidates, dict[str, float], dict[str, float]]:
    """Return the candidates that every filter leaves, scaled, and the means and SDs of the scaling by name."""
    start = SelectionStep("features", len(training.columns), len(training.columns),
                          f"{len(training.columns)} candidate features.")
    candidates = _Candidates(training.x, training.columns, (start,))
    if reproducible is not None:
        candidates = candidates.keep(reproducible, "reproducibility",
                                     "Features that are reproducible over readings are kept.")
    candidates, means, sds = _scaled(_complete(candidates, spec), spec)
    if spec.univariate:
        candidates = _univariate(candidates, spec.univariate, training.observed)
    if spec.redundancy and len(candidates.names):
        by_p = spec.redundancy.prefer == "lowest p"
        result = drop_redundant(candidates.x, spec.redundancy.threshold, candidates.names,
                                candidates.p if by_p else None)
        candidates = candidates.keep(result.kept, "redundancy", f"{len(result.dropped)} features with |Spearman's rho| "
                                     f">= {result.threshold:g} to a preferred one ({spec.redundancy.prefer}) are "
                                     "dropped.")
    return candidates, means, sds


def _complete(candidates: _Candidates, spec: SignatureSpec) -> _Candidates:
    missing = ~np.isfinite(candidates.x).all(axis=0)
    if not missing.any():
        return candidates
    names = np.array(candidates.names, object)
    if spec.features.missing == "refuse":
        rows = int((~np.isfinite(candidates.x)).any(axis=1).sum())
        raise CohortError(f"{int(missing.sum())} features of signature '{spec.id}' have missing values in {rows} "
                          f"training rows (first: {names[missing][0]}); complete or remove those rows, or let the "
                          "recipe leave such features out (features.missing).")
    return candidates.keep(names[~missing], "missing", "Features with a missing value in a training row are left out.")


def _scaled(candidates: _Candidates, spec: SignatureSpec
            ) -> tuple[_Candidates, dict[str, float], dict[str, float]]:
    """Drop constant features and z-score the others with the rows' own means and SDs (n - 1, as R's scale)."""
    means, sds = candidates.x.mean(axis=0), candidates.x.std(axis=0, ddof=1)
    # A spread within rounding of the mean is a constant feature: a z-score would divide by noise.
    varies = sds > 1e-12 * np.maximum(np.abs(means), np.finfo(float).tiny)
    if not varies.any():
        raise CohortError(f"All {len(candidates.names)} features of signature '{spec.id}' are constant in the "
                          f"{len(candidates.x)} training rows; nothing can be selected.")
    if not varies.all():
        names = np.array(candidates.names, object)[varies]
        candidates = candidates.keep(names, "constant", "Features with one value in all training rows are left out.")
    if spec.scaling == "none":
        return candidates, {}, {}
    means, sds = means[varies], sds[varies]
    scaled = replace(candidates, x=(candidates.x - means) / sds)
    return (scaled, dict(zip(candidates.names, means.tolist(), strict=True)),
            dict(zip(candidates.names, sds.tolist(), strict=True)))


def _univariate(candidates: _Candidates, rule: UnivariateFilter, observed: Observations) -> _Candidates:
    test, p = observed.test_columns(candidates.x, candidates.names)
    kept = [name for name, value in zip(candidates.names, adjusted(p, rule.adjustment), strict=True)
            if value <= rule.p_at_most]
    text = f"{test}, p <= {rule.p_at_most:g}" + (f" ({rule.adjustment})" if rule.adjustment != "none" else "") + "."
    # The p values as they are rank the features: adjusted ones are tied.
    return candidates.keep(kept, "univariate", text, p)


@dataclass(frozen=True, eq=False)
class _Selection:
    """The ``result`` with its record of the selection, the numbers of the selected ``columns``, and the LASSO's
    ``coefficients`` (p,) and ``intercept`` (0 without LASSO)."""

    result: SignatureResult
    columns: np.ndarray
    coefficients: np.ndarray
    intercept: float = 0.0


def _select(candidates: _Candidates, spec: SignatureSpec, blank: SignatureResult, training: Training, seed: int,
            progress: Progress | None) -> _Selection:
    none = np.zeros(len(candidates.names))
    if spec.penalised:
        return _penalised(candidates, spec.penalised, blank, training, seed, progress)
    if spec.forest:
        record = _forest(candidates, spec.forest, training.observed.positive, seed)
        step = SelectionStep("random forest", len(candidates.names), record.selected, record.text)
        columns = np.sort([candidates.names.index(name) for name in record.features[:record.selected]])
        return _Selection(replace(blank, forest=record, steps=(*candidates.steps, step)), columns, none)
    return _Selection(blank, np.arange(len(candidates.names)), none)


def _penalised(candidates: _Candidates, rule: PenalisedRule, blank: SignatureResult, training: Training, seed: int,
               progress: Progress | None) -> _Selection:
    folds = training.fold_ids
    if folds is None:
        folds = patient_folds(training.patients, training.observed.positive, rule.folds, seed)
    result = cross_validate(training.observed.family, candidates.x, training.observed.target, folds,
                            measure=rule.measure, ties=rule.ties, names=candidates.names, progress=progress)
    fall_back = rule.rule == "1se" and rule.if_nothing == "min" and not result.selected("1se")
    used = "min" if fall_back else rule.rule
    record = _penalised_record(result, rule.rule, used)
    step = SelectionStep("LASSO", len(candidates.names), len(result.selected(used)), record.text)
    coefficients = result.coefficients(used)
    return _Selection(replace(blank, penalised=record, steps=(*candidates.steps, step),
                              reason="" if result.selected(used) else record.text),
                      np.flatnonzero(coefficients), coefficients, result.intercept(used))


def _penalised_record(result: CrossValidation, rule: str, used: str) -> PenalisedSelection:
    path = result.path
    ever = np.flatnonzero((path.coefficients != 0).any(axis=1))
    text = result.describe(rule)
    if used != rule:
        text += f" The recipe falls back on lambda.{used}: {result.describe(used)}"
    return PenalisedSelection(
        family=path.family, measure=result.measure, folds=len(np.unique(result.fold_ids)), ties=path.ties,
        lambdas=path.lambdas, cvm=result.cvm, cvsd=result.cvsd, df=path.df, dev_ratio=path.dev_ratio,
        features=tuple(path.names[j] for j in ever), coefficients=path.coefficients[ever], index_min=result.index_min,
        index_1se=result.index_1se, rule=rule, used_rule=used, text=text)


def _forest(candidates: _Candidates, rule: ForestRule, labels: np.ndarray, seed: int) -> ForestSelection:
    from sklearn.ensemble import RandomForestClassifier

    forest = RandomForestClassifier(rule.trees, random_state=seed, n_jobs=1).fit(candidates.x, labels)
    order = np.argsort(-forest.feature_importances_, kind="stable")
    number = min(rule.select, len(candidates.names))
    return ForestSelection(
        rule.trees, tuple(candidates.names[j] for j in order), forest.feature_importances_[order], number,
        f"The {number} features of highest importance in a random forest of {rule.trees} trees are kept.")


def _refit(candidates: _Candidates, columns: np.ndarray, observed: Observations) -> tuple[np.ndarray, float]:
    fit = observed.refit(candidates.x[:, columns], [candidates.names[j] for j in columns])
    coefficients = np.zeros(len(candidates.names))
    coefficients[columns] = fit.slopes
    return coefficients, fit.intercept


def values_of(recipe: Recipe, signature: SignatureResult, table: pd.DataFrame) -> np.ndarray:
    """Return the terms' values (n, terms), z-scored where the signature is; NaN where the table has none."""
    spec = recipe.signature(signature.id)
    x = numeric_columns(table, [recipe.column_of(spec, term.feature) for term in signature.terms])
    means, sds = signature.moments
    return (x - means) / sds if signature.is_standardised else x


def scores_of(recipe: Recipe, signature: SignatureResult, table: pd.DataFrame) -> np.ndarray:
    """Return the signature's score (n,) of every row; NaN where a feature is missing."""
    return weighted_sum(signature.signature, values_of(recipe, signature, table))[1]
