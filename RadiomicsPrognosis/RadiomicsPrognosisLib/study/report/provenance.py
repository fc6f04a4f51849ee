"""The report on how a result was made: recipe or model, data, seed and software, with hashes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from ...report.blocks import Link, Section
from ...report.elements import facts, name, sentence
from ...texts import clean

PROVENANCE = "How it was made"

#: Titles of what identifies a recipe or a stored model; other keys stand under their own name.
_TITLES = {"id": "identifier", "hash": "SHA-256 of its content", "doi": "DOI", "protocol": "feature protocol"}


def provenance_section(what: str, source: Mapping[str, Any], data: Mapping[str, Any], software: Mapping[str, str],
                       schema: str, seed: int | None = None) -> Section:
    """Return the provenance; ``what`` (Recipe or Model) is described by ``source``, the tables by ``data``."""
    rows = [(f"{what}: {_TITLES.get(key, name(key))}", _value(key, value)) for key, value in source.items()]
    rows += [(f"Data: {name(key)}", _value(key, value)) for key, value in data.items()]
    if seed is not None:
        rows.append(("Seed", str(seed)))
    rows.append(("Software", sentence(", ".join(f"{key} {value}" for key, value in software.items()))))
    rows.append(("Numbers in full", f"{'study' if what == 'Recipe' else 'validation'}.json ({schema}) and the tables "
                                    "beside this page"))
    return Section(PROVENANCE, (facts(rows),))


def _value(key: str, value: Any) -> str | Link:
    if value in (None, "", {}):
        return ""
    if key == "doi":
        doi = clean(value, 120)
        return Link(doi, f"https://doi.org/{quote(doi)}")
    if isinstance(value, Mapping):
        return sentence(", ".join(f"{inner} {item}" for inner, item in value.items()))
    return sentence(value)
