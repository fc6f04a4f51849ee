"""What may stand in Annotated[...] of a parameter: validators, a default, hints for widgets."""

from __future__ import annotations

import abc
import dataclasses
import types
import typing
from collections.abc import Callable, Iterable
from typing import Any


class Validator(abc.ABC):
    """Refuses values that must not be stored."""

    @abc.abstractmethod
    def validate(self, value: Any) -> None:
        """Raise ValueError (or TypeError) if ``value`` must not be stored."""


class NotNone(Validator):
    """None is refused."""

    def validate(self, value: Any) -> None:
        if value is None:
            raise ValueError("Value must not be None")


class IsNone(Validator):
    """Everything but None is refused."""

    def validate(self, value: Any) -> None:
        if value is not None:
            raise ValueError("Value must be None")


class IsInstance(Validator):
    """Values of other classes are refused; None passes."""

    def __init__(self, classtype: type | tuple[type, ...]):
        self.classtype = classtype

    def validate(self, value: Any) -> None:
        if value is not None and not isinstance(value, self.classtype):
            raise TypeError(f"Value must be of type '{self.classtype}', is type '{type(value)}' value '{value}'")


class WithinRange(Validator):
    """Values outside a closed interval are refused."""

    def __init__(self, minimum: float, maximum: float):
        self.minimum, self.maximum = minimum, maximum

    def validate(self, value: Any) -> None:
        if not self.minimum <= value <= self.maximum:
            raise ValueError(f"Value must be within range [{self.minimum}, {self.maximum}], is {value}")


class Minimum(Validator):
    """Smaller values are refused."""

    def __init__(self, minimum: float):
        self.minimum = minimum

    def validate(self, value: Any) -> None:
        if value < self.minimum:
            raise ValueError(f"Value must not be less than {self.minimum}, is {value}")


class Maximum(Validator):
    """Greater values are refused."""

    def __init__(self, maximum: float):
        self.maximum = maximum

    def validate(self, value: Any) -> None:
        if value > self.maximum:
            raise ValueError(f"Value must not be greater than {self.maximum}, is {value}")


class Choice(Validator):
    """Only the listed values pass."""

    def __init__(self, choices: Iterable[Any]):
        self.choices = choices

    def validate(self, value: Any) -> None:
        if value not in self.choices:
            raise ValueError(f"Value is {value}, but must be one of {self.choices}")


class Exclude(Validator):
    """The listed values are refused."""

    def __init__(self, excludedValues: Iterable[Any]):
        self.excludedValues = excludedValues

    def validate(self, value: Any) -> None:
        if value in self.excludedValues:
            raise ValueError(f"Value is {value}, but must not be one of {self.excludedValues}")


class RangeBounds(Validator):
    """A FloatRange outside a closed interval is refused."""

    def __init__(self, minimum: float, maximum: float):
        self.minimum, self.maximum = minimum, maximum

    def validate(self, value: Any) -> None:
        # As in Slicer: the lower end is held against the lower bound, the upper against the upper.
        if not (self.minimum <= value.minimum and value.maximum <= self.maximum):
            raise ValueError(f"Range must be within [{self.minimum}, {self.maximum}], is {value}")


class Default:
    """The value a parameter starts with; ``generator`` makes a new one each time."""

    def __init__(self, value: Any = None, *, generator: Callable[[], Any] | None = None):
        self._value, self._generator = value, generator

    @property
    def value(self) -> Any:
        return self._generator() if self._generator else self._value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Default) and (self._value, self._generator) == (other._value, other._generator)

    __hash__ = None


@dataclasses.dataclass
class Decimals:
    """Decimals shown by a spin box or slider."""

    value: int


@dataclasses.dataclass
class SingleStep:
    """Step of a spin box or slider."""

    value: float


def split(annotated: Any) -> tuple[Any, tuple[Any, ...]]:
    """Return the type and its annotations; ``A | B`` comes back as Union[A, B]."""
    args = typing.get_args(typing.Annotated[annotated, None])
    kind = args[0]
    if isinstance(kind, types.UnionType):
        kind = typing.Union[typing.get_args(kind)]  # noqa: UP007 - the one spelling get_origin() knows
    return kind, args[1:-1]


def first(annotations: tuple[Any, ...], kind: type) -> Any:
    """Return the first annotation of a class, or None."""
    return next((item for item in annotations if isinstance(item, kind)), None)
