"""Scoring nodes of a scene, and reporting, in one call each: the panel's steps, in this process, for scripts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import ModelMismatch
from ..models.model import Model
from ..models.scaling import Scaling, load_scaling
from ..models.store import load_model
from ..prediction import Prediction, check_inputs, score_vois
from ..stability.record import Stability
from ..voi import Voi
from .case import scene_vois


def score_nodes(volumes: Any, segmentation: Any, segment_id: str, model: Model | str | Path,
                covariates: Mapping[str, Any] | None = None,
                scaling: Scaling | str | Path | None = None) -> tuple[Prediction, dict[str, Voi]]:
    """Score one segment and return (prediction, VOIs by input name).

    ``volumes`` is a scalar volume node, or one per input name for a model with several. Raises InputError, or one of
    its kinds, for whatever is wrong with the input.
    """
    model = model if isinstance(model, Model) else load_model(model)
    if scaling is not None and not isinstance(scaling, Scaling):
        if not model.needs_scaling:
            raise ModelMismatch(f"Model '{model.id}' uses raw features and takes no scaling; leave it out.")
        scaling = load_scaling(scaling, model)
    by_name = dict(volumes) if isinstance(volumes, Mapping) else {model.inputs[0].name: volumes}
    check_inputs(by_name, model)
    vois = scene_vois(by_name, segmentation, segment_id, model.image_protocol())
    return score_vois(vois, model, scaling, covariates), vois


def report(prediction: Prediction, folder: str | Path, vois: Mapping[str, Voi] | None = None,
           patient: Mapping[str, str] | None = None, model: Model | None = None,
           stability: Stability | None = None) -> Any:
    """Write the report of ``prediction`` into ``folder`` and return its paths (see :func:`..report.write_report`).

    The model is looked up by its id when None. Raises PackageMissing, ModelMismatch or FileError.
    """
    from ..report import write_report

    return write_report(prediction, model or load_model(prediction.model.id), folder, vois, patient,
                        stability=stability)
