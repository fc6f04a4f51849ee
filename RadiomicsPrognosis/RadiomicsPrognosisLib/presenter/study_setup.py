"""Setting up a reading study: what is chosen, what is still missing, and the work case by case; restoring one, too."""

from __future__ import annotations

import base64
import binascii
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import vtk

from ..errors import FileError, InputError, SchemaError
from ..reading.cohort_intake import UntakenContour, cohort_sources, untaken
from ..reading.design import SCHEMA, ReadingStudy, StudyCase
from ..reading.folder import EXISTING, IMAGES, StudyFolder
from ..reading.identity import image_hash
from ..reading.intake import CaseSource, Stand, folder_sources, scene_sources, take_cases, write_image
from ..reading.presets import Preset
from ..reading.snapshot import restore, snapshot
from .patient import covariates_of
from .problem import Problem

#: Where cases come from.
SCENE, COHORT, FOLDER = "scene", "cohort", "folder"


@dataclass(frozen=True, kw_only=True)
class SetupChoices:
    """What is chosen in the tab; ``source`` is one of the constants above, ``path`` the cohort's or the folder's.

    ``reread`` None is all cases; ``stand`` tells whether earlier contours are readings: those that a cohort's table
    names, or where it names none the first reader's in the first session. ``window`` is (level, width; HU),
    ``covariates`` the names of a cohort's columns that are clinical factors.
    """

    source: str = SCENE
    path: str = ""
    segmentation: vtk.vtkObject | None = None
    preset: Preset | None = None
    title: str = ""
    readers: tuple[str, ...] = ()
    sessions: tuple[str, ...] = ()
    reread: int | None = None
    seed: int = 1
    washout_days: float = 0.0
    stand: bool = False
    window: tuple[float, float] = (40.0, 400.0)
    folder: str = ""
    covariates: tuple[str, ...] = ()

    @property
    def first(self) -> Stand | None:
        """The reading that earlier contours stand for of which nothing says whose they are; None for none."""
        return Stand(self.readers[0], self.sessions[0]) if self.stand else None

    @property
    def readings(self) -> frozenset[Stand]:
        """The readings that earlier contours may stand for."""
        return frozenset(Stand(reader, session) for reader in self.readers for session in self.sessions
                         if self.stand)


def names_in(text: str) -> tuple[str, ...]:
    """Return the names in a text that separates them by commas or semicolons."""
    return tuple(filter(None, (name.strip() for name in text.replace(";", ",").split(","))))


def obstacle(choices: SetupChoices) -> Problem | None:
    """Return what is missing or wrong in the choices, the first in the order in which they stand, or None."""
    if choices.preset is None:
        return Problem("preset")
    if choices.source != SCENE and not choices.path:
        return Problem(f"no-{choices.source}")
    for what, names in (("readers", choices.readers), ("sessions", choices.sessions)):
        if not names:
            return Problem(f"no-{what}")
        repeated = next((name for name in names if names.count(name) > 1), None)
        if repeated is not None:
            return Problem("twice", values={"name": repeated})
    if len(choices.preset.scope_of(choices.readers, choices.sessions)) < 2:
        return Problem("one-reading")
    if not choices.folder:
        return Problem("study-folder")
    if not Path(choices.folder).is_absolute():
        return Problem("no-file", values={"path": choices.folder})
    if Path(choices.folder).exists() and (not Path(choices.folder).is_dir() or any(Path(choices.folder).iterdir())):
        return Problem("full-folder", values={"path": choices.folder})
    return None


def sources_of(choices: SetupChoices, scene: vtk.vtkObject) -> list[CaseSource]:
    """Return the cases that ``choices`` name, unread. Raises InputError."""
    if choices.source == COHORT:
        return cohort_sources(Path(choices.path), choices.readings, choices.covariates)
    if choices.source == FOLDER:
        return folder_sources(Path(choices.path), covariates_of)
    return scene_sources(scene, choices.segmentation, covariates_of)


