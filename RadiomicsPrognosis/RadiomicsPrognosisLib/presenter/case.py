"""From the panel's choices to the case to score: nodes become VOIs, names become model and scaling."""

from __future__ import annotations

import abc
import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Generic, TypeVar

import vtk

from ..errors import InputError
from ..features.engine import same_values
from ..features.extraction import FeatureSet
from ..features.maker import maker_names
from ..models.covariates import Value
from ..models.model import Model
from ..models.scaling import Scaling, load_scaling
from ..prediction import Prediction, predict
from ..prediction.acquisition import check_modality
from ..prediction.outcome_draws import outcome_draws
from ..protocol import Protocol
from ..scene_series import FileOf, acquired_image
from ..series.voxels import AcquiredImage
from ..voi import Voi, make_voi
from ..worker.jobs import Job, make_job
from .problem import Problem


@dataclass(frozen=True, kw_only=True)
class Phase:
    """One input of a model with what is chosen for it: volume and segmentation (MRML nodes or None), and segment's ID.

    ``name`` and ``title`` are the input's, empty without a model; ``shared`` tells that the contour is that of the
    first input, drawn once for both.
    """

    name: str = ""
    title: str = ""
    volume: Any = None
    segmentation: Any = None
    segment_id: str = ""
    shared: bool = False

    @property
    def contour_name(self) -> str:
        """The name of the segment, empty when there is none of this ID."""
        if self.segmentation is None or not self.segment_id:
            return ""
        content = self.segmentation.GetSegmentation()
        known = content.GetSegmentIndex(self.segment_id) >= 0
        return str(content.GetSegment(self.segment_id).GetName()) if known else ""


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What the user has chosen: MRML nodes (or None), IDs and names (or empty), covariates as texts by name.

    ``second_volume``, ``second_segmentation`` and ``second_segment_id`` are those of the second phase of a model that
    reads two; with a ``shared_contour`` it has the contour of the first. ``model`` is None when there is no model
    ``model_id``. ``engine`` is the name of the engine that computes features, empty for the preferred one and
    where a network gives the features.
    """

    volume: Any = None
    second_volume: Any = None
    segmentation: Any = None
    segment_id: str = ""
    second_segmentation: Any = None
    second_segment_id: str = ""
    shared_contour: bool = True
    model_id: str = ""
    model: Model | None = None
    scaling: str = ""
    engine: str = ""
    covariates: dict[str, str] = field(default_factory=dict)

    @property
    def phases(self) -> tuple[Phase, ...]:
        """The inputs of the model, the first two at most; without a model, what is chosen for the first."""
        first = Phase(volume=self.volume, segmentation=self.segmentation, segment_id=self.segment_id)
        if self.model is None:
            return (first,)
        second = (replace(first, volume=self.second_volume, shared=True) if self.shared_contour else
                  Phase(volume=self.second_volume, segmentation=self.second_segmentation,
                        segment_id=self.second_segment_id))
        return tuple(replace(phase, name=item.name, title=item.title)
                     for item, phase in zip(self.model.inputs, (first, second), strict=False))


@dataclass(frozen=True)
class BlockedCase:
    """What cannot be scored: ``problem`` says why; None before anything has been read.

    ``vois`` (by input name) is empty when no VOI could be made.
    """

    problem: Problem | None = None
    vois: dict[str, Voi] = field(default_factory=dict)


_R = TypeVar("_R")


class Scorable(abc.ABC, Generic[_R]):
    """What was read from the scene at one moment, from whose features a result can be made; ``vois`` by input name."""

    vois: dict[str, Voi]

    @property
    def problem(self) -> None:
        """Nothing stands in the way."""
        return None

    @property
    @abc.abstractmethod
    def jobs(self) -> dict[str, Job]:
        """The extraction each VOI needs. Raises InvalidImage."""

    @cached_property
    def job_keys(self) -> dict[str, str]:
        """What identifies the features of each job (:meth:`Job.key`)."""
        return {name: job.key() for name, job in self.jobs.items()}

    @abc.abstractmethod
    def is_subject_of(self, result: _R) -> bool:
        """Tell whether ``result`` is about the same model and segments, be the contours what they may."""

    @abc.abstractmethod
    def has_contour_of(self, result: _R) -> bool:
        """Tell whether ``result`` was made from exactly these contours and images under this protocol."""

    @abc.abstractmethod
    def matches(self, result: _R) -> bool:
        """Tell whether scoring this again would give ``result`` again."""

    @abc.abstractmethod
    def prepare(self) -> None:
        """Make, in any thread, what the result needs besides features and what takes long: it is kept for
        :meth:`conclude`."""

    @abc.abstractmethod
    def conclude(self, features: Mapping[str, FeatureSet]) -> _R:
        """Return the result from the features of each job. Raises InputError."""


@dataclass(frozen=True)
class ReadyCase(Scorable[Prediction]):
    """A case read from the scene at one moment that can be scored; ``vois`` by input name, ``covariates`` parsed.

    ``engine`` is the name of the engine asked for, empty where any with the preferred one's values will do.
    """

    model: Model
    scaling: Scaling | None
    covariates: dict[str, Value]
    vois: dict[str, Voi]
    engine: str = ""

    @cached_property
    def hashes(self) -> dict[str, str]:
        """Content hash of each VOI."""
        return {name: voi.content_hash() for name, voi in self.vois.items()}

    @cached_property
    def jobs(self) -> dict[str, Job]:
        """The extraction each VOI needs. Raises InvalidImage."""
        protocol = self.model.image_protocol()
        return {name: make_job(voi, protocol, self.model.features(name), self.engine)
                for name, voi in self.vois.items()}

    def is_subject_of(self, prediction: Prediction) -> bool:
        """Tell whether ``prediction`` is about this case's model and segment, be the contour what it may."""
        return (prediction.model.hash == self.model.hash
                and {name: voi.name for name, voi in self.vois.items()}
                == {name: voi.segment for name, voi in prediction.vois.items()})

    def has_contour_of(self, prediction: Prediction) -> bool:
        """Tell whether ``prediction`` was made from exactly this contour and image under this protocol."""
        own = self.model.protocol.hash if self.model.protocol is not None else None
        return ((prediction.protocol.hash if prediction.protocol is not None else None) == own
                and self.hashes == {name: voi.hash for name, voi in prediction.vois.items()})

    def matches(self, prediction: Prediction) -> bool:
        """Tell whether scoring this case would give ``prediction`` again."""
        return self.is_subject_of(prediction) and self.has_answer_of(prediction)

    def has_answer_of(self, prediction: Prediction) -> bool:
        """Tell whether the numbers of ``prediction`` are this case's, whatever its segment is called."""
        own, other = (item.hash if item else None for item in (self.scaling, prediction.scaling))
        return (prediction.model.hash == self.model.hash and self.has_contour_of(prediction)
                and own == other and self.covariates == prediction.covariates
                and (prediction.engine is None or self._is_by(prediction.engine.name)))

    def _is_by(self, engine: str) -> bool:
        """Tell whether features by ``engine`` will do."""
        if self.engine:
            return engine == self.engine
        return same_values(engine, maker_names(self.model.image_protocol())[0])

    def prepare(self) -> None:
        """Make the draws behind the intervals, the first of which load scipy."""
        outcome_draws(self.model, self.scaling)

    def conclude(self, features: Mapping[str, FeatureSet]) -> Prediction:
        """Return the prediction from the features of each input."""
        return predict(self.model, features, self.vois, self.scaling, self.covariates)


