"""Is the whole selection worth its performance? Nested resampling, and the same pipeline on shuffled outcomes."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ...errors import InputError
from ...progress import Progress, step
from ..endpoints import Observations
from ..results.signatures import NestedResampling, PermutationControl, SignatureResult
from ..rows.split import patient_folds
from .candidates import Training
from .signature import Pipeline, scores_of

#: Quantiles of the performance on shuffled outcomes, between which chance should lie.
_CENTRAL_95 = (0.025, 0.975)


@dataclass(frozen=True, eq=False)
class UnseenRows:
    """Rows of the ``cohort`` that a signature did not learn from: their ``table`` and what was ``observed``."""

    cohort: str
    table: pd.DataFrame
    observed: Observations

    def performance(self, pipeline: Pipeline, signature: SignatureResult) -> float | None:
        """Return the C-index or AUC of a signature, rows without score left out; None for one that does not exist.

        Raises as the statistics do.
        """
        if signature.reason:
            return None
        score = scores_of(pipeline.recipe, signature, self.table)
        rows = np.isfinite(score)
        return self.observed.rows(rows).discriminate(score[rows])


def nested_resampling(pipeline: Pipeline, training: Training, table: pd.DataFrame,
                      progress: Progress | None) -> NestedResampling:
    """Return how signatures developed in all but one outer fold do in that fold, ``table`` holding the same rows."""
    name, count = pipeline.spec.id, pipeline.recipe.validation.nested_folds
    folds = patient_folds(training.patients, training.observed.positive, count, pipeline.seed)
    values: list[float] = []
    selected: dict[str, int] = {}
    reasons: list[str] = []
    for fold in np.unique(folds):
        held_out = folds == fold
        step(progress, fold - 1, count, f"nested resampling of '{name}', fold {fold}")
        unseen = UnseenRows(f"fold {fold}", table[held_out], training.observed.rows(held_out))
        try:
            signature = pipeline.develop(replace(training, fold_ids=None).rows(~held_out))
            value = unseen.performance(pipeline, signature)
        except InputError as error:
            reasons.append(f"{unseen.cohort}: {error}")
            continue
        if value is None:
            reasons.append(f"{unseen.cohort}: {signature.reason}")
            continue
        values.append(value)
        for term in signature.terms:
            selected[term.feature] = selected.get(term.feature, 0) + 1
    reached = np.array(values)
    return NestedResampling(
        signature=name, measure=training.observed.discrimination_name, folds=count,
        values=reached, mean=float(reached.mean()) if values else None,
        sd=float(reached.std(ddof=1)) if len(values) > 1 else None,
        selected=dict(sorted(selected.items(), key=lambda item: (-item[1], item[0]))), failed=len(reasons),
        reasons=tuple(reasons))


def permutation_control(pipeline: Pipeline, training: Training, unseen: UnseenRows, own: SignatureResult,
                        permutations: int, progress: Progress | None) -> PermutationControl:
    """Return what signatures reach in the rows ``unseen`` when training outcomes are shuffled between rows (patients,
    where some have several), beside what the study's ``own`` reaches."""
    generator = np.random.default_rng(pipeline.seed)
    values: list[float] = []
    for number in range(permutations):
        step(progress, number, permutations,
             f"permutation {number + 1} of {permutations} of '{pipeline.spec.id}'")
        try:
            shuffled = replace(training, observed=training.observed.exchanged(generator))
            value = unseen.performance(pipeline, pipeline.develop(shuffled))
        except InputError:
            continue
        values += [] if value is None else [value]
    reached = np.array(values)
    lower, upper = np.quantile(reached, _CENTRAL_95).tolist() if values else (None, None)
    return PermutationControl(
        signature=pipeline.spec.id, cohort=unseen.cohort, measure=training.observed.discrimination_name,
        permutations=permutations, values=reached, empty=permutations - len(values),
        mean=float(reached.mean()) if values else None, lower=lower, upper=upper,
        observed=unseen.performance(pipeline, own))
