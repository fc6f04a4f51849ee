"""A scaling holds the means and SDs that turn a model's features into z-scores; it is fitted from a feature table."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..checked import Table
from ..errors import CohortError, ModelMismatch, SchemaError
from ..features.engine import joint_identity, mixed_column, same_values
from ..features.maker import maker_names
from ..files import content_hash, read_json, write_json
from ..resources import find, listing, shipped_folder, user_folder
from ..statistics.arrays import Floats
from .demonstration import demonstration_cases
from .model import Model

if TYPE_CHECKING:
    import pandas as pd

#: A file of the earlier schema tells neither disease nor scanners nor the values of its cases.
SCHEMA, EARLIER_SCHEMA = "radiomics-prognosis/scaling/2", "radiomics-prognosis/scaling/1"

#: What stands where a table does not tell the scanner.
NOT_STATED = "not stated"

#: What is asked of whoever fits a scaling, by what it is.
_ASKED = {"disease": "say what the patients have (--disease), in the model's own words where it is the same",
          "origin": "say which patients these are, of which hospital and years (--origin)"}

#: Fewer cases give means and SDs too uncertain to score with: at 20 the SD's standard error is already 16 %.
MINIMUM_CASES = 20


@dataclass(frozen=True, kw_only=True)
class Scaling:
    """Means and SDs (n - 1) of a model's features, keyed as ``Model.term_key`` says, with their origin.

    ``disease`` is what the patients have and ``scanners`` the cases by scanner; empty where a file does not tell.
    ``values`` are those of the single cases by feature, each (cases,) in one order that names nobody; empty where a
    file holds none. ``demonstration`` marks a scaling made from another disease, which every result must say.
    """

    name: str
    model: str
    cases: int
    disease: str
    origin: str
    scanners: dict[str, int]
    licence: str
    demonstration: bool
    protocol_id: str
    protocol_hash: str
    engine: str
    engine_version: str
    means: dict[str, float]
    sds: dict[str, float]
    values: dict[str, tuple[float, ...]] = field(default_factory=dict)
    hash: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the scaling as its JSON file holds it."""
        return {
            "schema": SCHEMA, "name": self.name, "model": self.model, "cases": self.cases,
            **({"disease": self.disease} if self.disease else {}), "origin": self.origin,
            **({"scanners": self.scanners} if self.scanners else {}),
            "licence": self.licence, "demonstration": self.demonstration,
            "protocol": {"id": self.protocol_id, "hash": self.protocol_hash},
            "engine": {"name": self.engine, "version": self.engine_version},
            "features": {key: {"mean": self.means[key], "sd": self.sds[key],
                               **({"values": list(self.values[key])} if self.values else {})} for key in self.means},
        }


def parse_scaling(values: dict[str, Any], source: str) -> Scaling:
    """Return the scaling in ``values``. Raises SchemaError naming ``source``."""
    table = Table(values, source)
    table.text("schema", choices=(SCHEMA, EARLIER_SCHEMA))
    protocol, engine = table.table("protocol"), table.table("engine")
    cases = table.integer("cases", low=MINIMUM_CASES)

    def numbers(key: str, item: Any) -> tuple[float, float, tuple[float, ...]]:
        inner = Table(item, source, f"features.{key}")
        row = inner.number("mean"), inner.number("sd", above=0), inner.numbers("values", (), length=cases)
        inner.finish()
        return row

    features = table.mapping("features", numbers)
    single = {key: row[2] for key, row in features.items() if row[2]}
    if single and len(single) < len(features):
        table.fail("features", "must hold 'values' in all features or in none")
    scaling = Scaling(
        name=table.text("name"), model=table.text("model"), cases=cases, disease=table.text("disease", ""),
        origin=table.text("origin"), scanners=_scanners(table, cases), licence=table.text("licence", ""),
        demonstration=table.flag("demonstration"), protocol_id=protocol.text("id"), protocol_hash=protocol.text("hash"),
        engine=engine.text("name"), engine_version=engine.text("version"),
        means={key: row[0] for key, row in features.items()}, sds={key: row[1] for key, row in features.items()},
        values=single, hash=content_hash(values),
    )
    for item in (protocol, engine, table):
        item.finish()
    return scaling if scaling.demonstration else _recognised(scaling)


def _recognised(scaling: Scaling) -> Scaling:
    """Return a scaling, marked for demonstration when its cases are those of a demonstration scaling that ships.

    Its disease is that of the cases then, whatever the file says of them.
    """
    name, count = demonstration_cases(scaling, _demonstrations())
    if not name:
        return scaling
    disease = next(item.disease for item in _demonstrations() if item.name == name)
    if count < scaling.cases:
        disease = f"{scaling.disease or 'a disease that is not stated'}, {count} of them of {disease}"
    return replace(scaling, demonstration=True, disease=disease,
                   origin=f"{scaling.origin}; {count} of its cases are those of '{name}'")


