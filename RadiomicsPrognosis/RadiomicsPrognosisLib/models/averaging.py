"""Rows whose covariate is not known yet: every level it may turn out to have, and the patients who had it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..statistics.arrays import Floats, Integers, Mask
from .covariates import UNKNOWN, Covariate, Level


@dataclass(frozen=True, eq=False, kw_only=True)
class Completed:
    """One combination of levels put into the rows that do not know them: how it is called, its ``weight`` (n,) in each
    row (patients, or 1 and 0 where everything is known), and the rows' ``covariates`` (n,) by name with it."""

    label: str
    weight: Floats
    covariates: dict[str, NDArray[Any]]


@dataclass(frozen=True, eq=False, kw_only=True)
class RowAlternative(Completed):
    """A combination of levels with the ``linear_predictor`` (n,) of the rows that have it."""

    linear_predictor: Floats

    def rows(self, which: Mask | Integers) -> RowAlternative:
        """Return the alternative of some rows (mask or numbers)."""
        return replace(self, weight=self.weight[which], linear_predictor=self.linear_predictor[which],
                       covariates={name: values[which] for name, values in self.covariates.items()})

    def without(self, which: Mask) -> RowAlternative:
        """Return the alternative with no linear predictor in some rows (mask)."""
        return replace(self, linear_predictor=np.where(which, np.nan, self.linear_predictor))


def unknown_rows(covariate: Covariate, values: NDArray[Any]) -> Mask:
    """Return the mask (n,) of the rows of ``values`` (n,) whose value is not known yet."""
    if covariate.unknown is None or values.dtype.kind not in "OU":
        return np.zeros(len(values), bool)
    return np.array([isinstance(value, str) and value == UNKNOWN for value in values.tolist()], bool)


def completed(used: Sequence[Covariate], covariates: Mapping[str, NDArray[Any]]) -> list[Completed]:
    """Return the rows once for every combination of levels of the covariates ``used`` that some row does not know yet.

    Covariates are averaged over as if independent; a row that knows them has weight 1 in the first combination and 0 in
    the others, which are then the same. Without unknown values it is empty.
    """
    masks = {item.name: unknown_rows(item, covariates[item.name]) for item in used if item.name in covariates}
    awaited = [item for item in used if item.name in masks and masks[item.name].any()]
    if not awaited:
        return []
    return [_combination(list(zip(awaited, levels, strict=True)), masks, covariates)
            for levels in product(*(item.levels for item in awaited))]


def _combination(chosen: Sequence[tuple[Covariate, Level]], masks: Mapping[str, Mask],
                 covariates: Mapping[str, NDArray[Any]]) -> Completed:
    columns = dict(covariates)
    weight = np.ones(len(masks[chosen[0][0].name]))
    for item, level in chosen:
        unknown, mix = masks[item.name], item.unknown
        patients = mix.counts[level.label] if mix is not None else 0.0
        weight = weight * np.where(unknown, patients, float(level == item.levels[0]))
        value = level.label if item.is_categorical else level.value
        values = np.where(unknown, np.array(value, dtype=object), covariates[item.name])
        columns[item.name] = values if item.is_categorical else values.astype(float)
    label = ", ".join(f"{item.name.replace('_', ' ')}: {level.label}" for item, level in chosen)
    return Completed(label=label, weight=weight, covariates=columns)


def averaged(alternatives: Sequence[Floats], weights: Sequence[Floats]) -> Floats:
    """Return the mean of ``alternatives`` (each (n,) or (n, m)) by ``weights`` (each (n,)).

    What is the same in all is returned to the bit where one weight is 1 and the others are 0, and where it is 1.
    """
    columns = [weight[:, None] if values.ndim > 1 else weight
               for values, weight in zip(alternatives, weights, strict=True)]
    total = sum((weight * values for values, weight in zip(alternatives, columns, strict=True)), np.zeros(()))
    mean: Floats = total / sum(columns, np.zeros(()))
    return mean
