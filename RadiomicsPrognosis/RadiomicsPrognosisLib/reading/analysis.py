"""Analyse a table of repeated readings: features, scores, groups and contours of every comparison, and the filter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from ..cohort.inputs import Inputs, join_inputs
from ..errors import CohortError
from ..models.model import Model
from ..models.scaling import Scaling
from ..prediction.predict import software_versions
from ..prediction.record import ProtocolIdentity
from ..progress import Progress, step
from ..protocol import Protocol
from ..statistics.icc import intraclass_correlation
from .caveats import notes_on, warnings_about, warnings_about_scaling, warnings_about_scores
from .comparisons import ReadingSet, common_cases, reading_sets, readings_cube
from .feature_columns import feature_columns
from .judging import judge, summaries
from .rows import READING, by_input, checked_readings, describe_plan, engine_of, refuse_mixed
from .rule import FORM_SENTENCES, ReproducibilityFilter, SourceTable
from .score_agreement import ScoreTable, describe_model, score_agreement, score_readings
from .study_result import ContourAgreement, ReadingComparison, ReadingPlan, ReproducibilityResult

#: Confidence of every interval.
CONFIDENCE = 0.95


def contour_pairs(readings: pd.DataFrame, session_order: Sequence[str] = ()) -> tuple[tuple[str, str], ...]:
    """Return the pairs of readings whose contours a study compares: those within a reader, or within a session.

    Raises CohortError for a table that is none of readings.
    """
    readings = by_input(readings)
    table = checked_readings(readings, (), session_order)
    sets = reading_sets(table, describe_plan(readings, table))
    return tuple((item.readings[0], item.readings[1]) for item in sets if len(item.readings) == 2)


def analyse_readings(readings: pd.DataFrame, rule: ReproducibilityFilter, model: Model | None = None,
                     scaling: Scaling | None = None, protocol: Protocol | None = None,
                     contours: Sequence[ContourAgreement] = (), source: Sequence[SourceTable] = (),
                     session_order: Sequence[str] = (), progress: Progress | None = None) -> ReproducibilityResult:
    """Return the reproducibility of a table of features with one row per case, label, reader and session.

    Rows of several inputs, those of the model or all that the table names, are joined to such rows.

    Parameters
    ----------
    rule: of its comparisons those are judged that the readings allow.
    model, scaling: whose score is compared; without the scaling that it needs, features are analysed alone.
    protocol: what the features were made by, where it is known.
    contours: agreement of the readings' contours, where masks were at hand.
    source: the files of the table.
    session_order: which session comes first; by name where it is not told.

    Only cases that every reading of a comparison holds count in it. Raises CohortError when no comparison has two
    readings of two cases with a feature that varies, a reading repeats or a column is no number; ModelMismatch for
    features made in several ways, or in another way than the model's.
    """
    readings, joined = join_inputs(readings, _inputs(model))
    features, unused = feature_columns(readings, model)
    table = checked_readings(readings, features, session_order)
    refuse_mixed(table)
    plan = describe_plan(readings, table)
    scored = score_readings(table, model, scaling) if model else ()
    by_reading = {(item.case, item.reading): item for item in scored} if scored else None
    comparisons = []
    sets = _sets(table, plan)
    for number, group in enumerate(sets, start=1):
        comparisons.append(_compare(group, table, features, rule, by_reading, model))
        step(progress, number, len(sets), group.title)
    if all(item.icc is None for item in comparisons):
        raise CohortError(comparisons[0].reason)
    return ReproducibilityResult(
        source=tuple(source), protocol=_protocol(table, protocol), engine=engine_of(table), plan=plan, form=rule.form,
        form_sentence=FORM_SENTENCES[rule.form], confidence=CONFIDENCE, comparisons=tuple(comparisons),
        filter=judge(comparisons, features, rule, model.term_keys if model else ()),
        model=describe_model(model, scaling) if model else None, scores=scored, contours=tuple(contours),
        notes=(*joined, *notes_on(readings, plan, comparisons, contours, rule, unused)),
        software=software_versions("pandas"),
        warnings=(*warnings_about(table, features, contours, comparisons, rule),
                  *warnings_about_scaling(model, scaling), *warnings_about_scores(model, scored)))


def _inputs(model: Model | None) -> Inputs:
    """Return what readings are joined for."""
    return Inputs(table="readings") if model is None else replace(Inputs.of_model(model), table="readings")


def _sets(table: pd.DataFrame, plan: ReadingPlan) -> tuple[ReadingSet, ...]:
    sets = reading_sets(table, plan)
    if not sets:
        count = f"{len(plan.cases)} case{'' if len(plan.cases) == 1 else 's'}"
        raise CohortError(f"The readings are one reading of {count} ({plan.readings[0].label}); "
                          f"{f'{len(plan.left_out)} further rows have no features; ' if plan.left_out else ''}give a "
                          "second one, by another reader or in another session.")
    return sets


def _compare(group: ReadingSet, table: pd.DataFrame, features: Sequence[str], rule: ReproducibilityFilter,
             scores: ScoreTable | None, model: Model | None) -> ReadingComparison:
    cases = common_cases(table, group.readings)
    held = set(table.loc[table[READING].isin(group.readings), "case"])
    icc, reason = None, ""
    try:
        cube = readings_cube(table, group.readings, features, group.id)
        icc = intraclass_correlation(cube, features, confidence=CONFIDENCE)
    except CohortError as error:
        reason = str(error)
    score = None
    if scores is not None and model is not None and cases:
        score = score_agreement(scores, group.readings, cases, model, CONFIDENCE)
    return ReadingComparison(
        id=group.id, kind=group.kind, title=group.title, who=group.who, readings=group.readings, cases=tuple(cases),
        left_out=tuple(sorted(held - set(cases))), icc=icc, groups=summaries(icc, rule) if icc else (), score=score,
        reason=reason)


def _protocol(table: pd.DataFrame, protocol: Protocol | None) -> ProtocolIdentity | None:
    """Return the protocol that the rows name; its title only where it is at hand."""
    if protocol is not None and "protocol_hash" in table and table["protocol_hash"].iloc[0] == protocol.hash:
        return ProtocolIdentity(protocol.id, protocol.title, protocol.hash)
    if "protocol_hash" not in table or pd.isna(table["protocol_hash"].iloc[0]):
        return None
    name = str(table["protocol"].iloc[0]) if "protocol" in table else ""
    return ProtocolIdentity(name, "", str(table["protocol_hash"].iloc[0]))
