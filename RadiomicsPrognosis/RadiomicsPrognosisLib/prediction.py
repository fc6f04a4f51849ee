"""The one way from a VOI's features to score, group, survival or probability, with everything needed to repeat it."""

from __future__ import annotations

import math
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib import metadata
from typing import Any

import numpy as np

from .catalogue import parse_name
from .errors import ModelMismatch
from .features.engine import Engine
from .features.extraction import FeatureSet, extract
from .models.model import SCORE, Cutoff, Input, LinearPredictor, Model, SurvivalPart, Term
from .models.scaling import MINIMUM_CASES, Scaling, check_scaling
from .models.store import model_protocol
from .progress import Progress
from .protocol import Protocol
from .version import __version__
from .voi.voi import Voi
from .warning import ResultWarning

SCHEMA = "radiomics-prognosis/prediction/1"

#: A z-score beyond this is a value the scaling's cohort practically never had.
_EXTREME_Z = 4.0

#: Relative slack when a spacing is compared with a model's range: file formats round it.
_SPACING_SLACK = 0.01


@dataclass(frozen=True)
class Contribution:
    """A term of the signature: the feature's value (``unit``), its z-score if standardised, and coefficient x that."""

    feature: str
    input: str
    value: float
    unit: str
    mean: float | None
    sd: float | None
    z: float | None
    coefficient: float
    contribution: float


@dataclass(frozen=True)
class Group:
    """The risk group: its ``label``, whether the score is ``above`` the cut-off, whether that is the ``worse`` side."""

    label: str
    above: bool
    worse: bool


@dataclass(frozen=True)
class SurvivalPrediction:
    """Survival (0 - 1) at the model's horizons and along a curve from 1 at time 0; times in months."""

    horizons_months: tuple[float, ...]
    at_horizons: tuple[float, ...]
    curve_months: tuple[float, ...]
    curve: tuple[float, ...]


@dataclass(frozen=True)
class Withheld:
    """A part of the result that cannot be computed validly: ``part`` (score, survival, probability, group) and why."""

    part: str
    reason: str


@dataclass(frozen=True)
class Prediction:
    """Everything needed to show or repeat a prediction; None stands only where ``withheld`` gives the reason.

    ``model``, ``scaling``, ``protocol``, ``engine`` and ``software`` identify what made it, ``vois`` the contours by
    input. ``score`` is on the model's scale, ``linear_predictor`` uncentred; ``distance`` is that of what the cut-off
    is on (``cutoff_on``: score or linear predictor) from the cut-off.
    """

    model: dict[str, Any]
    scaling: dict[str, Any] | None
    protocol: dict[str, str]
    engine: dict[str, str]
    vois: dict[str, dict[str, Any]]
    contributions: tuple[Contribution, ...]
    intercept: float
    score: float | None
    cutoff: float | None
    cutoff_on: str | None
    distance: float | None
    group: Group | None
    covariates: dict[str, Any]
    linear_predictor: float | None
    survival: SurvivalPrediction | None
    probability: float | None
    outcome: str
    withheld: tuple[Withheld, ...]
    warnings: tuple[ResultWarning, ...]
    software: dict[str, str]
    schema: str = SCHEMA

    def to_dict(self) -> dict[str, Any]:
        """Return the prediction as plain data for JSON (no NaN, no infinity)."""
        return asdict(self)


