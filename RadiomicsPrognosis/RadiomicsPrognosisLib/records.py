"""Frozen records to plain data for JSON and back; the annotations of a record's fields say what it holds."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Mapping
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

import numpy as np
from numpy.ma import MaskedArray

_T = TypeVar("_T")


def from_plain(cls: type[_T], values: object) -> _T:
    """Return the dataclass ``cls`` with the fields in ``values``, what ``dataclasses.asdict`` and JSON made of one.

    Lists become tuples, or masked arrays where the annotation says so (None masked), and objects the dataclasses that
    the annotations name. Raises ValueError for other keys than the fields, TypeError for a value of another type.
    """
    if not isinstance(values, Mapping):
        raise TypeError(f"{cls.__name__} must be an object, not {type(values).__name__}")
    hints = get_type_hints(cls)
    names = {field.name for field in dataclasses.fields(cls)}  # type: ignore[arg-type]  # cls is a dataclass
    if set(values) != names:
        raise ValueError(f"the keys of {cls.__name__} differ: {', '.join(sorted(set(values) ^ names))}")
    return cls(**{name: _typed(hints[name], value, f"{cls.__name__}.{name}") for name, value in values.items()})


def _typed(kind: Any, value: Any, where: str) -> Any:
    origin, arguments = get_origin(kind), get_args(kind)
    if kind is Any:
        return value
    if kind is MaskedArray and isinstance(value, list):
        return _masked(value, where)
    if origin in (Union, types.UnionType):
        if value is None and type(None) in arguments:
            return None
        rest = [item for item in arguments if item is not type(None)]
        if len(rest) == 1:
            return _typed(rest[0], value, where)
        if not any(_fits(item, value) for item in rest):
            raise TypeError(f"{where} is {value!r}")
        return value
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        return from_plain(kind, value)
    if origin is tuple and isinstance(value, list | tuple):
        kinds = [arguments[0]] * len(value) if arguments[-1] is Ellipsis else list(arguments)
        if len(kinds) != len(value):
            raise ValueError(f"{where} must hold {len(kinds)} values, not {len(value)}")
        return tuple(_typed(item, element, where) for item, element in zip(kinds, value, strict=True))
    if origin is dict and isinstance(value, Mapping):
        return {str(key): _typed(arguments[1], item, f"{where}.{key}") for key, item in value.items()}
    if not _fits(kind, value):
        raise TypeError(f"{where} must be {getattr(kind, '__name__', kind)}, not {value!r}")
    return float(value) if kind is float else value


def _masked(values: list[Any], where: str) -> MaskedArray:
    """Return numbers (n,) as an array that masks those that are None."""
    try:
        array: MaskedArray = np.ma.array([0 if item is None else item for item in values],
                                         mask=[item is None for item in values])
    except ValueError:
        raise TypeError(f"{where} must hold numbers") from None
    if array.size and array.dtype.kind not in "if":
        raise TypeError(f"{where} must hold numbers")
    return array


def _fits(kind: Any, value: Any) -> bool:
    if kind is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, kind) and not (kind is int and isinstance(value, bool))
