"""Predict one case: extract what the model needs, apply it, and say what is withheld and why."""

from __future__ import annotations

import contextlib
import platform
from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from importlib import metadata
from typing import Any

from ..errors import ModelMismatch
from ..features.engine import Engine, same_values
from ..features.extraction import FeatureSet, extract
from ..models.model import Model
from ..models.scaling import Scaling, check_scaling, other_disease
from ..progress import Progress, portion
from ..protocol import Protocol
from ..version import __version__
from ..voi.voi import Voi
from .acquisition import acquisition_rows, check_modality
from .applicability import applicability_warnings, questioned_components, why_not_scored
from .intervals import case_intervals
from .numbers import case_numbers, group_of
from .position import set_beside
from .record import EngineIdentity, ModelIdentity, Prediction, ProtocolIdentity, ScalingIdentity, VoiDescription


def score_vois(vois: Mapping[str, Voi], model: Model, scaling: Scaling | None = None,
               covariates: Mapping[str, Any] | None = None, engine: Engine | None = None,
               progress: Progress | None = None) -> Prediction:
    """Extract what ``model`` needs from ``vois`` (by input name; none of a model of covariates alone) and predict.

    Raises ModelMismatch for a missing or unknown input and for an image of another modality, CovariateError, and the
    errors of extraction.
    """
    check_inputs(vois, model)
    check_modality(model, vois)
    parsed = model.parse_covariates(covariates or {})
    features = {name: extract(voi, model.image_protocol(), model.features(name), engine,
                              portion(progress, number, len(vois), name if len(vois) > 1 else ""))
                for number, (name, voi) in enumerate(vois.items())}
    return predict(model, features, vois, scaling, parsed)


def check_inputs(given: Mapping[str, Any], model: Model) -> None:
    """Raise ModelMismatch unless ``given`` has exactly the model's inputs."""
    expected = [item.name for item in model.inputs]
    if model.is_clinical and given:
        model.image_protocol()  # says that no image is read
    missing = [name for name in expected if name not in given]
    unknown = [name for name in given if name not in expected]
    if missing or unknown:
        problems = [f"{verb} {', '.join(names)}" for verb, names in (("lacks", missing), ("gives", unknown)) if names]
        end = ", which the model does not read: leave it out." if unknown else "."
        raise ModelMismatch(f"Model '{model.id}' reads the inputs {', '.join(expected)}; this case "
                            f"{' and '.join(problems)}{end}")


def predict(model: Model, features: Mapping[str, FeatureSet], vois: Mapping[str, Voi], scaling: Scaling | None = None,
            covariates: Mapping[str, Any] | None = None) -> Prediction:
    """Predict from features already extracted (by input name).

    A component that cannot be computed validly is None and named in ``withheld``. Raises ModelMismatch when features,
    scaling, image and model do not belong together, CovariateError for a bad covariate.
    """
    check_inputs(features, model)
    parsed = model.parse_covariates(covariates or {})
    protocol = None if model.is_clinical else model.image_protocol()
    scaling = scaling if model.needs_scaling else None
    if protocol is not None:
        _check_belonging(model, protocol, features, scaling, vois)
    result = case_numbers(model, features, scaling, parsed, why_not_scored(vois.values()))
    intervals = case_intervals(model, scaling, result.row, result.survival, result.averaged)
    warnings = applicability_warnings(model, vois, scaling, features, result.contributions)
    prediction = Prediction(
        model=identify_model(model), scaling=identify_scaling(scaling, model),
        protocol=ProtocolIdentity(protocol.id, protocol.title, protocol.hash) if protocol is not None else None,
        engine=_identify_engine(features),
        vois={name: describe_voi(voi, features[name]) for name, voi in vois.items()},
        contributions=result.contributions, intercept=model.score_intercept, score=result.score, scores=result.scores,
        cutoff=model.cutoff.value if model.cutoff else None,
        cutoff_on=model.cutoff.on if model.cutoff else None,
        distance=result.split_by - model.cutoff.value if model.cutoff and result.split_by is not None else None,
        group=group_of(model.cutoff, result.split_by),
        covariates=parsed, linear_predictor=result.linear_predictor,
        survival=intervals.survival, probability=result.probability,
        outcome=model.probability.outcome if model.probability else model.endpoint.name,
        withheld=result.withheld,
        warnings=warnings,
        questioned=questioned_components(warnings, model, result),
        software=_software(protocol, features),
        probability_interval=intervals.probability, uncertainty=intervals.uncertainty, averaged=result.averaged,
        acquisition=acquisition_rows(model, vois),
    )
    return set_beside(prediction, model, scaling)


