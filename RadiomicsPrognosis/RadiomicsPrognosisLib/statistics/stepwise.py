"""Backward selection of a model's terms by Akaike's criterion, for Cox and logistic regression."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from numpy.typing import ArrayLike

from ..errors import InputError
from ..result import Result
from .arrays import Floats
from .cox import CoxModel, fit_cox
from .inputs import table
from .logistic import LogisticModel, fit_logistic

_Model = CoxModel | LogisticModel


@dataclass(frozen=True)
class Step(Result):
    """The term ``dropped`` (None for the full model) and the ``aic`` of the model without it (of rows in clusters their
    own criterion)."""

    dropped: str | None
    aic: float


@dataclass(frozen=True, eq=False)
class Selection(Result):
    """Terms ``kept`` in the given order, the ``trace`` of steps, and the final ``model``, None when no term is left."""

    kept: tuple[str, ...]
    trace: tuple[Step, ...]
    model: CoxModel | LogisticModel | None


def backward_cox(time: ArrayLike, event: ArrayLike, x: ArrayLike, names: Sequence[str] | None = None,
                 ties: str = "efron", groups: Mapping[str, Sequence[str]] | None = None,
                 clusters: ArrayLike | None = None) -> Selection:
    """Return the backward selection from the Cox model of ``time`` (n,), any unit, and ``event`` (n,) 0/1 on all
    columns of ``x`` (n, p), as MASS::stepAIC(direction = "backward") does it.

    ``groups`` names terms of several columns (a factor's levels), which leave together. Of rows in ``clusters`` (n,)
    the criterion is the models' own for them. Raises InputError for groups
    that do not fit the columns, and as fit_cox does.
    """
    return _backward(lambda columns, terms: fit_cox(time, event, columns, terms, ties, clusters=clusters), x, names,
                     groups, lambda model: -2.0 * model.loglik_null)


def backward_logistic(outcome: ArrayLike, x: ArrayLike, names: Sequence[str] | None = None,
                      groups: Mapping[str, Sequence[str]] | None = None,
                      clusters: ArrayLike | None = None) -> Selection:
    """Return the backward selection from the logistic model of ``outcome`` (n,) 0/1 on all columns of ``x`` (n, p), as
    MASS::stepAIC(direction = "backward") does it.

    ``groups`` and ``clusters`` as in backward_cox. Raises InputError for groups that do not fit the columns, and as
    fit_logistic does.
    """
    return _backward(lambda columns, terms: fit_logistic(outcome, columns, terms, clusters=clusters), x, names,
                     groups, _logistic_null)


def _logistic_null(model: _Model) -> float:
    robust = model.criterion_null if isinstance(model, LogisticModel) else None
    return 2.0 - 2.0 * model.loglik_null if robust is None else robust


def _backward(fit: Callable[[Floats, list[str]], _Model], x: ArrayLike, names: Sequence[str] | None,
              groups: Mapping[str, Sequence[str]] | None, null_aic: Callable[[_Model], float]) -> Selection:
    """Drop, as long as the criterion falls, the term without which it is lowest (of equals the first)."""
    columns, labels = table(x, names=names)
    terms = _terms(labels, groups)
    full = fit(columns, list(labels))
    empty_aic = null_aic(full)

    def fitted(kept: list[str]) -> tuple[float, _Model | None]:
        chosen = [j for j, name in enumerate(labels) if any(name in terms[term] for term in kept)]
        if not chosen:
            return empty_aic, None
        model = fit(columns[:, chosen], [labels[j] for j in chosen])
        return model.criterion, model

    best: tuple[float, _Model | None] = (full.criterion, full)
    kept, trace = list(terms), [Step(None, full.criterion)]
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
