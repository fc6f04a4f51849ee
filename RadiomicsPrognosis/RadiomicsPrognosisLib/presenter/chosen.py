"""The choices in one line, once there are no more to make."""

from __future__ import annotations

import re

from ..models.covariates import NOT_YET_KNOWN, UNKNOWN, Covariate
from ..models.model import Model
from .case import Choices

#: What stands between two choices.
SEPARATOR = " · "


def chosen_line(choices: Choices, volume_name: str) -> str:
    """Return the choices of model, scaling, clinical factors and CT, such as 'S1 LPFS · my-hospital · N1 · CR no'.

    Empty as long as one of them is missing, a clinical factor included. A model that reads no image has no CT in it.
    """
    model = choices.model
    if model is None or (choices.read_image and choices.volume is None) or (
            model.needs_scaling and not choices.scaling) or (len(model.inputs) > 1 and choices.second_volume is None):
        return ""
    values = [choices.covariates.get(item.name, "") for item in model.covariates]
    if not all(values):
        return ""
    scaling = [choices.scaling] if model.needs_scaling else []
    factors = [_factor(item, value) for item, value in zip(model.covariates, values, strict=True)]
    return SEPARATOR.join([model_name(model), *scaling, *factors, *([volume_name] if choices.read_image else [])])


def model_name(model: Model) -> str:
    """Return a short name: the first word of the model's id, in capitals if it is a letter and a number, and the
    endpoint's abbreviation."""
    first = re.split(r"[_\-. ]", model.id, maxsplit=1)[0]
    return f"{first.upper() if re.fullmatch(r'[a-z][0-9]+', first) else first} {model.endpoint.abbreviation}"


def _factor(item: Covariate, value: str) -> str:
    """Return a clinical factor in a word or two: levels speak for themselves, but for yes and no."""
    if item.kind == "continuous":
        return f"{item.title} {float(value):g} {item.unit}".strip()
    unknown = value == UNKNOWN
    if item.kind != "binary" and not unknown:
        return value
    words = re.split(r"[_\-. ]", item.name)
    name = "".join(word[:1] for word in words).upper() if len(words) > 1 else item.title
    return f"{name} {NOT_YET_KNOWN if unknown else value}"
