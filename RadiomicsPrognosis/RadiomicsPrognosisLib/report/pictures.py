"""The report's figures, or, where one cannot be drawn, the reason in its place."""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import InputError, PackageMissing
from ..figures import (
    draw_contributions,
    draw_largest_slice,
    draw_nomogram,
    draw_score_scale,
    draw_surface,
    draw_survival,
    draw_voi,
)
from ..models.groups import group_curves, training_distributions
from ..models.model import Model
from ..models.model_nomogram import model_nomogram
from ..prediction.case_points import case_path
from ..prediction.record import Prediction
from ..texts import clean, signed
from ..voi.voi import Voi
from .blocks import Block, DataTable, Picture, ReflowingPicture
from .elements import missing

#: Width in cm of a figure in a phone's column, of one that takes half a page, and of a curve drawn to be shrunk to
#: that: its labels need the room.
_NARROW_CM, _HALF_CM, _CURVE_CM = 9.0, 8.2, 11.0

def contour_picture(model: Model, vois: Mapping[str, Voi]) -> Picture | None:
    """Return the contour on its largest axial slice, of the first input whose VOI is there; None without one."""
    item = next((item for item in model.inputs if item.name in vois), None)
    if item is None:
        return None
    which = f" on the input '{clean(item.name, 40)}'" if len(model.inputs) > 1 else ""
    return Picture("contour", f"Contour{which}", "Axial slice of the largest area; yellow: contour.",
                   draw_largest_slice(vois[item.name], width_cm=_HALF_CM), vector=False)


def outcome_picture(prediction: Prediction, model: Model) -> Picture | None:
    """Return the survival curve, the score's scale for a model without one, or None without a score."""
    if prediction.survival is not None:
        return Picture("survival", "Predicted survival", _survival_caption(prediction, model),
                       draw_survival(prediction, model, width_cm=_CURVE_CM))
    if prediction.score is None or model.survival is not None:
        return None
    return Picture("score", f"{clean(model.score_name, 40)} on its scale", _scale_caption(model),
                   draw_score_scale(prediction, model, width_cm=_HALF_CM))


def result_pictures(prediction: Prediction, model: Model) -> tuple[Block, ...]:
    """Return score scale, nomogram with its table, and contributions, and why there is no survival curve.

    A model without signature has neither scale nor contributions.
    """
    outcome = (*_survival(prediction, model), *_nomogram(prediction, model))
    if model.is_clinical:
        return outcome
    return (*_score_scale(prediction, model), *outcome, *_contributions(prediction, model))


def voi_pictures(name: str, title: str, voi: Voi | None) -> tuple[Block, ...]:
    """Return the two pictures of one input's VOI, or why they are missing; ``title`` names the input among several."""
    if voi is None:
        return (missing("No picture of the contour", "This report was written from the stored prediction, without the "
                        "image."),)
    where = f", {title}" if title else ""
    flat = ReflowingPicture(
        f"voi-{name}", f"Contour in three planes{where}", "Slice of the largest area in three planes, seen as usual in "
        "radiology (patient's left at the right). Yellow: contour as drawn; hatched: voxels that the protocol's HU "
        "range leaves out.", draw_voi(voi), vector=False, narrow=draw_voi(voi, width_cm=_NARROW_CM))
    try:
        surface = Picture(f"surface-{name}", f"Surface of the contour{where}", "Smoothed surface of the voxels kept, "
                          "inside the contour's (transparent), from the front, left and above. L, A, S: towards the "
                          "patient's left, front and head.", draw_surface(voi), vector=False)
    except PackageMissing as error:
        return flat, missing("No 3-D picture", str(error))
    return flat, surface


def _score_scale(prediction: Prediction, model: Model) -> tuple[Block, ...]:
    name = clean(model.score_name, 40)
    if prediction.score is None:
        return (missing(f"No scale of the {name}", prediction.why_withheld("score") or "No score."),)
    return (ReflowingPicture("scale", f"{name} on its scale", _scale_caption(model),
                             draw_score_scale(prediction, model),
                             narrow=draw_score_scale(prediction, model, width_cm=_NARROW_CM)),)


def _scale_caption(model: Model) -> str:
    caption = f"{clean(model.score_name, 40)} of this case"
    caption += ", the cut-off and the groups on either side of it" if model.score_cutoff else ""
    if training_distributions(model):
        caption += "; curves: normal distributions with the mean and SD known of the cohorts named"
    return f"{caption}."


def _survival(prediction: Prediction, model: Model) -> tuple[Block, ...]:
    """Return why there is no curve, which the first page would show."""
    if model.survival is None or prediction.survival is not None:
        return ()
    return (missing("No survival curve", prediction.why_withheld("survival") or "No survival."),)


def _survival_caption(prediction: Prediction, model: Model) -> str:
    caption = f"{clean(model.endpoint.name, 80)}. Solid: this case"
    if prediction.survival is not None and prediction.survival.curve_intervals:
        caption += "; shaded: its interval"
    if prediction.survival is not None and prediction.survival.alternatives:
        caption += "; thin: with each level of what is not yet known"
    if group_curves(model, [0.0]) is not None:
        caption += "; dashed and dotted: mean of the patients on either side of the cut-off"
    return f"{caption}."


def _nomogram(prediction: Prediction, model: Model) -> tuple[Block, ...]:
    if model.predictor is None:
        return ()
    try:
        drawn = model_nomogram(model)
    except InputError as error:
        return (missing("No nomogram", str(error)),)
    path = case_path(drawn, model, prediction)
    reason = prediction.why_withheld(model.predictor.name)
    caption = "Each factor's value gives points (upwards); their sum gives the outcome (downwards)."
    caption += f" Without total: {reason}" if reason else ""
    rows = tuple((clean(drawn.titles[name], 80), signed(clean(value, 40)), signed(f"{points:.1f}"))
                 for name, (value, points) in path.terms.items())
    if path.total is not None:
        rows += (("Total", "", signed(f"{path.total:.1f}")),)
    return (ReflowingPicture("nomogram", "Nomogram", caption, draw_nomogram(prediction, model),
                             narrow=draw_nomogram(prediction, model, width_cm=_NARROW_CM)),
            DataTable("Points of this case", ("Factor", "Value", "Points"), rows, frozenset({2})))


def _contributions(prediction: Prediction, model: Model) -> tuple[Block, ...]:
    name = clean(model.score_name, 40)
    if not prediction.contributions:
        return (missing("No contributions", prediction.why_withheld("score") or "No score."),)
    factor = "z-score" if model.needs_scaling else "value"
    return (ReflowingPicture("contributions", f"What makes up the {name}",
                             f"Coefficient × {factor} of each feature, largest first; together they are the {name}.",
                             draw_contributions(prediction, model),
                             narrow=draw_contributions(prediction, model, width_cm=_NARROW_CM)),)
