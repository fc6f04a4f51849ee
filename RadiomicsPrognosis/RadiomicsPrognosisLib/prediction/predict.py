"""Predict one case: extract what the model needs, apply it, and say what is withheld and why."""

from __future__ import annotations

import contextlib
import math
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from importlib import metadata
from typing import Any

import numpy as np

from ..catalogue import parse_name
from ..errors import ModelMismatch
from ..features.engine import Engine
from ..features.extraction import FeatureSet, extract
from ..models.covariates import Value
from ..models.model import Cutoff, Model
from ..models.predict import RowPredictions, needs_scaling, predict_rows
from ..models.predictors import SurvivalPredictor
from ..models.scaling import Scaling, check_scaling
from ..progress import Progress, portion
from ..protocol import Protocol
from ..statistics.arrays import Floats
from ..version import __version__
from ..voi.voi import Voi
from .applicability import applicability_warnings
from .record import (
    GROUP,
    SCORE,
    Contribution,
    EngineIdentity,
    Group,
    ModelIdentity,
    Prediction,
    ProtocolIdentity,
    ScalingIdentity,
    SurvivalPrediction,
    VoiDescription,
    Withheld,
)


def score_vois(vois: Mapping[str, Voi], model: Model, scaling: Scaling | None = None,
               covariates: Mapping[str, Any] | None = None, engine: Engine | None = None,
               progress: Progress | None = None) -> Prediction:
    """Extract what ``model`` needs from ``vois`` (by input name) and predict.

    Raises ModelMismatch for a missing or unknown input, CovariateError, and the errors of extraction.
    """
    check_inputs(vois, model)
    parsed = model.parse_covariates(covariates or {})
    protocol = model.image_protocol()
    features = {name: extract(voi, protocol, model.features(name), engine,
                              portion(progress, number, len(vois), name if len(vois) > 1 else ""))
                for number, (name, voi) in enumerate(vois.items())}
    return predict(model, features, vois, scaling, parsed)


def check_inputs(given: Mapping[str, Any], model: Model) -> None:
    """Raise ModelMismatch unless ``given`` has exactly the model's inputs."""
    expected = [item.name for item in model.inputs]
    missing = [name for name in expected if name not in given]
    unknown = [name for name in given if name not in expected]
    if missing or unknown:
        problem = f"lacks {', '.join(missing)}" if missing else f"does not know {', '.join(unknown)}"
        raise ModelMismatch(f"Model '{model.id}' reads the inputs {', '.join(expected)}; this case {problem}.")


def predict(model: Model, features: Mapping[str, FeatureSet], vois: Mapping[str, Voi], scaling: Scaling | None = None,
            covariates: Mapping[str, Any] | None = None) -> Prediction:
    """Predict from features already extracted (by input name).

    A component that cannot be computed validly is None and named in ``withheld``. Raises ModelMismatch when features,
    scaling and model do not belong together, CovariateError for a bad covariate.
    """
    check_inputs(features, model)
    parsed = model.parse_covariates(covariates or {})
    protocol = model.image_protocol()
    scaling = scaling if model.needs_scaling else None
    _check_belonging(model, protocol, features, scaling)
    engine = next(iter(features.values()))
    result = _result(model, features, scaling, parsed)
    return Prediction(
        model=identify_model(model),
        scaling=identify_scaling(scaling),
        protocol=ProtocolIdentity(protocol.id, protocol.title, protocol.hash),
        engine=EngineIdentity(engine.engine_name, engine.engine_version),
        vois={name: describe_voi(voi, features[name]) for name, voi in vois.items()},
        contributions=result.contributions,
        intercept=model.signature.intercept,
        score=result.score,
        cutoff=model.cutoff.value if model.cutoff else None,
        cutoff_on=model.cutoff.on if model.cutoff else None,
        distance=result.split_by - model.cutoff.value if model.cutoff and result.split_by is not None else None,
        group=_group(model.cutoff, result.split_by),
        covariates=parsed,
        linear_predictor=result.linear_predictor,
        survival=result.survival,
        probability=result.probability,
        outcome=model.probability.outcome if model.probability else model.endpoint.name,
        withheld=result.withheld,
        warnings=applicability_warnings(model, vois, scaling, engine, result.contributions),
        software=software_versions(),
    )


def _check_belonging(model: Model, protocol: Protocol, features: Mapping[str, FeatureSet],
                     scaling: Scaling | None) -> None:
    """Raise ModelMismatch unless features and scaling were made as the model asks."""
    for extracted in features.values():
        if extracted.protocol_hash != protocol.hash:
            raise ModelMismatch(f"The features were made under protocol {extracted.protocol_id} "
                                f"({extracted.protocol_hash[:12]}); model '{model.id}' needs {protocol.id} "
                                f"({protocol.hash[:12]}).")
        if scaling is not None and scaling.engine != extracted.engine_name:
            raise ModelMismatch(f"Scaling '{scaling.name}' was made with the engine {scaling.engine}, these features "
                                f"with {extracted.engine_name}; fit a scaling with the same engine.")
    if scaling is not None:
        check_scaling(scaling, model)


@dataclass(frozen=True, kw_only=True)
class _Result:
    """The numbers of one case, None where ``withheld`` says why; ``split_by`` is what the cut-off is on."""

    contributions: tuple[Contribution, ...] = ()
    score: float | None = None
    split_by: float | None = None
    linear_predictor: float | None = None
    survival: SurvivalPrediction | None = None
    probability: float | None = None
    withheld: tuple[Withheld, ...] = ()


