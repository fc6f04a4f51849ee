"""Agreement of readers on categories beyond chance: Cohen's kappa of two readings, Fleiss' kappa of more."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..errors import CohortError, InputError
from ..result import Result
from .arrays import Floats, Integers
from .inputs import confidence_level
from .normal import normal_quantile, two_sided

COHEN, FLEISS = "Cohen", "Fleiss"

#: A variance, or a lack of agreement, up to this is rounding.
_ROUNDING = 1e-14


@dataclass(frozen=True, kw_only=True)
class Kappa(Result):
    """Agreement of ``readings`` of ``n`` cases on ``categories``; ``method`` is Cohen (two readings) or Fleiss.

    ``observed`` is the share (0 - 1) of pairs of readings that agree, ``expected`` that by chance, and ``kappa`` =
    (observed - expected) / (1 - expected). ``se``, ``lower`` and ``upper`` are at ``confidence`` (0 - 1); ``se_null``,
    ``z`` and the two-sided ``p`` test kappa = 0. What has no value is None, and ``reason`` says why. ``counts`` is the
    table of two readings, rows the first; of more, the cases' readings per category (n, categories).

    A standard error of 0, as where all readings agree however few the cases are, gives no interval: one without width
    would say too much.
    """

    method: str
    readings: int
    n: int
    categories: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    observed: float
    expected: float
    kappa: float | None
    se: float | None
    lower: float | None
    upper: float | None
    se_null: float | None
    z: float | None
    p: float | None
    confidence: float
    reason: str

    @property
    def no_interval(self) -> str:
        """What stands in the place of the interval of a kappa that has none, in a few words; empty where it has one."""
        if self.kappa is None or self.lower is not None:
            return ""
        why = "all agree" if _all_agree(self.observed) else "one case" if self.n == 1 else "no spread"
        return f"no interval: {why}"


def agreement_on_categories(readings: Sequence[Sequence[str]], categories: Sequence[str] | None = None,
                            confidence: float = 0.95) -> Kappa:
    """Return the kappa of ``readings`` (k, n), k readings of the category of n cases, unweighted.

    Two readings: Cohen's kappa with the standard errors of Fleiss, Cohen & Everitt (Psychol Bull 1969;72:323), that
    under no agreement for the test and the general one for the interval. More: Fleiss' kappa (Psychol Bull 1971;76:378)
    tested with the standard error of Fleiss, Nee & Landis (Psychol Bull 1979;86:974), its interval with Gwet's
    (Educ Psychol Meas 2021;81:781). ``categories`` fixes their order (sorted when None). Where all readings fall into
    one category chance agrees, too, and there is no kappa. Raises CohortError for no case, InputError for fewer than
    two readings, different lengths or an unknown category.
    """
    confidence_level(confidence)
    if len(readings) < 2 or len({len(item) for item in readings}) != 1:
        raise InputError("Kappa needs two or more readings of the same cases.")
    if not len(readings[0]):
        raise CohortError("Kappa needs one case or more; there is none with a category in every reading.")
    names = tuple(sorted({item for reading in readings for item in reading}) if categories is None else categories)
    unknown = sorted({item for reading in readings for item in reading} - set(names))
    if unknown:
        raise InputError(f"The category '{unknown[0]}' is not one of {', '.join(names)}.")
    codes = np.array([[names.index(item) for item in reading] for reading in readings])
    return _cohen(codes, names, confidence) if len(codes) == 2 else _fleiss(codes, names, confidence)


def _cohen(codes: Integers, names: tuple[str, ...], confidence: float) -> Kappa:
    counts = np.zeros((len(names), len(names)), int)
    np.add.at(counts, (codes[0], codes[1]), 1)
    n = int(counts.sum())
    share = counts / n
    rows, columns = share.sum(axis=1), share.sum(axis=0)
    observed, expected = float(np.trace(share)), float(rows @ columns)
    if len(np.unique(codes)) < 2:
        return _undefined(COHEN, codes, names, counts, confidence)
    kappa = (observed - expected) / (1.0 - expected)
    # Fleiss, Cohen & Everitt's (13) and (14); of a cell (i, j) the chance is rows[j] + columns[i], as printed there.
    on_diagonal = np.diag(share) @ (1.0 - (rows + columns) * (1.0 - kappa)) ** 2
    off = share * (columns[:, None] + rows[None, :]) ** 2
    variance = on_diagonal + (1.0 - kappa) ** 2 * (off.sum() - np.trace(off)) \
        - (kappa - expected * (1.0 - kappa)) ** 2
    null = expected + expected ** 2 - float((rows * columns) @ (rows + columns))
    scale = (1.0 - expected) * math.sqrt(n)
    se, se_null = (math.sqrt(value if value > _ROUNDING else 0.0) / scale for value in (variance, null))
    return _tested(COHEN, codes, names, counts, confidence, (observed, expected, kappa, se, se_null))


def _fleiss(codes: Integers, names: tuple[str, ...], confidence: float) -> Kappa:
    k, n = codes.shape
    counts = np.stack([(codes == number).sum(axis=0) for number in range(len(names))], axis=1)
    share = counts.sum(axis=0) / (n * k)
    by_case: Floats = (counts * (counts - 1)).sum(axis=1) / (k * (k - 1))
    observed, expected = float(by_case.mean()), float(share @ share)
    if len(np.unique(codes)) < 2:
        return _undefined(FLEISS, codes, names, counts, confidence)
    kappa = (observed - expected) / (1.0 - expected)
    spread = share * (1.0 - share)
    null = 2.0 * (spread.sum() ** 2 - spread @ (1.0 - 2.0 * share)) / (spread.sum() ** 2 * n * k * (k - 1))
    # Gwet's linearised kappa of a case: its own agreement, less what its categories do to the agreement by chance.
    chance = counts @ share / k
    cases = ((by_case - expected) - 2.0 * (1.0 - kappa) * (chance - expected)) / (1.0 - expected)
    spread_of_cases = float(np.sum((cases - kappa) ** 2))
    se = math.sqrt(spread_of_cases / (n * (n - 1)) if spread_of_cases > _ROUNDING else 0.0) if n > 1 else None
    return _tested(FLEISS, codes, names, counts, confidence, (observed, expected, kappa, se, math.sqrt(null)))


def _tested(method: str, codes: Integers, names: tuple[str, ...], counts: Integers, confidence: float,
            values: tuple[float, float, float, float | None, float]) -> Kappa:
    """Return the record of observed and expected agreement, kappa, its standard error and that under no agreement."""
    (observed, expected, kappa, se, se_null), n = values, codes.shape[1]
    half = normal_quantile(confidence) * se if se else None
    z = kappa / se_null if se_null > 0 else None
    return Kappa(
        method=method, readings=len(codes), n=n, categories=names, counts=_rows(counts),
        observed=observed, expected=expected, kappa=kappa, se=se,
        lower=None if half is None else max(kappa - half, -1.0), upper=None if half is None else min(kappa + half, 1.0),
        se_null=se_null, z=z, p=None if z is None else float(two_sided(np.array(z))), confidence=confidence,
        reason="" if half is not None else _without_interval(observed, n))


def _all_agree(observed: float) -> bool:
    return observed > 1.0 - _ROUNDING


def _without_interval(observed: float, n: int) -> str:
    if _all_agree(observed):
        return ("All readings of every case agree: the standard error of kappa is 0, however few the cases, and there "
                "is no interval; judge by the interval of the share that agrees.")
    return "A single case has no standard error." if n == 1 else \
        "The standard error of kappa is 0, and there is no interval."


def _undefined(method: str, codes: Integers, names: tuple[str, ...], counts: Integers, confidence: float) -> Kappa:
    return Kappa(method=method, readings=len(codes), n=codes.shape[1], categories=names, counts=_rows(counts),
                 observed=1.0, expected=1.0, kappa=None, se=None, lower=None, upper=None, se_null=None, z=None, p=None,
                 confidence=confidence, reason=f"All readings are '{names[int(codes[0, 0])]}': chance alone agrees as "
                                               "often, and kappa is not defined.")


def _rows(counts: Integers) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(row) for row in counts.tolist())
