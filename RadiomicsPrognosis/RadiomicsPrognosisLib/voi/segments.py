"""Pick one segment of a label file by number or name: label images, and Slicer's .seg.nrrd with overlapping layers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from ..errors import InvalidImage, SegmentNotFound
from ..suggestions import did_you_mean
from .images import read_any, without_single_time

#: No label map has more labels than this and negative ones among them; every CT has.
_MOST_LABELS = 50


@dataclass(frozen=True)
class Segment:
    """A segment of a label file: its layer (component), label value, and name (empty in a plain label image)."""

    layer: int
    value: int
    name: str = ""

    def __str__(self) -> str:
        return f"{self.value} '{self.name}'" if self.name else str(self.value)


def read_mask(path: str | Path, label: int | str | None = None) -> tuple[sitk.Image, str]:
    """Return ``(mask, name)``: segment ``label`` of the file as a 0/1 image on the file's own grid.

    ``label`` is a label value or a segment's name; None takes the only segment there is. A text of digits is first
    looked up as a name. Raises FileError, InvalidImage, or SegmentNotFound with the segments present.
    """
    path = Path(path)
    image, layers = _read_layers(path)
    segment = _choose(_segments(image, layers), label, path)
    mask = sitk.GetImageFromArray((layers[..., segment.layer] == segment.value).astype(np.uint8))
    mask.CopyInformation(image)
    return mask, segment.name or f"label {segment.value}"


def read_segments(path: str | Path) -> list[tuple[Segment, float]]:
    """Return the segments of a label file in its order, each with its volume (mm3). Raises FileError or InvalidImage.
    """
    image, layers = _read_layers(Path(path))
    voxel_mm3 = math.prod(image.GetSpacing())
    return [(item, int((layers[..., item.layer] == item.value).sum()) * voxel_mm3)
            for item in _segments(image, layers)]


def _read_layers(path: Path) -> tuple[sitk.Image, np.ndarray]:
    """Return a label file's image and its whole-numbered voxels as (k, j, i, layer)."""
    image = without_single_time(read_any(path, "Mask"))
    if image.GetDimension() != 3 or "complex" in image.GetPixelIDTypeAsString():
        raise InvalidImage(f"Mask '{path}' is not a 3-D label volume; save it as .seg.nrrd or a label map.")
    layers = sitk.GetArrayFromImage(image)
    layers = layers[..., np.newaxis] if layers.ndim == 3 else layers
    if not np.issubdtype(layers.dtype, np.integer):
        if not np.array_equal(layers, np.rint(layers)):
            raise InvalidImage(f"Mask '{path}' holds fractions; save it as a label map of whole numbers.")
        layers = layers.astype(np.int64)
    if layers.min() < 0 and np.unique(layers).size > _MOST_LABELS:
        raise InvalidImage(f"Mask '{path}' holds intensities from {layers.min()} to {layers.max()}, as an image does: "
                           "were image and mask exchanged? Give the label map as mask.")
    return image, layers


def _segments(image: sitk.Image, layers: np.ndarray) -> list[Segment]:
    """List the file's segments: those its .seg.nrrd header names, else the label values present."""
    keys = set(image.GetMetaDataKeys())
    named = []
    number = 0
    while f"Segment{number}_ID" in keys or f"Segment{number}_Name" in keys:
        def field(key: str, default: str, number: int = number) -> str:
            name = f"Segment{number}_{key}"
            return image.GetMetaData(name).strip() if name in keys else default

        named.append(Segment(int(field("Layer", "0")), int(field("LabelValue", "1")),
                             field("Name", field("ID", f"Segment {number}"))))
        number += 1
    if named:
        return named
    return [Segment(layer, int(value)) for layer in range(layers.shape[-1])
            for value in np.unique(layers[..., layer]) if value != 0]


def _choose(segments: list[Segment], label: int | str | None, path: Path) -> Segment:
    present = ", ".join(str(segment) for segment in segments) or "none"
    if label is None:
        if len(segments) == 1:
            return segments[0]
        if not segments:
            raise SegmentNotFound(f"Mask '{path}' holds no label at all; draw the contour first.")
        raise SegmentNotFound(f"Mask '{path}' holds {len(segments)} segments; say which with a label: {present}.")
    chosen = [segment for segment in segments if segment.name and segment.name == str(label)]
    if not chosen and str(label).lstrip("-").isdigit():
        chosen = [segment for segment in segments if segment.value == int(label)]
    if not chosen:
        raise SegmentNotFound(f"Mask '{path}' has no segment '{label}'; present: {present}."
                              + did_you_mean(str(label), [segment.name for segment in segments if segment.name]))
    if len(chosen) > 1:
        raise SegmentNotFound(f"Mask '{path}' has several segments '{label}'; rename one, or give one of: {present}.")
    return chosen[0]
