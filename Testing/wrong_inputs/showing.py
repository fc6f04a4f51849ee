"""What is shown of an input: a refusal, what is withheld or put in question, and the warnings beside the result."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from RadiomicsPrognosisLib.errors import InputError
from RadiomicsPrognosisLib.models.model import Model
from RadiomicsPrognosisLib.models.scaling import Scaling
from RadiomicsPrognosisLib.models.store import load_model
from RadiomicsPrognosisLib.prediction import Prediction, score_vois
from RadiomicsPrognosisLib.prediction.record import SCORE
from RadiomicsPrognosisLib.voi import Voi, make_voi

from .real import Case

REFUSED, WITHHELD, QUESTIONED, WARNED, PLAIN = "refused", "withheld", "in question", "warning", "plain result"

#: Codes of warnings that are about the numbers' use and not about a mistake: they name no problem of an input.
_ALWAYS = ("demonstration-scaling",)


@dataclass(frozen=True)
class Shown:
    """What is shown: ``how`` it stands to the result, and the sentences by their stable codes."""

    how: str
    sentences: dict[str, str]


def plain_model(**changes: Any) -> Model:
    """Return a model of two raw features without limits of its own, so that image and contour alone are judged.

    It is S2's for two-year control without what it says of spacing, acquisition, size of lesion and its patients.
    """
    model = load_model("s2_escc_ln_control_2y")
    bare = replace(model.inputs[0], **{name: None for name in ("slice_thickness_mm", "pixel_spacing_mm", "acquisition")
                                       if hasattr(model.inputs[0], name)})
    without = {name: None for name in ("lesion", "reference") if hasattr(model, name)}
    return replace(model, inputs=(bare,), **{"performance": (), **without, **changes})


def of_prediction(prediction: Prediction) -> Shown:
    """Return what is shown of a prediction."""
    sentences: dict[str, str] = {}
    for item in prediction.warnings:
        if item.code not in _ALWAYS:
            sentences[item.code] = f"{sentences.get(item.code, '')} {item.message}".strip()
    score = prediction.why_withheld(SCORE)
    if score is not None:
        return Shown(WITHHELD, {**sentences, "withheld": score})
    if prediction.questioned:
        return Shown(QUESTIONED, sentences)
    if prediction.withheld:
        return Shown(WITHHELD, {**sentences, "withheld": prediction.withheld[0].reason})
    return Shown(WARNED if sentences else PLAIN, sentences)


def attempt(make: Callable[[], Prediction | Iterable[Prediction]]) -> Shown:
    """Return what is shown of what ``make`` returns, or of the error that it raises."""
    try:
        result = make()
    except InputError as error:
        return Shown(REFUSED, {error.code: str(error)})
    if isinstance(result, Prediction):
        return of_prediction(result)
    several = [of_prediction(item) for item in result]
    worst = min(several, key=lambda item: (REFUSED, WITHHELD, QUESTIONED, WARNED, PLAIN).index(item.how))
    return Shown(worst.how, {code: text for item in several for code, text in item.sentences.items()})


def attempt_warnings(make: Callable[[], Voi]) -> set[str]:
    """Return the codes of a VOI's warnings, or of the error that making it raises."""
    try:
        return {item.code for item in make().warnings}
    except InputError as error:
        return {error.code}


def scored(case: Case, model: Model, scaling: Scaling | None = None, **covariates: str) -> Prediction:
    """Score a case as every way in does: place, check, extract, predict."""
    vois = {item.name: make_voi(case.image, case.mask, model.image_protocol(), "tumour") for item in model.inputs}
    return score_vois(vois, model, scaling, covariates)
