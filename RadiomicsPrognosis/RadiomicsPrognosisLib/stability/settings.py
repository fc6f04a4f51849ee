"""How far image and contour are perturbed: TOML, checked when read, identified by its hash."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from ..checked import Table
from ..errors import InputError
from ..files import content_hash, read_toml
from ..protocol import Protocol
from ..resources import find
from .record import CONTOUR, KINDS, NOISE, ROTATION, TRANSLATION, VOLUME, SettingsIdentity

_S = TypeVar("_S")

#: The settings that are used when none are named.
DEFAULT_SETTINGS = "zwanenburg2019"

#: The kinds that move the grid under the contour.
MOVING = (ROTATION, TRANSLATION)

#: A range (low, high) from which a perturbation draws evenly.
Range = tuple[float, float]


@dataclass(frozen=True)
class NoiseSettings:
    """Noise of ``level`` x the standard deviation (HU) that is estimated from the image."""

    level: float


@dataclass(frozen=True)
class VolumeSettings:
    """The range of the relative ``change`` of the contour's volume, e.g. (-0.15, 0.15)."""

    change: Range


@dataclass(frozen=True)
class ContourSettings:
    """Supervoxels of about ``supervoxel_mm3``; the contour takes those it covers by ``always``, none below ``never``.

    ``compactness`` weighs distance against intensity: a supervoxel's own size counts as this share of the range of
    intensities.
    """

    supervoxel_mm3: float
    always: float
    never: float
    compactness: float


@dataclass(frozen=True)
class RotationSettings:
    """The range of ``degrees`` about the image's third axis."""

    degrees: Range


@dataclass(frozen=True)
class TranslationSettings:
    """The range of the ``shift`` along each axis, in voxels of the grid that features are computed on."""

    shift: Range


@dataclass(frozen=True, kw_only=True)
class PerturbationSettings:
    """The kinds of perturbation that are on, with their ranges; None is off.

    ``alone`` perturbations of one kind alone, for each kind, tell which is to blame; 0 leaves it open. ``source`` says
    where method and ranges are from.
    """

    id: str
    title: str
    alone: int
    noise: NoiseSettings | None = None
    volume: VolumeSettings | None = None
    contour: ContourSettings | None = None
    rotation: RotationSettings | None = None
    translation: TranslationSettings | None = None
    source: str = field(default="", compare=False)

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds that are on, in the order in which they are applied."""
        return tuple(kind for kind in KINDS if getattr(self, kind) is not None)

    @cached_property
    def hash(self) -> str:
        """SHA-256 of every setting that changes a value; identifier, title and source do not."""
        values = asdict(self)
        return content_hash({key: values[key] for key in (*KINDS, "alone")})

    def identity(self) -> SettingsIdentity:
        """Return what a result says of the settings."""
        return SettingsIdentity(id=self.id, title=self.title, hash=self.hash, source=self.source, kinds=self.kinds)

    def only(self, kinds: Collection[str]) -> PerturbationSettings:
        """Return the settings with none but ``kinds`` on. Raises InputError for one that is unknown or off."""
        for kind in kinds:
            if kind not in self.kinds:
                raise InputError(f"There is no kind of perturbation '{kind}' in the settings '{self.id}'; on are: "
                                 f"{', '.join(self.kinds)}.")
        if not kinds:
            raise InputError(f"Name at least one kind of perturbation: {', '.join(self.kinds)}.")
        return replace(self, noise=self.noise if NOISE in kinds else None,
                       volume=self.volume if VOLUME in kinds else None,
                       contour=self.contour if CONTOUR in kinds else None,
                       rotation=self.rotation if ROTATION in kinds else None,
                       translation=self.translation if TRANSLATION in kinds else None)

    def for_features(self, protocol: Protocol) -> PerturbationSettings:
        """Return the settings with none but the kinds on that the features of ``protocol`` can follow.

        A network's patch lies about the contour wherever the grid does. Raises InputError where none is left.
        """
        left_out = set(MOVING) if protocol.deep is not None else set()
        kinds = [kind for kind in self.kinds if kind not in left_out]
        if not kinds:
            raise InputError(f"Protocol '{protocol.id}' takes its features from a network, whose patch does not follow "
                             f"the perturbations {' and '.join(self.kinds)}: choose among "
                             f"{', '.join(kind for kind in KINDS if kind not in left_out)}.")
        return self if len(kinds) == len(self.kinds) else self.only(kinds)


def load_settings(name: str | Path = DEFAULT_SETTINGS) -> PerturbationSettings:
    """Read and check settings by identifier or path of a TOML file. Raises FileError or SchemaError."""
    path = find("Perturbations", ".toml", str(name), "Perturbation settings")
    return parse_settings(read_toml(path, "Perturbation settings"), str(path.name))


def parse_settings(values: dict[str, Any], source: str) -> PerturbationSettings:
    """Return the settings in a file's table; ``source`` is the file to name in errors. Raises SchemaError."""
    table = Table(values, source)
    settings = PerturbationSettings(
        id=table.text("id"),
        title=table.text("title"),
        alone=table.integer("alone", 0, high=1000),
        noise=_kind(table, NOISE, lambda kind: NoiseSettings(kind.number("level", above=0, high=10))),
        volume=_kind(table, VOLUME, lambda kind: VolumeSettings(_range(kind, "change", -0.5, 1.0))),
        contour=_kind(table, CONTOUR, _contour),
        rotation=_kind(table, ROTATION, lambda kind: RotationSettings(_range(kind, "degrees", -180, 180))),
        translation=_kind(table, TRANSLATION, lambda kind: TranslationSettings(_range(kind, "shift", -1, 1))),
        source=table.text("source", ""),
    )
    table.finish()
    if not settings.kinds:
        table.fail("", f"has no kind of perturbation on; allowed: {', '.join(KINDS)}")
    return settings


def _kind(table: Table, name: str, parse: Callable[[Table], _S]) -> _S | None:
    """Return the settings of a kind, checked also where it is off and None is returned."""
    kind = table.table(name, None)
    if kind is None:
        return None
    on, settings = kind.flag("on", True), parse(kind)
    kind.finish()
    return settings if on else None


def _contour(table: Table) -> ContourSettings:
    settings = ContourSettings(
        supervoxel_mm3=table.number("supervoxel_mm3", above=0, high=1e6),
        always=table.number("always", above=0, high=1),
        never=table.number("never", low=0, high=1),
        compactness=table.number("compactness", above=0, high=10),
    )
    if settings.never >= settings.always:
        table.fail("never", f"is {settings.never:g}; allowed: below 'always', {settings.always:g}")
    return settings


def _range(table: Table, key: str, low: float, high: float) -> Range:
    """Return (low, high), both ends finite and within the bounds."""
    first, last = table.bounds(key)
    if first is None or last is None:
        table.fail(key, "must have both ends")
    if first < low or last > high:
        table.fail(key, f"is {first:g} to {last:g}; allowed: within {low:g} to {high:g}")
    return first, last
