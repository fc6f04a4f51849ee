"""Check a table read from TOML or JSON: each reader names the file, the key and what is allowed in its error."""

from __future__ import annotations

import enum
import math
from collections.abc import Callable, Iterable
from typing import Any, NoReturn, TypeVar

from .errors import SchemaError
from .suggestions import did_you_mean


class _Default(enum.Enum):
    """Stands for the default of a key that has none."""

    REQUIRED = enum.auto()


_REQUIRED = _Default.REQUIRED

_D = TypeVar("_D")
_V = TypeVar("_V")


class Table:
    """One table of a settings file, read key by key; :meth:`finish` refuses the keys nobody asked for.

    Every reader returns ``default`` for a key that is absent, and raises SchemaError for one that is absent without a
    default or does not hold what is asked for.

    Parameters
    ----------
    values: the table as parsed.
    source: the file (or other origin) to name in errors.
    path: the dotted path of this table inside the file, empty at the top.
    """

    def __init__(self, values: object, source: str, path: str = ""):
        self.source = source
        self.path = path
        if not isinstance(values, dict):
            self.fail("", f"must be a table of keys and values, not {_describe(values)}")
        self._values: dict[str, Any] = values
        self._known: set[str] = set()

    def fail(self, key: str, problem: str, advice: str = "") -> NoReturn:
        """Raise SchemaError saying that ``key`` ``problem`` ('must be ...'), and after that ``advice``."""
        name = ".".join(filter(None, (self.path, key))) or "top level"
        raise SchemaError(f"{self.source}: '{name}' {problem}.{advice}")

    def has(self, key: str) -> bool:
        """Tell whether ``key`` is present and not null."""
        self._known.add(key)
        return self._values.get(key) is not None

    def is_null(self, key: str) -> bool:
        """Tell whether ``key`` is present and null."""
        self._known.add(key)
        return key in self._values and self._values[key] is None

    def _read(self, key: str, default: _D | _Default, check: Callable[[Any], _V]) -> _V | _D:
        """Return what ``check(value)`` makes of the key's value, or the default."""
        self._known.add(key)
        value = self._values.get(key, _REQUIRED)
        if not isinstance(default, _Default) and (value is _REQUIRED or value is default):
            return default
        if value is _REQUIRED:
            self.fail(key, "is missing")
        return check(value)

    def text(self, key: str, default: _D | _Default = _REQUIRED, choices: Iterable[str] = ()) -> str | _D:
        """Return a string that is not blank, one of ``choices`` where given."""

        def check(value: Any) -> str:
            if not isinstance(value, str) or not value.strip():
                self.fail(key, f"must be a text, not {_describe(value)}")
            options = list(choices)
            if options and value not in options:
                self.fail(key, f"is '{value}'; allowed: {', '.join(options)}", did_you_mean(value, options))
            return value

        return self._read(key, default, check)

    def number(self, key: str, default: _D | _Default = _REQUIRED, low: float = -math.inf, high: float = math.inf,
               above: float = -math.inf) -> float | _D:
        """Return a finite float with ``low <= value <= high`` and ``value > above``."""
        return self._read(key, default, lambda value: self._number(key, value, low, high, above))

    def _number(self, key: str, value: Any, low: float = -math.inf, high: float = math.inf,
                above: float = -math.inf) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            self.fail(key, f"must be a finite number, not {_describe(value)}")
        if not (low <= value <= high and value > above):
            lower = f"> {above:g}" if above > -math.inf else f">= {low:g}"
            self.fail(key, f"is {value}; allowed: {lower}" + (f" and <= {high:g}" if high < math.inf else ""))
        return float(value)

    def integer(self, key: str, default: _D | _Default = _REQUIRED, low: int = 0, high: int = 2**53) -> int | _D:
        """Return an int with ``low <= value <= high``."""

        def check(value: Any) -> int:
            if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
                self.fail(key, f"must be a whole number from {low} to {high}, not {_describe(value)}")
            return value

        return self._read(key, default, check)

    def flag(self, key: str, default: _D | _Default = _REQUIRED) -> bool | _D:
        """Return true or false."""

        def check(value: Any) -> bool:
            if not isinstance(value, bool):
                self.fail(key, f"must be true or false, not {_describe(value)}")
            return value

        return self._read(key, default, check)

    def numbers(self, key: str, default: _D | _Default = _REQUIRED, length: int | None = None, low: float = -math.inf,
                above: float = -math.inf) -> tuple[float, ...] | _D:
        """Return a tuple of finite floats, ``length`` of them where given, each ``>= low`` and ``> above``."""
        return self._read(key, default, lambda value: self._numbers(key, value, length, low, above))

    def triple(self, key: str, default: _D | _Default = _REQUIRED,
               low: float = -math.inf) -> tuple[float, float, float] | _D:
        """Return three finite floats, each ``>= low``."""

        def check(value: Any) -> tuple[float, float, float]:
            x, y, z = self._numbers(key, value, 3, low)
            return x, y, z

        return self._read(key, default, check)

    def _numbers(self, key: str, value: Any, length: int | None, low: float = -math.inf,
                 above: float = -math.inf) -> tuple[float, ...]:
        if not isinstance(value, list) or (length is not None and len(value) != length):
            size = f"{length} numbers" if length is not None else "numbers"
            self.fail(key, f"must be a list of {size}, not {_describe(value)}")
        return tuple(self._number(key, item, low, above=above) for item in value)

    def texts(self, key: str, default: _D | _Default = _REQUIRED,
              choices: Iterable[str] = ()) -> tuple[str, ...] | _D:
        """Return a tuple of distinct strings, each one of ``choices`` where given."""

        def check(value: Any) -> tuple[str, ...]:
            if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
                self.fail(key, f"must be a list of texts, not {_describe(value)}")
            options = list(choices)
            for item in value:
                if options and item not in options:
                    self.fail(key, f"holds '{item}'; allowed: {', '.join(options)}", did_you_mean(item, options))
                if value.count(item) > 1:
                    self.fail(key, f"names '{item}' twice")
            return tuple(value)

        return self._read(key, default, check)

    def bounds(self, key: str, default: _D | _Default = _REQUIRED) -> tuple[float | None, float | None] | _D:
        """Return ``(low, high)``, each a finite float or None for open; low must not exceed high."""

        def check(value: Any) -> tuple[float | None, float | None]:
            if isinstance(value, dict):  # TOML has no null: {min = ..., max = ...} leaves an end open by leaving it out
                table = self.table(key)
                value = [table.number("min", None), table.number("max", None)]
                table.finish()
            if not isinstance(value, list) or len(value) != 2:
                self.fail(key, f"must be two bounds, not {_describe(value)}")
            low, high = (None if item is None else self._number(key, item) for item in value)
            if low is not None and high is not None and low > high:
                self.fail(key, f"has its lower bound {low:g} above its upper bound {high:g}")
            return low, high

        return self._read(key, default, check)

    def table(self, key: str, default: _D | _Default = _REQUIRED) -> Table | _D:
        """Return the sub-table ``key`` as a Table."""
        return self._read(key, default, lambda value: Table(value, self.source, self._inner(key)))

    def tables(self, key: str, default: _D | _Default = _REQUIRED) -> tuple[Table, ...] | _D:
        """Return the list of tables ``key`` as a tuple of Tables."""

        def check(value: Any) -> tuple[Table, ...]:
            if not isinstance(value, list):
                self.fail(key, f"must be a list of tables, not {_describe(value)}")
            return tuple(Table(item, self.source, f"{self._inner(key)}[{number}]")
                         for number, item in enumerate(value, start=1))

        return self._read(key, default, check)

    def mapping(self, key: str, convert: Callable[[str, Any], _V],
                default: _D | _Default = _REQUIRED) -> dict[str, _V] | _D:
        """Return the sub-table ``key`` with free keys, each value passed through ``convert(key, value)``."""

        def check(value: Any) -> dict[str, _V]:
            table = Table(value, self.source, self._inner(key))
            return {name: convert(name, item) for name, item in table._values.items()}

        return self._read(key, default, check)

    def _inner(self, key: str) -> str:
        return f"{self.path}.{key}".lstrip(".")

    def is_table(self, key: str) -> bool:
        """Tell whether ``key`` holds a table of its own."""
        return isinstance(self._values.get(key), dict)

    def names(self) -> list[str]:
        """Return the keys present, in the file's order."""
        return list(self._values)

    def finish(self) -> None:
        """Refuse keys that were never read: a misspelt setting must not silently mean its default.

        Raises SchemaError with the first of them and the keys allowed.
        """
        unknown = [key for key in self._values if key not in self._known]
        if unknown:
            self.fail(unknown[0], f"is not a known key; allowed: {', '.join(sorted(self._known))}",
                      did_you_mean(unknown[0], self._known))


def _describe(value: object) -> str:
    if value is None:
        return "null"
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
