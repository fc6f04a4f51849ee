"""Is the whole selection worth its performance? Nested resampling, and the same pipeline on shuffled outcomes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from ...errors import InputError
from ...progress import Progress, step
from ...statistics.concordance import concordance
from ...statistics.roc import auc
from ..recipe.recipe import Recipe, SignatureSpec
from ..results.outcome import NestedResampling, PermutationControl, SignatureOutcome
from ..rows.data import EndpointData
from ..rows.split import patient_folds
from .signature import Training, develop, scores_of


def performance_of(endpoint: EndpointData, score: np.ndarray) -> float:
    """Return the C-index or AUC of a score (n,), rows without score left out. Raises as the statistics do."""
    rows = np.isfinite(score)
    if endpoint.outcome is not None:
        return auc(endpoint.outcome[rows], score[rows]).auc
    return concordance(endpoint.time[rows], endpoint.event[rows], score[rows]).c


def nested_resampling(recipe: Recipe, spec: SignatureSpec, training: Training, table: pd.DataFrame,
                      reproducible: tuple[str, ...] | None, seed: int, progress: Progress | None) -> NestedResampling:
    """Return how signatures developed in all but one outer fold do in that fold, ``table`` holding the same rows."""
    folds = patient_folds(training.patients, training.endpoint.positive, recipe.validation.nested_folds, seed)
    values, selected, reasons = [], {}, []
    for fold in np.unique(folds):
        held_out = folds == fold
        step(progress, fold - 1, recipe.validation.nested_folds, f"nested resampling of '{spec.id}', fold {fold}")
        try:
            made = develop(recipe, spec, replace(training, fold_ids=None).rows(~held_out), reproducible, seed)
            if made.reason:
                reasons.append(f"fold {fold}: {made.reason}")
                continue
            value = performance_of(training.endpoint.rows(held_out), scores_of(recipe, made, table[held_out]))
        except InputError as error:
            reasons.append(f"fold {fold}: {error}")
            continue
        values.append(value)
        for term in made.terms:
            selected[term.feature] = selected.get(term.feature, 0) + 1
    found = np.array(values)
    return NestedResampling(spec.id, _measure(training), recipe.validation.nested_folds, found,
                            float(found.mean()) if values else None,
                            float(found.std(ddof=1)) if len(values) > 1 else None,
                            dict(sorted(selected.items(), key=lambda item: (-item[1], item[0]))), len(reasons),
                            tuple(reasons))


def permutation_control(recipe: Recipe, spec: SignatureSpec, training: Training, reproducible: tuple[str, ...] | None,
                        validation: tuple[str, pd.DataFrame, EndpointData], observed: SignatureOutcome,
                        permutations: int, seed: int, progress: Progress | None) -> PermutationControl:
    """Return what signatures reach in the cohort ``validation`` (name, rows, endpoint) when training outcomes are
    shuffled between rows."""
    name, table, endpoint = validation
    generator = np.random.default_rng(seed)
    values, empty = [], 0
    for number in range(permutations):
        step(progress, number, permutations, f"permutation {number + 1} of {permutations} of '{spec.id}'")
        order = generator.permutation(len(training.x))
        try:
            made = develop(recipe, spec, replace(training, endpoint=training.endpoint.rows(order)), reproducible, seed)
            value = None if made.reason else performance_of(endpoint, scores_of(recipe, made, table))
        except InputError:
            value = None
        if value is None:
            empty += 1
        else:
            values.append(value)
    found = np.array(values)
    lower, upper = np.quantile(found, [0.025, 0.975]).tolist() if values else (None, None)
    own = None if observed.reason else performance_of(endpoint, scores_of(recipe, observed, table))
    return PermutationControl(spec.id, name, _measure(training), permutations, found, empty,
                              float(found.mean()) if values else None, lower, upper, own)


def _measure(training: Training) -> str:
    return "C-index" if training.endpoint.outcome is None else "AUC"
