"""Results as frozen records that turn into plain dictionaries for JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

import numpy as np

#: Marks a field that a record's dictionary leaves out where it is None.
_OMITTED = {"omitted when None": True}


def only_where_known() -> Any:
    """Return a dataclass field, None unless given, that does not stand in the record's dictionary where it is None."""
    return field(default=None, metadata=_OMITTED)


# No comparison of its own: a record that declares none (it holds arrays) would inherit one that looks at no field.
@dataclass(frozen=True, eq=False)
class Result:
    """Base of the frozen dataclasses that calculations return; a value that does not exist is None, never NaN."""

    def to_dict(self) -> dict[str, Any]:
        """Return the record as JSON-able dictionaries, lists, numbers and texts, fields in their order.

        Arrays (n,) become lists, (n, p) lists of lists, masked values None; a nested record becomes a dictionary.
        """
        return {item.name: _plain(getattr(self, item.name)) for item in fields(self)
                if not (item.metadata == _OMITTED and getattr(self, item.name) is None)}


def _plain(value: object) -> object:
    if isinstance(value, Result):
        return value.to_dict()
    if is_dataclass(value) and not isinstance(value, type):
        return {item.name: _plain(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
