"""Find and load models: those that ship, those in the user's folder, and any JSON file."""

from __future__ import annotations

from pathlib import Path

from ..errors import InputError, ModelMismatch
from ..files import read_json
from ..protocol import Protocol, load_protocol
from ..resources import find, listing
from .model import Model
from .reading import parse_model


def load_model(name: str | Path) -> Model:
    """Return the model ``name`` (identifier or path). Raises FileError or SchemaError."""
    path = find("Models", ".json", str(name), "Model")
    return parse_model(read_json(path, "Model"), path.name)


def model_protocol(model: Model) -> Protocol:
    """Return the model's protocol, checked to make every feature of the signature.

    Raises FileError or SchemaError, and ModelMismatch for a model whose features no protocol makes.
    """
    if model.features_from == "table":
        raise ModelMismatch(f"Model '{model.id}' scores no image: its features are columns of a table that other "
                            "software made. Score such a table with 'score --cohort'.")
    protocol = load_protocol(model.protocol)
    protocol.check_features([term.feature for term in model.signature.terms], f"model '{model.id}'")
    return protocol


def model_names() -> list[str]:
    """Return the identifiers of the models at hand."""
    return list(listing("Models", ".json"))


def load_all() -> tuple[list[Model], list[InputError]]:
    """Return every model that can be loaded and the errors of those that cannot: one bad file hides no other."""
    models, errors = [], []
    for name in model_names():
        try:
            models.append(load_model(name))
        except InputError as error:
            errors.append(error)
    return models, errors