def _check_belonging(model: Model, protocol: Protocol, features: Mapping[str, FeatureSet],
                     scaling: Scaling | None, vois: Mapping[str, Voi]) -> None:
    """Raise ModelMismatch unless images, features and scaling were made as the model asks."""
    check_modality(model, vois)
    for extracted in features.values():
        if extracted.protocol_hash != protocol.hash:
            raise ModelMismatch(f"The features were made under protocol {extracted.protocol_id} "
                                f"({extracted.protocol_hash[:12]}); model '{model.id}' needs {protocol.id} "
                                f"({protocol.hash[:12]}).")
        if scaling is not None and not same_values(scaling.engine, extracted.engine_name):
            raise ModelMismatch(f"Scaling '{scaling.name}' was made with the engine {scaling.engine}, whose values are "
                                f"others than those of {extracted.engine_name}, which computed these features; fit a "
                                "scaling with the same engine.")
    if scaling is not None:
        check_scaling(scaling, model)


def describe_voi(voi: Voi, features: FeatureSet) -> VoiDescription:
    """Return what a result says of a VOI, ``features`` being those extracted from it."""
    return VoiDescription(segment=voi.name, hash=voi.content_hash(), **asdict(voi.statistics),
                          feature_voxels=features.voxels, resampled_removed_share=features.removed_share)


def _identify_engine(features: Mapping[str, FeatureSet]) -> EngineIdentity | None:
    """Return what computed the features, by input name; None where there are none."""
    first = next(iter(features.values()), None)
    return EngineIdentity(first.engine_name, first.engine_version) if first is not None else None


def identify_model(model: Model) -> ModelIdentity:
    """Return what a result says of its model."""
    return ModelIdentity(id=model.id, version=model.version, title=model.title, hash=model.hash,
                         endpoint=model.endpoint.name, kind=model.endpoint.kind,
                         provenance=model.provenance.by_component(), score_name=model.score_name,
                         citation=model.source.citation, doi=model.source.doi, intended_use=model.intended_use)


def identify_scaling(scaling: Scaling | None, model: Model) -> ScalingIdentity | None:
    """Return what a result says of its scaling for ``model``, None of none."""
    if scaling is None:
        return None
    return ScalingIdentity(name=scaling.name, cases=scaling.cases, disease=scaling.disease, origin=scaling.origin,
                           scanners=scaling.scanners, other_disease=other_disease(scaling, model),
                           demonstration=scaling.demonstration, hash=scaling.hash, protocol_hash=scaling.protocol_hash)


def _software(protocol: Protocol | None, features: Mapping[str, FeatureSet]) -> dict[str, str]:
    """Return the versions of what computed a prediction; a network's features have onnxruntime's among them."""
    if protocol is None or protocol.deep is None:
        return software_versions()
    return {**software_versions(), **{item.engine_name: item.engine_version for item in features.values()}}


def software_versions(*more: str) -> dict[str, str]:
    """Return the versions of what computed a prediction, and of packages ``more``; one without metadata is left out."""
    versions = {"RadiomicsPrognosis": __version__, "python": platform.python_version()}
    for name in ("numpy", "scipy", "SimpleITK", *more):
        with contextlib.suppress(metadata.PackageNotFoundError):
            versions[name] = _version(name)
    return versions


@cache
def _version(package: str) -> str:
    """Return the version of a package; one that is absent is looked for again. Raises PackageNotFoundError.

    The search through the installed packages' folders takes a millisecond each, at every prediction.
    """
    return metadata.version(package)
