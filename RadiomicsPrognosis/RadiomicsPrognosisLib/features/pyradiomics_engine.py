"""The pyradiomics engine: pyradiomics' own feature classes, fed with only what a plan asks for.

Values equal ``RadiomicsFeatureExtractor.execute`` on the same settings (van Griethuysen et al., Cancer Research 2017).
"""

from __future__ import annotations

import functools
import logging
import math
from importlib import import_module, metadata
from typing import Any

import numpy as np
import SimpleITK as sitk

from ..catalogue import find_class
from ..errors import EngineUnfit
from ..progress import Progress, step
from ..protocol import Protocol
from ..voi.grid import Grid
from ..voi.images import array_view, inside
from .levels import NoGreyLevels, grey_levels
from .plan import Plan
from .preparation import Prepared

_INSTALL = ("The feature engine pyradiomics is not installed: choose the engine native, whose values are the same, or "
            "install it; in 3D Slicer the extension SlicerRadiomics (View > Extensions Manager), then restart, "
            "elsewhere by 'pip install pyradiomics-bhklab'.")

#: The highest grey level whose table of pairs along 13 directions, of 8 bytes each, stays below 2 GB.
_HIGHEST_LEVEL = 4096


class PyradiomicsEngine:
    """pyradiomics 3's feature classes behind the :class:`~.engine.Engine` interface."""

    name = "pyradiomics"

    def __init__(self, threads: int = 1) -> None:
        self.threads = threads

    def unavailable_because(self) -> str:
        """Return what to install when ``radiomics`` does not import, else an empty text."""
        try:
            _radiomics()
        except ImportError as error:
            return f"{_INSTALL} ({error})"
        return ""

    @property
    def version(self) -> str:
        """Distribution version where there is one (SlicerRadiomics' copy has none), else the package's own word."""
        for distribution in ("pyradiomics-bhklab", "pyradiomics"):
            try:
                return metadata.version(distribution)
            except metadata.PackageNotFoundError:
                continue
        return str(_radiomics().__version__)

    def cannot_make(self, protocol: Protocol, plan: Plan) -> str:
        """Return which of the plan's classes, or which aggregation, pyradiomics does not have, or an empty text."""
        classes = dict.fromkeys(name for work in plan.work.values() for name in work)
        lacking = [name for name in classes if not find_class(name)[0].pyradiomics or "-" in name]
        if not lacking:
            averaged = protocol.aggregation.slices == "averaged"
            return (f"Protocol '{protocol.id}' averages slices, which pyradiomics does not; use the engine native."
                    if averaged else "")
        return (f"Protocol '{protocol.id}' makes {', '.join(lacking)}, which pyradiomics does not have; use the engine "
                "native.")

    def extract(self, prepared: Prepared, protocol: Protocol, plan: Plan,
                progress: Progress | None = None) -> dict[str, float]:
        """Return the plan's features by name, NaN where pyradiomics defines no value."""
        _radiomics()
        settings = _settings(protocol)
        values: dict[str, float] = {}
        steps, done = plan.steps(), 0
        mask = prepared.cut(prepared.mask)
        for image_type, box in prepared.filtered(protocol, plan):
            discretised = _Discretised(Grid.of(mask).image(np.ascontiguousarray(box)), mask, protocol)
            for feature_class, features in plan.work[image_type].items():
                step(progress, done, steps, f"{image_type} {feature_class}")
                if find_class(feature_class)[0].region == "morphology":
                    computed = _morphology(prepared, feature_class, features, settings)
                else:
                    computed = discretised.compute(feature_class, features)
                values.update(_named(image_type, feature_class, computed))
                done += 1
        return plan.complete(values)


def _named(image_type: str, feature_class: str, computed: dict[str, complex]) -> dict[str, float]:
    """Return values by full name; pyradiomics' eigenvalues come as complex numbers without imaginary part."""
    return {f"{image_type}_{feature_class}_{key}": float(np.real(value)) for key, value in computed.items()}


@functools.cache
def _radiomics() -> Any:
    """Import pyradiomics, quietly: its warnings about single classes are not for the user. Raises ImportError."""
    radiomics = import_module("radiomics")
    radiomics.logger.setLevel(logging.CRITICAL)
    return radiomics


