"""The options by which a program runs a command, reads its messages and ends it."""

from __future__ import annotations

import _thread
import argparse
import os
import signal
import threading

#: The option that asks for JSON lines; known before the command line is parsed, so that its errors come as lines too.
JSON_LINES = "--json-lines"


def add_program_options(parser: argparse.ArgumentParser) -> None:
    """Add the options for programs; ``options.reporter`` then writes lines, and the command heeds the other one.

    For that it calls ``cancel_when_ended(options.end_with_input)`` before its work.
    """
    parser.add_argument("--end-with-input", action="store_true",
                        help="cancel when standard input ends, as it does with the program that started this one")
    parser.add_argument(JSON_LINES, action="store_true",
                        help="for programs: write progress, and at the end the result or an error, to standard output "
                             "as JSON objects, one a line, and nothing else there")


def cancel_when_ended(with_input: bool = False) -> None:
    """Let whoever started this process end it: that cancels as Ctrl-C does, and leaves no half-written folder."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    if with_input:
        threading.Thread(target=_interrupt_at_end_of_input, daemon=True).start()


def _interrupt_at_end_of_input() -> None:
    """Windows has no SIGTERM to send, and a launcher may not pass one on; a closed pipe reaches this process."""
    # Not by sys.stdin, whose lock a thread still reading would hold while the interpreter ends.
    while os.read(0, 4096):
        pass
    # SIGTERM has a handler for certain: SIGINT may be ignored, as what a script starts in the background inherits it.
    _thread.interrupt_main(signal.SIGTERM)
