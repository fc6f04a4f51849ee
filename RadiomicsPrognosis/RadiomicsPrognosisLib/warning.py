"""A warning that travels with a result: a stable code for programs and a sentence for people."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ResultWarning:
    """``code`` names the kind of warning for programs, ``message`` says it to a radiologist."""

    code: str
    message: str

    def to_dict(self) -> dict[str, str]:
        """Return the warning as plain data."""
        return {"code": self.code, "message": self.message}
