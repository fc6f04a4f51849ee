"""The sentences of keys.toml, for what the product itself has no words for."""

from __future__ import annotations

import tomllib
from pathlib import Path


def sentences(kind: str) -> dict[str, str]:
    """Return the sentences of one table of keys.toml by key."""
    text = Path(__file__).with_name("keys.toml").read_text(encoding="utf-8")
    table: dict[str, str] = tomllib.loads(text)[kind]
    return table
