"""Read and write files so that an output appears whole or not at all, and name contents by their SHA-256."""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import os
import shutil
import tempfile
import tomllib
from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO, Any, Literal, overload

from .errors import FileError, SchemaError


def read_text(path: str | Path, what: str) -> str:
    """Return the UTF-8 text of ``path``; ``what`` names its role in the message. Raises FileError."""
    path = Path(path)
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise FileError(f"{what} '{path}' does not exist; check the path.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise FileError(f"{what} '{path}' cannot be read as UTF-8 text ({error}).") from None


def read_toml(path: str | Path, what: str) -> dict[str, Any]:
    """Return the table of a TOML file. Raises FileError or SchemaError with the line of a syntax error."""
    try:
        return tomllib.loads(read_text(path, what))
    except tomllib.TOMLDecodeError as error:
        raise SchemaError(f"{what} '{path}' is not valid TOML: {error}.") from None


def read_json(path: str | Path, what: str) -> dict[str, Any]:
    """Return the object of a JSON file. Raises FileError, or SchemaError for bad JSON, NaN or Infinity."""

    def refuse_constant(name: str) -> float:
        raise SchemaError(f"{what} '{path}' holds {name}, which is not JSON; give a finite number or null.")

    try:
        value = json.loads(read_text(path, what), parse_constant=refuse_constant)
    except json.JSONDecodeError as error:
        raise SchemaError(f"{what} '{path}' is not valid JSON: {error}.") from None
    if not isinstance(value, dict):
        raise SchemaError(f"{what} '{path}' must hold a JSON object, not a {type(value).__name__}.")
    return value


@overload
def whole_file(path: str | Path, mode: Literal["w"] = "w") -> AbstractContextManager[IO[str]]: ...


@overload
def whole_file(path: str | Path, mode: Literal["wb"]) -> AbstractContextManager[IO[bytes]]: ...


@contextlib.contextmanager
def whole_file(path: str | Path, mode: Literal["w", "wb"] = "w") -> Iterator[IO[Any]]:
    """Open a temporary file beside ``path`` and rename it to ``path`` when the block ends without an error.

    Text (``w``) is written as UTF-8 with the line ends it has, bytes (``wb``) as they are. Missing folders are made.
    Raises FileError where no file can be made; whatever the block raises leaves no file and the old one as it was.
    """
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise FileError(f"'{path}' cannot be written ({error.strerror}); choose another folder.") from None
    try:
        with os.fdopen(handle, "wb") if mode == "wb" else os.fdopen(handle, "w", encoding="utf-8", newline="") as f:
            yield f
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


@contextlib.contextmanager
def whole_folder(path: str | Path, marker: str, contents: Collection[str]) -> Iterator[Path]:
    """Yield a temporary folder beside ``path`` that takes its place when the block ends without an error.

    An existing ``path`` is replaced when it is empty, or holds the file ``marker`` and beside ``contents``, the names
    that this program writes there, nothing but hidden files; nothing of the user's is overwritten. Raises FileError for
    another folder, and where none can be made or replaced; whatever the block raises leaves the old one as it was.
    """
    out = Path(path).resolve()
    if out.exists() and not (out.is_dir() and ((out / marker).is_file() or not any(out.iterdir()))):
        raise FileError(f"'{out}' exists and is no earlier result of this command; choose another folder.")
    # Hidden files are those that file managers leave.
    others = sorted(item.name for item in out.iterdir() if item.name not in contents and item.name[0] != ".") \
        if out.exists() else []
    if others:
        raise FileError(f"'{out}' holds something else beside an earlier result ({', '.join(others[:3])}); move it "
                        "away, or choose another folder.")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}."))
    except OSError as error:
        raise FileError(f"'{out}' cannot be written ({error.strerror}); choose another folder.") from None
    try:
        yield temporary
        temporary.chmod(0o755)
        _take_place(temporary, out)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise


def _take_place(finished: Path, out: Path) -> None:
    """Rename ``finished`` to ``out``; an earlier folder there goes only when that has been done."""
    aside = finished.with_name(f"{finished.name}.earlier")
    try:
        if out.exists():
            out.rename(aside)
        finished.rename(out)
    except BaseException as error:
        if aside.exists() and not out.exists():
            aside.rename(out)
        if isinstance(error, OSError):
            raise FileError(f"'{out}' cannot be replaced ({error.strerror}); close what is open of it, or choose "
                            "another folder.") from None
        raise
    shutil.rmtree(aside, ignore_errors=True)


def write_json(path: str | Path, value: object) -> None:
    """Write a JSON-able ``value`` as indented UTF-8 JSON with a final newline, whole or not at all.

    Raises ValueError for NaN and Infinity, FileError when the file cannot be written.
    """
    text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    with whole_file(path) as f:
        f.write(text)


def sha256_file(path: str | Path) -> str:
    """Return the SHA-256 of a file's bytes as 64 hexadecimal digits. Raises OSError for a file that cannot be read."""
    with Path(path).open("rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()


def content_hash(value: object) -> str:
    """Return the SHA-256 of a JSON-able value, independent of key order and of 1 being written as 1.0.

    Tuples count as lists. Raises ValueError for NaN and Infinity, TypeError for what JSON does not have.
    """

    def canonical(item: object) -> object:
        if isinstance(item, dict):
            return {str(key): canonical(item[key]) for key in sorted(item)}
        if isinstance(item, list | tuple):
            return [canonical(element) for element in item]
        if isinstance(item, int) and not isinstance(item, bool):
            return float(item)
        if isinstance(item, float) and not math.isfinite(item):
            raise ValueError(f"{item} cannot be hashed")
        return item

    text = json.dumps(canonical(value), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()
