"""Gives PySide6's classes the manners of PythonQt: properties are attributes, string signals are checked, typos raise.

PythonQt (src/PythonQtInstanceWrapper.cpp, PythonQtClassInfo.cpp, PythonQtSignalReceiver.cpp of MeVisLab/pythonqt) looks
a name up among the properties before the methods, so ``label.text`` is a str and ``label.text()`` an error; it refuses
attributes the C++ object does not have; it takes signals by signature. PySide6's own classes are changed in place,
since Qt hands out objects (layouts, view ports, children) that come from no wrapper of ours.
"""

from __future__ import annotations

import contextlib
import inspect
import types
from collections.abc import Callable
from typing import Any

import shiboken6
from PySide6 import QtCore

from .qtnames import QT6_ONLY

_PROPERTY_TYPES = {"bool": (bool, int), "int": (int, float), "double": (int, float), "QString": (str,),
                   "QStringList": (list, tuple)}

_raw_property = QtCore.QObject.property
_raw_set_property = QtCore.QObject.setProperty
_raw_emit = QtCore.QObject.emit
_raw_connect = QtCore.QObject.connect
_raw_disconnect = QtCore.QObject.disconnect
_raw_setattr = shiboken6.Shiboken.Object.__setattr__

#: Properties read by a virtual function of the same name.
_VIRTUAL = ("sizeHint", "minimumSizeHint")

_asking: set[tuple[int, str]] = set()

_loading: list[bool] = []

_adapted: set[type] = set()

_REFUSED_NAMES = frozenset(name for names in QT6_ONLY.values() for name in names.split())

#: Connections by address of the sender: (signature, callable as given, connection).
_connections: dict[int, list[tuple[str, Callable, Any]]] = {}


class PropertyMember:
    """A Qt property; reached through the class it is what PySide6 has there (static methods of the same name)."""

    def __init__(self, meta: QtCore.QMetaProperty, behind: Any):
        self.name, self._behind, self._strings = meta.name(), behind, meta.typeName() == "QStringList"

    def __get__(self, instance: QtCore.QObject | None, owner: type) -> Any:
        if instance is not None:
            if self.name in _VIRTUAL:
                return self._virtual(instance)
            value = _raw_property(instance, self.name)
            return tuple(value) if self._strings else value
        if self._behind is None:
            return self
        return self._behind.__get__(None, owner) if hasattr(self._behind, "__get__") else self._behind

    def _virtual(self, instance: QtCore.QObject) -> Any:
        # PySide6 asks here for a Python method that overrides the C++ one: there is none while we are asking C++.
        key = (shiboken6.getCppPointer(instance)[0], self.name)
        if key in _asking:
            return None
        _asking.add(key)
        try:
            return _raw_property(instance, self.name)
        finally:
            _asking.discard(key)

    def __set__(self, instance: QtCore.QObject, value: Any) -> None:
        write_property(instance, self.name, value)


def write_property(instance: QtCore.QObject, name: str, value: Any) -> None:
    """Set a property as PythonQt does. Raises AttributeError for a read-only one and for a value of another type."""
    meta = instance.metaObject().property(instance.metaObject().indexOfProperty(name))
    kind = meta.typeName()
    if not meta.isWritable():
        raise AttributeError(f"Property '{name}' of {type(instance).__name__} object is not writable")
    expected = _PROPERTY_TYPES.get(kind)
    if value is None or (expected and not isinstance(value, expected)):
        raise AttributeError(f"Property '{name}' of type '{kind}' does not accept an object of type "
                             f"{type(value).__name__} ({value!r})")
    convert = {"bool": bool, "int": int, "QStringList": list}.get(kind)
    if convert is not None:
        value = convert(value)
    if not _raw_set_property(instance, name, value):
        raise AttributeError(f"Property '{name}' of type '{kind}' does not accept {value!r}")


class SignalMember:
    """A signal of a class."""

    def __init__(self, signal: QtCore.Signal, name: str):
        self._signal, self._name = signal, name

    def __get__(self, instance: QtCore.QObject | None, owner: type) -> Any:
        return self if instance is None else BoundSignal(instance, self._name, self._signal.__get__(instance, owner))

    def __set__(self, instance: QtCore.QObject, value: Any) -> None:
        # PySide6 itself stores a bound signal in the instance; everybody else is refused.
        if type(value) is not QtCore.SignalInstance:
            raise AttributeError(f"Signal '{self._name}' can not be overwritten on {type(instance).__name__} object")


