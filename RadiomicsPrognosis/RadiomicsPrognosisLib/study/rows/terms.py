"""The columns of a regression: signature scores, features and covariates as numbers, categorical levels as 0/1."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...models.model import Covariate


@dataclass(frozen=True, eq=False)
class Term:
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


def covariate_term(covariate: Covariate, values: np.ndarray, training: np.ndarray) -> Term:
    """Return the term of a covariate whose ``values`` are as in StudyData.

    Only levels that some row of the mask ``training`` has can be learned; the first of them is the reference, and a row
    of another level is missing.
    """
    title = f"{covariate.title} ({covariate.unit})" if covariate.unit else covariate.title
    if covariate.kind != "categorical":
        return Term(covariate.name, title, (covariate.name,), values.astype(float)[:, None])
    seen = [label for label, _ in covariate.levels if (values[training] == label).any()]
    reference, others = (seen[0], seen[1:]) if seen else ("", [])
    columns = np.array([[float(value == level) for level in others] if value in seen else [np.nan] * len(others)
                        for value in values], dtype=float).reshape(len(values), len(others))
    return Term(covariate.name, title, tuple(f"{covariate.name}={level}" for level in others), columns, tuple(others),
                reference)


def complete_rows(terms: Sequence[Term], n: int) -> np.ndarray:
    """Return the mask (n,) of rows that have every term."""
    known = np.ones(n, dtype=bool)
    for term in terms:
        known &= np.isfinite(term.values).all(axis=1)
    return known


def matrix(terms: Sequence[Term]) -> tuple[np.ndarray, list[str]]:
    """Return all columns (n, p) side by side and their names."""
    return np.hstack([term.values for term in terms]), [column for term in terms for column in term.columns]
