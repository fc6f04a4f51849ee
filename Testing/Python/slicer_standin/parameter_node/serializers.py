"""Parameters as strings and node references in a vtkMRMLScriptedModuleNode, in the layout Slicer writes."""

from __future__ import annotations

import enum
import pathlib
import typing
from typing import Any

import slicer

from .annotations import Default, IsInstance, IsNone, NotNone, Validator, split
from .observed import ObservedDict, ObservedList

_PATHS = (pathlib.Path, pathlib.PosixPath, pathlib.WindowsPath, pathlib.PurePath, pathlib.PurePosixPath,
          pathlib.PureWindowsPath)


class Serializer:
    """Writes, reads and removes a value under a name; base of those for single strings."""

    validators: tuple[Validator, ...] = ()

    def __init__(self, kind: Any = None):
        self.kind = kind

    def validate(self, value: Any) -> None:
        for validator in self.validators:
            validator.validate(value)

    def default(self) -> Any:
        return self.kind()

    def accepts(self, value: Any) -> bool:
        """Whether a value of a union is for this serializer."""
        return isinstance(value, self.kind)

    def text(self, value: Any) -> str:
        return str(value)

    def value(self, text: str) -> Any:
        return self.kind(text)

    def is_in(self, node: Any, name: str) -> bool:
        return bool(node.HasParameter(name))

    def write(self, node: Any, name: str, value: Any) -> None:
        self.validate(value)
        node.SetParameter(name, self.text(value))

    def read(self, node: Any, name: str) -> Any:
        return self.value(node.GetParameter(name))

    def remove(self, node: Any, name: str) -> None:
        node.UnsetParameter(name)


class _Number(Serializer):
    def __init__(self, kind: type):
        super().__init__(kind)
        self.validators = (NotNone(), IsInstance((int, float) if kind is float else int))

    def accepts(self, value: Any) -> bool:
        return type(value) is self.kind


class _Text(Serializer):
    def __init__(self, kind: type):
        super().__init__(kind)
        self.validators = (NotNone(), IsInstance(kind))


class _Bool(_Text):
    def value(self, text: str) -> bool:
        return text == "True"

    def text(self, value: bool) -> str:
        return "True" if value else "False"


class _Enum(_Text):
    def __init__(self, kind: type[enum.Enum]):
        Serializer.__init__(self, kind)
        self.validators = (IsInstance(kind),)

    def default(self) -> enum.Enum:
        return next(iter(self.kind))

    def text(self, value: enum.Enum) -> str:
        return value.name

    def value(self, text: str) -> enum.Enum:
        try:
            return self.kind[text]
        except KeyError:
            raise ValueError(f"Found '{text}' in parameter node but it is not a name in {self.kind!r}") from None


class _None(Serializer):
    validators = (IsNone(),)

    def accepts(self, value: Any) -> bool:
        return value is None

    def default(self) -> None:
        return None

    def text(self, value: Any) -> str:
        return "True"

    def value(self, text: str) -> None:
        return None


class _Node(Serializer):
    def __init__(self, kind: type):
        super().__init__(kind)
        self.validators = (IsInstance(kind),)

    def default(self) -> None:
        return None

    def write(self, node: Any, name: str, value: Any) -> None:
        self.validate(value)
        node.SetParameter(name, "")
        node.SetNodeReferenceID(name, value.GetID() if value is not None else None)

    def read(self, node: Any, name: str) -> Any:
        return node.GetNodeReference(name)

    def remove(self, node: Any, name: str) -> None:
        node.UnsetParameter(name)
        node.RemoveNodeReferenceIDs(name)


class _List(Serializer):
    def __init__(self, element: Serializer):
        super().__init__(list)
        self._element = element

    def is_in(self, node: Any, name: str) -> bool:
        return bool(node.HasParameter(f"{name}.len"))

    def _length(self, node: Any, name: str) -> int:
        return int(node.GetParameter(f"{name}.len")) if self.is_in(node, name) else 0

    def write(self, node: Any, name: str, value: Any) -> None:
        self.validate(value)
        value = list(value)
        for item in value:
            self._element.validate(item)
        with slicer.util.NodeModify(node):
            before = self._length(node, name)
            for index, item in enumerate(value):
                self._element.write(node, f"{name}.{index}", item)
            node.SetParameter(f"{name}.len", str(len(value)))
            for index in range(len(value), before):
                self._element.remove(node, f"{name}.{index}")

    def _items(self, node: Any, name: str) -> list[Any]:
        return [self._element.read(node, f"{name}.{index}") for index in range(self._length(node, name))]

    def read(self, node: Any, name: str) -> Any:
        return ObservedList(self._items(node, name), lambda value: self.write(node, name, value),
                            lambda: self._items(node, name))

    def remove(self, node: Any, name: str) -> None:
        with slicer.util.NodeModify(node):
            for index in range(self._length(node, name)):
                self._element.remove(node, f"{name}.{index}")
            node.UnsetParameter(f"{name}.len")


