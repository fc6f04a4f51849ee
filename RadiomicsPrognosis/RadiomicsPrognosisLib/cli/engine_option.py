"""The options of the commands that extract features: which engine, and how many threads it uses."""

from __future__ import annotations

import argparse

from ..errors import InputError
from ..features.engine import Engine, engine_names, get_engine
from ..features.maker import check_maker
from ..protocol import Protocol

#: How the option is written.
ENGINE = "--engine"


def add_engine_option(parser: argparse.ArgumentParser) -> None:
    """Add the option ``--engine``, an empty text where it is not given: the preferred engine."""
    names = engine_names()
    parser.add_argument(ENGINE, choices=names, default="", metavar="|".join(names),
                        help=f"what computes the features ({names[0]}); their values agree")


def add_threads_option(parser: argparse.ArgumentParser) -> None:
    """Add the option ``--threads``."""
    parser.add_argument("--threads", type=_threads, default=1, metavar="N",
                        help="threads at work on the features of a case (default 1)")


def _threads(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is no number of threads; give 1 or more")
    return int(text)


def chosen_engine(options: argparse.Namespace, protocol: Protocol | None = None) -> Engine:
    """Return the engine that the options name, to use as many threads as they say.

    It is not used where the features of ``protocol`` come from a network, for which none must be named. Raises
    EngineUnavailable, EngineUnfit, and for a network PackageMissing or BackboneMissing.
    """
    if protocol is not None:
        check_maker(protocol, options.engine)
    return get_engine(options.engine, options.threads)


def refuse_engine(options: argparse.Namespace, needed: str) -> None:
    """Raise InputError for an engine where no features are extracted; ``needed`` says what they are extracted from."""
    if options.engine:
        raise InputError(f"{ENGINE} needs {needed}: the features of a table are extracted already.")