#: A case as it is read from the scene.
Case = ReadyCase | BlockedCase


def scene_voi(volume: Any, segmentation: Any, segment_id: str, protocol: Protocol,
              image_of: Callable[[Any], Any] | None = None) -> Voi:
    """Return the VOI of one segment on a volume node.

    ``image_of`` gives a volume's image (read from the node and checked when None). Raises SeriesError, and the errors
    of :mod:`..mrml` and :func:`make_voi`.
    """
    from .. import mrml  # imports slicer: only where nodes are really read

    mask, title = mrml.segment_mask(segmentation, segment_id, volume)
    return make_voi((image_of or scene_image)(volume), mask, protocol, title)


def scene_image(volume: Any, file_of: FileOf | None = None) -> AcquiredImage:
    """Return the image of a volume node and what is stated of it, its DICOM slices checked where they are at hand."""
    from .. import mrml

    return acquired_image(volume, mrml.volume_image, file_of)


class CaseReader:
    """Reads cases; keeps the image of each volume until the volume changes, because copying a CT takes a while.

    ``file_of`` gives the file of a DICOM slice by its UID, from Slicer's database.
    """

    def __init__(self, file_of: FileOf | None = None) -> None:
        self._file_of = file_of
        self._images: dict[str, tuple[Any, AcquiredImage]] = {}

    def read(self, choices: Choices) -> Case:
        """Return the case that ``choices`` describe; what is missing or wrong with it is its ``problem``."""
        if choices.volume is None:
            return BlockedCase(Problem("volume"))
        with contextlib.suppress(InputError):  # said when a VOI is made on it
            self._image(choices.volume)  # though the rest may be missing: the first result then waits for less
        model = choices.model
        if model is None:
            return BlockedCase(_no_model(choices.model_id))
        missing = _missing_node(choices, model)
        if missing is not None:
            return BlockedCase(missing)
        # A contour can be drawn and measured before its scaling is chosen.
        problem = _missing_scaling(choices, model)
        scaling, covariates, vois = None, {}, {}
        try:
            vois = self._vois(choices, model)
            check_modality(model, vois)
            covariates = _covariates(choices, model)
            if choices.scaling and model.needs_scaling:
                scaling = load_scaling(choices.scaling, model)
        except InputError as error:
            problem = Problem.of(error)
        return BlockedCase(problem, vois) if problem else ReadyCase(model, scaling, covariates, vois, choices.engine)

    def forget(self) -> None:
        """Let go of the images."""
        self._images.clear()

    def _vois(self, choices: Choices, model: Model) -> dict[str, Voi]:
        protocol = model.image_protocol()
        return {phase.name: scene_voi(phase.volume, phase.segmentation, phase.segment_id, protocol, self._image)
                for phase in choices.phases}

    def _image(self, volume: Any) -> AcquiredImage:
        state = _state(volume)
        kept = self._images.get(volume.GetID())
        if kept is None or kept[0] != state:
            if len(self._images) > 1:
                self._images.clear()
            kept = self._images[volume.GetID()] = (state, scene_image(volume, self._file_of))
        return kept[1]


