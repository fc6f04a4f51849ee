"""A file's contract said once, in dataclasses: reading, writing and the JSON Schema all follow from their fields.

A field's annotation says what its entry may hold (text, number, flag, list, table, or a table with free keys) and
:func:`entry` what the annotation cannot: the entry's name where it differs, choices, bounds, on which other entry it
depends, a description. A class whose entries must fit each other has a method ``check(table)`` that is called after
reading.
"""

from __future__ import annotations

import dataclasses
import math
import types
from collections.abc import Collection, Iterable
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from .checked import Table

_T = TypeVar("_T")

#: Metadata keys of a field.
_RULES = "contract"


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Rules:
    """What :func:`entry` says of a field."""

    key: str = ""
    choices: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    above: float | None = None
    least: str = ""
    fewest: int = 0
    always: bool = False
    required: bool = False
    stored: bool = True
    when: tuple[str, str] | None = None
    description: str = ""


def entry(*, default: Any = dataclasses.MISSING, key: str = "", choices: Iterable[str] = (), low: float | None = None,
          high: float | None = None, above: float | None = None, least: str = "", fewest: int = 0,
          always: bool = False, required: bool = False, stored: bool = True, when: tuple[str, str] | None = None,
          description: str = "", compare: bool = True) -> Any:
    """Return a dataclass field with rules for its entry in the file.

    Parameters
    ----------
    default: its value when the entry is absent; without a default the entry is required.
    key: the entry's name, where it is not the field's.
    choices: the texts allowed (of each text of a list).
    low, high, above: smallest and largest number allowed, or the number that it must exceed (``low`` and ``above`` of
        each number of a list).
    least: what a list or free table must hold at least one of.
    fewest: fewest items of a list, for the JSON Schema; reading them is left to the class' ``check``.
    always: whether it is written even when it holds the default.
    required: whether the file must have it although the field has a default.
    stored: whether it is in the file at all.
    when: the name and value of an earlier field with which alone the entry is known; else the field has its default.
    description: for editors.
    """
    rules = _Rules(key=key, choices=tuple(choices), low=low, high=high, above=above, least=least,
                   fewest=fewest or int(bool(least)), always=always, required=required, stored=stored, when=when,
                   description=description)
    metadata = {_RULES: rules}
    if default == {}:
        return dataclasses.field(default_factory=dict, compare=compare, metadata=metadata)
    return dataclasses.field(default=default, compare=compare, metadata=metadata)


@dataclasses.dataclass(frozen=True)
class _Entry:
    """A field of a contract's class: its name, what its annotation allows, whether it may be absent, and its rules."""

    name: str
    kind: Any
    default: Any
    rules: _Rules

    @property
    def key(self) -> str:
        return self.rules.key or self.name

    @property
    def required(self) -> bool:
        return self.default is dataclasses.MISSING or self.rules.required


def _entries(cls: type) -> list[_Entry]:
    hints = get_type_hints(cls)
    if _is_pair(cls):
        defaults: dict[str, Any] = getattr(cls, "_field_defaults", {})
        return [_Entry(name, hints[name], defaults.get(name, dataclasses.MISSING), _Rules()) for name in hints]
    rows = []
    for field in dataclasses.fields(cls):
        rules = field.metadata.get(_RULES, _Rules())
        default = field.default if field.default_factory is dataclasses.MISSING else field.default_factory()
        if rules.stored:
            rows.append(_Entry(field.name, _without_none(hints[field.name]), default, rules))
    return rows


def _is_pair(kind: Any) -> bool:
    """Whether ``kind`` is a NamedTuple: a small table that code unpacks."""
    return isinstance(kind, type) and issubclass(kind, tuple) and hasattr(kind, "_fields")


def _is_table(kind: Any) -> bool:
    return dataclasses.is_dataclass(kind) or _is_pair(kind)


def _without_none(kind: Any) -> Any:
    """Return an optional annotation without its None: an absent entry is what None stands for."""
    if get_origin(kind) in (Union, types.UnionType):
        rest = [item for item in get_args(kind) if item is not type(None)]
        return rest[0] if len(rest) == 1 else Union[tuple(rest)]  # noqa: UP007 (made of values)
    return kind


def _is_bounds(kind: Any) -> bool:
    """Whether ``kind`` is a pair of numbers either of which may be open: ``tuple[float | None, float | None]``."""
    arguments = get_args(kind)
    return (get_origin(kind) is tuple and len(arguments) == 2 and Ellipsis not in arguments
            and type(None) in get_args(arguments[0]))


# Reading -------------------------------------------------------------------------------------------------------------


def read(cls: type[_T], table: Table) -> _T:
    """Return the object that ``table`` describes, every entry checked. Raises SchemaError naming file and entry."""
    values: dict[str, Any] = {}
    for field in _entries(cls):
        when = field.rules.when
        known = when is None or values[when[0]] == when[1]
        values[field.name] = _read_entry(field, table) if known else field.default
    table.finish()
    item = cls(**values)
    check = getattr(item, "check", None)
    if check is not None:
        check(table)
    return item


def _read_entry(item: _Entry, table: Table) -> Any:
    kind, rules = item.kind, item.rules
    low, high, above = _limits(rules)
    absent = {} if item.required else {"default": item.default}
    if absent and table.is_null(item.key):
        return item.default
    if kind is str:
        return table.text(item.key, **absent, choices=rules.choices)
    if kind is float:
        return table.number(item.key, **absent, low=low, high=high, above=above)
    if kind is int:
        largest = {} if rules.high is None else {"high": int(rules.high)}
        return table.integer(item.key, **absent, low=int(rules.low or 0), **largest)
    if kind is bool:
        return table.flag(item.key, **absent)
    if kind == tuple[str, ...]:
        return table.texts(item.key, **absent, choices=rules.choices)
    return item.default if absent and not table.has(item.key) else _read_several(item, table)


