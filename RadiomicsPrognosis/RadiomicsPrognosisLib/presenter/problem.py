"""Why there is no result: a stable code the panel translates, with the values that its text names."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..errors import InputError
from ..processes.failures import WorkerFailure

#: Codes of a choice still to be made, in the order in which the panel asks for them.
CHOICES = ("volume", "model", "unknown-model", "second-volume", "one-volume", "segmentation", "segment",
           "scaling")


@dataclass(frozen=True)
class Problem:
    """``code`` is one of :data:`CHOICES`, an InputError's code, or a WorkerFailure's.

    ``message`` is the text of an error, for people; ``details`` a fault report; ``values`` what a choice's text names.
    """

    code: str
    message: str = ""
    details: str = ""
    values: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, error: InputError) -> Problem:
        """Return the problem that an error of the input is."""
        return cls(error.code, str(error))

    @classmethod
    def of_worker(cls, failure: WorkerFailure) -> Problem:
        """Return the problem that a failure of a process of its own is."""
        return cls(failure.code, str(failure), failure.details)

    @property
    def is_choice(self) -> bool:
        """Whether something is still to be chosen, rather than wrong."""
        return self.code in CHOICES


#: A reading is drawn: nothing is scored, and no result shown.
BLINDED = Problem("blinded")
