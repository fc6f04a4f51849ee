"""A card for every model that ships, from its JSON, and the format of a model's file, from the contract."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from RadiomicsPrognosisLib.model_page import model_page
from RadiomicsPrognosisLib.models.card import CardRow, model_card
from RadiomicsPrognosisLib.models.model import Model
from RadiomicsPrognosisLib.models.store import load_model, model_schema
from RadiomicsPrognosisLib.resources import shipped_folder

from .markdown import code, escape, table
from .sentences import sentences


def shipped_models() -> list[Model]:
    """Return the models in Resources/Models, whatever the user's folder holds."""
    paths = sorted((shipped_folder() / "Models").glob("*.json"))
    return [load_model(path) for path in paths if not path.name.endswith(".schema.json")]


def models_page() -> str:
    """Return a section per model: title, card, and the terms of its signature."""
    return "\n".join(map(_section, shipped_models()))


def calculators() -> dict[str, str]:
    """Return each shipped model as a page that computes, by the name of its file."""
    return {f"{model.id}.html": model_page(model) for model in shipped_models()}


def _section(model: Model) -> str:
    rows = model_card(model)
    facts = [(escape(row.title), _text(row)) for row in rows if row.title]
    signature = [(code(model.term_key(term)), f"{term.coefficient!r}".replace("-", "−"))
                 for term in model.terms]
    link = f'<a href="{model.id}.html">The model as a page that computes</a>'
    pieces = [f"({anchor(model.id)})=\n### `{model.id}` {model.version}", f"{escape(model.title)}. {link}",
              table(("", ""), facts)]
    if signature:
        pieces += ["Its signature:", table(("feature", "coefficient"), signature)]
    else:
        pieces += ["Its coefficients, of the log odds or the log hazard:", table(("factor", "coefficient"),
                                                                                 _coefficients(model))]
    return "\n\n".join(pieces) + "\n"


def _coefficients(model: Model) -> list[tuple[str, str]]:
    """Return the coefficients of a model of covariates alone, the intercept of a probability first."""
    predictor = model.predictor
    if predictor is None:
        return []
    numbers = {"intercept": predictor.intercept} if model.probability else {}
    for name, coefficient in predictor.coefficients.items():
        numbers |= ({f"{name} = {level}": value for level, value in coefficient.items()}
                    if isinstance(coefficient, dict) else {name: coefficient})
    return [(code(name), f"{value!r}".replace("-", "−")) for name, value in numbers.items()]


def anchor(identifier: str) -> str:
    """Return the target that links to a model's card point to."""
    return f"model-{identifier.replace('_', '-').lower()}"


def _text(row: CardRow) -> str:
    return f"[{escape(row.text)}]({row.url})" if row.url else escape(row.text)


def model_file_page() -> str:
    """Return every entry of a model's file: what it holds, whether it must be there, what it means.

    Raises ValueError when an entry has no sentence, or a sentence of keys.toml no entry.
    """
    entries, own = list(_entries(model_schema(), "")), sentences("model")
    silent = sorted(path for path, schema, _ in entries if "description" not in schema and path not in own)
    gone = sorted(set(own) - {path for path, schema, _ in entries if "description" not in schema})
    if silent or gone:
        raise ValueError(f"docs/generate/keys.toml, [model]: no sentence for {silent}; nothing to say of {gone}")
    rows = [(code(path), _holds(schema), "required" if required else "",
             own[path] if path in own else escape(f"{schema['description'][:1].upper()}{schema['description'][1:]}."))
            for path, schema, required in entries]
    return table(("entry", "holds", "", "meaning"), rows)


def _entries(schema: dict[str, Any], path: str) -> Iterator[tuple[str, dict[str, Any], bool]]:
    """Yield (path, schema, required) of every entry below ``schema``, tables before what is in them."""
    for name, inner in schema.get("properties", {}).items():
        whole = f"{path}{name}"
        yield whole, inner, name in schema.get("required", [])
        items, free = inner.get("items"), inner.get("additionalProperties")
        if "properties" in inner:
            yield from _entries(inner, f"{whole}.")
        elif isinstance(items, dict):
            yield from _entries(items, f"{whole}[].")
        elif isinstance(free, dict):
            yield from _entries(free, f"{whole}.NAME.")


def _holds(schema: dict[str, Any]) -> str:
    """Return what an entry holds, in words."""
    if "const" in schema:
        return code(str(schema["const"]))
    if "enum" in schema:
        return ", ".join(code(str(item)) for item in schema["enum"])
    if "oneOf" in schema:
        return " or ".join(_holds(item) for item in schema["oneOf"])
    kind = schema.get("type")
    if kind == "array":
        count = f"{schema['minItems']} " if schema.get("minItems") == schema.get("maxItems", "") else ""
        return f"list of {count}{_plural(schema['items'])}"
    if kind == "object":
        free = schema.get("additionalProperties")
        return f"table of {_plural(free)} by name" if isinstance(free, dict) else "table"
    return {"string": "text", "boolean": "true or false", "integer": "whole number"}.get(str(kind), "number") \
        + _bounds(schema)


def _plural(schema: dict[str, Any]) -> str:
    if schema.get("type") == ["number", "null"]:
        return "numbers or null"
    if "oneOf" in schema:
        return " or ".join(_plural(item) for item in schema["oneOf"])
    word, *rest = _holds({key: value for key, value in schema.items() if key not in _BOUNDS}).split(" ", 1)
    return " ".join([f"{word}s", *rest]) + _bounds(schema)


#: Bounds of numbers in a JSON Schema.
_BOUNDS = {"minimum": ">=", "exclusiveMinimum": ">", "maximum": "<="}


def _bounds(schema: dict[str, Any]) -> str:
    return "".join(f" \\{sign} {schema[key]:g}" for key, sign in _BOUNDS.items() if key in schema)
