"""The report's figures, or, where one cannot be drawn, the reason in its place."""

from __future__ import annotations

from ..errors import InputError, PackageMissing
from ..figures import draw_contributions, draw_nomogram, draw_score_scale, draw_surface, draw_survival, draw_voi
from ..models.groups import group_curves, training_distributions
from ..models.model import Model
from ..models.model_nomogram import model_nomogram
from ..prediction.case_points import case_path
from ..prediction.record import Prediction
from ..texts import clean, signed
from ..voi.voi import Voi
from .blocks import Block, DataTable, Picture
from .elements import missing


def result_pictures(prediction: Prediction, model: Model) -> tuple[Block, ...]:
    """Return score scale, survival, nomogram with its table, and contributions."""
    return (*_score_scale(prediction, model), *_survival(prediction, model), *_nomogram(prediction, model),
            *_contributions(prediction, model))


def voi_pictures(name: str, title: str, voi: Voi | None) -> tuple[Block, ...]:
    """Return the two pictures of one input's VOI, or why they are missing."""
    if voi is None:
        return (missing("No picture of the contour", "The image was not at hand when this report was written; the "
                        "numbers come from the stored prediction."),)
    flat = Picture(f"voi-{name}", f"Contour on {title}", "Slice of the largest area in three planes, seen as usual in "
                   "radiology (patient's left at the right). Yellow: contour as drawn; hatched: voxels that the "
                   "protocol's HU range leaves out.", draw_voi(voi), vector=False)
    try:
        surface = Picture(f"surface-{name}", "Surface of the contour", "Smoothed surface of the voxels kept, inside "
                          "the contour's (transparent), from the front, left and above. L, A, S: towards the "
                          "patient's left, front and head.", draw_surface(voi), vector=False)
    except PackageMissing as error:
        return flat, missing("No 3-D picture", str(error))
    return flat, surface


def _score_scale(prediction: Prediction, model: Model) -> tuple[Block, ...]:
    name = clean(model.signature.name, 40)
    if prediction.score is None:
        return (missing(f"No scale of the {name}", prediction.why_withheld("score") or "No score."),)
    caption = f"The {name} of this case"
    caption += ", the cut-off and the groups on either side of it" if model.score_cutoff else ""
    if training_distributions(model):
        caption += "; curves: normal distributions with the mean and SD published for the cohorts named"
    return (Picture("scale", f"{name} on its scale", caption + ".", draw_score_scale(prediction, model)),)


def _survival(prediction: Prediction, model: Model) -> tuple[Block, ...]:
    if model.survival is None:
        return ()
    endpoint = clean(model.endpoint.name, 80)
    if prediction.survival is None:
        return (missing("No survival curve", prediction.why_withheld("survival") or "No survival."),)
    caption = f"{endpoint} predicted for this case (solid), marked at the model's horizons"
    if group_curves(model, [0.0]) is not None:
        caption += "; dashed and dotted: mean prediction over the publication's patients on either side of the cut-off"
    provenance = prediction.model.provenance.get("survival", "")
    caption += f". The survival part of the model is {provenance}." if provenance else "."
    return (Picture("survival", "Predicted survival", caption, draw_survival(prediction, model)),)


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
    return (Picture("nomogram", "Nomogram", caption, draw_nomogram(prediction, model)),
            DataTable("Points of this case", ("Factor", "Value", "Points"), rows, frozenset({2})))


def _contributions(prediction: Prediction, model: Model) -> tuple[Block, ...]:
    name = clean(model.signature.name, 40)
    if not prediction.contributions:
        return (missing("No contributions", prediction.why_withheld("score") or "No score."),)
    factor = "z-score" if model.signature.standardised else "value"
    return (Picture("contributions", f"What makes up the {name}",
                    f"Coefficient × {factor} of each feature, largest first; together they are the {name}.",
                    draw_contributions(prediction, model)),)
