"""What goes over the pipe: a block of an image, once, and a VOI with its protocol for each edit; features come back.

Numbers survive the way exactly (JSON keeps a float64's value), so the worker computes what the caller would have.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ..features.extraction import FeatureSet
from ..features.preparation import crop_to_block
from ..processes.messages import Arrays, BadMessage
from ..protocol import Aggregation, Protocol, Resampling, VolumeHistogram, Wavelet, deep_of, filter_of
from ..series.acquisition import file_acquisition
from ..voi.grid import Grid, ijk, xyz
from ..voi.images import array_view
from ..voi.voi import Voi, VoiStatistics
from .blocks import Blocks


@dataclass(frozen=True)
class Job:
    """Features ``names`` of ``voi`` (its image already cropped to a block around it) under ``protocol``.

    ``engine`` is the name of the engine to compute them, empty for the preferred one.
    """

    voi: Voi
    protocol: Protocol
    names: tuple[str, ...]
    engine: str = ""

    @cached_property
    def block(self) -> str:
        """SHA-256 of the block of the image: its voxels, their type and where they lie."""
        image = self.voi.image
        facts = (self.voi.grid, self.voi.image_start, image.GetSize(), image.GetPixelIDTypeAsString())
        digest = hashlib.sha256(repr(facts).encode())
        digest.update(np.ascontiguousarray(array_view(image)).data)
        return digest.hexdigest()

    def key(self) -> str:
        """SHA-256 of everything the values depend on, and of nothing else of the contour (not the segment's name)."""
        voi = self.voi
        facts = (self.block, voi.start, voi.kept.shape, self.protocol.hash, self.protocol.minimum_voxels,
                 sorted(self.names), self.engine)
        digest = hashlib.sha256(repr(facts).encode())
        digest.update(np.packbits(voi.kept).tobytes())
        return digest.hexdigest()


def make_job(voi: Voi, protocol: Protocol, names: tuple[str, ...], engine: str = "") -> Job:
    """Return the job of the features ``names`` by ``engine``, its image cropped to a block that extraction reads.

    Raises InvalidImage when what it reads holds a voxel that is not a finite number.
    """
    return Job(crop_to_block(voi, protocol), protocol, tuple(names), engine)


def encode_jobs(jobs: Mapping[str, Job]) -> tuple[dict[str, Any], Arrays]:
    """Return (header, arrays) that carry ``jobs`` by input name, but for the blocks of the images (:func:`blocks_of`).
    """
    header: dict[str, Any] = {}
    arrays: Arrays = {}
    for name, job in jobs.items():
        voi = job.voi
        header[name] = {"protocol": asdict(job.protocol), "hash": job.protocol.hash, "names": list(job.names),
                        "engine": job.engine, "grid": asdict(voi.grid), "block": job.block,
                        "block_grid": asdict(Grid.of(voi.image)), "name": voi.name,
                        "image_start": list(voi.image_start), "start": list(voi.start),
                        "statistics": asdict(voi.statistics)}
        arrays[f"{name}/contour"] = voi.contour
        arrays[f"{name}/kept"] = voi.kept
    return header, arrays


def blocks_of(jobs: Mapping[str, Job], known: Collection[str] = ()) -> Arrays:
    """Return the voxels (k, j, i) of the blocks that ``jobs`` need, by :attr:`Job.block`, without those ``known``.

    They are copies: a thread writes them, perhaps when a later edit has let go of the image that a view would look
    into.
    """
    return {job.block: array_view(job.voi.image).copy() for job in jobs.values() if job.block not in known}


def decode_jobs(header: Mapping[str, Any], arrays: Arrays, blocks: Blocks) -> dict[str, Job]:
    """Return the jobs, by input name, that :func:`encode_jobs` encoded, on the ``blocks`` at hand.

    Raises BadMessage if a protocol changed on the way.
    """
    jobs = {}
    for name, item in header.items():
        protocol = _protocol(item["protocol"])
        if protocol.hash != item["hash"]:
            raise BadMessage(f"protocol '{protocol.id}' arrived with another hash")
        statistics = VoiStatistics(**{**item["statistics"], "spacing_mm": xyz(item["statistics"]["spacing_mm"])})
        voi = Voi(image=blocks.image(item["block"], _grid(item["block_grid"])), grid=_grid(item["grid"]),
                  image_start=ijk(item["image_start"]), contour=arrays[f"{name}/contour"],
                  kept=arrays[f"{name}/kept"], start=ijk(item["start"]), name=item["name"], statistics=statistics,
                  acquisition=file_acquisition(statistics.spacing_mm))
        jobs[name] = Job(voi, protocol, tuple(item["names"]), item["engine"])
    return jobs


def encode_features(features: Mapping[str, FeatureSet]) -> dict[str, Any]:
    """Return features by input name as plain data."""
    return {name: asdict(item) for name, item in features.items()}


def decode_features(values: Mapping[str, Any]) -> dict[str, FeatureSet]:
    """Return the features, by input name, that :func:`encode_features` encoded."""
    return {name: FeatureSet(**{**item, "undefined": tuple(item["undefined"])}) for name, item in values.items()}


def _grid(values: Mapping[str, Any]) -> Grid:
    return Grid(ijk(values["size"]), xyz(values["spacing"]), xyz(values["origin"]), tuple(values["direction"]))


def _protocol(values: Mapping[str, Any]) -> Protocol:
    plain: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in values.items()}
    resampling, wavelet = values["resampling"], values["wavelet"]
    if resampling is not None:
        plain["resampling"] = Resampling(**{**resampling, "spacing": xyz(resampling["spacing"])})
    if wavelet is not None:
        plain["wavelet"] = Wavelet(**wavelet)
    plain["aggregation"] = Aggregation(**values["aggregation"])
    plain["volume_histogram"] = VolumeHistogram(**values["volume_histogram"])
    plain["deep"] = None if values["deep"] is None else deep_of(values["deep"])
    plain["filters"] = tuple(filter_of(item) for item in values["filters"])
    return Protocol(**plain)