def _result(model: Model, features: Mapping[str, FeatureSet], scaling: Scaling | None,
            covariates: Mapping[str, Value]) -> _Result:
    reason = _why_no_score(model, features, scaling)
    if reason:
        withheld = [Withheld(SCORE, reason)]
        if model.predictor is not None:
            withheld.append(Withheld(model.predictor.name, "It needs the score, which is withheld."))
        return _Result(withheld=tuple(withheld))
    raw = np.array([[features[term.input].values[term.feature] for term in model.signature.terms]])
    columns = {name: np.array([value], dtype=object if isinstance(value, str) else float)
               for name, value in covariates.items()}
    row = predict_rows(model, raw, columns, scaling)
    contributions = _contributions(model, raw[0], row, scaling)
    score = float(row.score[0])
    if not math.isfinite(score):
        return _Result(withheld=(Withheld(SCORE, "The features' values are too large for their sum to be a number; "
                                                 "check image and contour."),))
    missing = [f"{item.title} ({item.name})" for item in model.covariates_used() if item.name not in covariates]
    on_score = model.cutoff is model.score_cutoff
    if model.predictor is None:
        return _Result(contributions=contributions, score=score, split_by=score if on_score else None)
    if missing:
        why = f"Give {' and '.join(missing)} to see the predicted {model.predictor.name}."
        group = () if on_score else (Withheld(GROUP, f"Its cut-off is on the linear predictor. {why}"),)
        return _Result(contributions=contributions, score=score, split_by=score if on_score else None,
                       withheld=(Withheld(model.predictor.name, why), *group))
    return _Result(
        contributions=contributions, score=score, split_by=float(row.split_by[0]),
        linear_predictor=float(row.linear_predictor[0]),
        survival=_survival(model.survival, row.linear_predictor) if model.survival else None,
        probability=float(model.probability.predict(row.linear_predictor)[0]) if model.probability else None)


def _why_no_score(model: Model, features: Mapping[str, FeatureSet], scaling: Scaling | None) -> str:
    """Return why there can be no score, or an empty text."""
    undefined = [term.feature for term in model.signature.terms if term.feature not in features[term.input].values]
    if undefined:
        return (f"These features have no value for this contour: {', '.join(undefined)}. Check that the contour covers "
                "more than one grey level.")
    return needs_scaling(model) if model.needs_scaling and scaling is None else ""


def _contributions(model: Model, raw: Floats, row: RowPredictions,
                   scaling: Scaling | None) -> tuple[Contribution, ...]:
    """Return the terms of the one row of ``row``; ``raw`` (terms,) are the features' values."""
    terms = zip(model.signature.terms, raw.tolist(), row.values[0].tolist(), row.contributions[0].tolist(), strict=True)
    return tuple(Contribution(
        feature=term.feature, input=term.input, value=value, unit=parse_name(term.feature).unit,
        mean=scaling.means[model.term_key(term)] if scaling else None,
        sd=scaling.sds[model.term_key(term)] if scaling else None, z=z if scaling else None,
        coefficient=term.coefficient, contribution=contribution) for term, value, z, contribution in terms)


def _group(cutoff: Cutoff | None, value: float | None) -> Group | None:
    """Return the group of ``value``, of what the cut-off is on."""
    if cutoff is None or value is None:
        return None
    above = cutoff.is_above(value)
    return Group(cutoff.labels[above], above, above == cutoff.worse_is_above)


def _survival(predictor: SurvivalPredictor, linear_predictor: Floats) -> SurvivalPrediction:
    horizons, times = predictor.horizons_months, predictor.curve_months()
    at_horizons, curve = (predictor.predict(linear_predictor, months)[0] for months in (horizons, times))
    return SurvivalPrediction(horizons_months=horizons, at_horizons=tuple(at_horizons.tolist()),
                              curve_months=times, curve=tuple(curve.tolist()))


def describe_voi(voi: Voi, features: FeatureSet) -> VoiDescription:
    """Return what a result says of a VOI, ``features`` being those extracted from it."""
    return VoiDescription(segment=voi.name, hash=voi.content_hash(), **asdict(voi.statistics),
                          feature_voxels=features.voxels, resampled_removed_share=features.removed_share)


def identify_model(model: Model) -> ModelIdentity:
    """Return what a result says of its model."""
    return ModelIdentity(id=model.id, version=model.version, title=model.title, hash=model.hash,
                         endpoint=model.endpoint.name, kind=model.endpoint.kind,
                         provenance=model.provenance.by_component(), score_name=model.signature.name,
                         citation=model.source.citation, doi=model.source.doi, intended_use=model.intended_use)


def identify_scaling(scaling: Scaling | None) -> ScalingIdentity | None:
    """Return what a result says of its scaling, None of none."""
    if scaling is None:
        return None
    return ScalingIdentity(name=scaling.name, cases=scaling.cases, origin=scaling.origin,
                           demonstration=scaling.demonstration, hash=scaling.hash, protocol_hash=scaling.protocol_hash)


def software_versions(*more: str) -> dict[str, str]:
    """Return the versions of what computed a prediction, and of packages ``more``; one without metadata is left out."""
    versions = {"RadiomicsPrognosis": __version__, "python": platform.python_version()}
    for name in ("numpy", "scipy", "SimpleITK", "PyWavelets", *more):
        with contextlib.suppress(metadata.PackageNotFoundError):
            versions[name] = _version(name)
    return versions


@cache
def _version(package: str) -> str:
    """Return the version of a package; one that is absent is looked for again. Raises PackageNotFoundError.

    The search through the installed packages' folders takes a millisecond each, at every prediction.
    """
    return metadata.version(package)