class BoundSignal:
    """``widget.clicked``: PythonQt gives it connect, disconnect and emit, and emits when it is called."""

    def __init__(self, sender: QtCore.QObject, name: str, instance: QtCore.SignalInstance):
        self._sender, self._name, self._instance = sender, name, instance

    def _signatures(self) -> list[str]:
        """The one with all arguments stands before its copies without defaults."""
        meta = self._sender.metaObject()
        methods = [meta.method(index) for index in range(meta.methodCount())]
        return [bytes(method.methodSignature()).decode() for method in methods
                if bytes(method.name()).decode() == self._name
                and method.methodType() == QtCore.QMetaMethod.MethodType.Signal]

    def connect(self, receiver: Callable) -> bool:
        return _make_connection(self._sender, self._signatures()[0], receiver)

    def disconnect(self, receiver: Callable | None = None) -> bool:
        return _undo_connections(self._sender, self._signatures()[0], receiver)

    def emit(self, *args: Any) -> None:
        signatures = self._signatures()
        if len(signatures) == 1:
            self._instance.emit(*args)
            return
        fitting = [text for text in signatures if len(args) == (text.count(",") + 1 if "()" not in text else 0)]
        if not fitting:
            raise ValueError(f"Called {self._name} with wrong number of arguments, not one of {', '.join(signatures)}")
        _raw_emit(self._sender, QtCore.SIGNAL(fitting[0]), *args)

    __call__ = emit


class Refused:
    """A name PySide6 has and real Slicer's PythonQt does not have in both Qt 5.15 and Qt 6."""

    def __init__(self, name: str, why: str):
        self._text = f"'{name}' {why}"

    def __get__(self, instance: Any, owner: type) -> Any:
        raise AttributeError(f"{owner.__name__} has no attribute {self._text}")

    def __set__(self, instance: Any, value: Any) -> None:
        raise AttributeError(f"{type(instance).__name__} has no attribute {self._text}")


def adapt(cls: type) -> type:
    """Give ``cls`` and its Qt bases PythonQt's manners; returns ``cls``."""
    for base in reversed(cls.__mro__):
        if base in _adapted or not issubclass(base, shiboken6.Shiboken.Object) or base is shiboken6.Shiboken.Object:
            continue
        _adapted.add(base)
        if issubclass(base, QtCore.QObject):
            _adapt_members(base)
            base.__getattr__ = _getattr
            if "__getattribute__" in vars(base) or base is QtCore.QObject:
                base.__getattribute__ = _getattribute(base.__getattribute__)
        for name in QT6_ONLY.get(base.__name__, "").split():
            if name in vars(base):
                setattr(base, name, Refused(name, "that is the same in Qt 5.15 and in Qt 6"))
        if "__setattr__" not in vars(base) or base.__module__.startswith("PySide6"):
            base.__setattr__ = _setattr
    return cls


def native(cls: type) -> type:
    """Class decorator: this Python class stands for a C++ class, so its instances refuse unknown attributes."""
    cls._si_native = cls
    return adapt(cls)


def _adapt_members(cls: type) -> None:
    for name, member in list(vars(cls).items()):
        # Not isinstance: PySide6 6.12 loses a reference to False at each, which Python 3.11 does not survive.
        if type(member) is QtCore.Signal:
            setattr(cls, name, SignalMember(member, name))
    meta = cls.staticMetaObject
    for index in range(meta.propertyCount()):
        described = meta.property(index)
        name = described.name()
        # Derived classes may bring a getter of their own (QBoxLayout.spacing); a Python override stays a method.
        if index < meta.propertyOffset() and not inspect.ismethoddescriptor(vars(cls).get(name)):
            continue
        # PythonQt leaves out this property in favour of the static function.
        if (cls.__name__, name) == ("QTimer", "singleShot"):
            continue
        behind = vars(cls).get(name)
        if type(behind) is QtCore.Property:
            continue  # a stand-in's own property already is an attribute
        if behind is None:
            behind = inspect.getattr_static(cls, name, None)
        setattr(cls, name, PropertyMember(described, behind))
    if cls is QtCore.QObject:
        cls.name = property(lambda self: self.objectName, lambda self, value: setattr(self, "objectName", value))
        cls.className = lambda self: self.metaObject().className()


def _is_native(cls: type) -> bool:
    return cls.__module__.startswith("PySide6") or vars(cls).get("_si_native") is cls


def _getattribute(behind: Callable) -> Callable:
    # PySide6 answers for methods that are static as well before it looks into the class.
    def getattribute(self: QtCore.QObject, name: str) -> Any:
        if name in ("connect", "disconnect"):
            return types.MethodType(connect if name == "connect" else disconnect, self)
        if name in _REFUSED_NAMES:
            member = inspect.getattr_static(type(self), name, None)
            if isinstance(member, Refused):
                member.__get__(self, type(self))
        return behind(self, name)
    return getattribute


def _getattr(self: QtCore.QObject, name: str) -> Any:
    if not name.startswith("_"):
        value = _raw_property(self, name)
        if value is not None:
            return value
    raise AttributeError(f"{type(self).__name__} has no attribute named '{name}'")


