"""Extract the features of every row of a cohort: in parallel, cached by content, a failing row reported in its row."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import joblib
import pandas as pd

from ..errors import InputError, PackageMissing
from ..features.engine import get_engine
from ..features.extraction import extract
from ..features.maker import check_maker, located, maker_of
from ..features.threads import itk_threads
from ..files import content_hash, sha256_file, write_json
from ..prediction.predict import describe_voi
from ..progress import Progress, step
from ..protocol import Protocol
from ..resources import cache_folder
from ..voi import make_voi, read_acquired, read_mask
from .mistakes import repeated_files
from .table import label_of, series_of

#: What an image's file states of the device it is from; a cohort's own columns stand where it states nothing.
ACQUIRED = ("modality", "manufacturer", "scanner")

#: Columns written before the features; ``error`` is empty for a row that was extracted.
PROVENANCE = ("protocol", "protocol_hash", "engine", "engine_version", "voi_hash", *ACQUIRED, "contoured_voxels",
              "kept_voxels", "kept_volume_mm3", "removed_share", "feature_voxels", "resampled_removed_share",
              "warnings", "error")

#: Changes when what a cached row holds changes.
_CACHE_FORMAT = 4


@dataclass(frozen=True, kw_only=True)
class Task:
    """One row's work, small enough to send to another process or machine.

    ``engine`` is the name of the engine, empty where a network gives the features; ``threads`` may work on it at a
    time.
    """

    row: int
    image: str
    mask: str
    label: str | None
    series: str | None
    protocol: Protocol
    features: tuple[str, ...] | None
    cache: str
    threads: int
    engine: str


def extract_cohort(cohort: pd.DataFrame, protocol: Protocol, features: Iterable[str] | None = None, jobs: int = 1,
                   dask: str | None = None, progress: Progress | None = None,
                   cache: Path | None = None, engine: str = "", threads: int = 1) -> pd.DataFrame:
    """Return ``cohort`` with provenance and feature columns, one row per VOI in the cohort's order.

    A row that cannot be extracted carries its reason in ``error``. Rows are cached by the content of image and mask,
    label, protocol and engine, so a killed run resumes. ``engine`` names what computes the features, empty the
    preferred engine, and ``threads`` work on a row at a time. ``progress(share, text)`` is called after each row, its
    text led by the rows done and their number. Raises EngineUnavailable, SchemaError for an unknown feature,
    PackageMissing when Dask is asked for and absent, and what :func:`..features.maker.check_maker` raises.
    """
    check_maker(protocol, engine)
    protocol = located(protocol)
    maker = get_engine(engine).name if protocol.deep is None else ""
    names = None if features is None else tuple(features)
    protocol.check_features(names or (), "feature list")
    folder = str(cache or cache_folder() / "features")
    tasks = [Task(row=number, image=str(row["image"]), mask=str(row["mask"]), label=label_of(row),
                  series=series_of(row), protocol=protocol, features=names, cache=folder, threads=threads, engine=maker)
             for number, row in enumerate(cohort.to_dict("records"))]
    results: dict[int, dict[str, Any]] = {}
    for number, columns in (_on_dask(tasks, dask) if dask else _on_this_machine(tasks, jobs)):
        results[number] = columns
        done, of, case = len(results), len(tasks), cohort["case"].iloc[number]
        step(progress, done, of, f"[{done}/{of}] {case}: {columns['error'] or 'done'}")
    for number, repeated in enumerate(repeated_files(cohort)):
        codes = [*(item.code for item in repeated), results[number].get("warnings")]
        results[number] = {**results[number], "warnings": "; ".join(filter(None, codes))}
    extracted = pd.DataFrame([results[number] for number in range(len(tasks))], index=cohort.index)
    wanted = list(names if names is not None else protocol.feature_names())
    extracted = extracted.reindex(columns=[*PROVENANCE, *wanted])
    for name in cohort.columns.intersection(list(ACQUIRED)):
        extracted[name] = extracted[name].where(extracted[name].notna(), cohort[name])
    return pd.concat([cohort.drop(columns=[c for c in extracted if c in cohort]), extracted], axis=1)


def _on_this_machine(tasks: list[Task], jobs: int) -> Iterator[tuple[int, dict[str, Any]]]:
    if jobs == 1:
        yield from map(run_task, tasks)
    else:
        yield from joblib.Parallel(n_jobs=jobs, return_as="generator_unordered")(
            joblib.delayed(run_task)(task) for task in tasks)


def _on_dask(tasks: list[Task], address: str) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        from distributed import Client, as_completed
    except ImportError:
        raise PackageMissing("Dask is not installed; run 'pip install distributed', or leave out --dask.") from None
    with Client(address) as client:
        for future in as_completed(client.map(run_task, tasks)):
            yield future.result()


def run_task(task: Task) -> tuple[int, dict[str, Any]]:
    """Return (row number, columns) of one row, from the cache where its content is known."""
    try:
        key = _cache_key(task)
        path = Path(task.cache) / f"{key}.json"
        if path.is_file():
            return task.row, json.loads(path.read_text(encoding="utf-8"))
        with itk_threads(task.threads):
            columns = _extract_row(task)
        write_json(path, columns)
        return task.row, columns
    except InputError as error:
        return task.row, {"protocol": task.protocol.id, "error": str(error)}


def _cache_key(task: Task) -> str:
    return content_hash({
        "format": _CACHE_FORMAT, "image": _file_hash(task.image), "mask": _file_hash(task.mask), "label": task.label,
        "series": task.series,
        "protocol": task.protocol.hash, "engine": [*maker_of(task.protocol, task.engine)],
        "minimum_voxels": task.protocol.minimum_voxels,
        "features": None if task.features is None else sorted(task.features),
    })


def _file_hash(path: str) -> Any:
    """Return the hash of a file, or of every file of a DICOM folder; None for what does not exist (an error later)."""
    if Path(path).is_dir():
        return [[item.name, sha256_file(item)] for item in sorted(Path(path).iterdir()) if item.is_file()]
    return sha256_file(path) if Path(path).is_file() else None


def _extract_row(task: Task) -> dict[str, Any]:
    mask, name = read_mask(task.mask, task.label)
    image = read_acquired(task.image, task.series)
    voi = make_voi(image, mask, task.protocol, name)
    features = extract(voi, task.protocol, task.features, get_engine(task.engine, task.threads))
    described = asdict(describe_voi(voi, features))
    return {
        "protocol": features.protocol_id, "protocol_hash": features.protocol_hash,
        "engine": features.engine_name, "engine_version": features.engine_version, "voi_hash": described["hash"],
        **{key: getattr(image.acquisition, key) or None for key in ACQUIRED},
        **{key: described[key] for key in PROVENANCE if key in described},
        "warnings": "; ".join(item.code for item in voi.warnings), "error": None, **features.values,
    }
