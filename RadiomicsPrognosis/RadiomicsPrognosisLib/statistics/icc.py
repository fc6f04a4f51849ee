"""Intraclass correlation of all features of a table at once, in its six forms, with F test and confidence interval."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.ma import MaskedArray
from numpy.typing import ArrayLike

from ..errors import CohortError, InputError
from ..result import Result
from . import special
from .arrays import Floats, Integers, Mask
from .inputs import confidence_level, one_of

#: One-way random, two-way random (absolute agreement), two-way mixed (consistency); of one reading or the mean of k.
#: In McGraw & Wong's names: ICC(1), ICC(A,1), ICC(C,1), ICC(k), ICC(A,k), ICC(C,k).
FORMS = ("ICC(1,1)", "ICC(2,1)", "ICC(3,1)", "ICC(1,k)", "ICC(2,k)", "ICC(3,k)")
BOUNDS = ("estimate", "lower")

OK, CONSTANT, TOO_FEW = "ok", "constant", "too few subjects"

#: A sum of squares below this share of the readings' own squares is rounding, not variation.
_ROUNDING = (64 * np.finfo(float).eps) ** 2


@dataclass(frozen=True, eq=False, kw_only=True)
class IccForm(Result):
    """One form for every feature: arrays (features,), masked where the feature has no value.

    ``icc`` is at most 1. ``f`` tests ICC = 0 with ``df1`` and ``df2`` degrees of freedom, ``p`` its upper tail, and is
    also masked where the readings agree exactly (F is infinite, p 0). ``lower`` and ``upper`` bound the confidence
    interval. Of the mean of k readings, an ICC or bound that tends to minus infinity (subjects' means as good as equal)
    is masked too.
    """

    form: str
    icc: MaskedArray
    f: MaskedArray
    df1: MaskedArray
    df2: MaskedArray
    p: MaskedArray
    lower: MaskedArray
    upper: MaskedArray


@dataclass(frozen=True, eq=False, kw_only=True)
class IccTable(Result):
    """Intraclass correlations of ``features`` in the ``forms``, with intervals at ``confidence`` (0 - 1).

    ``status`` says per feature ``ok``; ``constant`` (readings differ neither between subjects nor within them, apart
    from a shift per rater) or ``too few subjects`` (fewer than two without a missing reading): these have no value.
    ``subjects`` counts those used, ``dropped`` those left out for a missing reading.
    """

    features: tuple[str, ...]
    raters: int
    confidence: float
    status: tuple[str, ...]
    subjects: tuple[int, ...]
    dropped: tuple[int, ...]
    forms: dict[str, IccForm]

    def rows(self) -> Iterator[dict[str, object]]:
        """Yield one record per feature and form, None where there is no value: IccTable's and IccForm's fields."""
        columns = {name: form.to_dict() for name, form in self.forms.items()}
        for i, feature in enumerate(self.features):
            for name, values in columns.items():
                yield {"feature": feature, "form": name, "status": self.status[i], "subjects": self.subjects[i],
                       "dropped": self.dropped[i], "raters": self.raters,
                       **{key: item[i] for key, item in values.items() if key != "form"}}

    def kept(self, form: str, threshold: float, bound: str = "estimate") -> tuple[str, ...]:
        """Return the features whose ICC in ``form`` (``bound`` ``estimate``), or its ``lower`` bound, is at least
        ``threshold``; those without value fail.

        Raises InputError for an unknown form or bound.
        """
        one_of("form", form, tuple(self.forms))
        one_of("bound", bound, BOUNDS)
        values = self.forms[form].icc if bound == "estimate" else self.forms[form].lower
        passed = (values >= threshold).filled(False)
        return tuple(name for name, ok in zip(self.features, passed, strict=True) if ok)


def kept_in_all(tables: Sequence[IccTable], form: str, threshold: float, bound: str = "estimate") -> tuple[str, ...]:
    """Return the features that pass in every table, e.g. intra-reader and inter-reader, in the first one's order.

    ``form``, ``threshold`` and ``bound`` as in IccTable.kept. Raises InputError without a table, and as that does.
    """
    if not tables:
        raise InputError("No reproducibility table was given.")
    passed = [table.kept(form, threshold, bound) for table in tables]
    return tuple(name for name in passed[0] if all(name in others for others in map(set, passed[1:])))


def intraclass_correlation(readings: ArrayLike, features: Sequence[str] | None = None, forms: Sequence[str] = FORMS,
                           confidence: float = 0.95) -> IccTable:
    """Return the ICCs of ``readings``, an array (features, subjects, raters) named by ``features``; a rater may be a
    reader or a session.

    A reading that is not finite is missing: its subject is left out of that feature. Shrout & Fleiss, Psychol Bull
    1979;86:420; intervals of ICC(2,.) as McGraw & Wong, Psychol Methods 1996;1:30. Equal to R's
    psych::ICC(lmer = FALSE). Raises InputError for another shape, fewer than two subjects or raters, an unknown form or
    a ``confidence`` outside 0 - 1; CohortError when no feature has a value.
    """
    x = _checked_readings(readings)
    names = tuple(f"feature {i}" for i in range(len(x))) if features is None else tuple(features)
    if len(names) != len(x):
        raise InputError(f"{len(names)} feature names were given for {len(x)} features of readings.")
    for form in forms:
        one_of("form", form, FORMS)
    confidence_level(confidence)
    complete: Mask = np.asarray(np.isfinite(x).all(axis=2))
    subjects = complete.sum(axis=1)
    squares = _mean_squares(x, complete)
    usable = subjects >= 2
    varies = (squares.between > 0) | (squares.error > 0)
    if not (usable & varies).any():
        raise CohortError("No feature has an ICC: all are constant or have fewer than two subjects with every reading.")
    status = tuple(np.select([~usable, ~varies], [TOO_FEW, CONSTANT], OK).tolist())
    defined = squares.of(usable & varies)
    results = {form: _expanded(form, _ONE_FORM[form[4]](defined, form.endswith("k)"), confidence), usable & varies)
               for form in forms}
    return IccTable(features=names, raters=x.shape[2], confidence=confidence, status=status,
                    subjects=tuple(subjects.tolist()), dropped=tuple((x.shape[1] - subjects).tolist()), forms=results)


@dataclass(frozen=True, eq=False, kw_only=True)
class _MeanSquares:
    """Mean squares (features,) of subjects, raters, two-way error and one-way within; n subjects, k raters."""

    n: Integers
    k: int
    between: Floats
    raters: Floats
    error: Floats
    within: Floats

    def of(self, which: Mask) -> _MeanSquares:
        return _MeanSquares(n=self.n[which], k=self.k, between=self.between[which], raters=self.raters[which],
                            error=self.error[which], within=self.within[which])


def _mean_squares(x: Floats, complete: Mask) -> _MeanSquares:
    """Return the mean squares of readings (features, subjects, raters), of the ``complete`` subjects only."""
    n, k = complete.sum(axis=1), x.shape[2]
    used = complete[:, :, None]
    x = np.where(used, x, 0.0)
    readings = np.maximum(n * k, 1)
    size = np.einsum("fsr,fsr->f", x, x)
    x = np.where(used, x - (x.sum(axis=(1, 2)) / readings)[:, None, None], 0.0)
    by_subject = x.mean(axis=2)
    by_rater = x.sum(axis=1) / np.maximum(n, 1)[:, None]
    rest = np.where(used, x - by_subject[:, :, None] - by_rater[:, None, :], 0.0)
    between = k * np.einsum("fs,fs->f", by_subject, by_subject)
    raters = n * np.einsum("fr,fr->f", by_rater, by_rater)
    error = np.einsum("fsr,fsr->f", rest, rest)
    for squares in (between, raters, error):
        squares[squares <= _ROUNDING * size] = 0.0
    df = np.maximum(n - 1, 1)
    return _MeanSquares(n=n, k=k, between=between / df, raters=raters / (k - 1), error=error / (df * (k - 1)),
                        within=(raters + error) / np.maximum(n * (k - 1), 1))


@dataclass(frozen=True, eq=False, kw_only=True)
class _Columns:
    """One form of the features (features,) that have a value."""

    icc: MaskedArray
    f: MaskedArray
    df1: Integers
    df2: Integers
    lower: MaskedArray
    upper: MaskedArray


def _one_way(ms: _MeanSquares, average: bool, confidence: float) -> _Columns:
    df1, df2 = ms.n - 1, ms.n * (ms.k - 1)
    return _ratio_form(ms.between, ms.within, df1, df2, ms.k, average, confidence)


def _consistency(ms: _MeanSquares, average: bool, confidence: float) -> _Columns:
    df1, df2 = ms.n - 1, (ms.n - 1) * (ms.k - 1)
    return _ratio_form(ms.between, ms.error, df1, df2, ms.k, average, confidence)


def _ratio_form(between: Floats, within: Floats, df1: Integers, df2: Integers, k: int, average: bool,
                confidence: float) -> _Columns:
    """Return the columns of a form that depends on the ratio of two mean squares alone.

    Written with products instead of F, so that exact agreement (``within`` 0) gives 1 and no division by zero.
    """
    tail = 0.5 * (1.0 + confidence)

    def icc_of(numerator: Floats, denominator: Floats) -> MaskedArray:
        """Return the ICC at F = numerator / denominator: (F - 1) / (F + k - 1), or 1 - 1/F for the mean of k."""
        if average:
            return _divided(numerator - denominator, numerator)
        return _divided(numerator - denominator, numerator + (k - 1) * denominator)

    lower = icc_of(between, within * special.fdtri(df1, df2, tail))
    upper = icc_of(between * special.fdtri(df2, df1, tail), within)
    return _Columns(icc=icc_of(between, within), f=_divided(between, within), df1=df1, df2=df2, lower=lower,
                    upper=upper)


def _agreement(ms: _MeanSquares, average: bool, confidence: float) -> _Columns:
    """Return the columns of ICC(2,1) or ICC(2,k), whose interval has Satterthwaite's degrees of freedom."""
    n, k = ms.n, ms.k
    icc = _divided(ms.between - ms.error, ms.between + (k - 1) * ms.error + k * (ms.raters - ms.error) / n)
    a, b = k * icc, n * (1 + (k - 1) * icc) - k * icc
    # Satterthwaite's v, multiplied through by (n (1 - icc))^2 so that icc = 1 needs no special case.
    v = _divided((a * ms.raters + b * ms.error) ** 2,
                 (a * ms.raters) ** 2 / (k - 1) + (b * ms.error) ** 2 / ((n - 1) * (k - 1)))
    # Opposite signs of a and b can cancel to v near 0, whose F quantile 1/inverse_high is infinite.
    v = np.maximum(v.filled(1.0), 1e-5)
    tail = 0.5 * (1.0 + confidence)
    noise = k * ms.raters + (k * n - k - n) * ms.error
    inverse_high, low = special.fdtri(v, n - 1, 1.0 - tail), special.fdtri(v, n - 1, tail)
    lower = _divided(n * (inverse_high * ms.between - ms.error), noise + n * inverse_high * ms.between)
    upper = _divided(n * (low * ms.between - ms.error), noise + n * low * ms.between)
    if average:
        icc, lower, upper = (_of_mean(value, k) for value in (icc, lower, upper))
    return _Columns(icc=icc, f=_divided(ms.between, ms.error), df1=n - 1, df2=(n - 1) * (k - 1), lower=lower,
                    upper=upper)


def _of_mean(value: MaskedArray, k: int) -> MaskedArray:
    """Return Spearman-Brown's step from one reading to the mean of k, for an estimate or a bound.

    A value at or below -1/(k - 1) becomes minus infinity, masked: the formula would jump to a number above 1 there, and
    a feature that does not repeat at all would pass any threshold.
    """
    return _divided(value * k, np.maximum(1 + value * (k - 1), 0.0))


_ONE_FORM = {"1": _one_way, "2": _agreement, "3": _consistency}


def _expanded(form: str, columns: _Columns, which: Mask) -> IccForm:
    """Return the columns of the features ``which`` as masked arrays over all features."""
    p = np.ma.array(special.fdtrc(columns.df1, columns.df2, columns.f.filled(np.inf)), mask=columns.icc.mask)

    def spread(column: MaskedArray | Integers) -> MaskedArray:
        whole: MaskedArray = np.ma.masked_all(len(which), dtype=column.dtype)
        whole[which] = column
        whole.data[np.ma.getmaskarray(whole)] = 0
        return whole

    return IccForm(form=form, icc=spread(columns.icc), f=spread(columns.f), df1=spread(columns.df1),
                   df2=spread(columns.df2), p=spread(p), lower=spread(columns.lower), upper=spread(columns.upper))


def _divided(numerator: MaskedArray | Floats, denominator: MaskedArray | Floats) -> MaskedArray:
    """Return the quotient, masked where the denominator is zero."""
    numerator, denominator = np.ma.asarray(numerator, dtype=float), np.ma.asarray(denominator, dtype=float)
    zero = (denominator.data == 0) | np.ma.getmaskarray(numerator) | np.ma.getmaskarray(denominator)
    quotient: MaskedArray = np.ma.array(numerator.data / np.where(zero, 1.0, denominator.data), mask=zero)
    return quotient


def _checked_readings(readings: ArrayLike) -> Floats:
    # One order in memory: sums of the same numbers differ in the last bit with the order that their table left.
    x = np.asarray(readings, dtype=float, order="C")
    if x.ndim != 3 or min(x.shape[1:]) < 2 or not len(x):
        raise InputError(f"Readings have the shape {x.shape}; an ICC needs (features, subjects, raters) with at least "
                         "two subjects and two raters.")
    return x