def _settings(protocol: Protocol) -> dict[str, Any]:
    """Return the keyword arguments pyradiomics' feature classes understand."""
    settings: dict[str, Any] = {"label": 1, "force2D": protocol.force_2d}
    if protocol.bin_width is not None:
        settings["binWidth"] = protocol.bin_width
    else:
        settings["binCount"] = protocol.bin_count
    if protocol.aggregation.directions == "merged":
        settings["weightingNorm"] = "no_weighting"
    return settings


def _morphology(prepared: Prepared, feature_class: str, features: tuple[str, ...],
                settings: dict[str, Any]) -> dict[str, complex]:
    """Features of the whole contour inside the box of the intensity mask, as pyradiomics cuts it.

    NaN where pyradiomics refuses the contour: its ``shape2D``, which must be told ``force2D``, takes a single slice.
    """
    image, mask = prepared.cut(prepared.image), prepared.cut(prepared.shape_mask)
    try:
        calculator = _radiomics().getFeatureClasses()[feature_class](image, mask, **{**settings, "force2D": True})
    except ValueError:
        return dict.fromkeys(features, math.nan)
    return _execute(calculator, features)


def _execute(calculator: Any, features: tuple[str, ...]) -> dict[str, complex]:
    """Return the values by feature: floats, or complex numbers without imaginary part."""
    calculator.disableAllFeatures()
    for feature in features:
        calculator.enableFeatureByName(feature)
    computed: dict[str, complex] = calculator.execute()
    return computed


class _Discretised:
    """An image inside the VOI's box with its discretised copy, which all texture classes share."""

    def __init__(self, image: sitk.Image, mask: sitk.Image, protocol: Protocol):
        self._image, self._mask, self._protocol = image, mask, protocol

    def compute(self, feature_class: str, features: tuple[str, ...]) -> dict[str, complex]:
        """Return the values of ``features`` of one intensity or texture class.

        Raises EngineUnfit for a texture of more grey levels than pyradiomics has memory for.
        """
        make, settings = _sharing_class(feature_class), _settings(self._protocol)
        try:
            if find_class(feature_class)[0].textural and (highest := int(self.binned[1].max())) > _HIGHEST_LEVEL:
                raise EngineUnfit(f"Protocol '{self._protocol.id}' makes {highest} grey levels, of which pyradiomics "
                                  f"counts all pairs: at most {_HIGHEST_LEVEL}; use the engine native, or wider bins.")
            calculator = make(self._image, self._mask, shared=self, **settings)
            return _execute(calculator, features)
        except NoGreyLevels:
            return dict.fromkeys(features, math.nan)

    @functools.cached_property
    def binned(self) -> tuple[np.ndarray, np.ndarray]:
        """Grey levels (1 ..., 0 outside the VOI) of the box's voxels and the levels present, at pyradiomics' bin edges.

        The edges depend on the lowest and highest value only, which spares ``binImage``'s scan of every voxel by
        Python's own ``min`` and ``max``.
        """
        voxels = inside(self._mask)
        binned = np.zeros(voxels.shape, int)
        binned[voxels] = grey_levels(array_view(self._image)[voxels], self._protocol)
        return binned, np.unique(binned[voxels])


@functools.cache
def _sharing_class(feature_class: str) -> type:
    """Return pyradiomics' class with one change: it takes the discretised image instead of making its own."""
    base = _radiomics().getFeatureClasses()[feature_class]

    def __init__(self: Any, image: sitk.Image, mask: sitk.Image, shared: _Discretised, **settings: Any) -> None:
        self._shared = shared
        base.__init__(self, image, mask, **settings)

    def _applyBinning(self: Any, matrix: np.ndarray) -> np.ndarray:
        shared: _Discretised = self._shared
        binned, levels = shared.binned
        self.coefficients["grayLevels"] = levels
        self.coefficients["Ng"] = int(levels.max())
        return binned.copy()  # NGTDM and GLCM write outside the mask

    members = {"__init__": __init__, "_applyBinning": _applyBinning, "__module__": base.__module__}  # its logger's name
    return type(f"Shared{base.__name__}", (base,), members)
