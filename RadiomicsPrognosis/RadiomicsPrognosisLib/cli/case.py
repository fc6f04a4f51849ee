"""A case on the command line: the options that name image, contour, model and covariates, and what they hold."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import SimpleITK as sitk

from ..errors import InputError, ModelMismatch, PackageMissing
from ..models.covariates import Value
from ..models.model import Model
from ..models.scaling import Scaling, load_scaling, scalings_for
from ..scene_series import acquired_image
from ..series.listing import choose_series
from ..series.voxels import AcquiredImage
from ..voi import Voi, make_voi, read_acquired, read_mask
from .engine_option import add_engine_option

_SCENES = (".mrb", ".mrml")

#: Options that say something of images.
_OF_IMAGES = ("image", "series", "mask", "label", "volume", "segmentation", "input", "engine", "dicom")


def add_case_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that name a case and a model: what :func:`read_case` reads."""
    parser.add_argument("--image", metavar="F", help="CT: file, DICOM folder, or a scene (.mrb, .mrml)")
    parser.add_argument("--series", action="append", default=[], metavar="[NAME=]N|UID",
                        help="which DICOM series of the folder --image, by number or UID; NAME= that of the folder of "
                        "the --input NAME")
    parser.add_argument("--mask", metavar="F", help="label file or .seg.nrrd; not needed when --image is a scene")
    parser.add_argument("--label", metavar="N|NAME",
                        help="label value, or name or ID of the segment; 'score' takes 'all' of them, too")
    parser.add_argument("--volume", metavar="NAME", help="name of the volume node, when --image is a scene")
    parser.add_argument("--segmentation", metavar="NAME", help="name of the segmentation node, when --image is a scene")
    parser.add_argument("--model", required=True, metavar="ID|FILE")
    parser.add_argument("--input", action="append", default=[], metavar="NAME=F[,MASK[,LABEL]]",
                        help="a further volume of the model, with its own mask if it has one, and the label there if "
                        "it is another than that of --label")
    parser.add_argument("--covariate", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--scaling", metavar="NAME|FILE", help="means and SDs for a model with z-scored features")
    add_engine_option(parser)


def choose_scaling(model: Model, name: str | None) -> Scaling | None:
    """Return the scaling asked for. Raises ModelMismatch when the model needs one and none is given, or the reverse."""
    if name and not model.needs_scaling:
        uses = "no features" if model.is_clinical else "raw features"
        raise ModelMismatch(f"Model '{model.id}' uses {uses} and takes no scaling; leave out --scaling.")
    if name:
        return load_scaling(name, model)
    if model.needs_scaling:
        known = ", ".join(item.name for item in scalings_for(model)) or "none"
        raise ModelMismatch(f"Model '{model.id}' needs the means and SDs of its features: give --scaling NAME|FILE "
                            f"(at hand: {known}), or fit one from at least 20 cases with the command 'scaling'.")
    return None


def _pairs(items: list[str], option: str) -> dict[str, str]:
    pairs = {}
    for item in items:
        name, equals, value = item.partition("=")
        if not (name and equals and value):
            raise InputError(f"{option} '{item}' must have the form NAME=VALUE.")
        if name in pairs:
            raise InputError(f"{option} names '{name}' twice.")
        pairs[name] = value
    return pairs


def series_by_input(options: argparse.Namespace) -> dict[str, str]:
    """Return the DICOM series asked for by input, '' being that of ``--image``. Raises InputError for one not given."""
    chosen: dict[str, str] = {}
    for item in options.series:
        name, equals, value = item.rpartition("=")
        if not value or (equals and not name):
            raise InputError(f"--series '{item}' must have the form NUMBER, UID or NAME=NUMBER.")
        if name in chosen:
            raise InputError(f"--series names {f'the input {name!r}' if name else 'that of --image'} twice.")
        chosen[name] = value
    unknown = sorted(set(chosen) - {"", *_pairs(options.input, "--input")})
    if unknown:
        raise InputError(f"--series names the input '{unknown[0]}', which no --input gives.")
    return chosen


def dicom_source(options: argparse.Namespace) -> list[Path]:
    """Return the files of the DICOM series that ``--image``, a folder, holds or ``--series`` names. Raises SeriesError.
    """
    chosen = choose_series(Path(options.image), series_by_input(options).get(""))
    return [header.path for header in chosen.headers]


class FilesRead:
    """What was read from files, kept for the next segment of the same reading; nothing is kept where None is given."""

    def __init__(self) -> None:
        self._items: dict[tuple[str, str], Any] = {}

    def get(self, kind: str, path: str, read: Callable[[str], Any]) -> Any:
        """Return what ``read`` gives for ``path``, read once for each ``kind``."""
        if (kind, path) not in self._items:
            self._items[kind, path] = read(path)
        return self._items[kind, path]


def read_case(options: argparse.Namespace, model: Model,
              kept: FilesRead | None = None) -> tuple[dict[str, Voi], dict[str, Value]]:
    """Return contours by the model's input, and covariates by name, of the case that ``options`` name.

    A model of covariates alone has no contour, and an image for it is refused. ``kept`` holds images read for an
    earlier segment of the same files. Raises InputError, in one of its kinds, for
    what cannot be read or does not belong to ``model``.
    """
    covariates = model.parse_covariates(_pairs(options.covariate, "--covariate"))
    if model.is_clinical:
        refuse_images(options, model)
        return {}, covariates
    return _read_vois(options, model, kept or FilesRead()), covariates


def refuse_images(options: argparse.Namespace, model: Model) -> None:
    """Raise ModelMismatch for options that name an image, a contour or an engine, which ``model`` does not read."""
    given = [f"--{name}" for name in _OF_IMAGES if getattr(options, name, None)]
    if given:
        raise ModelMismatch(f"Model '{model.id}' reads no image: its covariates alone predict. Leave out "
                            f"{', '.join(given)}.")


def shows_scene(options: argparse.Namespace) -> bool:
    """Whether the contours are in a scene's segmentation node, not in a file of their own."""
    return Path(options.image).suffix.lower() in _SCENES and not options.mask


def scene_segments(options: argparse.Namespace, kept: FilesRead) -> list[tuple[str, str]]:
    """Return (ID, name) of every segment of the scene's segmentation. Raises FileError or PackageMissing."""
    mrml = _mrml()
    scene = kept.get("scene", options.image, mrml.load_scene)
    node = mrml.find_node(scene, "vtkMRMLSegmentationNode", options.segmentation, "segmentation").GetSegmentation()
    return [(key, node.GetSegment(key).GetName()) for key in node.GetSegmentIDs()]


def _read_vois(options: argparse.Namespace, model: Model, kept: FilesRead) -> dict[str, Voi]:
    """Read the image and contour of each of the model's inputs; ``--image`` is the first."""
    protocol, series = model.image_protocol(), series_by_input(options)

    def read(path: str, name: str = "") -> AcquiredImage:
        kind = f"image, series {series.get(name, '')}"
        image: AcquiredImage = kept.get(kind, path, lambda path: read_acquired(path, series.get(name)))
        return image

    if Path(options.image).suffix.lower() in _SCENES:
        if "" in series:
            raise InputError("--series chooses among the DICOM series of a folder; in a scene, --volume names the CT.")
        image, mask, segment = _read_scene(options, kept)
    else:
        if not options.mask:
            raise InputError("--mask is missing: give the label file or .seg.nrrd that holds the contour.")
        image, (mask, segment) = read(options.image), read_mask(options.mask, options.label)
    vois = {model.inputs[0].name: make_voi(image, mask, protocol, segment)}
    for name, value in _pairs(options.input, "--input").items():
        path, own_mask, label = [*value.split(",", 2), "", ""][:3]
        if own_mask:
            mask, segment = read_mask(own_mask, label or options.label)
        vois[name] = make_voi(read(path, name), mask, protocol, segment)
    return vois


def _read_scene(options: argparse.Namespace, kept: FilesRead) -> tuple[AcquiredImage, sitk.Image, str]:
    mrml = _mrml()
    scene = kept.get("scene", options.image, mrml.load_scene)
    volume = mrml.find_node(scene, "vtkMRMLScalarVolumeNode", options.volume, "volume")
    if options.mask:
        return (acquired_image(volume, mrml.volume_image), *read_mask(options.mask, options.label))
    segmentation = mrml.find_node(scene, "vtkMRMLSegmentationNode", options.segmentation, "segmentation")
    segment = options.label or mrml.only_segment_id(segmentation)
    return (acquired_image(volume, mrml.volume_image), *mrml.segment_mask(segmentation, segment, volume))


def _mrml() -> ModuleType:
    try:
        from .. import mrml
    except ImportError as error:
        raise PackageMissing(f"Reading a Slicer scene needs the package slicer-core ({error}); run "
                             "'pip install slicer-core', or export volume and segmentation as .nrrd files.") from None
    return mrml
