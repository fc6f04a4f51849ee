"""Develop one signature from training rows: filters, LASSO or random forest, and the score that follows."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ...cohort.columns import numeric_columns
from ...errors import InputError
from ...models.predict import weighted_sum
from ...progress import Progress
from ...statistics.penalised import CrossValidation, cross_validate
from ..endpoints import Observations
from ..recipe.recipe import REFITTED, ForestRule, PenalisedRule, Recipe, SignatureSpec
from ..results.signatures import ForestSelection, PenalisedSelection, SelectedFeature, SelectionStep, SignatureResult
from ..rows.split import patient_folds
from .candidates import Candidates, Training, filtered_candidates


@dataclass(frozen=True, eq=False)
class Pipeline:
    """How a signature comes from rows: by ``spec`` of ``recipe``, with what is random drawn from ``seed``.

    ``reproducible`` are the features that the reproducibility filter keeps, None where none was applied.
    """

    recipe: Recipe
    spec: SignatureSpec
    reproducible: tuple[str, ...] | None
    seed: int

    def develop(self, training: Training, progress: Progress | None = None) -> SignatureResult:
        """Return the signature that ``training`` gives; its ``columns`` are feature names.

        Nothing selected is a result with ``reason`` and no terms. A refit that the data do not allow (perfect
        separation, more features than events) leaves the LASSO's own coefficients and a ``note``; a random forest has
        none, and its result a ``reason``. Raises CohortError for rows that cannot be used: a missing value (unless
        the recipe leaves such features out), all features constant, too few events for the folds.
        """
        spec = self.spec
        candidates = filtered_candidates(spec, training, self.reproducible)
        blank = SignatureResult(id=spec.id, title=spec.title, endpoint=spec.endpoint, steps=candidates.steps,
                                n=len(training.x), events=int(training.observed.positive.sum()),
                                counted=training.observed.counted)
        if not candidates.names:
            return replace(blank, reason=f"No feature of '{spec.id}' is left after the {candidates.steps[-1].name} "
                                         "filter.")
        selection = self._select(candidates, blank, training, progress)
        if selection.result.reason:
            return selection.result
        coefficients, intercept, note = selection.coefficients, selection.intercept, ""
        if spec.score == REFITTED:
            try:
                coefficients, intercept = _refit(candidates, selection.columns, training.observed)
            except InputError as error:
                reason = (f"The {len(selection.columns)} selected features of '{spec.id}' cannot be fitted without "
                          f"penalty: {error}")
                if selection.result.penalised is None:
                    return replace(selection.result, reason=reason)
                note = f"{reason} The LASSO's own, penalised coefficients stand in."
        terms = tuple(SelectedFeature(candidates.names[j], self.recipe.input_of(spec), float(coefficients[j]),
                                      None if candidates.means is None else float(candidates.means[j]),
                                      None if candidates.sds is None else float(candidates.sds[j]))
                      for j in selection.columns)
        return replace(selection.result, intercept=float(intercept), terms=terms, note=note)

    def _select(self, candidates: Candidates, blank: SignatureResult, training: Training,
                progress: Progress | None) -> _Selection:
        none = np.zeros(len(candidates.names))
        if self.spec.penalised:
            return _penalised(candidates, self.spec.penalised, blank, training, self.seed, progress)
        if self.spec.forest:
            record = _forest(candidates, self.spec.forest, training.observed.positive, self.seed)
            step = SelectionStep("random forest", len(candidates.names), record.selected, record.text)
            columns = np.flatnonzero(candidates.among(record.features[:record.selected]))
            return _Selection(replace(blank, forest=record, steps=(*candidates.steps, step)), columns, none)
        return _Selection(blank, np.arange(len(candidates.names)), none)


@dataclass(frozen=True, eq=False)
class _Selection:
    """The ``result`` with its record of the selection, the numbers of the selected ``columns``, and the LASSO's
    ``coefficients`` (p,) and ``intercept`` (0 without LASSO)."""

    result: SignatureResult
    columns: np.ndarray
    coefficients: np.ndarray
    intercept: float = 0.0


def _penalised(candidates: Candidates, rule: PenalisedRule, blank: SignatureResult, training: Training, seed: int,
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


def _forest(candidates: Candidates, rule: ForestRule, labels: np.ndarray, seed: int) -> ForestSelection:
    from sklearn.ensemble import RandomForestClassifier

    forest = RandomForestClassifier(rule.trees, random_state=seed, n_jobs=1).fit(candidates.x, labels)
    order = np.argsort(-forest.feature_importances_, kind="stable")
    number = min(rule.select, len(candidates.names))
    return ForestSelection(
        rule.trees, tuple(candidates.names[j] for j in order), forest.feature_importances_[order], number,
        f"The {number} features of highest importance in a random forest of {rule.trees} trees are kept.")


def _refit(candidates: Candidates, columns: np.ndarray, observed: Observations) -> tuple[np.ndarray, float]:
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
