"""What a model says of every reading, and how score, risk group and predicted outcome repeat."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict

import numpy as np
import pandas as pd

from ..cohort.scoring import predict_table
from ..errors import CohortError
from ..models.model import Model
from ..models.predict import needs_scaling
from ..models.scaling import Scaling
from ..prediction.columns import missing_of, outcome_columns, survival_column
from ..prediction.predict import identify_model, identify_scaling
from ..statistics.arrays import Floats
from ..statistics.bland_altman import LimitsOfAgreement, limits_of_agreement, repeatability
from ..statistics.icc import IccTable, intraclass_correlation
from ..statistics.inputs import listed
from ..statistics.kappa import Kappa, agreement_on_categories
from .rows import CASE, READING
from .study_result import PROBABILITY, SURVIVAL, CaseScore, GroupFlip, OutcomeChange, ScoreAgreement, ScoredModel

#: Scores by case and reading.
ScoreTable = Mapping[tuple[str, str], CaseScore]


def describe_model(model: Model, scaling: Scaling | None) -> ScoredModel:
    """Return what a result says of the model whose scores it compares."""
    cutoff = model.cutoff
    return ScoredModel(
        **asdict(identify_model(model)), cutoff=cutoff.value if cutoff else None,
        cutoff_on=cutoff.on if cutoff else None, groups=tuple(cutoff.labels) if cutoff else (),
        worse_is_above=cutoff.worse_is_above if cutoff else None, horizons_months=model.horizons_months,
        features=tuple(model.term_keys), scaling=identify_scaling(scaling if model.needs_scaling else None, model),
        no_score=needs_scaling(model) if model.needs_scaling and scaling is None else "")


def score_readings(table: pd.DataFrame, model: Model, scaling: Scaling | None) -> tuple[CaseScore, ...]:
    """Return what ``model`` says of every row of a table as checked_readings returns it; none without its scaling.

    Raises CohortError, CovariateError or ModelMismatch where features, scaling and model do not belong together.
    """
    if model.needs_scaling and scaling is None:
        return ()
    rows = predict_table(model, table, scaling)
    columns, missing = outcome_columns(rows), missing_of(rows)
    horizons = [survival_column(months) for months in model.horizons_months]
    return tuple(CaseScore(
        case=case, reading=reading, score=_known(columns["score"][row]),
        group=columns["group"][row] if columns["group"] is not None else None,
        survival=tuple(_known(columns[name][row]) for name in horizons),
        probability=_known(columns["probability"][row]) if "probability" in columns else None,
        withheld=missing[row])
        for row, (case, reading) in enumerate(zip(table[CASE], table[READING], strict=True)))


def _known(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def score_agreement(scores: ScoreTable, readings: Sequence[str], cases: Sequence[str], model: Model,
                    confidence: float) -> ScoreAgreement:
    """Return how the model's result repeats over ``readings`` of the ``cases`` that all of them hold.

    Limits of agreement are of two readings; everything has intervals at ``confidence`` (0 - 1).
    """
    scored = [case for case in cases if all(scores[case, reading].score is not None for reading in readings)]
    values = np.array([[scores[case, reading].score for reading in readings] for case in scored], float)
    values = values.reshape(len(scored), len(readings))
    reasons: list[str] = []
    icc = _score_icc(values, model.score_name, confidence, reasons)
    if len(readings) == 2 and len(scored) == 1:
        reasons.append("Limits of agreement need two cases or more.")
    kappa, flips = _groups(scores, readings, cases, model, confidence, reasons)
    changes = tuple(_changes(scores, readings, scored, model, confidence))
    reasons += _without_outcome(scores, readings, scored, model)
    return ScoreAgreement(
        n=len(scored), left_out=tuple(case for case in cases if case not in set(scored)), icc=icc,
        limits=_limits(values, confidence),
        repeatability=repeatability(values, confidence=confidence) if scored else None, kappa=kappa, flips=flips,
        changes=changes, reasons=tuple(reasons))


def _score_icc(values: Floats, name: str, confidence: float, reasons: list[str]) -> IccTable | None:
    if len(values) < 2:
        reasons.append(f"The {name} has no ICC: {len(values)} cases have one in every reading, and two are needed.")
        return None
    try:
        return intraclass_correlation(values[None], (name,), confidence=confidence)
    except CohortError:
        reasons.append(f"The {name} has no ICC: it is the same in every case and reading.")
        return None


def _groups(scores: ScoreTable, readings: Sequence[str], cases: Sequence[str], model: Model, confidence: float,
            reasons: list[str]) -> tuple[Kappa | None, tuple[GroupFlip, ...]]:
    """Return kappa of the risk group and the cases whose group is not the same in every reading."""
    if model.cutoff is None:
        return None, ()
    groups = {case: [scores[case, reading].group for reading in readings] for case in cases}
    known = {case: [item for item in items if item is not None] for case, items in groups.items()}
    grouped = {case: tuple(items) for case, items in known.items() if len(items) == len(readings)}
    if not grouped:
        reasons.append("There is no kappa: no case has a risk group in every reading.")
        return None, ()
    kappa = agreement_on_categories(list(zip(*grouped.values(), strict=True)), tuple(model.cutoff.labels), confidence)
    flips = tuple(GroupFlip(case, items) for case, items in grouped.items() if len(set(items)) > 1)
    return kappa, flips


def _changes(scores: ScoreTable, readings: Sequence[str], cases: Sequence[str], model: Model,
             confidence: float) -> Iterable[OutcomeChange]:
    """Yield how the predicted survival at each horizon, or the probability, changes between readings."""
    for number, months in enumerate(model.horizons_months):
        values = [[scores[case, reading].survival[number] for reading in readings] for case in cases]
        yield from _change(SURVIVAL, months, cases, values, confidence)
    if model.probability is not None:
        values = [[scores[case, reading].probability for reading in readings] for case in cases]
        yield from _change(PROBABILITY, None, cases, values, confidence)


def _without_outcome(scores: ScoreTable, readings: Sequence[str], cases: Sequence[str], model: Model) -> list[str]:
    """Return in which of the scored ``cases`` the predicted outcome was not compared, and why; nothing when in none."""
    without = [case for case in cases if any(scores[case, reading].withheld for reading in readings)]
    if model.predictor is None or not without:
        return []
    needed = ", ".join(item.name for item in model.covariates_used())
    compared = f"{len(cases) - len(without)} of {len(cases)} cases" if len(without) < len(cases) else "no case"
    return [f"The predicted {model.predictor.name} was compared in {compared}: it needs the clinical factors {needed} "
            f"in every reading, and {listed(without, 'case')} lack{'s' if len(without) == 1 else ''} one or more. Add "
            "them as columns of the table."]


def _change(what: str, months: float | None, cases: Sequence[str], values: Sequence[Sequence[float | None]],
            confidence: float) -> Iterable[OutcomeChange]:
    """Yield the change of one predicted share over the cases that have it in every reading, if there are any."""
    complete = [(case, row) for case, row in zip(cases, values, strict=True) if None not in row]
    if not complete:
        return
    shares = np.array([row for _, row in complete], float)
    ranges = np.ptp(shares, axis=1)
    largest = int(ranges.argmax())
    yield OutcomeChange(what=what, months=months, n=len(shares), mean_range=float(ranges.mean()),
                        largest_range=float(ranges[largest]), largest_case=complete[largest][0],
                        limits=_limits(shares, confidence))


def _limits(values: Floats, confidence: float) -> LimitsOfAgreement | None:
    """Return the limits of agreement of ``values`` (cases, readings), None unless they are two readings of two cases.
    """
    if values.shape[1] != 2 or len(values) < 2:
        return None
    return limits_of_agreement(values[:, 0], values[:, 1], confidence=confidence)
