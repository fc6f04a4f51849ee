"""Optimism of a performance measured on the rows a model was developed on, by Harrell's bootstrap."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike

from ..errors import CohortError, InputError
from ..progress import Progress, step
from ..result import Result
from .arrays import Floats, Integers
from .clusters import cluster_numbers, resampled_rows

Model = TypeVar("Model")


@dataclass(frozen=True, eq=False, kw_only=True)
class Optimism(Result):
    """Measures (m,): ``apparent``, mean ``optimism`` and ``corrected`` = apparent - optimism.

    ``standard_error`` (m,) is the Monte-Carlo error of the optimism, ``repetitions`` counts those that gave a model,
    ``failed`` those whose resample could not be used (no events, a constant column).
    """

    apparent: Floats
    optimism: Floats
    corrected: Floats
    standard_error: Floats
    repetitions: int
    failed: int


def bootstrap_optimism(develop: Callable[[Integers], Model], measure: Callable[[Model, Integers], ArrayLike], n: int,
                       repetitions: int = 200, seed: int = 0, progress: Progress | None = None,
                       clusters: ArrayLike | None = None) -> Optimism:
    """Return the optimism-corrected measures of the model that ``develop`` makes of given rows.

    ``develop(rows)`` repeats every step that used the outcome; ``measure(model, rows)`` returns measures (m,); ``rows``
    are numbers from 0 to ``n`` - 1. Each of ``repetitions`` (2 or more) develops on n rows drawn with replacement from
    ``seed``, and its optimism is its measure there minus that on all rows (Harrell, Lee & Mark, Stat Med 1996;15:361;
    rms::validate). Of rows in ``clusters`` (n,), such as patients, whole clusters are drawn, as many as there are.
    ``progress`` may raise Cancelled. Raises CohortError when more than half of the resamples fail,
    InputError for fewer than two repetitions, and what ``develop`` and ``measure`` raise on all rows.
    """
    if repetitions < 2:
        raise InputError(f"{repetitions} bootstrap repetitions; at least two are needed.")
    whole = np.arange(n)
    apparent = np.asarray(measure(develop(whole), whole), float)
    generator, numbers = np.random.default_rng(seed), cluster_numbers(clusters, n)
    differences: list[Floats] = []
    failed = 0
    for done in range(repetitions):
        step(progress, done, repetitions, f"bootstrap {done + 1} of {repetitions}")
        rows = resampled_rows(numbers, n, generator)
        try:
            model = develop(rows)
            differences.append(np.asarray(measure(model, rows), float) - np.asarray(measure(model, whole), float))
        except InputError:
            failed += 1
    if failed > repetitions / 2:
        raise CohortError(f"{failed} of {repetitions} bootstrap samples gave no model; the cohort is too small for it.")
    optimism = np.mean(differences, axis=0)
    error = np.std(differences, axis=0, ddof=1) / len(differences) ** 0.5
    return Optimism(apparent=apparent, optimism=optimism, corrected=apparent - optimism, standard_error=error,
                    repetitions=len(differences), failed=failed)
