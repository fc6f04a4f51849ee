"""Length-prefixed messages over pipes: a JSON header and the raw bytes of numeric arrays; nothing is unpickled.

A message is the line ``RPW1 <bytes of header> <bytes of arrays>``, the header in ASCII JSON, then the arrays in the
order of the header's ``arrays``. Without arrays a message is plain ASCII, so a launcher that copies its program's
output as text cannot damage it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import IO, Any

import numpy as np

_MAGIC = b"RPW1"

#: Larger headers or bodies are not ours: the parts of a CT around a tumour are far smaller.
_MAXIMUM_HEADER, _MAXIMUM_BODY = 1 << 24, 1 << 33

_DTYPES = ("|b1", "|u1", "|i1", "<u2", "<i2", "<u4", "<i4", "<u8", "<i8", "<f4", "<f8")

#: Arrays by name, as a message carries them.
Arrays = dict[str, np.ndarray]


class BadMessage(Exception):
    """The bytes on the pipe are not a message of this protocol."""


def write_message(stream: IO[bytes], header: Mapping[str, Any],
                  arrays: Mapping[str, np.ndarray] | None = None) -> None:
    """Write one message and flush; numeric arrays of any shape are written little-endian in C order.

    ``header`` is JSON-able and has no key ``arrays``. Raises OSError when nobody reads any more, ValueError for NaN or
    Infinity in the header.
    """
    blocks = {}
    for name, array in (arrays or {}).items():
        blocks[name] = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
    listing = [[name, block.dtype.str, list(block.shape)] for name, block in blocks.items()]
    text = json.dumps({**header, "arrays": listing}, allow_nan=False).encode("ascii")
    stream.write(b"%s %d %d\n" % (_MAGIC, len(text), sum(block.nbytes for block in blocks.values())))
    stream.write(text)
    for block in blocks.values():
        stream.write(block.tobytes())
    stream.flush()


def read_message(stream: IO[bytes]) -> tuple[dict[str, Any], Arrays] | None:
    """Return (header, arrays) of the next message, or None at the end of the stream; arrays are read-only.

    Raises BadMessage for bytes that are no message, OSError when the stream cannot be read.
    """
    line = stream.readline(64)
    if not line:
        return None
    try:
        magic, header_size, body_size = line.split()
        sizes = int(header_size), int(body_size)
    except ValueError:
        raise BadMessage(f"not the start of a message: {line!r}") from None
    if magic != _MAGIC or not 0 < sizes[0] <= _MAXIMUM_HEADER or not 0 <= sizes[1] <= _MAXIMUM_BODY:
        raise BadMessage(f"not the start of a message: {line!r}")
    try:
        header = json.loads(_read_exactly(stream, sizes[0]))
    except ValueError as error:
        raise BadMessage(f"bad header: {error}") from None
    if not isinstance(header, dict) or "arrays" not in header:
        raise BadMessage("bad header: it does not list the arrays")
    listing = header.pop("arrays")
    return header, _split(_read_exactly(stream, sizes[1]), listing)


def _read_exactly(stream: IO[bytes], size: int) -> bytes:
    data = stream.read(size)
    if len(data) != size:
        raise BadMessage(f"message ends after {len(data)} of {size} bytes")
    return data


def _split(body: bytes, listing: Any) -> Arrays:
    arrays, offset = {}, 0
    try:
        for name, dtype, shape in listing:
            if dtype not in _DTYPES or not all(isinstance(n, int) and n >= 0 for n in shape):
                raise BadMessage(f"array '{name}' has type {dtype} and shape {shape}")
            count = math.prod(shape)
            arrays[name] = np.frombuffer(body, np.dtype(dtype), count, offset).reshape(shape)
            offset += arrays[name].nbytes
    except (TypeError, ValueError) as error:
        raise BadMessage(f"bad arrays: {error}") from None
    if offset != len(body):
        raise BadMessage(f"arrays take {offset} of {len(body)} bytes")
    return arrays
