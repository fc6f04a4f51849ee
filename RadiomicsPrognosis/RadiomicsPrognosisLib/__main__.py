"""``python -m RadiomicsPrognosisLib``: the command line."""

import sys

from .cli.main import run

sys.exit(run())
