"""Check a table read from TOML or JSON: each reader names the file, the key and what is allowed in its error."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

from .errors import SchemaError

_MISSING = object()


class Table:
    """One table of a settings file, read key by key; :meth:`finish` refuses the keys nobody asked for.

    Parameters
    ----------
    values: the table as parsed.
    source: the file (or other origin) to name in errors.
    path: the dotted path of this table inside the file, empty at the top.
    """

    def __init__(self, values: Any, source: str, path: str = ""):
        self.source = source
        self.path = path
        if not isinstance(values, dict):
            self._fail("", f"must be a table of keys and values, not {_describe(values)}")
        self._values = values
        self._known: set[str] = set()

    def _fail(self, key: str, problem: str) -> None:
        name = ".".join(part for part in (self.path, key) if part) or "top level"
        raise SchemaError(f"{self.source}: '{name}' {problem}.")

    def fail(self, key: str, problem: str) -> None:
        """Raise SchemaError saying that ``key`` ``problem`` ('must be ...')."""
        self._fail(key, problem)

    def has(self, key: str) -> bool:
        """Tell whether ``key`` is present and not null."""
        self._known.add(key)
        return self._values.get(key) is not None

    def _get(self, key: str, default: Any) -> Any:
        self._known.add(key)
        value = self._values.get(key, _MISSING)
        if value is _MISSING:
            if default is _MISSING:
                self._fail(key, "is missing")
            return default
        return value

    def text(self, key: str, default: Any = _MISSING, choices: Iterable[str] = ()) -> Any:
        """Return a string, one of ``choices`` where given."""
        value = self._get(key, default)
        if value is default:
            return value
        if not isinstance(value, str) or not value.strip():
            self._fail(key, f"must be a text, not {_describe(value)}")
        options = list(choices)
        if options and value not in options:
            self._fail(key, f"is '{value}'; allowed: {', '.join(options)}")
        return value

    def number(self, key: str, default: Any = _MISSING, low: float = -math.inf, high: float = math.inf,
               above: float = -math.inf) -> Any:
        """Return a finite float with ``low <= value <= high`` and ``value > above``."""
        value = self._get(key, default)
        if value is default:
            return value
        return self._number(key, value, low, high, above)

    def _number(self, key: str, value: Any, low: float, high: float, above: float = -math.inf) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            self._fail(key, f"must be a finite number, not {_describe(value)}")
        if not (low <= value <= high and value > above):
            lower = f"> {above:g}" if above > -math.inf else f">= {low:g}"
            self._fail(key, f"is {value}; allowed: {lower}" + (f" and <= {high:g}" if high < math.inf else ""))
        return float(value)

    def integer(self, key: str, default: Any = _MISSING, low: int = 0, high: int = 2**53) -> Any:
        """Return an int with ``low <= value <= high``."""
        value = self._get(key, default)
        if value is default:
            return value
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            self._fail(key, f"must be a whole number from {low} to {high}, not {_describe(value)}")
        return value

    def flag(self, key: str, default: Any = _MISSING) -> Any:
        """Return true or false."""
        value = self._get(key, default)
        if value is not default and not isinstance(value, bool):
            self._fail(key, f"must be true or false, not {_describe(value)}")
        return value

    def numbers(self, key: str, default: Any = _MISSING, length: int | None = None, low: float = -math.inf,
                above: float = -math.inf) -> Any:
        """Return a tuple of finite floats, ``length`` of them where given."""
        value = self._get(key, default)
        if value is default:
            return value
        if not isinstance(value, list) or (length is not None and len(value) != length):
            size = f"{length} numbers" if length is not None else "numbers"
            self._fail(key, f"must be a list of {size}, not {_describe(value)}")
        return tuple(self._number(key, item, low, math.inf, above) for item in value)

    def texts(self, key: str, default: Any = _MISSING, choices: Iterable[str] = ()) -> Any:
        """Return a tuple of distinct strings, each one of ``choices`` where given."""
        value = self._get(key, default)
        if value is default:
            return value
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self._fail(key, f"must be a list of texts, not {_describe(value)}")
        options = list(choices)
        for item in value:
            if options and item not in options:
                self._fail(key, f"holds '{item}'; allowed: {', '.join(options)}")
            if value.count(item) > 1:
                self._fail(key, f"names '{item}' twice")
        return tuple(value)

    def bounds(self, key: str, default: Any = _MISSING) -> Any:
        """Return ``(low, high)``, each a finite float or None for open; low must not exceed high."""
        value = self._get(key, default)
        if value is default:
            return value
        if isinstance(value, dict):  # TOML has no null: {min = ..., max = ...} leaves an end open by leaving it out
            table = self.table(key)
            value = [table.number("min", None), table.number("max", None)]
            table.finish()
        if not isinstance(value, list) or len(value) != 2:
            self._fail(key, f"must be two bounds, not {_describe(value)}")
        low, high = (None if item is None else self._number(key, item, -math.inf, math.inf) for item in value)
        if low is not None and high is not None and low > high:
            self._fail(key, f"has its lower bound {low:g} above its upper bound {high:g}")
        return low, high

    def table(self, key: str, default: Any = _MISSING) -> Any:
        """Return the sub-table ``key`` as a Table, or ``default``."""
        value = self._get(key, default)
        if value is default:
            return value
        return Table(value, self.source, f"{self.path}.{key}".lstrip("."))

    def tables(self, key: str, default: Any = _MISSING) -> Any:
        """Return the list of tables ``key`` as a tuple of Tables."""
        value = self._get(key, default)
        if value is default:
            return value
        if not isinstance(value, list):
            self._fail(key, f"must be a list of tables, not {_describe(value)}")
        prefix = f"{self.path}.{key}".lstrip(".")
        return tuple(Table(item, self.source, f"{prefix}[{number}]") for number, item in enumerate(value, start=1))

    def mapping(self, key: str, convert: Callable[[str, Any], Any], default: Any = _MISSING) -> Any:
        """Return the sub-table ``key`` with free keys, each value passed through ``convert(key, value)``."""
        table = self.table(key, default)
        if table is default:
            return table
        return {name: convert(name, value) for name, value in table._values.items()}

    def names(self) -> list[str]:
        """Return the keys present, in the file's order."""
        return list(self._values)

    def finish(self) -> None:
        """Refuse keys that were never read: a misspelt setting must not silently mean its default."""
        unknown = [key for key in self._values if key not in self._known]
        if unknown:
            self._fail(unknown[0], f"is not a known key; allowed: {', '.join(sorted(self._known))}")


def _describe(value: Any) -> str:
    if value is None:
        return "null"
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
