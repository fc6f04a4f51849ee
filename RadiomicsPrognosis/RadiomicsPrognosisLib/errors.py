"""Typed errors whose message tells the user what is wrong, where, and what to do.

Every error a user can cause derives from :class:`InputError`; ``code`` is stable and meant for programs, the message
is meant for people. Whatever is not an ``InputError`` is a fault of the software.
"""

from __future__ import annotations


class InputError(ValueError):
    """The user's input is wrong. ``code`` names the kind of mistake for programs."""

    code = "input"


class FileError(InputError):
    """A file is missing, unreadable or not what its name says."""

    code = "file"


class SchemaError(InputError):
    """A protocol, model, scaling or recipe breaks its contract; the message names file, key and what is allowed."""

    code = "schema"


class SegmentNotFound(InputError):
    """The label or segment asked for does not exist; the message lists those that do."""

    code = "segment-not-found"


class EmptyVoi(InputError):
    """No voxel, or fewer than the features need, is left; ``step`` says which step removed them."""

    code = "empty-voi"

    def __init__(self, message: str, step: str):
        super().__init__(message)
        self.step = step


class FlatVoi(InputError):
    """The VOI spans a single slice, row or voxel where a volume is asked for."""

    code = "flat-voi"


class GeometryMismatch(InputError):
    """The grids of image and mask do not describe the same place."""

    code = "geometry"


class SeriesError(InputError):
    """A DICOM series cannot be read as one volume; ``positions_mm`` (along its normal) are those around the fault."""

    code = "series"

    def __init__(self, message: str, positions_mm: tuple[float, ...] = ()):
        super().__init__(message)
        self.positions_mm = positions_mm


class InvalidImage(InputError):
    """The image is not a finite scalar volume."""

    code = "image"


class EngineUnavailable(InputError):
    """The feature engine asked for cannot be imported; the message says what to install or to choose."""

    code = "engine"


class EngineUnfit(InputError):
    """There is no feature engine of the name, or it lacks a feature; the message says which to choose."""

    code = "engine-unfit"


class PackageMissing(InputError):
    """A package that this command needs, and scoring does not, is absent; the message says what to install."""

    code = "package"


class RuntimeAbsent(PackageMissing):
    """A package that runs networks is absent; the message says which and how to install it."""

    code = "network-package"


class BackboneMissing(InputError):
    """The network's file that a deep protocol names is not there; the message says where it was looked for."""

    code = "backbone-missing"


class BackboneUnfit(InputError):
    """The network's file is not the protocol's, or is none that can be run here; the message says which and why."""

    code = "backbone-unfit"


class BackboneFailed(InputError):
    """The process that runs the network ended, or took too long or too much memory; the message names the file."""

    code = "backbone-failed"


class ModelMismatch(InputError):
    """A model, scaling, protocol or feature table do not belong together."""

    code = "model-mismatch"


class CovariateError(InputError):
    """A covariate's name or value is not one the model knows."""

    code = "covariate"


class CohortError(InputError):
    """A cohort or feature table cannot be used; the message names the rows or columns."""

    code = "cohort"


class NotConverged(InputError):
    """A fit does not reach its optimum on these data; the message says how far it came and what to change."""

    code = "not-converged"


class UnstableAnswer(InputError):
    """How stable an answer is cannot be said: there is none, or its perturbations leave too few."""

    code = "unstable"


class Cancelled(Exception):
    """The user cancelled the work; nothing was written."""