def _setattr(self: Any, name: str, value: Any) -> None:
    cls = type(self)
    member = inspect.getattr_static(cls, name, None)
    if isinstance(member, PropertyMember | SignalMember | property | Refused):
        member.__set__(self, value)
    elif type(member) is QtCore.Property:
        write_property(self, name, value)
    elif name.startswith("_si_") or inspect.isgetsetdescriptor(member) or not _is_native(cls):
        _raw_setattr(self, name, value)
    elif member is not None:
        raise AttributeError(f"Slot '{name}' can not be overwritten on {cls.__name__} object")
    elif _loading and isinstance(value, QtCore.QObject):
        return
    elif isinstance(self, QtCore.QObject) and _raw_property(self, name) is not None:
        _raw_set_property(self, name, value)
    else:
        raise AttributeError(f"'{name}' does not exist on {cls.__name__} and creating new attributes on C++ objects is "
                             "not allowed")


def signal_signature(sender: QtCore.QObject, signal: str) -> str:
    """Return the meta object's signature of ``signal``, written as in C++. Raises ValueError for an unknown one."""
    wanted = bytes(QtCore.QMetaObject.normalizedSignature(signal)).decode()
    for base in type(sender).__mro__:
        # Signals of stand-ins carry Python objects; here they are known by their C++ arguments.
        stands_for = vars(base).get("_si_signals", {}).get(wanted)
        if stands_for is not None:
            return stands_for
    known = inspect.getattr_static(type(sender), wanted.partition("(")[0], None)
    if isinstance(known, SignalMember) and "PyObject" not in wanted and sender.metaObject().indexOfSignal(wanted) >= 0:
        return wanted
    raise ValueError(f"signal '{signal}' does not exist on {sender.metaObject().className()}")


def connect(sender: QtCore.QObject, signal: str, receiver: Any, slot: str | None = None) -> bool:
    """PythonQt's QObject.connect: signal by signature, to a callable or to a slot of another object by signature.

    Real PythonQt prints an unknown signal and returns False; here it raises ValueError. The receiver is kept alive.
    """
    signature = signal_signature(sender, signal)
    return _make_connection(sender, signature, receiver if slot is None else _slot(receiver, slot))


def _make_connection(sender: QtCore.QObject, signature: str, receiver: Any) -> bool:
    if not callable(receiver):
        raise TypeError(f"cannot connect '{signature}' to {receiver!r}: it cannot be called")
    # A connection object speaks for itself at disconnect, whatever became of the adapter.
    connection = _raw_connect(sender, QtCore.SIGNAL(signature), _adapter(receiver))
    address = shiboken6.getCppPointer(sender)[0]
    if address not in _connections:
        _connections[address] = []
        _raw_connect(sender, QtCore.SIGNAL("destroyed()"), lambda: _connections.pop(address, None))
    _connections[address].append((signature, receiver, connection))
    return True


def disconnect(sender: QtCore.QObject, signal: str, receiver: Any = None, slot: str | None = None) -> bool:
    """Undo :func:`connect`; without a receiver, of all callables. Returns whether there was a connection."""
    signature = signal_signature(sender, signal)
    return _undo_connections(sender, signature, receiver if slot is None else _slot(receiver, slot))


def _undo_connections(sender: QtCore.QObject, signature: str, receiver: Any) -> bool:
    entries = _connections.get(shiboken6.getCppPointer(sender)[0], [])
    matching = [entry for entry in entries if entry[0] == signature and (receiver is None or entry[1] == receiver)]
    for entry in matching[:1] if receiver is not None else matching:
        _raw_disconnect(entry[2])
        entries.remove(entry)
    return bool(matching)


def _slot(receiver: QtCore.QObject, slot: str) -> Callable:
    signature = bytes(QtCore.QMetaObject.normalizedSignature(slot)).decode()
    method = getattr(receiver, signature.partition("(")[0], None)
    # Stand-ins show their slots as Python methods; Qt's own classes tell slots from other methods.
    of_qt = type(receiver).__module__.startswith("PySide6")
    if not callable(method) or (of_qt and receiver.metaObject().indexOfMethod(signature) < 0):
        raise ValueError(f"slot '{slot}' does not exist on {type(receiver).__name__}")
    return method


def _adapter(receiver: Callable) -> Callable:
    """Return a function for Qt to call that gives ``receiver`` as many arguments as PythonQt would."""
    function = getattr(receiver, "__func__", receiver)
    code = getattr(function, "__code__", None)
    if code is None or code.co_flags & inspect.CO_VARARGS:
        return lambda *args: receiver(*args)
    wanted = code.co_argcount - (1 if inspect.ismethod(receiver) else 0)
    return lambda *args: receiver(*args[:wanted])


@contextlib.contextmanager
def loading():
    """While a .ui file is read: PySide6 makes the children attributes of the root, which PythonQt does not."""
    _loading.append(True)
    try:
        yield
    finally:
        _loading.pop()


@contextlib.contextmanager
def blocked(widget: QtCore.QObject):
    """Keep ``widget`` from emitting signals."""
    before = widget.blockSignals(True)
    try:
        yield
    finally:
        widget.blockSignals(before)