def _state(volume: Any) -> tuple[Any, ...]:
    """Return what changes when the voxels of a volume node or their place in the world do."""
    data, transform = volume.GetImageData(), volume.GetParentTransformNode()
    matrix = vtk.vtkMatrix4x4()
    volume.GetIJKToRASMatrix(matrix)
    place = [matrix.GetElement(row, column) for row in range(3) for column in range(4)]
    return data.GetMTime() if data else 0, place, transform.GetTransformToWorldMTime() if transform else 0


def _no_model(model_id: str) -> Problem:
    return Problem("unknown-model", values={"name": model_id}) if model_id else Problem("model")


def _missing_node(choices: Choices, model: Model) -> Problem | None:
    if len(model.inputs) > 1 and choices.second_volume is None:
        return Problem("second-volume", values={"title": model.inputs[1].title})
    if choices.second_volume is choices.volume and len(model.inputs) > 1:
        return Problem("one-volume", values={"titles": " and ".join(item.title for item in model.inputs)})
    for phase in choices.phases:
        if phase.segmentation is None:
            return Problem("segmentation", values={"phase": phase.title if len(choices.phases) > 1 else ""})
        present = phase.segmentation.GetSegmentation()
        if not phase.segment_id or present.GetSegmentIndex(phase.segment_id) < 0:
            return Problem("segment", values={"name": phase.segmentation.GetName()})
    return None


def _missing_scaling(choices: Choices, model: Model) -> Problem | None:
    if model.needs_scaling and not choices.scaling:
        return Problem("scaling", values={"signature": model.score_name})
    return None


def _covariates(choices: Choices, model: Model) -> dict[str, Value]:
    """Return what the model asks for of the values given, parsed. Raises CovariateError."""
    known = {item.name for item in model.covariates}
    return model.parse_covariates({name: text for name, text in choices.covariates.items() if name in known})
