"""@parameterPack: several typed values under one name, and Slicer's FloatRange."""

from __future__ import annotations

import typing
from typing import Any

import slicer

from .annotations import IsInstance, NotNone
from .serializers import Serializer, make

_KEY = "_si_value_"


class _Pack(Serializer):
    """Stores each member as ``pack.member``."""

    def __init__(self, kind: type):
        super().__init__(kind)
        self.validators = (NotNone(), IsInstance(kind))

    def _members(self, name: str) -> list[tuple[str, str, Serializer]]:
        return [(member, f"{name}.{member}", part) for member, part in self.kind._si_members.items()]

    def is_in(self, node: Any, name: str) -> bool:
        return all(part.is_in(node, key) for _, key, part in self._members(name))

    def write(self, node: Any, name: str, value: Any) -> None:
        self.validate(value)
        with slicer.util.NodeModify(node):
            for member, key, part in self._members(name):
                part.write(node, key, vars(value)[_KEY + member])

    def read(self, node: Any, name: str) -> Any:
        pack = self.kind.__new__(self.kind)
        for member, key, part in self._members(name):
            vars(pack)[_KEY + member] = part.read(node, key)
        vars(pack)["_si_save"] = lambda: self.write(node, name, pack)
        return pack

    def remove(self, node: Any, name: str) -> None:
        for _, key, part in self._members(name):
            part.remove(node, key)


def _member(name: str) -> property:
    def write(self: Any, value: Any) -> None:
        self._si_members[name].validate(value)
        vars(self)[_KEY + name] = value
        vars(self).get("_si_save", lambda: None)()
    return property(lambda self: vars(self)[_KEY + name], write)


def parameterPack(classtype: type | None = None) -> Any:
    """Class decorator; members are the annotated names, each with its default."""
    return _process if classtype is None else _process(classtype)


def _process(cls: type) -> type:
    hints = typing.get_type_hints(cls, include_extras=True)
    if not hints:
        raise ValueError("Unable to find any members in parameterPack")
    members, defaults = {}, {}
    for name, hint in hints.items():
        members[name], default = make(hint)
        defaults[name] = getattr(cls, name) if hasattr(cls, name) else (
            default.value if default is not None else members[name].default())
        setattr(cls, name, _member(name))
    own_init = vars(cls).get("__init__")

    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        for name, value in defaults.items():
            setattr(self, name, value)
        if own_init is not None:
            own_init(self, *args, **kwargs)
            return
        for name, value in [*zip(members, args, strict=False), *kwargs.items()]:
            if name not in members:
                raise TypeError(f"__init__() got an unexpected keyword argument '{name}'")
            setattr(self, name, value)

    cls._si_pack, cls._si_members, cls._is_parameterPack, cls.__init__ = _Pack, members, True, init
    cls.__eq__ = lambda self, other: isinstance(other, cls) and all(
        getattr(self, name) == getattr(other, name) for name in members)
    cls.__hash__ = None
    if "__repr__" not in vars(cls):
        cls.__repr__ = lambda self: f"{cls.__name__}({', '.join(f'{n}={getattr(self, n)!r}' for n in members)})"
    cls.getValue = lambda self, name: get_dotted(self, name)
    cls.setValue = lambda self, name, value: set_dotted(self, name, value)
    cls.dataType = staticmethod(lambda name: data_type(hints, name))
    return cls


def get_dotted(pack: Any, name: str) -> Any:
    """Return ``pack.a.b`` for the name ``a.b``."""
    top, _, rest = name.partition(".")
    if not hasattr(pack, top):
        raise ValueError(f"{pack} has no member '{top}'")
    return get_dotted(getattr(pack, top), rest) if rest else getattr(pack, top)


def set_dotted(pack: Any, name: str, value: Any) -> None:
    """Set ``pack.a.b`` for the name ``a.b``."""
    holder, _, last = name.rpartition(".")
    target = get_dotted(pack, holder) if holder else pack
    if not hasattr(target, last):
        raise ValueError(f"{target} has no member '{last}'")
    setattr(target, last, value)


def data_type(hints: dict[str, Any], name: str) -> Any:
    """Return the annotated type of a member, by dotted name."""
    top, _, rest = name.partition(".")
    if top not in hints:
        raise ValueError(f"Cannot find a param with the given name: {top}; there are {', '.join(hints)}")
    if not rest:
        return hints[top]
    inner = typing.get_args(typing.Annotated[hints[top], None])[0]
    if not hasattr(inner, "_si_pack"):
        raise ValueError(f"{inner} is not a parameter pack but expects to have '{rest}'")
    return inner.dataType(rest)


@parameterPack
class FloatRange:
    """An interval with minimum <= maximum."""

    _minimum: float
    _maximum: float

    def __init__(self, minimum: float = 0, maximum: float = 0):
        self.setRange(minimum, maximum)

    def __repr__(self) -> str:
        return f"FloatRange(minimum={self.minimum}, maximum={self.maximum})"

    def setRange(self, minimum: float, maximum: float) -> None:
        if not minimum <= maximum:
            raise ValueError(f"FloatRange must have minimum <= maximum: {minimum} <= {maximum}")
        self._minimum, self._maximum = minimum, maximum

    @property
    def minimum(self) -> float:
        return self._minimum

    @minimum.setter
    def minimum(self, value: float) -> None:
        self.setRange(value, self.maximum)

    @property
    def maximum(self) -> float:
        return self._maximum

    @maximum.setter
    def maximum(self, value: float) -> None:
        self.setRange(self.minimum, value)
