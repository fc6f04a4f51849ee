"""What a model's VOIs hold: the kind of lesion, and the sizes that such lesions have."""

from __future__ import annotations

from dataclasses import dataclass

from ..checked import Table
from ..contract import entry

PRIMARY, NODE, METASTASIS = "primary tumour", "lymph node", "metastasis"
KINDS = (PRIMARY, NODE, METASTASIS)


@dataclass(frozen=True, kw_only=True)
class ModelLesion:
    """The lesion that one VOI of a model holds.

    ``volume_cm3`` is the closed range (cm3; None: open end) outside which a contour is not of such a lesion, and
    ``source`` says where it comes from: the model's own patients, or published sizes of lesions like theirs.
    """

    kind: str = entry(choices=KINDS)
    site: str = entry(description="where it lies, in words, e.g. oesophagus")
    volume_cm3: tuple[float | None, float | None] = (None, None)
    source: str = entry(default="", description="where the range of volumes comes from")

    def check(self, table: Table) -> None:
        """Raise SchemaError for a range of volumes that no source is given for."""
        if any(bound is not None for bound in self.volume_cm3) and not self.source:
            table.fail("source", "is missing: say where the range of volumes comes from")