def _read_several(item: _Entry, table: Table) -> Any:
    """Read a table, or a list or free table of values, that is there."""
    kind, rules = item.kind, item.rules
    origin, arguments = get_origin(kind), get_args(kind)
    if _is_table(kind):
        return read(kind, table.table(item.key))
    if _is_bounds(kind):
        return table.bounds(item.key)
    if origin is tuple and arguments[-1] is Ellipsis and _is_table(arguments[0]):
        rows = tuple(read(arguments[0], row) for row in table.tables(item.key))
        _check_any(rows, item, table)
        return rows
    if origin is tuple:
        length = None if arguments[-1] is Ellipsis else len(arguments)
        low, _, above = _limits(rules)
        numbers = table.numbers(item.key, length=length, low=low, above=above)
        _check_any(numbers, item, table)
        return numbers
    if origin is dict:
        free = _read_free(item, table.table(item.key))
        _check_any(free, item, table)
        return free
    raise TypeError(f"A contract cannot hold {kind}.")


def _read_free(item: _Entry, table: Table) -> dict[str, Any]:
    """Read a table with free keys: numbers, tables, or numbers and tables of numbers."""
    value = get_args(item.kind)[1]
    inner = _Entry("", _without_none(value), dataclasses.MISSING, item.rules)
    rows: dict[str, Any] = {}
    for name in table.names():
        kind = inner.kind
        if get_origin(kind) in (Union, types.UnionType):
            kind = get_args(kind)[1 if table.is_table(name) else 0]
        rows[name] = _read_entry(dataclasses.replace(inner, name=name, kind=kind, rules=_free_rules(item.rules)), table)
    return rows


def _free_rules(rules: _Rules) -> _Rules:
    """Return the rules of a free table's values: its own bounds and choices, under whatever key they come."""
    return _Rules(choices=rules.choices, low=rules.low, high=rules.high, above=rules.above)


def _limits(rules: _Rules) -> tuple[float, float, float]:
    """Return the smallest and the largest number allowed, and the one to exceed."""
    return (-math.inf if rules.low is None else rules.low, math.inf if rules.high is None else rules.high,
            -math.inf if rules.above is None else rules.above)


def _check_any(items: Collection[Any], item: _Entry, table: Table) -> None:
    if item.rules.least and not items:
        table.fail(item.key, f"must hold at least one {item.rules.least}")


# Writing -------------------------------------------------------------------------------------------------------------


def write(item: Any) -> dict[str, Any]:
    """Return the table that :func:`read` reads as ``item``; entries that hold their default are left out."""
    values: dict[str, Any] = {}
    for field in _entries(type(item)):
        value = getattr(item, field.name)
        if value is None or (not field.required and not field.rules.always and value == field.default):
            continue
        values[field.key] = _plain(value)
    return values


def _plain(value: Any) -> Any:
    if _is_table(type(value)):
        return write(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value


# The JSON Schema -----------------------------------------------------------------------------------------------------


def schema(cls: type) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a contract's class."""
    entries = _entries(cls)
    properties = {item.key: _described(_schema_of(item.kind, item.rules), item.rules) for item in entries}
    required = [item.key for item in entries if item.required]
    return {"type": "object", "properties": properties, **({"required": required} if required else {}),
            "additionalProperties": False}


def _described(values: dict[str, Any], rules: _Rules) -> dict[str, Any]:
    return {**values, "description": rules.description} if rules.description else values


def _schema_of(kind: Any, rules: _Rules) -> dict[str, Any]:
    origin, arguments = get_origin(kind), get_args(kind)
    if kind is str and len(rules.choices) == 1:
        return {"const": rules.choices[0]}
    if kind is str:
        return {"enum": list(rules.choices)} if rules.choices else {"type": "string", "minLength": 1}
    if kind is float:
        return {"type": "number", **_schema_limits(rules)}
    if kind is int:
        return {"type": "integer", "minimum": int(rules.low or 0),
                **({} if rules.high is None else {"maximum": int(rules.high)})}
    if kind is bool:
        return {"type": "boolean"}
    if _is_table(kind):
        return schema(kind)
    if _is_bounds(kind):
        return {"type": "array", "items": {"type": ["number", "null"]}, "minItems": 2, "maxItems": 2}
    if origin in (Union, types.UnionType):
        return {"oneOf": [_schema_of(item, _Rules()) for item in arguments]}
    if origin is tuple and arguments[-1] is Ellipsis:
        inner = _free_rules(rules) if not _is_table(arguments[0]) else _Rules()
        least = {"minItems": rules.fewest} if rules.fewest else {}
        return {"type": "array", "items": _schema_of(arguments[0], inner), **least}
    if origin is tuple:
        return {"type": "array", "items": _schema_of(arguments[0], _free_rules(rules)), "minItems": len(arguments),
                "maxItems": len(arguments)}
    if origin is dict:
        least = {"minProperties": rules.fewest} if rules.fewest else {}
        return {"type": "object", "additionalProperties": _schema_of(arguments[1], _free_rules(rules)), **least}
    raise TypeError(f"A contract cannot hold {kind}.")


def _schema_limits(rules: _Rules) -> dict[str, float]:
    limits = {"minimum": rules.low, "maximum": rules.high, "exclusiveMinimum": rules.above}
    return {name: value for name, value in limits.items() if value is not None}
