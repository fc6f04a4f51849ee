"""The option ``--engine`` of the commands that extract features."""

from __future__ import annotations

import argparse

from ..errors import InputError
from ..features.engine import engine_names

#: How the option is written.
ENGINE = "--engine"


def add_engine_option(parser: argparse.ArgumentParser) -> None:
    """Add the option ``--engine``, an empty text where it is not given: the preferred engine."""
    names = engine_names()
    parser.add_argument(ENGINE, choices=names, default="", metavar="|".join(names),
                        help=f"what computes the features ({names[0]}); their values agree")


def refuse_engine(options: argparse.Namespace, needed: str) -> None:
    """Raise InputError for an engine where no features are extracted; ``needed`` says what they are extracted from."""
    if options.engine:
        raise InputError(f"{ENGINE} needs {needed}: the features of a table are extracted already.")
