"""The native engine: pyradiomics' values from numpy, scipy and SimpleITK alone, which 3D Slicer brings along.

Values equal those of ``radiomics.featureextractor`` on the same settings (van Griethuysen et al., Cancer Research
2017) to 1e-9 relative.
"""

from __future__ import annotations

from ..catalogue import find_class
from ..progress import Progress, step
from ..protocol import Protocol
from ..voi.images import array_view, inside
from .aggregation import compute_class
from .filters import filtered_images
from .plan import Plan
from .preparation import Prepared
from .region import Region, Surroundings


class NativeEngine:
    """This library's own feature classes behind the :class:`~.engine.Engine` interface."""

    name = "native"
    #: Changes when a value changes, so that rows computed before are computed again.
    version = "1.0"

    def unavailable_because(self) -> str:
        """Return an empty text: what the engine needs comes with 3D Slicer and with the library."""
        return ""

    def cannot_make(self, protocol: Protocol, plan: Plan) -> str:
        """Return an empty text: every feature of the catalogue is the engine's."""
        return ""

    def extract(self, prepared: Prepared, protocol: Protocol, plan: Plan,
                progress: Progress | None = None) -> dict[str, float]:
        """Return the plan's features by name, NaN where the definition gives no value."""
        values: dict[str, float] = {}
        steps, done = plan.steps(), 0
        masks = {"intensity": inside(prepared.cut(prepared.mask)),
                 "morphology": inside(prepared.cut(prepared.shape_mask))}
        for image_type, image in filtered_images(prepared.image, protocol, plan):
            box = array_view(prepared.cut(image))
            around = Surroundings(array_view(image), inside(prepared.mask), inside(prepared.shape_mask))
            regions = {name: Region(box, mask, image.GetSpacing(), protocol, around) for name, mask in masks.items()}
            for feature_class, features in plan.work[image_type].items():
                step(progress, done, steps, f"{image_type} {feature_class}")
                entry, direction = find_class(feature_class)
                computed = compute_class(entry, regions[entry.region], features, direction)
                values.update({f"{image_type}_{feature_class}_{name}": value for name, value in computed.items()})
                done += 1
        return values
