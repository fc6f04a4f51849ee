"""The standard streams of a process that talks to its parent over them."""

from __future__ import annotations

import os
import sys
from typing import IO


def private_output() -> IO[bytes]:
    """Return the real standard output; whatever a library prints from here on goes to the error output."""
    handle = os.dup(1)
    os.dup2(2, 1)
    if sys.platform == "win32":
        import msvcrt

        msvcrt.setmode(handle, os.O_BINARY)
    return os.fdopen(handle, "wb")
