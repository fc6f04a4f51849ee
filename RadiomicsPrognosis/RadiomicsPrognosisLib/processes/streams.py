"""The standard streams of a process that talks to its parent over them."""

from __future__ import annotations

import os
import sys
from typing import IO, Any

from .messages import read_message


def private_output() -> IO[bytes]:
    """Return the real standard output; whatever a library prints from here on goes to the error output."""
    handle = os.dup(1)
    os.dup2(2, 1)
    if sys.platform == "win32":
        import msvcrt

        msvcrt.setmode(handle, os.O_BINARY)
    return os.fdopen(handle, "wb")


def greeted() -> tuple[IO[bytes], dict[str, Any]] | None:
    """Return the private output and the caller's greeting, having taken over its search path; None if it has gone.

    An extension's packages (SlicerRadiomics) are on that path and nowhere else. Raises BadMessage for no greeting.
    """
    out = private_output()
    message = read_message(sys.stdin.buffer)
    if message is None:
        return None
    sys.path.extend(path for path in message[0]["paths"] if path not in sys.path)
    return out, message[0]
