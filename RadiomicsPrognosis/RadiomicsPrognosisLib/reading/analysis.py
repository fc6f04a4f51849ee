"""Analyse a table of repeated readings: features, scores, groups and contours of every comparison, and the filter."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ..errors import CohortError
from ..models.model import Model
from ..models.scaling import Scaling
from ..prediction.predict import software_versions
from ..prediction.record import EngineIdentity, ProtocolIdentity
from ..progress import Progress, step
from ..protocol import Protocol
from ..statistics.arrays import Floats
from ..statistics.icc import IccTable, intraclass_correlation
from .caveats import notes_on, warnings_about
from .comparisons import ReadingSet, common_cases, reading_sets, readings_cube
from .feature_columns import feature_columns, feature_groups
from .result import (
    INTER,
    INTRA,
    ContourAgreement,
    FailedFeature,
    FeatureFilter,
    FeatureSummary,
    ReadingComparison,
    ReproducibilityResult,
)
from .rows import READING, checked_readings, describe_plan, refuse_mixed
from .rule import FORM_SENTENCES, ReproducibilityFilter, SourceTable
from .scores import ScoreTable, describe_model, score_agreement, score_readings

#: Confidence of every interval.
CONFIDENCE = 0.95


def contour_pairs(readings: pd.DataFrame) -> tuple[tuple[str, str], ...]:
    """Return the pairs of readings whose contours a study compares: those within a reader, or within a session.

    Raises CohortError for a table that is none of readings.
    """
    table = checked_readings(readings, ())
    sets = reading_sets(table, describe_plan(readings, table))
    return tuple((item.readings[0], item.readings[1]) for item in sets if len(item.readings) == 2)


def analyse_readings(readings: pd.DataFrame, rule: ReproducibilityFilter, model: Model | None = None,
                     scaling: Scaling | None = None, protocol: Protocol | None = None,
                     contours: Sequence[ContourAgreement] = (), source: Sequence[SourceTable] = (),
                     progress: Progress | None = None) -> ReproducibilityResult:
    """Return the reproducibility of a table of features with one row per case, label, reader and session.

    Parameters
    ----------
    rule: the filter; of its comparisons those are judged that the readings allow.
    model, scaling: whose score is compared; without the scaling that it needs, features are analysed alone.
    protocol: what the features were made by, where it is known.
    contours: agreement of the readings' contours, where masks were at hand.
    source: the files of the table.

    Only cases that every reading of a comparison holds count in it. Raises CohortError when no comparison has two
    readings of two cases with a feature that varies, a reading repeats or a column is no number; ModelMismatch for
    features made in several ways, or in another way than the model's.
    """
    model_terms = tuple(model.term_keys) if model else ()
    features, unused = feature_columns(readings, model)
    table = checked_readings(readings, features)
    refuse_mixed(table)
    plan = describe_plan(readings, table)
    scored = score_readings(table, model, scaling) if model else ()
    by_reading = {(item.case, item.reading): item for item in scored}
    sets = reading_sets(table, plan)
    if not sets:
        raise CohortError(f"The readings are one reading of {len(plan.cases)} cases ({plan.readings[0].label}); give a "
                          "second one, by another reader or in another session.")
    comparisons = []
    for number, group in enumerate(sets):
        step(progress, number, len(sets), group.title)
        comparisons.append(_compare(group, table, features, rule, by_reading if scored else None, model))
    if all(item.icc is None for item in comparisons):
        raise CohortError(comparisons[0].reason)
    step(progress, len(sets), len(sets), "features compared")
    return ReproducibilityResult(
        source=tuple(source), protocol=_protocol(table, protocol), engine=_engine(table), plan=plan, form=rule.form,
        form_sentence=FORM_SENTENCES[rule.form], confidence=CONFIDENCE, comparisons=tuple(comparisons),
        filter=_filter(comparisons, features, rule, model_terms),
        model=describe_model(model, scaling) if model else None, scores=scored, contours=tuple(contours),
        notes=notes_on(readings, table, plan, comparisons, rule, unused), software=software_versions("pandas"),
        warnings=warnings_about(table, features, contours, model, scaling))


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
        left_out=tuple(sorted(held - set(cases))), icc=icc, groups=_summaries(icc, rule) if icc else (), score=score,
        reason=reason)


def _summaries(icc: IccTable, rule: ReproducibilityFilter) -> tuple[FeatureSummary, ...]:
    """Return how the ICCs of all features, of each image type and of each class are distributed."""
    values = icc.forms[rule.form].icc
    kept = np.isin(icc.features, icc.kept(rule.form, rule.threshold, rule.bound))
    rows = []
    for by, name, members in feature_groups(icc.features):
        known: Floats = values[members].compressed()
        quartiles = [float(item) for item in np.percentile(known, (25, 50, 75))] if len(known) else [None] * 3
        rows.append(FeatureSummary(by=by, name=name, features=len(members), defined=len(known),
                                   kept=int(kept[members].sum()), lower_quartile=quartiles[0], median=quartiles[1],
                                   upper_quartile=quartiles[2]))
    return tuple(rows)


def judged(comparisons: Sequence[ReadingComparison], rule: ReproducibilityFilter) -> list[ReadingComparison]:
    """Return the comparisons that the rule judges by: of each kind that it names the first, where it has ICCs."""
    first = [next((item for item in comparisons if item.kind == kind), None) for kind in (INTRA, INTER)
             if kind in rule.comparisons]
    return [item for item in first if item is not None and item.icc is not None]


def _filter(comparisons: Sequence[ReadingComparison], features: Sequence[str], rule: ReproducibilityFilter,
            model_terms: Sequence[str]) -> FeatureFilter:
    """Return which features pass; raises CohortError when no comparison can be judged."""
    used = judged(comparisons, rule)
    if not used:
        raise CohortError(f"No {' or '.join(rule.comparisons)} comparison has an ICC to filter by: "
                          f"{comparisons[0].reason or 'add readings of two or more cases.'}")
    passed = {item.id: set(item.icc.kept(rule.form, rule.threshold, rule.bound)) for item in used if item.icc}
    failed = [FailedFeature(feature=feature, comparison=item.id, value=judged_value(item, feature, rule),
                            status=item.icc.status[item.icc.features.index(feature)])
              for feature in dict.fromkeys(model_terms) for item in used
              if item.icc and feature not in passed[item.id]]
    return FeatureFilter(form=rule.form, threshold=rule.threshold, on=rule.bound,
                         comparisons=tuple(item.id for item in used), features=tuple(features),
                         kept=tuple(name for name in features if all(name in names for names in passed.values())),
                         failed=tuple(failed))


def judged_value(comparison: ReadingComparison, feature: str, rule: ReproducibilityFilter) -> float | None:
    """Return what the rule compares with its threshold: the feature's ICC or its lower bound, None without one."""
    if comparison.icc is None:
        return None
    form = comparison.icc.forms[rule.form]
    value = (form.icc if rule.bound == "estimate" else form.lower)[comparison.icc.features.index(feature)]
    return None if value is np.ma.masked else float(value)


def _protocol(table: pd.DataFrame, protocol: Protocol | None) -> ProtocolIdentity | None:
    """Return the protocol that the rows name; its title only where it is at hand."""
    if protocol is not None and "protocol_hash" in table and table["protocol_hash"].iloc[0] == protocol.hash:
        return ProtocolIdentity(protocol.id, protocol.title, protocol.hash)
    if "protocol_hash" not in table or pd.isna(table["protocol_hash"].iloc[0]):
        return None
    name = str(table["protocol"].iloc[0]) if "protocol" in table else ""
    return ProtocolIdentity(name, "", str(table["protocol_hash"].iloc[0]))


def _engine(table: pd.DataFrame) -> EngineIdentity | None:
    if not {"engine", "engine_version"} <= set(table) or table[["engine", "engine_version"]].isna().any(axis=None):
        return None
    return EngineIdentity(str(table["engine"].iloc[0]), str(table["engine_version"].iloc[0]))
