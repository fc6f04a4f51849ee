"""``python -m RadiomicsPrognosisLib.features.deep.child``: the network's process, over its standard input and output.

It ends when its standard input does, and, should a library keep Python from noticing, when a request has taken longer
than it may: the process that started it may have died.
"""

from __future__ import annotations

import contextlib
import faulthandler
import os
import queue
import sys
import threading
import traceback
from typing import IO, TYPE_CHECKING, Any

from ...errors import InputError
from ...processes.messages import Arrays, BadMessage, read_message, write_message
from ...processes.streams import private_output

if TYPE_CHECKING:
    from .network import Network

#: How much longer (s) than a request may take the process waits to be ended by the one that started it.
_GRACE_S = 10.0

#: A message received: its header and its arrays.
Message = tuple[dict[str, Any], Arrays]


def main() -> None:
    """Serve patches until the caller closes the pipe. Raises BadMessage when its greeting is none."""
    out = private_output()
    message = read_message(sys.stdin.buffer)
    if message is None:
        return
    greeting, _ = message
    sys.path.extend(path for path in greeting["paths"] if path not in sys.path)
    _limit(int(greeting["gigabytes"] * 2**30))
    inbox: queue.SimpleQueue[Message] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(sys.stdin.buffer, inbox), daemon=True).start()
    server = _Server(out)
    while True:
        header, arrays = inbox.get()
        faulthandler.dump_traceback_later(2 * header["seconds"] + _GRACE_S, exit=True, file=sys.stderr)
        write_message(out, *server.reply(header, arrays))
        faulthandler.cancel_dump_traceback_later()


def _limit(memory: int) -> None:
    """Keep the process, where the platform can, within so many bytes of memory, and from writing what it held to disk.
    """
    if sys.platform != "win32":
        import resource

        for kind, most in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CORE, 0)):
            with contextlib.suppress(OSError, ValueError):  # macOS knows no limit of addresses
                resource.setrlimit(kind, (most, most))


def _read(stream: IO[bytes], inbox: queue.SimpleQueue[Message]) -> None:
    """Pass messages on; the end of the stream ends the process at once, in the middle of a run too."""
    code = 0
    try:
        while (message := read_message(stream)) is not None:
            inbox.put(message)
    except BadMessage as error:
        print(f"network: {error}", file=sys.stderr, flush=True)
        code = 1
    finally:
        os._exit(code)


class _Server:
    """Answers requests, keeping the last network loaded."""

    def __init__(self, out: IO[bytes]):
        self._out = out
        self._network: tuple[object, Network] | None = None

    def reply(self, header: dict[str, Any], arrays: Arrays) -> tuple[dict[str, Any], Arrays]:
        """Return header and arrays of the answer: features, refused (the input's fault), missing or fault (ours)."""
        try:
            values, version = self._features(header, arrays)
        except ImportError as error:
            return {"kind": "missing", "package": error.name or "onnxruntime", "details": str(error)}, {}
        except InputError as error:
            return {"kind": "refused", "code": error.code, "message": str(error)}, {}
        except MemoryError:
            return {"kind": "memory"}, {}
        except Exception:
            return {"kind": "fault", "details": traceback.format_exc()}, {}
        return {"kind": "features", "version": version}, {"values": values}

    def _features(self, header: dict[str, Any], arrays: Arrays) -> tuple[Any, str]:
        from .backbone import Wanted
        from .network import VERSION, Network

        wanted = Wanted(path=header["path"], sha256=header["sha256"], node=header["node"],
                        shape=tuple(arrays["patch"].shape))
        if self._network is None or self._network[0] != wanted:
            self._network = None  # before the next is loaded: both may be more than memory holds
            self._network = wanted, Network(wanted)
        write_message(self._out, {"kind": "loaded"})
        return self._network[1].features(arrays["patch"], header["pooling"], header["features"]), VERSION


if __name__ == "__main__":
    main()