class FolderWork:
    """Work on a study's folder in steps of one case; ``share`` (0 - 1) and ``case`` say how far it is.

    ``folder`` is the study once it is there, ``untaken`` are the earlier contours that are no readings of it.
    """

    def __init__(self, path: Path, names: Sequence[str], steps: Iterator[StudyFolder | None],
                 untaken: tuple[UntakenContour, ...] = ()):
        self._path, self._names, self._steps, self.untaken = path, names, steps, untaken
        self._done = 0
        self._is_new = not path.exists()
        self.folder: StudyFolder | None = None

    @property
    def share(self) -> float:
        """The share of the cases that is done."""
        return self._done / max(len(self._names), 1)

    @property
    def case(self) -> str:
        """The case that comes next."""
        return self._names[min(self._done, len(self._names) - 1)]

    def step(self) -> bool:
        """Do the next case; return whether there is more to do. Raises InputError, and takes back what was written."""
        try:
            self.folder = next(self._steps)
        except InputError:
            self.cancel()
            raise
        self._done += 1
        return self.folder is None

    def cancel(self) -> None:
        """Give up, and leave nothing of a study in the folder, which was empty."""
        self._steps = iter(())
        for name in (IMAGES, EXISTING):
            shutil.rmtree(self._path / name, ignore_errors=True)
        if self._is_new and self._path.is_dir() and not any(self._path.iterdir()):
            self._path.rmdir()


def begin_setup(choices: SetupChoices, scene: vtk.vtkObject) -> FolderWork:
    """Return the work that sets up the study of ``choices``, of which none is missing. Raises InputError."""
    sources = sources_of(choices, scene)
    if choices.reread is not None and choices.reread > len(sources):
        raise FileError(f"{choices.reread} of {len(sources)} cases cannot be read again; there must be as many cases.")
    path = Path(choices.folder)
    return FolderWork(path, [source.name for source in sources], _set_up(choices, sources, path),
                      untaken(sources, choices.first, choices.readings))


def _set_up(choices: SetupChoices, sources: list[CaseSource], path: Path) -> Iterator[StudyFolder | None]:
    cases: list[StudyCase] = []
    for case in take_cases(sources, path, choices.first, choices.window, choices.readings):
        cases.append(case)
        if len(cases) < len(sources):
            yield None
    yield StudyFolder.create(path, _design(choices, tuple(cases)))


def _design(choices: SetupChoices, cases: tuple[StudyCase, ...]) -> ReadingStudy:
    preset = choices.preset
    if preset is None:
        raise ValueError("no preset is chosen")
    return ReadingStudy(
        schema=SCHEMA, title=choices.title.strip() or preset.title, preset=preset.id, model=preset.model,
        seed=choices.seed, readers=choices.readers, sessions=choices.sessions,
        scope=preset.scope_of(choices.readers, choices.sessions), reread=choices.reread,
        washout_days=choices.washout_days, cases=cases)


# The study kept in the scene ------------------------------------------------------------------------------------------


def is_of_scene(design: ReadingStudy, scene: vtk.vtkObject) -> bool:
    """Tell whether the cases of a study are lesions of ``scene``: each was taken from a volume that is there."""
    return all(case.volume and _volume(scene, case.volume) is not None for case in design.cases)


def kept_text(folder: StudyFolder) -> str:
    """Return a study without its images as the text that a scene keeps."""
    return base64.b64encode(snapshot(folder.path)).decode("ascii")


def begin_restoring(text: str, path: Path, scene: vtk.vtkObject) -> FolderWork:
    """Return the work that restores the study kept as ``text`` into ``path``: its images come from ``scene`` again.

    Raises FileError or SchemaError.
    """
    try:
        content = base64.b64decode(text, validate=True)
    except binascii.Error:
        raise SchemaError("The text kept in the scene holds no reading study.") from None
    folder = restore(content, path)
    return FolderWork(path, [case.name for case in folder.design.cases], _restore_images(folder, scene))


def _restore_images(folder: StudyFolder, scene: vtk.vtkObject) -> Iterator[StudyFolder | None]:
    """Write the images of the cases; what the scene does not have any more is told when it is to be read."""
    from ..mrml import volume_image

    for number, case in enumerate(folder.design.cases, start=1):
        # The design came with the scene: nothing is written beside the study's own images.
        own = Path(case.image).parts[:-1] == (IMAGES,) and Path(case.image).name not in ("..", ".")
        volume = _volume(scene, case.volume) if case.volume and own else None
        if volume is not None:
            image = volume_image(volume)
            if image_hash(image) == case.image_hash:
                write_image(folder.image_path(case.name), image)
        yield folder if number == len(folder.design.cases) else None


def _volume(scene: vtk.vtkObject, name: str) -> vtk.vtkObject | None:
    """Return the only scalar volume node called ``name``, or None.

    vtkMRMLScene::GetNodesByClassByName would keep the nodes: Python does not own the collection that it returns.
    """
    kind = "vtkMRMLScalarVolumeNode"
    nodes = [scene.GetNthNodeByClass(number, kind) for number in range(scene.GetNumberOfNodesByClass(kind))]
    named = [node for node in nodes if node.GetName() == name]
    return named[0] if len(named) == 1 else None
