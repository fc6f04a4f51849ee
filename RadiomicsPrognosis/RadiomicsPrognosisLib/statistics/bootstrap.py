"""Optimism of a performance measured on the rows a model was developed on, by Harrell's bootstrap."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from ..errors import CohortError, InputError
from ..progress import Progress, step
from ..result import Result

Model = TypeVar("Model")


@dataclass(frozen=True, eq=False)
class Optimism(Result):
    """Measures (m,): ``apparent``, mean ``optimism`` and ``corrected`` = apparent - optimism.

    ``standard_error`` is the Monte-Carlo error of the optimism, ``repetitions`` counts those that gave a model,
    ``failed`` those whose resample could not be used (no events, a constant column).
    """

    apparent: np.ndarray
    optimism: np.ndarray
    corrected: np.ndarray
    standard_error: np.ndarray
    repetitions: int
    failed: int


def bootstrap_optimism(develop: Callable[[np.ndarray], Model], measure: Callable[[Model, np.ndarray], np.ndarray],
                       n: int, repetitions: int = 200, seed: int = 0,
                       progress: Progress | None = None) -> Optimism:
    """Return the optimism-corrected measures of the model that ``develop`` makes of given rows (Harrell et al. 1996).

    ``develop(rows)`` repeats every step that saw the outcome; ``measure(model, rows)`` returns measures (m,). Each
    repetition develops on n rows drawn with replacement, and its optimism is its measure there minus that on all rows.
    ``progress(share, text)`` may raise Cancelled. Raises CohortError when more than half of the resamples fail.
    """
    if repetitions < 2:
        raise InputError(f"{repetitions} bootstrap repetitions; at least two are needed.")
    whole = np.arange(n)
    apparent = np.asarray(measure(develop(whole), whole), float)
    generator = np.random.default_rng(seed)
    differences, failed = [], 0
    for done in range(repetitions):
        step(progress, done, repetitions, f"bootstrap {done + 1} of {repetitions}")
        rows = generator.integers(0, n, n)
        try:
            model = develop(rows)
            differences.append(np.asarray(measure(model, rows), float) - np.asarray(measure(model, whole), float))
        except InputError:
            failed += 1
    if failed > repetitions / 2:
        raise CohortError(f"{failed} of {repetitions} bootstrap samples gave no model; the cohort is too small for it.")
    optimism = np.mean(differences, axis=0)
    error = np.std(differences, axis=0, ddof=1) / len(differences) ** 0.5
    return Optimism(apparent, optimism, apparent - optimism, error, len(differences), failed)
