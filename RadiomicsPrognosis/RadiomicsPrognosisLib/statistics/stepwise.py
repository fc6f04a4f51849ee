"""Backward selection of a model's terms by Akaike's criterion, for Cox and logistic regression."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import InputError
from ..result import Result
from .cox import CoxModel, fit_cox
from .inputs import table
from .logistic import LogisticModel, fit_logistic


@dataclass(frozen=True)
class Step(Result):
    """The term ``dropped`` (None for the full model) and the ``aic`` of the model without it."""

    dropped: str | None
    aic: float


@dataclass(frozen=True, eq=False)
class Selection(Result):
    """Terms ``kept`` in the given order, the ``trace`` of steps, and the final ``model``, None when no term is left."""

    kept: tuple[str, ...]
    trace: tuple[Step, ...]
    model: CoxModel | LogisticModel | None


def backward_cox(time: Any, event: Any, x: Any, names: Sequence[str] | None = None, ties: str = "efron",
                 groups: Mapping[str, Sequence[str]] | None = None) -> Selection:
    """Return the backward selection from the Cox model on all columns of ``x`` (n, p), as MASS::stepAIC does it.

    ``groups`` names terms of several columns (a factor's levels), which leave together. Raises as fit_cox does.
    """
    return _backward(lambda part, columns: fit_cox(time, event, part, columns, ties), x, names, groups,
                     lambda model: -2.0 * model.loglik_null)


def backward_logistic(outcome: Any, x: Any, names: Sequence[str] | None = None,
                      groups: Mapping[str, Sequence[str]] | None = None) -> Selection:
    """Return the backward selection from the logistic model on all columns of ``x`` (n, p); raises as fit_logistic."""
    return _backward(lambda part, columns: fit_logistic(outcome, part, columns), x, names, groups,
                     lambda model: 2.0 - 2.0 * model.loglik_null)


_Model = CoxModel | LogisticModel


def _backward(fit: Callable[[np.ndarray, list[str]], _Model], x: Any, names: Sequence[str] | None,
              groups: Mapping[str, Sequence[str]] | None, null_aic: Callable[[_Model], float]) -> Selection:
    """Drop, as long as the criterion falls, the term without which it is lowest (of equals the first)."""
    x, names = table(x, names=names)
    terms = _terms(names, groups)
    full = fit(x, list(names))
    empty_aic = null_aic(full)

    def fitted(kept: list[str]) -> tuple[float, _Model | None]:
        columns = [j for j, name in enumerate(names) if any(name in terms[term] for term in kept)]
        if not columns:
            return empty_aic, None
        model = fit(x[:, columns], [names[j] for j in columns])
        return model.aic, model

    kept, best, trace = list(terms), (full.aic, full), [Step(None, full.aic)]
    while kept:
        candidates = [(fitted([other for other in kept if other != term]), term) for term in kept]
        smallest, dropped = min(candidates, key=lambda item: item[0][0])
        if smallest[0] >= best[0]:
            break
        best = smallest
        kept.remove(dropped)
        trace.append(Step(dropped, best[0]))
    return Selection(tuple(kept), tuple(trace), best[1])


def _terms(names: tuple[str, ...], groups: Mapping[str, Sequence[str]] | None) -> dict[str, tuple[str, ...]]:
    """Return the columns of every term: the groups', and each other column for itself."""
    owner: dict[str, str] = {}
    for term, members in (groups or {}).items():
        for name in members:
            if name not in names:
                raise InputError(f"Term '{term}' has a column '{name}' that the table lacks.")
            if name in owner:
                raise InputError(f"Column '{name}' belongs to two terms, '{owner[name]}' and '{term}'.")
            owner[name] = term
    terms: dict[str, tuple[str, ...]] = {}
    for name in names:
        term = owner.get(name, name)
        terms[term] = (*terms.get(term, ()), name)
    return terms
