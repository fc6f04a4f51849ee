"""Find and load models: those that ship, those in the user's folder, and any JSON file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from ..checked import Table
from ..contract import read, schema
from ..errors import FileError, InputError
from ..files import content_hash, read_json
from ..protocol import load_protocol
from ..resources import find, listing
from .model import TABLE, Model


def load_model(name: str | Path) -> Model:
    """Return the model ``name`` (identifier or path). Raises FileError or SchemaError."""
    path = find("Models", ".json", str(name), "Model")
    return parse_model(read_json(path, "Model"), path.name)


def parse_model(values: dict[str, Any], source: str) -> Model:
    """Return the model in ``values`` with its protocol; ``source`` is the file to name in errors.

    Raises SchemaError, also for a feature that the protocol does not make, and FileError for a protocol that is not at
    hand.
    """
    content = _as_contracted(values) if isinstance(values, dict) else values
    model = replace(read(Model, Table(content, source)), hash=content_hash(values))
    if model.features_from == TABLE or not model.scores:
        return model
    try:
        protocol = load_protocol(model.protocol_name)
    except FileError as error:
        raise FileError(f"{source}: 'protocol': {error}") from error
    protocol.check_features([term.feature for term in model.terms], f"model '{model.id}'")
    return replace(model, protocol=protocol)


def _as_contracted(values: dict[str, Any]) -> dict[str, Any]:
    """Return a file's content by the contract's keys: its ``score_distribution``, of earlier files, is a reference."""
    content = {key: value for key, value in values.items() if key not in ("$schema", "score_distribution")}
    if "score_distribution" in values and "reference" not in values:
        content["reference"] = {"scores": values["score_distribution"]}
    return content


def load_all() -> tuple[list[Model], list[InputError]]:
    """Return every model that can be loaded and the errors of those that cannot: one bad file hides no other."""
    models, errors = [], []
    for name in listing("Models", ".json"):
        try:
            models.append(load_model(name))
        except InputError as error:
            errors.append(error)
    return models, errors


def model_schema() -> dict[str, Any]:
    """Return the JSON Schema of a model's file, for editors: Resources/Models/model.schema.json.

    What one component asks of another is checked by the reader; the schema has of it only what features from a table
    exclude.
    """
    described = schema(Model)
    described["properties"] = {"$schema": {"type": "string", "minLength": 1}, **described["properties"]}
    unscaled = {"properties": {"standardised": {"const": False}}}
    raw = {"properties": {"protocol": False, "signature": unscaled, "signatures": {"items": unscaled}}}
    scored = {"anyOf": [{"required": ["signature"]}, {"required": ["signatures"]}]}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "RadiomicsPrognosis model",
            "description": "A stored prognostic model. Reading it in the software checks the same rules; this file is "
                           "for editors and tests.",
            **described,
            "if": {"required": ["features_from"], "properties": {"features_from": {"const": TABLE}}},
            "then": raw, "else": {"if": scored, "then": {"required": ["protocol", "inputs"]}}}
