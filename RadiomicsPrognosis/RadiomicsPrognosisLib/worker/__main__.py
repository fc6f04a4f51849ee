"""``python -m RadiomicsPrognosisLib.worker``: the worker process; it talks over its standard input and output."""

from .server import main

main()