@cache
def _demonstrations() -> tuple[Scaling, ...]:
    """Return the demonstration scalings that ship."""
    files = [(read_json(path, "Scaling"), path.name)
             for path in sorted((shipped_folder() / "Scalings").glob("*.json"))]
    return tuple(parse_scaling(values, name) for values, name in files if values.get("demonstration") is True)


def _scanners(table: Table, cases: int) -> dict[str, int]:
    """Return the cases by scanner."""
    if not table.has("scanners"):
        return {}
    inner = table.table("scanners")
    scanners = {name: inner.integer(name, low=1) for name in inner.names()}
    inner.finish()
    if sum(scanners.values()) != cases:
        table.fail("scanners", f"must be numbers of cases that add up to {cases}")
    return scanners


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


def other_disease(scaling: Scaling, model: Model) -> bool:
    """Tell whether both name the disease of their patients, in words that differ by more than spelling."""
    return bool(scaling.disease and model.disease) and _plain_words(scaling.disease) != _plain_words(model.disease)


def _plain_words(text: str) -> list[str]:
    """Return the words of a disease without case, punctuation and the difference of British and American spelling."""
    return re.findall(r"\w+", text.casefold().replace("oe", "e").replace("ae", "e").replace("tumour", "tumor"))


def fit_scaling(table: pd.DataFrame, model: Model, name: str, *, disease: str, origin: str, licence: str = "",
                demonstration: bool = False) -> Scaling:
    """Fit means and SDs (n - 1, as R's ``scale``) of the model's features from a feature table, one row per case.

    The table is what ``extract`` writes: features, ``protocol_hash``, ``engine``, ``engine_version``, ``error`` and,
    where the images told, ``manufacturer`` and ``scanner``. Rows with an error are left out. ``disease`` is what the
    patients have, in the model's words where it is the same; ``origin`` says where the cases come from. A scaling of
    cases of a demonstration scaling is one for demonstration. Raises CohortError (fewer than 20 cases, missing or
    constant feature, no disease or origin) or ModelMismatch (another protocol hash, engines of different values).
    """
    for what, text in (("disease", disease), ("origin", origin)):
        if not text.strip():
            raise CohortError(f"The scaling's {what} is not given; {_ASKED[what]}.")
    protocol = model.image_protocol()
    rows = table[table["error"].isna()] if "error" in table else table
    for column in ("protocol_hash", "engine", "engine_version"):
        if column not in rows:
            raise CohortError(f"The feature table has no column '{column}'; make the table with 'extract'.")
    makers = set(zip(rows["engine"].astype(str), rows["engine_version"].astype(str), strict=True))
    mixed = "protocol_hash" if rows["protocol_hash"].nunique(dropna=False) > 1 else mixed_column(makers)
    if mixed:
        raise ModelMismatch(f"The feature table mixes several values of '{mixed}' "
                            f"({', '.join(map(str, rows[mixed].unique()))}); extract all rows alike.")
    if len(rows) < MINIMUM_CASES:
        raise CohortError(f"The feature table has {len(rows)} usable cases; a scaling needs at least {MINIMUM_CASES}.")
    if rows["protocol_hash"].iloc[0] != protocol.hash:
        other = str(rows["protocol_hash"].iloc[0])
        raise ModelMismatch(f"The feature table was made under protocol hash {other[:12]}; model '{model.id}' needs "
                            f"{protocol.id} ({protocol.hash[:12]}). Extract with that protocol.")
    engine, version = joint_identity(makers)
    if not any(same_values(engine, known) for known in maker_names(protocol)):
        raise ModelMismatch(f"The feature table was made with the engine '{engine}', which cannot score here; extract "
                            f"with {', '.join(maker_names(protocol))}.")
    means, sds = _moments(rows, model)
    scaling = Scaling(name=name, model=model.id, cases=len(rows), disease=disease.strip(), origin=origin.strip(),
                      scanners=_scanner_mix(rows), licence=licence, demonstration=demonstration,
                      values=_single_values(rows, model), protocol_id=protocol.id, protocol_hash=protocol.hash,
                      engine=engine, engine_version=version, means=means, sds=sds)
    return parse_scaling(scaling.to_dict(), f"scaling '{name}'")


def _scanner_mix(rows: pd.DataFrame) -> dict[str, int]:
    """Return the cases by scanner, most first, as the table tells it."""
    columns = [rows[name].fillna("").astype(str).str.strip() for name in ("manufacturer", "scanner") if name in rows]
    names = [" ".join(filter(None, words)) or NOT_STATED for words in zip(*columns, strict=True)]
    return dict(Counter(names or [NOT_STATED] * len(rows)).most_common())


def _single_values(rows: pd.DataFrame, model: Model) -> dict[str, tuple[float, ...]]:
    """Return the cases' values by feature, in the order of the first one's, which tells no row of the table."""
    ordered = rows.sort_values(list(model.term_keys), kind="stable")
    return {key: tuple(ordered[key].astype(float).tolist()) for key in model.term_keys}


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
