"""Where the cases of a reading study come from: files, a folder of volumes, DICOM series or scenes, the open scene.

A case's image stays where it is, but for one taken out of a scene, which is written into the study's folder.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from ..errors import FileError, InputError
from ..voi.grid import Grid, bounding_box, xyz
from ..voi.images import inside, read_image
from ..voi.segments import read_mask
from .contour_file import write_contour
from .design import ExistingContour, StudyCase, file_names
from .folder import EXISTING, IMAGES, relative_to
from .identity import file_hash, image_hash

#: What volumes and scenes end with.
VOLUMES, SCENES = (".nrrd", ".nhdr", ".nii", ".nii.gz", ".mha", ".mhd"), (".mrb", ".mrml")

#: Files of contours, not of volumes.
_CONTOURS = (".seg.nrrd", ".seg.nhdr")


@dataclass(frozen=True)
class TakenCase:
    """An image and, where there is one, an earlier contour (0/1, any grid), as they are taken from their source."""

    image: sitk.Image
    contour: sitk.Image | None = None


@dataclass(frozen=True)
class Stand:
    """Whose reading an earlier contour is."""

    reader: str
    session: str


@dataclass(frozen=True, kw_only=True)
class CaseSource:
    """A case before its image is read: ``take`` reads it. ``path`` is its image's file or folder, None in a scene.

    ``drawn_by`` says whose its earlier contour is (None: nothing does), ``others`` whose further contours there are,
    which are not taken. ``factors`` are the clinical factors that are known, as texts by the covariates' names.
    """

    name: str
    take: Callable[[], TakenCase]
    path: Path | None = None
    lesion: str = ""
    volume: str = ""
    drawn_by: Stand | None = None
    others: tuple[Stand | None, ...] = ()
    factors: Mapping[str, str] = field(default_factory=dict)


#: Returns the clinical factors that a scene has of the patient of a volume node.
FactorsOf = Callable[[object], Mapping[str, str]]


def folder_sources(folder: Path, factors: FactorsOf | None = None) -> list[CaseSource]:
    """Return the volumes, scenes and DICOM series (one a folder) that lie in ``folder``, by their names.

    ``factors`` tells the clinical factors in a scene. Raises FileError for a folder without any, or a scene that cannot
    be read.
    """
    if not folder.is_dir():
        raise FileError(f"Folder '{folder}' does not exist; check the path.")
    sources: list[CaseSource] = []
    for path in sorted(folder.iterdir(), key=lambda item: item.name):
        name = path.name.lower()
        if path.name.startswith(".") or name.endswith(_CONTOURS):
            continue
        if path.is_dir() and sitk.ImageSeriesReader.GetGDCMSeriesIDs(str(path)):
            sources.append(file_source(path.name, path))
        elif name.endswith(VOLUMES):
            sources.append(file_source(_stem(path), path))
        elif name.endswith(SCENES):
            sources += _scene_file_sources(path, factors)
    if not sources:
        raise FileError(f"Folder '{folder}' holds no volume ({', '.join(VOLUMES)}), no scene ({', '.join(SCENES)}) and "
                        "no folder with a DICOM series; choose another folder.")
    return sources


def _stem(path: Path) -> str:
    ending = max((item for item in (*VOLUMES, *SCENES) if path.name.lower().endswith(item)), key=len)
    return path.name[:-len(ending)]


def file_source(name: str, path: Path, mask: Path | None = None, label: str = "", drawn_by: Stand | None = None,
                others: tuple[Stand | None, ...] = (), factors: Mapping[str, str] | None = None) -> CaseSource:
    """Return the case of the image in ``path`` and the segment ``label`` (empty: the only one) of ``mask``."""
    def take() -> TakenCase:
        contour = read_mask(mask, label or None)[0] if mask is not None else None
        return TakenCase(read_image(path), contour)

    return CaseSource(name=name, take=take, path=path, lesion=label, drawn_by=drawn_by, others=others,
                      factors=factors or {})


def _scene_file_sources(path: Path, factors: FactorsOf | None) -> list[CaseSource]:
    from .. import mrml  # imports slicer: only where a scene is really read

    scene = mrml.load_scene(path)
    return [replace(item, name=_stem(path) if item.name == item.volume else f"{_stem(path)} {item.name}")
            for item in scene_sources(scene, factors=factors)]


def scene_sources(scene: object, segmentation: object = None,
                  factors: FactorsOf | None = None) -> list[CaseSource]:
    """Return the lesions of a vtkMRMLScene: each segment with voxels of ``segmentation`` (all when None), on its CT.

    ``factors`` tells the clinical factors of a CT's patient. A scene without contours has its volumes as cases. Raises
    FileError for a scene without a case.
    """
    from ..mrml import volume_image
    from .scene_lesions import Lesion, lesions

    rows = lesions(scene, segmentation)
    names = [row.volume.GetName() if row.segment_id is None else row.name for row in rows]
    sources = []
    for row, name in zip(rows, _distinct(names), strict=True):
        def take(row: Lesion = row) -> TakenCase:
            return TakenCase(volume_image(row.volume), row.mask())

        sources.append(CaseSource(name=name, take=take, lesion=row.name, volume=row.volume.GetName(),
                                  factors=factors(row.volume) if factors is not None else {}))
    if not sources:
        raise FileError("The scene has no lesion: no segment that is drawn on a volume; contour the lesions, or load "
                        "the CTs.")
    return sources


def _distinct(names: Sequence[str]) -> list[str]:
    distinct: list[str] = []
    for name in names:
        plain, number = name.strip() or "case", 2
        candidate = plain
        while candidate in distinct:
            candidate, number = f"{plain} {number}", number + 1
        distinct.append(candidate)
    return distinct


def take_cases(sources: Sequence[CaseSource], folder: Path, stand: Stand | None, window: tuple[float, float] | None,
               readings: Collection[Stand] = ()) -> Iterator[StudyCase]:
    """Yield the cases of ``sources`` one after the other, for the study in ``folder``; each takes a second or so.

    Earlier contours are copied into the folder, and so are images of scenes. One stands for the reading that its source
    names if that is one of ``readings``, or for ``stand`` where the source names none; else it only tells where the
    lesion is. ``window`` (level, width; HU) is how images are first shown. Raises the errors of reading, naming the
    case.
    """
    names = file_names(source.name for source in sources)
    for source in sources:
        try:
            whose = stand if source.drawn_by is None else source.drawn_by if source.drawn_by in readings else None
            yield _study_case(source, source.take(), folder, names[source.name], whose, window)
        except InputError as error:
            raise FileError(f"Case '{source.name}': {error}") from None


def _study_case(source: CaseSource, taken: TakenCase, folder: Path, file_name: str, stand: Stand | None,
                window: tuple[float, float] | None) -> StudyCase:
    path = source.path
    if path is None:
        path = folder / IMAGES / f"{file_name}.nrrd"
        write_image(path, taken.image)
    location, existing = None, None
    if taken.contour is not None and inside(taken.contour).any():
        location = _middle(taken.contour)
        drawn = folder / EXISTING / f"{file_name}.seg.nrrd"
        write_contour(drawn, taken.contour, source.lesion or source.name)
        existing = ExistingContour(path=relative_to(folder, drawn), reader=stand.reader if stand else "",
                                   session=stand.session if stand else "")
    return StudyCase(name=source.name, image=relative_to(folder, path), image_hash=image_hash(taken.image),
                     image_file=file_hash(path), lesion=source.lesion, location=location, window=window,
                     volume=source.volume, factors=dict(source.factors), existing=existing)


def write_image(path: Path, image: sitk.Image) -> None:
    """Write ``image`` with its world geometry, whole or not at all. Raises FileError."""
    temporary = path.with_name(f".{path.name}.part.nrrd")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        sitk.WriteImage(image, str(temporary), useCompression=True, compressionLevel=1)
        temporary.replace(path)
    except (OSError, RuntimeError) as error:
        raise FileError(f"'{path}' cannot be written ({str(error).strip().splitlines()[-1]}); choose another "
                        "folder.") from None
    finally:
        temporary.unlink(missing_ok=True)


def _middle(contour: sitk.Image) -> tuple[float, float, float]:
    """Return the middle (LPS mm) of the box around a contour: it tells less of how it was drawn than its centre."""
    start, size = bounding_box(inside(contour))
    index = [first + (count - 1) / 2 for first, count in zip(start, size, strict=True)]
    return xyz(Grid.of(contour).position(np.array([index]))[0])