def score_vois(vois: Mapping[str, Voi], model: Model, scaling: Scaling | None = None,
               covariates: Mapping[str, Any] | None = None, engine: Engine | None = None,
               progress: Progress | None = None) -> Prediction:
    """Extract what ``model`` needs from ``vois`` (by input name) and predict.

    Raises ModelMismatch for a missing or unknown input, CovariateError, and the errors of extraction.
    """
    check_inputs(vois, model)
    parsed = model.parse_covariates(dict(covariates or {}))
    protocol = model_protocol(model)
    features = {name: extract(voi, protocol, model.features(name), engine, progress) for name, voi in vois.items()}
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

    A part that cannot be computed validly is None and named in ``withheld``. Raises ModelMismatch when features,
    scaling and model do not belong together, CovariateError for a bad covariate.
    """
    check_inputs(features, model)
    parsed = model.parse_covariates(dict(covariates or {}))
    protocol = model_protocol(model)
    engine = next(iter(features.values()))
    scaling = scaling if model.needs_scaling else None
    _check_belonging(model, protocol, features, scaling)
    contributions, score, withheld = _score(model, features, scaling)
    lp, survival, probability, more = _endpoint(model, score, parsed)
    split = score if model.cutoff is model.score_cutoff else lp
    group = _group(model.cutoff, split)
    if split is None and score is not None:
        more += (Withheld("group", f"Its cut-off is on the linear predictor. {more[0].reason}"),)
    return Prediction(
        model=_identify(model),
        scaling=_identify_scaling(scaling),
        protocol={"id": protocol.id, "title": protocol.title, "hash": protocol.hash},
        engine={"name": engine.engine_name, "version": engine.engine_version},
        vois={name: describe_voi(voi, features[name]) for name, voi in vois.items()},
        contributions=contributions,
        intercept=model.signature.intercept,
        score=score,
        cutoff=model.cutoff.value if model.cutoff else None,
        cutoff_on=model.cutoff.on if model.cutoff else None,
        distance=split - model.cutoff.value if group else None,
        group=group,
        covariates=parsed,
        linear_predictor=lp,
        survival=survival,
        probability=probability,
        outcome=model.probability.outcome if model.probability else model.endpoint.name,
        withheld=withheld + more,
        warnings=_warnings(model, vois, scaling, engine, contributions),
        software=software_versions(),
    )


def _check_belonging(model: Model, protocol: Protocol, features: Mapping[str, FeatureSet],
                     scaling: Scaling | None) -> None:
    """Raise ModelMismatch unless features and scaling were made as the model asks."""
    for found in features.values():
        if found.protocol_hash != protocol.hash:
            raise ModelMismatch(f"The features were made under protocol {found.protocol_id} "
                                f"({found.protocol_hash[:12]}); model '{model.id}' needs {protocol.id} "
                                f"({protocol.hash[:12]}).")
        if scaling is not None and scaling.engine != found.engine_name:
            raise ModelMismatch(f"Scaling '{scaling.name}' was made with the engine {scaling.engine}, these features "
                                f"with {found.engine_name}; fit a scaling with the same engine.")
    if scaling is not None:
        check_scaling(scaling, model)


def _group(cutoff: Cutoff | None, value: float | None) -> Group | None:
    """Return the group of ``value``, of what the cut-off is on."""
    if cutoff is None or value is None:
        return None
    above = cutoff.is_above(value)
    return Group(cutoff.labels[above], above, above == (cutoff.worse == "above"))


def _score(model: Model, features: Mapping[str, FeatureSet],
           scaling: Scaling | None) -> tuple[tuple[Contribution, ...], float | None, tuple[Withheld, ...]]:
    """Return the terms' contributions and the score, or the reason why there is none."""
    undefined = [term for term in model.signature.terms if term.feature not in features[term.input].values]
    if undefined:
        names = ", ".join(term.feature for term in undefined)
        return (), None, (Withheld("score", f"These features have no value for this contour: {names}. Check that the "
                                            "contour covers more than one grey level."),)
    if model.needs_scaling and scaling is None:
        return (), None, (Withheld("score", f"{model.signature.name} of model '{model.id}' is a sum of z-scored "
                                            "features and needs their means and SDs: choose a scaling, or fit one from "
                                            f"at least {MINIMUM_CASES} cases of your own."),)
    contributions = tuple(_contribution(model, term, features[term.input], scaling) for term in model.signature.terms)
    score = math.fsum([model.signature.intercept, *(item.contribution for item in contributions)])
    return contributions, score, ()


def _contribution(model: Model, term: Term, features: FeatureSet, scaling: Scaling | None) -> Contribution:
    value = features.values[term.feature]
    mean = sd = z = None
    if scaling is not None:
        key = model.term_key(term)
        mean, sd = scaling.means[key], scaling.sds[key]
        z = (value - mean) / sd
    return Contribution(term.feature, term.input, value, parse_name(term.feature).unit, mean, sd, z, term.coefficient,
                        term.coefficient * (value if z is None else z))


def _endpoint(model: Model, score: float | None, covariates: dict[str, Any]) -> tuple[
        float | None, SurvivalPrediction | None, float | None, tuple[Withheld, ...]]:
    """Return (linear predictor, survival, probability, withheld) of the model's survival or probability part."""
    part, name = (model.survival, "survival") if model.survival else (model.probability, "probability")
    if part is None:
        return None, None, None, ()
    if score is None:
        return None, None, None, (Withheld(name, "It needs the score, which is withheld."),)
    missing = missing_covariates(model, part.predictor, covariates)
    if missing:
        return None, None, None, (Withheld(name, f"Give {' and '.join(missing)} to see the predicted {name}."),)
    lp = part.predictor.value({SCORE: score, **covariates})
    if model.survival:
        return lp, _survival(model.survival, lp), None, ()
    return lp, None, model.probability.probability(lp), ()


