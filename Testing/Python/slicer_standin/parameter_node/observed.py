"""Lists and dicts that write themselves back into the parameter node when they are changed, as Slicer's do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, MutableMapping, MutableSequence
from typing import Any


class _Observed:
    """Holds the values with the functions that write them to the node and read them back."""

    def __init__(self, values: Any, save: Callable[[Any], None], read: Callable[[], Any]):
        self._values, self._save, self._read = values, save, read

    def _commit(self) -> None:
        try:
            self._save(self._values)
        finally:
            # What was refused must not stay, and lists just put into a list have to become observed ones.
            self._values = self._read()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._values})"

    def __eq__(self, other: object) -> bool:
        return self._values == (other._values if isinstance(other, _Observed) else other)

    __hash__ = None

    def __len__(self) -> int:
        return len(self._values)

    def __getitem__(self, key: Any) -> Any:
        return self._values[key]

    def __setitem__(self, key: Any, value: Any) -> None:
        self._values[key] = value
        self._commit()

    def __delitem__(self, key: Any) -> None:
        del self._values[key]
        self._commit()

    def clear(self) -> None:
        self._values.clear()
        self._commit()

    def pop(self, *key: Any) -> Any:
        value = self._values.pop(*key)
        self._commit()
        return value


class ObservedList(_Observed, MutableSequence):
    """A list; ``+`` and ``*`` are refused, since their result would not be observed."""

    def insert(self, index: int, value: Any) -> None:
        self._values.insert(index, value)
        self._commit()

    def extend(self, values: Iterable[Any]) -> None:
        self._values.extend(values)
        self._commit()

    def __iadd__(self, values: Iterable[Any]) -> ObservedList:
        self.extend(values)
        return self

    def __imul__(self, times: int) -> ObservedList:
        self._values *= times
        self._commit()
        return self

    def sort(self, **options: Any) -> None:
        self._values.sort(**options)
        self._commit()

    def reverse(self) -> None:
        self._values.reverse()
        self._commit()

    def __add__(self, other: Any) -> None:
        raise NotImplementedError("Adding an ObservedList is not supported. However, += is supported.")

    __radd__ = __mul__ = __rmul__ = __add__


class ObservedDict(_Observed, MutableMapping):
    """A dict; as in Slicer, ``get`` and ``pop`` take no default."""

    def __iter__(self) -> Iterator[Any]:
        return iter(self._values)

    def get(self, key: Any) -> Any:
        return self._values.get(key)

    def pop(self, key: Any) -> Any:
        return super().pop(key)

    def popitem(self) -> tuple[Any, Any]:
        item = self._values.popitem()
        self._commit()
        return item
