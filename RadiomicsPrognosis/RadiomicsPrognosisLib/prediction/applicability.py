"""Warnings that travel with a prediction: what speaks against using this model, scaling or engine on this case."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..features.extraction import FeatureSet
from ..models.model import Input, Model
from ..models.scaling import Scaling, other_disease
from ..voi.voi import Voi
from ..warning import ResultWarning
from .record import Contribution

#: What a score by another disease's means and SDs is.
_MEANS_NOTHING = "score and group show how the model works and mean nothing for a patient."

#: A z-score beyond this is a value the scaling's cohort practically never had.
_EXTREME_Z = 4.0

#: Relative slack when a spacing is compared with a model's range: file formats round it.
_SPACING_SLACK = 0.01


def applicability_warnings(model: Model, vois: Mapping[str, Voi], scaling: Scaling | None, features: FeatureSet,
                           contributions: Iterable[Contribution]) -> tuple[ResultWarning, ...]:
    """Return the warnings of a case: scaling, engine, VOIs, spacing, extreme values."""
    warnings = list(_scaling_warnings(scaling, model, features))
    for item in model.inputs:
        voi = vois.get(item.name)
        if voi is not None:
            warnings += [*voi.warnings, *_spacing_warnings(item, voi, model)]
    warnings += [ResultWarning("extreme-z", f"{item.feature} is {item.z:+.1f} SD from the scaling's mean: the case is "
                               "unlike those the scaling was made from.")
                 for item in contributions if item.z is not None and abs(item.z) > _EXTREME_Z]
    return tuple(warnings)


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
    if scaling.engine_version != features.engine_version:
        yield ResultWarning("engine-version", f"The scaling was made with {scaling.engine} {scaling.engine_version}, "
                            f"these features with {features.engine_version}.")


def _spacing_warnings(item: Input, voi: Voi, model: Model) -> Iterable[ResultWarning]:
    thickness, in_plane = voi.statistics.spacing_mm[2], voi.statistics.spacing_mm[:2]
    for what, values, allowed in (("slice thickness", (thickness,), item.slice_thickness_mm),
                                  ("pixel spacing", in_plane, item.pixel_spacing_mm)):
        if allowed is None:
            continue
        low, high = allowed
        too_low = low is not None and min(values) < low * (1 - _SPACING_SLACK)
        too_high = high is not None and max(values) > high * (1 + _SPACING_SLACK)
        if too_low or too_high:
            span = " - ".join(dict.fromkeys(f"{bound:g}" for bound in allowed if bound is not None))
            yield ResultWarning("spacing", f"{what.capitalize()} {max(values):.3g} mm is outside what model "
                                f"'{model.id}' was made on ({span} mm); texture depends on it.")
