"""Lists and dicts that write themselves back into the parameter node when they are changed, as Slicer's do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableMapping, MutableSequence
from typing import Any


class ObservedList(MutableSequence):
    """A list; ``+`` and ``*`` are refused, since their result would not be observed."""

    def __init__(self, values: list[Any], save: Callable[[list[Any]], None]):
        self._list, self._save = values, save

    def __repr__(self) -> str:
        return f"ObservedList({self._list})"

    def __eq__(self, other: object) -> bool:
        return self._list == (other._list if isinstance(other, ObservedList) else other)

    __hash__ = None

    def __len__(self) -> int:
        return len(self._list)

    def __getitem__(self, index: Any) -> Any:
        return self._list[index]

    def __setitem__(self, index: Any, value: Any) -> None:
        self._list[index] = value
        self._save(self._list)

    def __delitem__(self, index: Any) -> None:
        del self._list[index]
        self._save(self._list)

    def insert(self, index: int, value: Any) -> None:
        self._list.insert(index, value)
        self._save(self._list)

    def sort(self, **options: Any) -> None:
        self._list.sort(**options)
        self._save(self._list)

    def __add__(self, other: Any) -> None:
        raise NotImplementedError("Adding an ObservedList is not supported. However, += is supported.")

    __radd__ = __mul__ = __rmul__ = __add__


class ObservedDict(MutableMapping):
    """A dict; as in Slicer, ``get`` takes no default."""

    def __init__(self, values: dict[Any, Any], save: Callable[[dict[Any, Any]], None]):
        self._dict, self._save = values, save

    def __repr__(self) -> str:
        return f"ObservedDict({self._dict})"

    def __eq__(self, other: object) -> bool:
        return self._dict == (other._dict if isinstance(other, ObservedDict) else other)

    __hash__ = None

    def __len__(self) -> int:
        return len(self._dict)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._dict)

    def __getitem__(self, key: Any) -> Any:
        return self._dict[key]

    def __setitem__(self, key: Any, value: Any) -> None:
        self._dict[key] = value
        self._save(self._dict)

    def __delitem__(self, key: Any) -> None:
        del self._dict[key]
        self._save(self._dict)

    def get(self, key: Any) -> Any:
        return self._dict.get(key)

    def pop(self, key: Any) -> Any:
        value = self._dict.pop(key)
        self._save(self._dict)
        return value