class _Tuple(Serializer):
    def __init__(self, parts: list[Serializer]):
        super().__init__(tuple)
        self._parts = parts

    def default(self) -> Any:
        # Slicer's is a generator: used up by the first parameter node, the second fails ('Unexpected number ...').
        raise TypeError("a tuple parameter needs a default: Slicer's own can be used only once")

    def validate(self, value: Any) -> None:
        super().validate(value)
        if len(value) != len(self._parts):
            raise ValueError("Unexpected number of tuple values")
        for part, item in zip(self._parts, value, strict=True):
            part.validate(item)

    def is_in(self, node: Any, name: str) -> bool:
        return self._parts[0].is_in(node, f"{name}.0")

    def write(self, node: Any, name: str, value: Any) -> None:
        self.validate(value)
        with slicer.util.NodeModify(node):
            for index, (part, item) in enumerate(zip(self._parts, value, strict=True)):
                part.write(node, f"{name}.{index}", item)

    def read(self, node: Any, name: str) -> tuple[Any, ...]:
        return tuple(part.read(node, f"{name}.{index}") for index, part in enumerate(self._parts))

    def remove(self, node: Any, name: str) -> None:
        with slicer.util.NodeModify(node):
            for index, part in enumerate(self._parts):
                part.remove(node, f"{name}.{index}")


class _Dict(_List):
    """A list of (key, value)."""

    def __init__(self, key: Serializer, value: Serializer):
        super().__init__(_Tuple([key, value]))
        self.kind = dict

    def write(self, node: Any, name: str, value: Any) -> None:
        super().write(node, name, value.items())

    def read(self, node: Any, name: str) -> Any:
        return ObservedDict(dict(self._items(node, name)), lambda value: self.write(node, name, value),
                            lambda: dict(self._items(node, name)))


class _Union(Serializer):
    def __init__(self, parts: list[Serializer]):
        super().__init__()
        self._parts = parts

    def default(self) -> Any:
        optional = len(self._parts) == 2 and isinstance(self._parts[1], _None)
        return None if optional else self._parts[0].default()

    def accepts(self, value: Any) -> bool:
        return any(part.accepts(value) for part in self._parts)

    def is_in(self, node: Any, name: str) -> bool:
        return any(part.is_in(node, f"{name}.{index}") for index, part in enumerate(self._parts))

    def write(self, node: Any, name: str, value: Any) -> None:
        self.validate(value)
        fits = [(index, part) for index, part in enumerate(self._parts) if part.accepts(value)]
        if not fits:
            raise TypeError(f"Unable to write value '{value}' of type '{type(value)}'")
        index, part = fits[0]
        part.validate(value)
        with slicer.util.NodeModify(node):
            self.remove(node, name)
            part.write(node, f"{name}.{index}", value)

    def read(self, node: Any, name: str) -> Any:
        for index, part in enumerate(self._parts):
            if part.is_in(node, f"{name}.{index}"):
                return part.read(node, f"{name}.{index}")
        raise KeyError(f"Unable to find value for name: {name}")

    def remove(self, node: Any, name: str) -> None:
        for index, part in enumerate(self._parts):
            part.remove(node, f"{name}.{index}")


def make(annotated: Any) -> tuple[Serializer, Default | None]:
    """Return the serializer of a (possibly annotated) type and its annotated default. Raises TypeError."""
    kind, annotations = split(annotated)
    serializer = _make(kind)
    serializer.validators += tuple(item for item in annotations if isinstance(item, Validator) or (
        isinstance(item, type) and issubclass(item, Validator)))
    defaults = [item for item in annotations if isinstance(item, Default)]
    if len(defaults) > 1:
        raise TypeError("Multiple defaults found")
    return serializer, defaults[0] if defaults else None


def _make(kind: Any) -> Serializer:
    origin, args = typing.get_origin(kind), typing.get_args(kind)
    simple = {int: _Number, float: _Number, str: _Text, bool: _Bool}
    if kind in simple:
        return simple[kind](kind)
    if kind is type(None):
        return _None()
    if kind in _PATHS:
        return _Text(kind)
    if hasattr(kind, "_si_pack"):
        return kind._si_pack(kind)
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return _Enum(kind)
    if isinstance(kind, type) and issubclass(kind, slicer.vtkMRMLNode):
        return _Node(kind)
    if origin is list and len(args) == 1:
        return _List(make(args[0])[0])
    if origin is tuple and args:
        return _Tuple([make(arg)[0] for arg in args])
    if origin is dict and len(args) == 2:
        return _Dict(make(args[0])[0], make(args[1])[0])
    if origin is typing.Union:
        return _Union([make(arg)[0] for arg in args])
    raise TypeError(f"Unable to create serializer for type: {kind} (untyped containers and typing.Any exist in Slicer, "
                    "but not in the stand-in)")
