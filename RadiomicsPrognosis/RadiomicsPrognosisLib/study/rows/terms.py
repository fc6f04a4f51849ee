"""The columns of a regression: signature scores, features and covariates as numbers, categorical levels as 0/1."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...models.covariates import Covariate


@dataclass(frozen=True, eq=False, kw_only=True)
class ModelTerm:
    """A candidate of a model: its ``columns`` with ``values`` (n, columns), NaN where missing.

    A categorical covariate has one column per level but the ``reference``, named 'name=level'; ``levels`` go with the
    columns and are empty else.
    """

    name: str
    title: str
    columns: tuple[str, ...]
    values: np.ndarray
    levels: tuple[str, ...] = ()
    reference: str = ""

    @property
    def is_categorical(self) -> bool:
        """Whether its columns are a categorical covariate's levels."""
        return bool(self.levels or self.reference)


def covariate_term(covariate: Covariate, values: np.ndarray, training: np.ndarray) -> ModelTerm:
    """Return the term of a covariate whose ``values`` are as in StudyData.

    Only levels that some row of the mask ``training`` has can be learned; the first of them is the reference, and a row
    of another level is missing.
    """
    title = covariate.title_with_unit
    if not covariate.is_categorical:
        return ModelTerm(name=covariate.name, title=title, columns=(covariate.name,),
                         values=values.astype(float)[:, None])
    learned = [label for label, _ in covariate.levels if (values[training] == label).any()]
    reference, others = (learned[0], learned[1:]) if learned else ("", [])
    columns = np.array([[float(value == level) for level in others] if value in learned else [np.nan] * len(others)
                        for value in values], dtype=float).reshape(len(values), len(others))
    return ModelTerm(name=covariate.name, title=title, columns=tuple(f"{covariate.name}={level}" for level in others),
                     values=columns, levels=tuple(others), reference=reference)


def complete_rows(terms: Sequence[ModelTerm], n: int) -> np.ndarray:
    """Return the mask (n,) of rows that have every term."""
    known = np.ones(n, dtype=bool)
    for term in terms:
        known &= np.isfinite(term.values).all(axis=1)
    return known


def matrix(terms: Sequence[ModelTerm]) -> tuple[np.ndarray, list[str]]:
    """Return all columns (n, p) side by side and their names."""
    return np.hstack([term.values for term in terms]), [column for term in terms for column in term.columns]
