"""A reading study's result as tables for CSV files: one per file, unrounded, what has no value left empty."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import pandas as pd

from ..prediction.columns import survival_column
from ..statistics.bland_altman import LimitsOfAgreement
from ..statistics.icc import IccForm
from .filtering import FEATURE, FORM, KEPT, NO, ON, PROTOCOL, THRESHOLD, YES
from .overlap import Overlap
from .study_result import (
    AGREEMENT_FILE,
    CONTOURS_FILE,
    FILTER_FILE,
    ICC_FILE,
    SCORES_FILE,
    ReadingComparison,
    ReproducibilityResult,
    ScoreAgreement,
)

#: Columns of an ICC in their order.
_ICC = ("icc", "lower", "upper", "f", "p", "df1", "df2")

#: One row of the table of agreement: measure, value, its interval and the number of cases.
_Row = dict[str, Any]


def result_tables(result: ReproducibilityResult) -> dict[str, pd.DataFrame]:
    """Return the tables by file name; those without rows are left out."""
    tables = {ICC_FILE: _icc(result), FILTER_FILE: filter_table(result), SCORES_FILE: _scores(result),
              AGREEMENT_FILE: pd.DataFrame(_agreement(result)), CONTOURS_FILE: _contours(result)}
    return {name: table for name, table in tables.items() if len(table)}


def _icc(result: ReproducibilityResult) -> pd.DataFrame:
    """Return every feature's ICC in every form and comparison."""
    blocks = []
    for item in result.comparisons:
        if item.icc is None:
            continue
        for name, form in item.icc.forms.items():
            blocks.append(pd.DataFrame({
                "feature": item.icc.features, "comparison": item.id, "form": name, **_columns(form),
                "subjects": item.icc.subjects, "dropped": item.icc.dropped, "status": item.icc.status}))
    return pd.concat(blocks, ignore_index=True)


def _columns(form: IccForm) -> dict[str, Any]:
    return {name: pd.array(getattr(form, name).tolist(), dtype="Int64" if name.startswith("df") else "Float64")
            for name in _ICC}


def filter_table(result: ReproducibilityResult) -> pd.DataFrame:
    """Return the table that ``study run --readings`` reads: per feature whether it is kept, and what was judged."""
    rule = result.filter
    values = {}
    for name in rule.comparisons:
        icc = result.comparison(name).icc
        form = icc.forms[rule.form] if icc else None
        values[name] = (form.icc if rule.on == "estimate" else form.lower).tolist() if form else None
    kept = set(rule.kept)
    return pd.DataFrame({FEATURE: rule.features, KEPT: [YES if name in kept else NO for name in rule.features],
                         **values, FORM: rule.form, THRESHOLD: rule.threshold, ON: rule.on,
                         PROTOCOL: result.protocol.hash if result.protocol else ""})


def _scores(result: ReproducibilityResult) -> pd.DataFrame:
    months = result.model.horizons_months if result.model else ()
    return pd.DataFrame([{
        "case": item.case, "reading": item.reading, "score": item.score, "group": item.group,
        "probability": item.probability,
        **{survival_column(month): value for month, value in zip(months, item.survival, strict=True)},
        "withheld": item.withheld} for item in result.scores])


def _agreement(result: ReproducibilityResult) -> Iterator[_Row]:
    """Yield what is known of the score's agreement, a measure a row."""
    for item in result.comparisons:
        head = {"comparison": item.id, "kind": item.kind, "readings": "; ".join(item.readings)}
        for row in _measures(item):
            yield {**head, **row}


def _measures(item: ReadingComparison) -> Iterator[_Row]:
    score = item.score
    if score is None:
        return
    for row in score.icc.rows() if score.icc else ():
        yield _row(f"score {row['form']}", row["icc"], row["lower"], row["upper"], score.n)
    if score.limits:
        yield from _limits("score", score.limits)
    if score.repeatability:
        known = score.repeatability
        yield _row("score within-case SD", known.within_sd, *known.within_sd_interval, known.n)
        yield _row("score repeatability coefficient", known.coefficient, *known.coefficient_interval, known.n)
    yield from _groups(score)
    for change in score.changes:
        what = change.what if change.months is None else survival_column(change.months)
        yield _row(f"{what} mean range", change.mean_range, None, None, change.n)
        yield _row(f"{what} largest range", change.largest_range, None, None, change.n)
        if change.limits:
            yield from _limits(what, change.limits)


def _groups(score: ScoreAgreement) -> Iterator[_Row]:
    if score.kappa is None:
        return
    kappa = score.kappa
    yield _row("group observed agreement", kappa.observed, None, None, kappa.n)
    yield _row(f"group kappa ({kappa.method})", kappa.kappa, kappa.lower, kappa.upper, kappa.n,
               kappa.no_interval or kappa.reason)
    yield _row("group kappa standard error", kappa.se, None, None, kappa.n)
    yield _row("group kappa z", kappa.z, None, None, kappa.n)
    yield _row("group kappa p", kappa.p, None, None, kappa.n)
    yield _row("group flips", len(score.flips), None, None, kappa.n)


def _limits(what: str, limits: LimitsOfAgreement) -> Iterator[_Row]:
    yield _row(f"{what} bias", limits.bias, *limits.bias_interval, limits.n)
    yield _row(f"{what} SD of differences", limits.sd, None, None, limits.n)
    yield _row(f"{what} lower limit of agreement", limits.lower, *limits.lower_interval, limits.n)
    yield _row(f"{what} upper limit of agreement", limits.upper, *limits.upper_interval, limits.n)


def _row(measure: str, value: object, lower: object, upper: object, n: int, reason: str = "") -> _Row:
    return {"measure": measure, "value": value, "lower": lower, "upper": upper, "n": n, "reason": reason}


def _contours(result: ReproducibilityResult) -> pd.DataFrame:
    measures = [item.name for item in fields(Overlap) if not item.name.endswith("vector_mm")]
    return pd.DataFrame([{
        "case": item.case, "first": item.first, "second": item.second,
        **{name: getattr(item.overlap, name) if item.overlap else None for name in measures},
        "identical": YES if item.is_copy else NO if item.overlap else "", "reason": item.reason}
        for item in result.contours])
