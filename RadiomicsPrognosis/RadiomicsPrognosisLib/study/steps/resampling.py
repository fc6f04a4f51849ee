"""Is the whole selection worth its performance? Nested resampling, and the same pipeline on shuffled outcomes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from ...errors import InputError
from ...progress import Progress, step
from ..endpoints import Observations
from ..recipe.recipe import Recipe, SignatureSpec
from ..results import NestedResampling, PermutationControl, SignatureResult
from ..rows.split import patient_folds
from .signature import Training, develop, scores_of


def performance_of(observed: Observations, score: np.ndarray) -> float:
    """Return the C-index or AUC of a score (n,), rows without score left out. Raises as the statistics do."""
    rows = np.isfinite(score)
    return observed.rows(rows).discriminate(score[rows])


def nested_resampling(recipe: Recipe, spec: SignatureSpec, training: Training, table: pd.DataFrame,
                      reproducible: tuple[str, ...] | None, seed: int, progress: Progress | None) -> NestedResampling:
    """Return how signatures developed in all but one outer fold do in that fold, ``table`` holding the same rows."""
    folds = patient_folds(training.patients, training.observed.positive, recipe.validation.nested_folds, seed)
    values: list[float] = []
    selected: dict[str, int] = {}
    reasons: list[str] = []
    for fold in np.unique(folds):
        held_out = folds == fold
        step(progress, fold - 1, recipe.validation.nested_folds, f"nested resampling of '{spec.id}', fold {fold}")
        try:
            signature = develop(recipe, spec, replace(training, fold_ids=None).rows(~held_out), reproducible, seed)
            if signature.reason:
                reasons.append(f"fold {fold}: {signature.reason}")
                continue
            value = performance_of(training.observed.rows(held_out), scores_of(recipe, signature, table[held_out]))
        except InputError as error:
            reasons.append(f"fold {fold}: {error}")
            continue
        values.append(value)
        for term in signature.terms:
            selected[term.feature] = selected.get(term.feature, 0) + 1
    reached = np.array(values)
    return NestedResampling(
        signature=spec.id, measure=training.observed.discrimination_name, folds=recipe.validation.nested_folds,
        values=reached, mean=float(reached.mean()) if values else None,
        sd=float(reached.std(ddof=1)) if len(values) > 1 else None,
        selected=dict(sorted(selected.items(), key=lambda item: (-item[1], item[0]))), failed=len(reasons),
        reasons=tuple(reasons))


def permutation_control(recipe: Recipe, spec: SignatureSpec, training: Training, reproducible: tuple[str, ...] | None,
                        validation: tuple[str, pd.DataFrame, Observations], own: SignatureResult,
                        permutations: int, seed: int, progress: Progress | None) -> PermutationControl:
    """Return what signatures reach in the cohort ``validation`` (name, rows, endpoint) when training outcomes are
    shuffled between rows."""
    name, table, observed = validation
    generator = np.random.default_rng(seed)
    values: list[float] = []
    empty = 0
    for number in range(permutations):
        step(progress, number, permutations, f"permutation {number + 1} of {permutations} of '{spec.id}'")
        order = generator.permutation(len(training.x))
        try:
            shuffled = replace(training, observed=training.observed.rows(order))
            signature = develop(recipe, spec, shuffled, reproducible, seed)
            value = None if signature.reason else performance_of(observed, scores_of(recipe, signature, table))
        except InputError:
            value = None
        if value is None:
            empty += 1
        else:
            values.append(value)
    reached = np.array(values)
    lower, upper = np.quantile(reached, [0.025, 0.975]).tolist() if values else (None, None)
    return PermutationControl(
        signature=spec.id, cohort=name, measure=training.observed.discrimination_name, permutations=permutations,
        values=reached, empty=empty, mean=float(reached.mean()) if values else None, lower=lower, upper=upper,
        observed=None if own.reason else performance_of(observed, scores_of(recipe, own, table)))