def missing_covariates(model: Model, predictor: LinearPredictor, covariates: Mapping[str, Any]) -> list[str]:
    """Return 'title (name)' of each covariate that ``predictor`` needs and ``covariates`` lacks."""
    return [f"{item.title} ({item.name})" for item in model.covariates
            if item.name in predictor.coefficients and item.name not in covariates]


def _survival(part: SurvivalPart, lp: float) -> SurvivalPrediction:
    end = max(part.horizons)
    # A step baseline is drawn at its own steps, a linear one monthly; the horizons are always on the curve.
    own = part.times if part.interpolation == "step" else np.arange(0.0, end + 1e-9)
    times = np.unique([0.0, *(time for time in own if time <= end), *part.horizons])
    return SurvivalPrediction(part.horizons, tuple(part.survival(np.array(part.horizons), lp).tolist()),
                              tuple(times.tolist()), tuple(part.survival(times, lp).tolist()))


def _warnings(model: Model, vois: Mapping[str, Voi], scaling: Scaling | None, engine: FeatureSet,
              contributions: tuple[Contribution, ...]) -> tuple[ResultWarning, ...]:
    found = []
    if scaling is not None and scaling.demonstration:
        found.append(ResultWarning("demonstration-scaling", f"Demonstration scaling '{scaling.name}' "
                                   f"({scaling.origin}): score and group show how the model works and mean nothing for "
                                   "a patient."))
    if scaling is not None and scaling.engine_version != engine.engine_version:
        found.append(ResultWarning("engine-version", f"The scaling was made with {scaling.engine} "
                                   f"{scaling.engine_version}, these features with {engine.engine_version}."))
    for item in model.inputs:
        voi = vois.get(item.name)
        if voi is not None:
            found += [*voi.warnings, *_spacing_warnings(item, voi, model)]
    for item in contributions:
        if item.z is not None and abs(item.z) > _EXTREME_Z:
            found.append(ResultWarning("extreme-z", f"{item.feature} is {item.z:+.1f} SD from the scaling's mean: the "
                                       "case is unlike those the scaling was made from."))
    return tuple(found)


def _spacing_warnings(item: Input, voi: Voi, model: Model) -> list[ResultWarning]:
    thickness, in_plane = voi.statistics.spacing_mm[2], voi.statistics.spacing_mm[:2]
    found = []
    for what, values, allowed in (("slice thickness", (thickness,), item.slice_thickness_mm),
                                  ("pixel spacing", in_plane, item.pixel_spacing_mm)):
        if allowed is None:
            continue
        low, high = allowed
        too_low = low is not None and min(values) < low * (1 - _SPACING_SLACK)
        too_high = high is not None and max(values) > high * (1 + _SPACING_SLACK)
        if too_low or too_high:
            span = " - ".join(dict.fromkeys(f"{bound:g}" for bound in allowed if bound is not None))
            found.append(ResultWarning("spacing", f"{what.capitalize()} {max(values):.3g} mm is outside what model "
                                       f"'{model.id}' was made on ({span} mm); texture depends on it."))
    return found


def describe_voi(voi: Voi, features: FeatureSet) -> dict[str, Any]:
    """Return a VOI's name, hash and counts as plain data (voxels, mm3, mm, HU, shares 0 - 1).

    ``removed_share`` is what the native HU range removed from the contour, ``resampled_removed_share`` what a range on
    the resampled grid removed from its ``feature_voxels`` + removed ones.
    """
    statistics = voi.statistics
    return {"segment": voi.name, "hash": voi.content_hash(), **asdict(statistics),
            "removed_share": statistics.removed_share, "feature_voxels": features.voxels,
            "resampled_removed_share": features.removed_share}


def _identify(model: Model) -> dict[str, Any]:
    return {"id": model.id, "version": model.version, "title": model.title, "hash": model.hash,
            "endpoint": model.endpoint.name, "kind": model.endpoint.kind, "provenance": model.provenance,
            "score_name": model.signature.name, "citation": model.citation, "doi": model.doi,
            "intended_use": model.intended_use}


def _identify_scaling(scaling: Scaling | None) -> dict[str, Any] | None:
    if scaling is None:
        return None
    return {"name": scaling.name, "cases": scaling.cases, "origin": scaling.origin,
            "demonstration": scaling.demonstration, "hash": scaling.hash, "protocol_hash": scaling.protocol_hash}


def software_versions(*more: str) -> dict[str, str]:
    """Return the versions of what computed a prediction, and of packages ``more``; one without metadata is left out."""
    versions = {"RadiomicsPrognosis": __version__, "python": platform.python_version()}
    for name in ("numpy", "scipy", "SimpleITK", "PyWavelets", *more):
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return versions
