"""A protocol's file read and checked key by key."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..catalogue import FEATURES, find_class
from ..checked import Table
from ..errors import SchemaError
from ..files import read_toml
from ..resources import find
from ..suggestions import did_you_mean
from .deep import parse_deep
from .filter_tables import parse_filters
from .protocol import MINIMUM_VOXELS, Protocol
from .settings import (
    parse_aggregation,
    parse_discretisation,
    parse_resampling,
    parse_volume_histogram,
    parse_wavelet,
)


def load_protocol(name: str | Path) -> Protocol:
    """Read and check a protocol by identifier or path of a TOML file. Raises FileError or SchemaError."""
    path = find("Protocols", ".toml", str(name), "Protocol")
    protocol = parse_protocol(read_toml(path, "Protocol"), str(path.name))
    if protocol.deep is None:
        return protocol
    return replace(protocol, deep=replace(protocol.deep, folder=str(path.resolve().parent)))


def parse_protocol(values: dict[str, Any], source: str) -> Protocol:
    """Return the protocol in a file's table; ``source`` is the file to name in errors. Raises SchemaError."""
    table = Table(values, source)
    return _deep_protocol(table) if table.has("deep") else _protocol_of_classes(table)


def _protocol_of_classes(table: Table) -> Protocol:
    bin_width, bin_count, bin_minimum = parse_discretisation(table.table("discretisation"))
    force_2d = table.flag("force_2d", False)
    images = table.table("image_types")
    protocol = Protocol(
        id=table.text("id"),
        title=table.text("title"),
        modality=table.text("modality", choices=("CT",)),
        hu_range=table.bounds("hu_range", (None, None)),
        hu_range_on=table.text("hu_range_on", "native", choices=("native", "resampled")),
        resampling=parse_resampling(table.table("resampling", None)),
        bin_width=bin_width,
        bin_count=bin_count,
        bin_minimum=bin_minimum,
        outlier_sd=table.number("outlier_sd", None, above=0),
        volume_histogram=parse_volume_histogram(table.table("volume_histogram", None)),
        slice=table.text("slice", "all", choices=("all", "largest")),
        force_2d=force_2d,
        aggregation=parse_aggregation(table.table("aggregation", None), force_2d),
        original=images.flag("original", False),
        wavelet=parse_wavelet(images.table("wavelet", None)),
        log_sigmas_mm=images.numbers("log_sigmas_mm", (), above=0),
        filters=parse_filters(table.tables("filters", ())),
        feature_classes=_feature_classes(table),
        minimum_voxels=table.integer("minimum_voxels", MINIMUM_VOXELS, low=2),
        source=table.text("source", ""),
    )
    images.finish()
    table.finish()
    _check(protocol, table)
    return protocol


def _deep_protocol(table: Table) -> Protocol:
    """Return the protocol of a network: what is said of classes, images and grey levels is refused beside it."""
    deep = parse_deep(table.table("deep"))
    protocol = Protocol(
        id=table.text("id"),
        title=table.text("title"),
        modality=table.text("modality", choices=("CT",)),
        feature_classes=(),
        hu_range=table.bounds("hu_range", (None, None)),
        slice="largest" if deep.in_plane else "all",
        original=False,
        deep=deep,
        minimum_voxels=table.integer("minimum_voxels", MINIMUM_VOXELS, low=2),
        source=table.text("source", ""),
    )
    table.finish()
    return protocol


def _check(protocol: Protocol, table: Table) -> None:
    """Refuse settings of ``table`` that contradict each other."""
    if protocol.slice == "largest" and protocol.resampling is not None and protocol.resampling.spacing[2]:
        table.fail("slice", "is 'largest', which resampling across slices would make several of; let "
                            "resampling.spacing_mm be 0 along z")
    if protocol.filters and protocol.resampling and (protocol.wavelet or protocol.log_sigmas_mm):
        table.fail("filters", "cannot stand beside image_types.wavelet and log_sigmas_mm on a resampled grid: these "
                   "filter a box around the VOI as pyradiomics does, the IBSI's filters the image")
    if not protocol.feature_names():
        table.fail("image_types", "and feature_classes make no feature at all")
    _check_pad(table, protocol)


def _check_pad(table: Table, protocol: Protocol) -> None:
    """Refuse a padding that ends before what a class looks at around the contour."""
    if protocol.resampling is not None:
        needed = max((math.ceil(protocol.surroundings_mm / step) for step in protocol.resampling.spacing if step),
                     default=0)
        if protocol.resampling.pad < needed:
            table.fail("resampling.pad_voxels", f"must be at least {needed}: a class looks "
                                                f"{protocol.surroundings_mm:.3g} mm around the contour")


def _feature_classes(table: Table) -> tuple[str, ...]:
    """Return the classes named; one computed along a direction is named with it, e.g. ``glcm-45-7``."""
    names = table.texts("feature_classes")
    for name in names:
        try:
            find_class(name)
        except SchemaError:
            table.fail("feature_classes", f"holds '{name}'; allowed: {', '.join(FEATURES)}",
                       did_you_mean(name, FEATURES))
    return names
