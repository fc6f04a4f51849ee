"""A scaling holds the means and SDs that turn a model's features into z-scores; it is fitted from a feature table."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..checked import Table
from ..errors import CohortError, ModelMismatch, SchemaError
from ..features.engine import engines
from ..files import content_hash, read_json, write_json
from ..resources import find, listing, user_folder
from ..statistics.arrays import Floats
from .model import Model

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = "radiomics-prognosis/scaling/1"

#: Fewer cases give means and SDs too uncertain to score with: at 20 the SD's standard error is already 16 %.
MINIMUM_CASES = 20


@dataclass(frozen=True, kw_only=True)
class Scaling:
    """Means and SDs (n - 1) of a model's features, keyed as ``Model.term_key`` says, with their origin.

    ``demonstration`` marks a scaling made from another disease, which every result must say.
    """

    name: str
    model: str
    cases: int
    origin: str
    licence: str
    demonstration: bool
    protocol_id: str
    protocol_hash: str
    engine: str
    engine_version: str
    means: dict[str, float]
    sds: dict[str, float]
    hash: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the scaling as its JSON file holds it."""
        return {
            "schema": SCHEMA, "name": self.name, "model": self.model, "cases": self.cases, "origin": self.origin,
            "licence": self.licence, "demonstration": self.demonstration,
            "protocol": {"id": self.protocol_id, "hash": self.protocol_hash},
            "engine": {"name": self.engine, "version": self.engine_version},
            "features": {key: {"mean": self.means[key], "sd": self.sds[key]} for key in self.means},
        }


def parse_scaling(values: dict[str, Any], source: str) -> Scaling:
    """Return the scaling in ``values``. Raises SchemaError naming ``source``."""
    table = Table(values, source)
    table.text("schema", choices=(SCHEMA,))
    protocol, engine = table.table("protocol"), table.table("engine")

    def numbers(key: str, item: Any) -> tuple[float, float]:
        inner = Table(item, source, f"features.{key}")
        pair = inner.number("mean"), inner.number("sd", above=0)
        inner.finish()
        return pair

    features = table.mapping("features", numbers)
    scaling = Scaling(
        name=table.text("name"), model=table.text("model"), cases=table.integer("cases", low=MINIMUM_CASES),
        origin=table.text("origin"), licence=table.text("licence", ""), demonstration=table.flag("demonstration"),
        protocol_id=protocol.text("id"), protocol_hash=protocol.text("hash"),
        engine=engine.text("name"), engine_version=engine.text("version"),
        means={key: pair[0] for key, pair in features.items()}, sds={key: pair[1] for key, pair in features.items()},
        hash=content_hash(values),
    )
    for item in (protocol, engine, table):
        item.finish()
    return scaling


def load_scaling(name: str | Path, model: Model) -> Scaling:
    """Return the scaling ``name`` (or file) of ``model``. Raises FileError, SchemaError or ModelMismatch."""
    path = find("Scalings", ".json", str(name), "Scaling")
    scaling = parse_scaling(read_json(path, "Scaling"), path.name)
    check_scaling(scaling, model)
    return scaling


def scalings_for(model: Model) -> list[Scaling]:
    """Return the scalings at hand that fit ``model``."""
    fitting = []
    for path in listing("Scalings", ".json").values():
        try:
            fitting.append(load_scaling(path, model))
        except (ModelMismatch, SchemaError):
            continue
    return fitting


def check_scaling(scaling: Scaling, model: Model) -> None:
    """Raise ModelMismatch unless ``scaling`` was made for ``model`` under its protocol and holds all its features."""
    protocol = model.image_protocol()
    if scaling.model != model.id:
        raise ModelMismatch(f"Scaling '{scaling.name}' was made for model '{scaling.model}', not for '{model.id}'; "
                            "choose a scaling of this model or fit one.")
    if scaling.protocol_hash != protocol.hash:
        raise ModelMismatch(f"Scaling '{scaling.name}' was made under another protocol ({scaling.protocol_id}, "
                            f"{scaling.protocol_hash[:12]}) than model '{model.id}' asks for ({protocol.id}, "
                            f"{protocol.hash[:12]}); extract the features again and fit it anew.")
    missing = [key for key in model.term_keys if key not in scaling.means]
    if missing:
        raise ModelMismatch(f"Scaling '{scaling.name}' lacks {len(missing)} features of model '{model.id}', "
                            f"first '{missing[0]}'; fit it anew.")


