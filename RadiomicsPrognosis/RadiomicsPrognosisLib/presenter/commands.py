"""The commands that the panel runs in processes of their own, one process for each."""

from __future__ import annotations

from collections.abc import Sequence

from ..command_messages import (
    ExtractionSummary,
    ReproducibilitySummary,
    ScalingSummary,
    StabilitySummary,
    StudySummary,
)
from .command_process import CommandProcess


class Commands:
    """A process for each command that takes long, run side by side.

    They are ``study``, ``reproducibility``, ``stability``, ``extraction`` (the command 'extract') and ``scaling``.

    Parameters
    ----------
    program: what runs in the place of this package's command line, before the arguments.
    """

    def __init__(self, program: Sequence[str] = ()):
        self.study = CommandProcess(StudySummary, program)
        self.reproducibility = CommandProcess(ReproducibilitySummary, program)
        self.stability = CommandProcess(StabilitySummary, program)
        self.extraction = CommandProcess(ExtractionSummary, program)
        self.scaling = CommandProcess(ScalingSummary, program)

    def close(self) -> None:
        """Cancel them all, wait a moment for them to end, then end them."""
        processes = (self.study, self.reproducibility, self.stability, self.extraction, self.scaling)
        for process in processes:
            process.cancel()
        for process in processes:
            process.close()
