"""Parse the command line, run a command, and turn errors into exit codes: 0 done, 2 wrong input, 1 a fault of ours."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from ..errors import Cancelled, InputError
from ..version import __version__
from . import catalog, completion, recipes, reproducibility, scoring, stability, study, tables
from .for_programs import JSON_LINES
from .parser import PROGRAM, Parser, add_examples
from .reporting import Reporter, Terminal, standard_output_for_lines


def make_parser() -> Parser:
    """Return the parser of all commands."""
    parser = Parser(prog=PROGRAM, description="Rad-score, risk group and predicted survival from a contoured "
                    "CT. Research use only; not a medical device.", allow_abbrev=False)
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for module in (scoring, tables, stability, reproducibility, study, catalog, recipes, completion):
        module.add_commands(commands)
    add_examples(parser)
    return parser


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command in ``arguments`` (the process's own when None) and return the exit code."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    if JSON_LINES in arguments:
        with standard_output_for_lines() as lines:
            return _run(arguments, lines)
    return _run(arguments, Terminal("--json" in arguments))


def _run(arguments: Sequence[str], reporter: Reporter) -> int:
    try:
        options = make_parser().parse_args(arguments)
        options.reporter = reporter
        options.run(options)
        sys.stdout.flush()
    except InputError as error:
        reporter.refused(error)
        return 2
    except (KeyboardInterrupt, Cancelled):
        reporter.cancelled()
        return 130
    except BrokenPipeError:  # who read the output has closed it, as 'head' does; what a shell then says, too
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except Exception as error:
        reporter.failed(error)
        return 1
    return 0
