"""Perturb one lesion of a case and extract its features again."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ..errors import EmptyVoi, InputError
from ..features.engine import Engine
from ..features.extraction import extract
from ..features.grids.placement import ON_OWN_POINTS, Placement
from ..features.preparation import crop_for
from ..protocol import Protocol
from ..voi.grid import Index, between, crop, ijk
from ..voi.images import array_view
from ..voi.voi import Voi, redrawn
from .noise import add_noise, noise_level
from .record import CONTOUR, KINDS, NOISE, ROTATION, TRANSLATION, VOLUME
from .redrawing import ContouredBox, dice, randomised
from .settings import PerturbationSettings, Range

#: Supervoxels around the contour's box, in edges of one: those that the contour can take lie within.
_EDGES_AROUND = 1.5

#: Without supervoxels, so many voxels around the contour's box are room to grow.
_VOXELS_AROUND = 6

#: The numbers drawn and reached, by kind and name.
Parameters = dict[str, dict[str, float]]


@dataclass(frozen=True)
class Draw:
    """Perturbation ``number`` (from 0) of ``count`` of a ``group``, drawn from ``seed``."""

    seed: int
    group: int
    number: int
    count: int


@dataclass(frozen=True, eq=False)
class Draws:
    """The random numbers of one kind in perturbation ``draw``; ``order`` is at the same state in all of its group."""

    generator: np.random.Generator
    order: np.random.Generator
    draw: Draw

    def within(self, limits: Range) -> float:
        """Return an even number from (low, high), one in each of as many equal steps as there are perturbations.

        Such a Latin hypercube covers every range also with few perturbations (McKay, Beckman and Conover, Technometrics
        1979;21:239-245).
        """
        step = self.order.permutation(self.draw.count)[self.draw.number] + self.generator.random()
        return float(limits[0] + (limits[1] - limits[0]) * step / self.draw.count)


@dataclass(frozen=True, kw_only=True, eq=False)
class ReadyLesion:
    """A contoured lesion ready to be perturbed: what is the same for all perturbations is computed once.

    ``voi`` is unperturbed, ``names`` the features wanted, ``number`` tells apart the inputs of a model. ``around`` is
    the box from ``start`` (i, j, k) that contours change within, ``supervoxels`` its numbered (k, j, i), ``noise_sd``
    the standard deviation (HU) of the noise to add; None where that kind is off.
    """

    voi: Voi
    protocol: Protocol
    settings: PerturbationSettings
    names: tuple[str, ...]
    number: int
    around: ContouredBox
    start: Index
    supervoxels: np.ndarray | None
    noise_sd: float | None

    def draws(self, draw: Draw, kind: str) -> Draws:
        """Return the random numbers of one kind in one perturbation: the same whatever else is on or ran before."""
        key = (draw.group, self.number, KINDS.index(kind))
        order = np.random.Generator(np.random.PCG64(np.random.SeedSequence(draw.seed, spawn_key=(*key, draw.count))))
        own = np.random.SeedSequence(draw.seed, spawn_key=(*key, draw.count, draw.number))
        return Draws(np.random.Generator(np.random.PCG64(own)), order, draw)


def ready(voi: Voi, protocol: Protocol, settings: PerturbationSettings, names: tuple[str, ...],
          number: int) -> ReadyLesion:
    """Return the lesion of ``voi``, ready to be perturbed as ``settings`` say."""
    edge = np.cbrt(settings.contour.supervoxel_mm3) if settings.contour else 0.0
    margin = np.maximum(np.ceil(_EDGES_AROUND * edge / np.array(voi.grid.spacing)), _VOXELS_AROUND).astype(int)
    start = np.array(voi.start)
    low = np.maximum(start - margin, voi.image_start)
    high = np.minimum(start + voi.contour.shape[::-1] + margin, np.array(voi.image_start) + voi.image.GetSize())
    first, size = ijk(low), ijk(high - low)
    intensities = crop(array_view(voi.image), between(voi.image_start, first), size).copy()
    voxels = np.zeros(intensities.shape, bool)
    crop(voxels, between(first, voi.start), voi.contour.shape[::-1])[...] = voi.contour
    around = ContouredBox(voxels, intensities, voi.grid.spacing)
    return ReadyLesion(
        voi=_cropped(voi, protocol, settings, low, high), protocol=protocol, settings=settings, names=names,
        number=number, around=around, start=first,
        supervoxels=around.supervoxels(settings.contour) if settings.contour else None,
        noise_sd=settings.noise.level * noise_level(intensities) if settings.noise else None)


def _cropped(voi: Voi, protocol: Protocol, settings: PerturbationSettings, low: np.ndarray, high: np.ndarray) -> Voi:
    """Return ``voi`` with the image that every perturbation stays within, a fraction of a whole CT to hand around."""
    turned = settings.rotation is not None
    boxes = []
    for degrees in (0.0, 45.0, 90.0) if turned else (0.0,):
        for shift in (-1.0, 1.0):
            whole = replace(voi, contour=np.ones((high - low)[::-1], bool), kept=np.ones((high - low)[::-1], bool),
                            start=ijk(low))
            reach = crop_for(whole, protocol, Placement(degrees, (shift, shift, shift)))
            boxes.append((reach.image_start, np.array(reach.image_start) + reach.image.GetSize()))
    unplaced = crop_for(whole, protocol, Placement())
    boxes.append((unplaced.image_start, np.array(unplaced.image_start) + unplaced.image.GetSize()))
    first = np.min([box[0] for box in boxes], axis=0)
    return voi.cropped(ijk(first), ijk(np.max([box[1] for box in boxes], axis=0) - first))


@dataclass(frozen=True, kw_only=True)
class Extracted:
    """The features of one perturbed lesion, in the order of its names, None where one has no value.

    ``values`` is empty where ``problem`` says why there are none; ``reason`` says it in the same words for every
    perturbation with the same problem.
    """

    values: tuple[float | None, ...]
    parameters: Parameters
    problem: str = ""
    reason: str = ""


def perturb(lesion: ReadyLesion, draw: Draw, kinds: tuple[str, ...], engine: Engine | None = None) -> Extracted:
    """Return the features of ``lesion`` in the perturbation ``draw``, with only ``kinds`` on.

    What a perturbation breaks (an empty contour, one slice) is told as its ``problem``, not raised.
    """
    parameters: Parameters = {}
    try:
        voi, placement = perturbed(lesion, draw, kinds, parameters)
        features = extract(voi, lesion.protocol, lesion.names, engine, placement=placement)
    except InputError as error:
        reason = f"too few voxels {error.step}" if isinstance(error, EmptyVoi) else _REASONS.get(error.code, error.code)
        return Extracted(values=(), parameters=parameters, problem=str(error), reason=reason)
    return Extracted(values=tuple(features.values.get(name) for name in lesion.names), parameters=parameters)


def perturbed(lesion: ReadyLesion, draw: Draw, kinds: tuple[str, ...], parameters: Parameters) -> tuple[Voi, Placement]:
    """Return the VOI of the perturbation ``draw``, and where its grid lies; what was drawn goes into ``parameters``.

    Raises EmptyVoi, FlatVoi or InvalidImage where nothing fit for features is left.
    """
    draws = {kind: lesion.draws(draw, kind) for kind in kinds}
    contour = _contour(lesion, draws, parameters)
    voi = lesion.voi if contour is None else redrawn(lesion.voi, contour, lesion.start, lesion.protocol)
    placement = _placement(lesion.settings, lesion.protocol.resampling is not None, draws, parameters)
    if NOISE in draws and lesion.noise_sd is not None:
        parameters[NOISE] = {"sd": lesion.noise_sd}
        voi = _noisy(voi, lesion, placement, draws[NOISE].generator)
    return voi, placement


_REASONS = {"flat-voi": "one voxel thick", "geometry": "outside the image", "image": "intensities that are no numbers"}


def _contour(lesion: ReadyLesion, draws: dict[str, Draws], parameters: Parameters) -> np.ndarray | None:
    """Return the perturbed contour in the box around the lesion, None where it stays as it is."""
    settings, voxels = lesion.settings, lesion.around.voxels
    if settings.volume and VOLUME in draws:
        change = draws[VOLUME].within(settings.volume.change)
        voxels = lesion.around.resized(change, draws[VOLUME].generator)
        parameters[VOLUME] = {"change": change, "reached": voxels.sum() / lesion.around.voxels.sum() - 1.0}
    if settings.contour and lesion.supervoxels is not None and CONTOUR in draws:
        before = voxels
        voxels = randomised(before, lesion.supervoxels, settings.contour, draws[CONTOUR].generator)
        parameters[CONTOUR] = {"dice": dice(before, voxels), "change": voxels.sum() / before.sum() - 1.0}
    for values in parameters.values():
        values.update({name: float(value) for name, value in values.items()})
    return None if voxels is lesion.around.voxels else voxels


def _placement(settings: PerturbationSettings, resampled: bool, draws: dict[str, Draws],
               parameters: Parameters) -> Placement:
    """Return where the grid lies; ``resampled`` tells whether there is an interpolation anyway."""
    degrees, shift = 0.0, ON_OWN_POINTS.shift if resampled else (0.0, 0.0, 0.0)
    if settings.rotation and ROTATION in draws:
        degrees = draws[ROTATION].within(settings.rotation.degrees)
        parameters[ROTATION] = {"degrees": degrees}
    if settings.translation and TRANSLATION in draws:
        x, y, z = (draws[TRANSLATION].within(settings.translation.shift) for _ in range(3))
        shift = x, y, z
        parameters[TRANSLATION] = {"x": x, "y": y, "z": z}
    return Placement(degrees, shift)


def _noisy(voi: Voi, lesion: ReadyLesion, placement: Placement, generator: np.random.Generator) -> Voi:
    """Return ``voi`` with noise in what extraction reads of its image, the HU range applied to the noisy voxels."""
    whole = crop_for(replace(voi, kept=voi.contour), lesion.protocol, placement)
    values = add_noise(array_view(whole.image), lesion.noise_sd or 0.0, generator)
    image = voi.grid.cropped(whole.image_start, whole.image.GetSize()).image(values)
    return redrawn(replace(whole, image=image), voi.contour, voi.start, lesion.protocol)
