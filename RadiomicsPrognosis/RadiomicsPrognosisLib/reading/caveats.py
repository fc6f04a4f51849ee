"""What a reader of a reproducibility result must know of its readings: notes, and warnings of what may be wrong."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ..cohort.inputs import bare_column
from ..models.model import Model
from ..models.predict import needs_scaling
from ..models.scaling import Scaling, other_disease
from ..prediction.position import BEYOND_SD, score_positions
from ..statistics.inputs import listed
from ..warning import ResultWarning
from .mistakes import mistakes_in
from .rows import CASE, labels_name_drawings
from .rule import ReproducibilityFilter
from .study_result import INTER, INTRA, CaseScore, ContourAgreement, ReadingComparison, ReadingPlan

#: Fewer cases are remarked on.
_CASES = 30

#: A trend of differences with the size of the score is remarked on from this p value.
_TREND_P = 0.05


def notes_on(readings: pd.DataFrame, plan: ReadingPlan, comparisons: Sequence[ReadingComparison],
             contours: Sequence[ContourAgreement], rule: ReproducibilityFilter,
             unused: Sequence[str]) -> tuple[str, ...]:
    """Return sentences about what was compared, left out and taken on trust.

    ``unused`` are columns of numbers that are no features.
    """
    notes = []
    if plan.left_out:
        cases = listed([f"{item.case} ({item.reading})" for item in plan.left_out], "case")
        notes.append(f"{len(plan.left_out)} of {len(readings)} rows have no features and are left out: {cases}; the "
                     f"first says: {plan.left_out[0].reason}")
    if plan.missing:
        cases = listed([f"{item.case} by {item.reading}" for item in plan.missing], "reading")
        notes.append(f"Not every reading holds every case; a comparison goes without the cases that one of its "
                     f"readings lacks. Missing: {cases}.")
    if labels_name_drawings(readings):
        notes.append("Labels differ between the readings of every case, so they are taken as names of the drawings "
                     "and not of several VOIs.")
    if any(bare_column(str(name)) == "mask" for name in readings) and not contours:
        notes.append("The contours were not compared: images or masks that the table names are not at hand.")
    if "protocol_hash" not in readings:
        notes.append("The table does not say under which protocol its features were made; that all rows were made "
                     "alike is taken on trust.")
    if unused:
        notes.append(f"Not analysed, as their names are no features': {listed(list(unused), 'column')}.")
    return (*notes, *_on_comparisons(plan, comparisons, rule), *_on_scores(comparisons))


def _on_comparisons(plan: ReadingPlan, comparisons: Sequence[ReadingComparison],
                    rule: ReproducibilityFilter) -> list[str]:
    notes = []
    for kind, what in ((INTRA, "no reader has two sessions"), (INTER, "there is one reader")):
        items = [item for item in comparisons if item.kind == kind]
        if kind in rule.comparisons and not items:
            notes.append(f"The filter judges no {kind} comparison: {what}.")
        elif kind == INTRA and len(items) > 1:
            notes.append(f"Intra-reader, the filter judges the sessions of {items[0].who}, the first of those "
                         "with most sessions; those of the other readers are reported beside it.")
        elif kind == INTER and items and len(plan.sessions) > 1:
            notes.append(f"Inter-reader, the filter judges every reader's first reading "
                         f"({', '.join(items[0].readings)}).")
    for item in comparisons:
        if item.left_out and item.icc is not None:
            notes.append(f"{item.title}: {len(item.cases)} of {len(item.cases) + len(item.left_out)} cases are in "
                         "every reading and were compared.")
    fewest = min((len(item.cases) for item in comparisons if item.icc is not None), default=_CASES)
    if fewest < _CASES:
        notes.append(f"A comparison has {fewest} cases; at least {_CASES} are advised for an ICC (Koo & Li, J Chiropr "
                     "Med 2016;15:155). Judge by the intervals.")
    return notes


def _on_scores(comparisons: Sequence[ReadingComparison]) -> list[str]:
    notes = []
    for item in comparisons:
        limits = item.score.limits if item.score else None
        if limits and limits.slope is not None and limits.slope_p is not None and limits.slope_p < _TREND_P:
            notes.append(f"{item.title}: differences of the score {'grow' if limits.slope > 0 else 'fall'} with its "
                         f"size (slope {limits.slope:.2g}, p = {limits.slope_p:.2g}); one pair of limits of agreement "
                         "does not hold over the whole range.")
        if item.score and item.score.left_out:
            notes.append(f"{item.title}: without a score in one of the readings, and left out of its comparison: "
                         f"{listed(list(item.score.left_out), 'case')}.")
    return notes


def warnings_about(table: pd.DataFrame, features: Sequence[str], contours: Sequence[ContourAgreement],
                   comparisons: Sequence[ReadingComparison], rule: ReproducibilityFilter) -> list[ResultWarning]:
    """Return warnings of what would make the numbers wrong: mistakes of files and names, several images of a case, a
    comparison that the filter could not judge.

    ``table`` is as checked_readings returns it.
    """
    warnings = []
    for kind in rule.comparisons:
        first = next((item for item in comparisons if item.kind == kind), None)
        if first is not None and first.icc is None:
            warnings.append(ResultWarning("filter", f"The filter could not judge the {kind} comparison, and keeps "
                                          f"features without it: {first.reason}"))
    warnings += mistakes_in(table, features, contours)
    images = table.groupby(CASE)[[name for name in table if bare_column(str(name)) == "image"]].nunique()
    several = images.index[(images > 1).any(axis=1)].tolist()
    if several:
        warnings.append(ResultWarning(
            "several-images", f"Readings of {listed(several, 'case')} are of different images, so that their features "
            "differ for that reason, too. Give every reading of a case the same image."))
    unread = [item for item in contours if item.overlap is None]
    if unread:
        warnings.append(ResultWarning(
            "contours", f"The contours of {listed(sorted({item.case for item in unread}), 'case')} could not be "
            f"compared; the first says: {unread[0].reason}"))
    return warnings


def warnings_about_scaling(model: Model | None, scaling: Scaling | None) -> list[ResultWarning]:
    """Return the warning that scores are missing for want of a scaling, or mean nothing with another disease's."""
    warnings = []
    if model is not None and model.needs_scaling and scaling is None:
        warnings.append(ResultWarning("scaling", f"No score was compared. {needs_scaling(model)}"))
    if model is not None and model.needs_scaling and scaling is not None and scaling.demonstration:
        warnings.append(ResultWarning(
            "scaling-demonstration", f"Scores use the demonstration scaling '{scaling.name}', made from another "
            "disease; their size, and so the groups and survivals, mean nothing for these patients."))
    elif model is not None and model.needs_scaling and scaling is not None and other_disease(scaling, model):
        warnings.append(ResultWarning(
            "scaling-disease", f"Scores use the scaling '{scaling.name}', made from patients with {scaling.disease}, "
            f"and the model is for {model.disease}; the scores' size, and so the groups and survivals, mean nothing "
            "for these patients."))
    return warnings


def warnings_about_scores(model: Model | None, scores: Sequence[CaseScore]) -> list[ResultWarning]:
    """Return the warning that readings' scores are nothing like those of the model's patients."""
    known = [item for item in scores if item.score is not None]
    positions = score_positions(model, np.array([item.score for item in known], float)) if model is not None else None
    if positions is None or not positions.withheld.any():
        return []
    cases = sorted({item.case for item, far in zip(known, positions.withheld, strict=True) if far})
    return [ResultWarning(
        "score-beyond", f"Scores of {listed(cases, 'case')} lie more than {BEYOND_SD:g} SD from those of the patients "
        "the model was made from. How they repeat is measured; scored alone, such a case has no result.")]
