"""Scoring nodes of a scene, and reporting, in one call each: the panel's steps, in this process, for scripts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from ..errors import InputError, ModelMismatch
from ..features.engine import get_engine
from ..features.maker import check_engine
from ..models.model import Model
from ..models.scaling import Scaling, load_scaling
from ..models.store import load_model
from ..prediction import Prediction, check_inputs, score_vois
from ..stability.record import Stability
from ..voi import Voi
from .case import scene_voi


def score_nodes(volumes: Any, segmentation: Any, segment_id: str | Mapping[str, str],
                model: Model | str | Path, covariates: Mapping[str, Any] | None = None,
                scaling: Scaling | str | Path | None = None,
                engine: str = "") -> tuple[Prediction, dict[str, Voi]]:
    """Score one segment and return (prediction, VOIs by input name).

    ``volumes``, ``segmentation`` and ``segment_id`` are a scalar volume node, a segmentation node and the ID (or name)
    of a segment, or dicts of them by input name for a model with several: one contour may be that of all inputs.
    ``engine`` is the name of the engine that computes the features, empty for the preferred one. Raises
    InputError, or one of its kinds, for whatever is wrong with the input.
    """
    model = model if isinstance(model, Model) else load_model(model)
    if scaling is not None and not isinstance(scaling, Scaling):
        if not model.needs_scaling:
            raise ModelMismatch(f"Model '{model.id}' uses raw features and takes no scaling; leave it out.")
        scaling = load_scaling(scaling, model)
    check_engine(model.image_protocol(), engine)
    by_name = dict(volumes) if isinstance(volumes, Mapping) else {model.inputs[0].name: volumes}
    check_inputs(by_name, model)
    contours = {name: (_of_input(segmentation, name, "segmentation"), _of_input(segment_id, name, "segment"))
                for name in by_name}
    vois = {name: scene_voi(by_name[name], *contour, model.image_protocol()) for name, contour in contours.items()}
    return score_vois(vois, model, scaling, covariates, get_engine(engine)), vois


def _of_input(given: Any, name: str, what: str) -> Any:
    """Return what is given for input ``name``: its own of a mapping, or the one for all."""
    if not isinstance(given, Mapping):
        return given
    if name not in given:
        raise InputError(f"No {what} is given for the input '{name}'; give one for each input, or one for all.")
    return given[name]


def report(prediction: Prediction, folder: str | Path, vois: Mapping[str, Voi] | None = None,
           patient: Mapping[str, str] | None = None, model: Model | None = None,
           stability: Stability | None = None, anonymous: bool = False) -> Any:
    """Write the report of ``prediction`` into ``folder`` and return its paths (see :func:`..report.write_report`).

    It bears the date; an ``anonymous`` one names nobody.

    The model is looked up by its id when None. Raises PackageMissing, ModelMismatch or FileError.
    """
    from ..report import write_report

    return write_report(prediction, model or load_model(prediction.model.id), folder, vois, patient,
                        stability=stability, anonymous=anonymous, created=datetime.now())
