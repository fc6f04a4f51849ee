"""Warnings that travel with a prediction: what speaks against using this model, scaling or engine on this case."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..features.extraction import FeatureSet
from ..models.model import Model
from ..models.scaling import Scaling, other_disease
from ..voi.plausibility import PROHIBITIVE, QUESTIONING, removed_warning
from ..voi.voi import Voi, describe_range
from ..warning import ResultWarning
from .acquisition import acquisition_warnings
from .inputs import input_warnings
from .numbers import CaseNumbers
from .record import GROUP, SCORE, Contribution

#: What a score by another disease's means and SDs is.
_MEANS_NOTHING = "score and group show how the model works and mean nothing for a patient."

#: A z-score beyond this is a value the scaling's cohort practically never had.
_EXTREME_Z = 4.0


def applicability_warnings(model: Model, vois: Mapping[str, Voi], scaling: Scaling | None,
                           features: Mapping[str, FeatureSet],
                           contributions: Iterable[Contribution]) -> tuple[ResultWarning, ...]:
    """Return the warnings of a case: scaling, engine, VOIs, lesion, acquisition, extreme values; none without image.

    ``vois`` and ``features`` are by input name.
    """
    if model.is_clinical:
        return ()
    warnings = list(_scaling_warnings(scaling, model, next(iter(features.values()))))
    hu_range = describe_range(model.image_protocol().hu_range)
    for item in model.inputs:
        voi = vois.get(item.name)
        if voi is not None:
            warnings += [*voi.warnings, *removed_warning(features[item.name].removed_share, hu_range),
                         *_lesion_warnings(voi, model)]
    warnings += acquisition_warnings(model, vois)
    warnings += input_warnings(model, vois)
    warnings += [ResultWarning("extreme-z", f"{item.feature} is {item.z:+.1f} SD from the scaling's mean: the case is "
                               "unlike those the scaling was made from.")
                 for item in contributions if item.z is not None and abs(item.z) > _EXTREME_Z]
    return tuple(warnings)


def why_not_scored(vois: Iterable[Voi]) -> str:
    """Return why no number of these VOIs could mean anything, or an empty text."""
    return " ".join(dict.fromkeys(item.message for voi in vois for item in voi.warnings if item.code in PROHIBITIVE))


def questioned_components(warnings: Iterable[ResultWarning], model: Model, numbers: CaseNumbers) -> tuple[str, ...]:
    """Return the components of a result that ``warnings`` put in question, of those that there are."""
    if not any(item.code in QUESTIONING for item in warnings):
        return ()
    shown = {SCORE: numbers.score is not None, GROUP: model.cutoff is not None and numbers.split_by is not None}
    if model.predictor is not None:
        shown[model.predictor.name] = numbers.survival is not None or numbers.probability is not None
    return tuple(name for name, present in shown.items() if present)


def _lesion_warnings(voi: Voi, model: Model) -> Iterable[ResultWarning]:
    """Yield a warning for a contour whose size is not that of the model's lesions."""
    lesion = model.lesion
    if lesion is None:
        return
    low, high = lesion.volume_cm3
    volume = voi.statistics.contoured_voxels * voi.grid.voxel_volume_mm3 / 1000
    if (low is not None and volume < low) or (high is not None and volume > high):
        span = f"{low:g} - {high:g}" if low is not None and high is not None else (
            f"from {low:g}" if high is None else f"up to {high:g}")
        yield ResultWarning("lesion-size", f"The contour holds {volume:.3g} cm3; a {lesion.kind} of model '{model.id}' "
                            f"({lesion.site}) has {span} cm3. Check that it is one such lesion and nothing else.")


def _scaling_warnings(scaling: Scaling | None, model: Model, features: FeatureSet) -> Iterable[ResultWarning]:
    if scaling is None:
        return
    if scaling.demonstration:
        yield ResultWarning("demonstration-scaling", f"Demonstration scaling '{scaling.name}' ({scaling.origin}): "
                            f"{_MEANS_NOTHING}")
    elif other_disease(scaling, model):
        yield ResultWarning("scaling-disease", f"Scaling '{scaling.name}' is made from patients with {scaling.disease} "
                            f"({scaling.origin}), and the model is for {model.disease}: {_MEANS_NOTHING}")
    elif model.disease and not scaling.disease:
        yield ResultWarning("scaling-disease-unknown", f"Scaling '{scaling.name}' ({scaling.origin}) does not say what "
                            f"its patients have; the model is for {model.disease}. Fit it anew with --disease.")
    if scaling.engine == features.engine_name and scaling.engine_version != features.engine_version:
        yield ResultWarning("engine-version", f"The scaling was made with {scaling.engine} {scaling.engine_version}, "
                            f"these features with {features.engine_version}.")