def fit_scaling(table: pd.DataFrame, model: Model, name: str, origin: str, licence: str = "",
                demonstration: bool = False) -> Scaling:
    """Fit means and SDs (n - 1, as R's ``scale``) of the model's features from a feature table, one row per case.

    The table is what ``extract`` writes: features, ``protocol_hash``, ``engine``, ``engine_version``, ``error``. Rows
    with an error are left out. Raises CohortError (fewer than 20 cases, missing or constant feature) or ModelMismatch
    (another protocol hash, several engines).
    """
    protocol = model.image_protocol()
    rows = table[table["error"].isna()] if "error" in table else table
    for column in ("protocol_hash", "engine", "engine_version"):
        if column not in rows:
            raise CohortError(f"The feature table has no column '{column}'; make the table with 'extract'.")
        if rows[column].nunique(dropna=False) > 1:
            raise ModelMismatch(f"The feature table mixes several values of '{column}' "
                                f"({', '.join(map(str, rows[column].unique()))}); extract all rows alike.")
    if len(rows) < MINIMUM_CASES:
        raise CohortError(f"The feature table has {len(rows)} usable cases; a scaling needs at least {MINIMUM_CASES}.")
    if rows["protocol_hash"].iloc[0] != protocol.hash:
        other = str(rows["protocol_hash"].iloc[0])
        raise ModelMismatch(f"The feature table was made under protocol hash {other[:12]}; model '{model.id}' needs "
                            f"{protocol.id} ({protocol.hash[:12]}). Extract with that protocol.")
    engine = str(rows["engine"].iloc[0])
    if engine not in [known.name for known in engines()]:
        raise ModelMismatch(f"The feature table was made with the engine '{engine}', which cannot score here; extract "
                            f"with {', '.join(known.name for known in engines())}.")
    means, sds = _moments(rows, model)
    scaling = Scaling(name=name, model=model.id, cases=len(rows), origin=origin, licence=licence,
                      demonstration=demonstration, protocol_id=protocol.id, protocol_hash=protocol.hash, engine=engine,
                      engine_version=str(rows["engine_version"].iloc[0]), means=means, sds=sds)
    return parse_scaling(scaling.to_dict(), f"scaling '{name}'")


def _moments(rows: pd.DataFrame, model: Model) -> tuple[dict[str, float], dict[str, float]]:
    means, sds = {}, {}
    for key in model.term_keys:
        if key not in rows:
            raise CohortError(f"The feature table has no column '{key}', which model '{model.id}' needs; extract it.")
        values = rows[key].astype(float)
        if values.isna().any():
            cases = ", ".join(rows.loc[values.isna(), "case"].astype(str).head(5)) if "case" in rows else "some rows"
            raise CohortError(f"Feature '{key}' has no value in {int(values.isna().sum())} rows ({cases}); "
                              "leave those rows out or extract them again.")
        mean, sd = float(values.mean()), float(values.std(ddof=1))
        # A spread within rounding of the mean is a constant feature: a z-score would divide by noise.
        if not sd > 1e-12 * max(abs(mean), math.ulp(1.0)):
            raise CohortError(f"Feature '{key}' has the same value in all {len(rows)} rows; it cannot be scaled.")
        means[key], sds[key] = mean, sd
    return means, sds


def moments_of(scaling: Scaling, keys: Sequence[str]) -> tuple[Floats, Floats]:
    """Return the means and SDs (p,) of features by their ``keys``, in that order."""
    return (np.array([scaling.means[key] for key in keys]), np.array([scaling.sds[key] for key in keys]))


def save_scaling(scaling: Scaling, folder: Path | None = None) -> Path:
    """Write the scaling as ``<name>.json`` in ``folder`` (the user's Scalings when None) and return the path."""
    path = (folder or user_folder() / "Scalings") / f"{scaling.name}.json"
    write_json(path, scaling.to_dict())
    return path


def training_scaling_name(model_id: str) -> str:
    """Return the name of the scaling that holds the moments of a model's own training cases."""
    return f"{model_id}-training"
