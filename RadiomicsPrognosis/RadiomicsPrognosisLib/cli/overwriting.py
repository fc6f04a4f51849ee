"""Ask before a command's results take the place of others: ``--force``."""

from __future__ import annotations

import argparse
from collections.abc import Collection
from pathlib import Path

from ..errors import FileError

#: How many of the files that are there a message names.
_SHOWN = 3


def add_force_option(parser: argparse.ArgumentParser) -> None:
    """Add ``--force`` to a command's options."""
    parser.add_argument("--force", action="store_true", help="overwrite what is there under the name or in the folder")


def check_output(options: argparse.Namespace, out: str | Path, results: Collection[str] = ()) -> None:
    """Raise FileError naming what is there if ``out`` would be overwritten and the user did not say ``--force``.

    ``out`` is a file, or a folder in which ``results`` (paths within) are what a finished command leaves. A command
    that was stopped before its last file leaves none of them: to go on with it overwrites nothing.
    """
    if options.force:
        return
    path = Path(out)
    present = [path] if path.is_file() else [path / name for name in results if (path / name).is_file()]
    if not present:
        return
    more = f" and {len(present) - _SHOWN} more" if len(present) > _SHOWN else ""
    names = ", ".join(f"'{item}'" for item in present[:_SHOWN]) + more
    raise FileError(f"{names} would be overwritten; choose another place, or say --force.")
