"""Predictions to draw and report: low risk, high risk, survival withheld, score withheld; and a logistic model."""

from __future__ import annotations

import functools
import json
from typing import Any

from RadiomicsPrognosisLib.features.extraction import FeatureSet
from RadiomicsPrognosisLib.models.model import Model
from RadiomicsPrognosisLib.models.scaling import Scaling, scalings_for
from RadiomicsPrognosisLib.models.store import load_model
from RadiomicsPrognosisLib.phantom import ct_phantom
from RadiomicsPrognosisLib.prediction.predict import predict
from RadiomicsPrognosisLib.prediction.record import Prediction
from RadiomicsPrognosisLib.voi import Voi, make_voi

COX, LOGISTIC = "s1_escc_lpfs_radscore", "s2_escc_ln_response"


@functools.cache
def phantom_voi(model_id: str = COX, name: str = "Tumour") -> Voi:
    """Return the phantom's lesion under the model's protocol."""
    image, mask = ct_phantom()
    return make_voi(image, mask, load_model(model_id).image_protocol(), name)


def demonstration_scaling(model: Model) -> Scaling:
    """Return the scaling that ships for ``model``."""
    return next(item for item in scalings_for(model) if item.demonstration)


def cox_prediction(z: float | None, covariates: dict[str, Any], name: str = "Tumour") -> Prediction:
    """Return a stored prediction of the Cox model whose terms all push the score by ``z`` SDs (None: no scaling).

    A term with a positive coefficient has z-score ``z``, one with a negative coefficient -``z``.
    """
    model = load_model(COX)
    scaling = demonstration_scaling(model)
    shift = z or 0.0
    values = {term.feature: scaling.means[term.feature] + scaling.sds[term.feature] * shift *
              (1 if term.coefficient > 0 else -1) for term in model.terms}
    return _stored(model, values, scaling if z is not None else None, covariates, scaling.engine, name)


def logistic_prediction(name: str = "Node 3") -> Prediction:
    """Return a stored prediction of the logistic model for feature values of a usual node."""
    values = {
        "original_shape_Sphericity": 0.7, "original_glcm_InverseVariance": 0.45,
        "original_firstorder_InterquartileRange": 32.0, "original_firstorder_90Percentile": 95.0,
        "original_firstorder_Kurtosis": 6.0, "original_glrlm_ShortRunEmphasis": 0.75,
        "original_glszm_LargeAreaHighGrayLevelEmphasis": 2.0e5,
    }
    return _stored(load_model(LOGISTIC), values, None, {}, "pyradiomics", name)


def _stored(model: Model, values: dict[str, float], scaling: Scaling | None, covariates: dict[str, Any], engine: str,
            name: str) -> Prediction:
    protocol = model.image_protocol()
    features = FeatureSet(values=values, undefined=(), protocol_id=protocol.id, protocol_hash=protocol.hash,
                          engine_name=engine, engine_version="3.1.4")
    voi = phantom_voi(model.id, name)
    prediction = predict(model, {"image": features}, {"image": voi}, scaling, covariates)
    return Prediction.from_dict(json.loads(json.dumps(prediction.to_dict())))


def edited(prediction: Prediction, **values: Any) -> Prediction:
    """Return the prediction with entries of its JSON replaced; ``group__label`` names the entry group.label."""
    stored = prediction.to_dict()
    for path, value in values.items():
        *parents, last = path.split("__")
        functools.reduce(lambda entry, key: entry[key], parents, stored)[last] = value
    return Prediction.from_dict(stored)


@functools.cache
def cases() -> dict[str, Prediction]:
    """Return the cases by name, as read from their JSON."""
    return {
        "low": cox_prediction(-0.5, {"n_stage": "N0", "complete_response": "yes"}),
        "high": cox_prediction(0.7, {"n_stage": "N2", "complete_response": "no"}),
        "no-survival": cox_prediction(0.1, {"n_stage": "N1"}),
        "no-score": cox_prediction(None, {"n_stage": "N1", "complete_response": "no"}),
        "logistic": logistic_prediction(),
    }
