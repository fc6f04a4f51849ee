"""Turn 'these features' into the least work: which image types, which classes on each, which features of each class."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from ..catalogue import parse_name
from ..protocol import Protocol


@dataclass(frozen=True)
class Plan:
    """The work to do: ``work[image type][class]`` is the tuple of features wanted, in the catalogue's order."""

    work: dict[str, dict[str, tuple[str, ...]]]

    def steps(self) -> int:
        """Return the number of (image type, class) pairs, the unit of progress."""
        return sum(len(classes) for classes in self.work.values())

    def complete(self, values: dict[str, float]) -> dict[str, float]:
        """Return ``values`` by feature name, with NaN for what is planned and has none: its image could not be made."""
        planned = (f"{image_type}_{feature_class}_{feature}" for image_type, classes in self.work.items()
                   for feature_class, features in classes.items() for feature in features)
        return values | {name: math.nan for name in planned if name not in values}

    def subbands(self, level: int) -> tuple[str, ...]:
        """Return the wavelet sub-bands wanted of ``level`` (1 = finest), e.g. ``('HLL', 'LLL')``."""
        prefix = "wavelet-" if level == 1 else f"wavelet{level}-"
        return tuple(name.removeprefix(prefix) for name in self.work if name.startswith(prefix))


def make_plan(protocol: Protocol, names: Iterable[str] | None = None) -> Plan:
    """Plan the features ``names`` (all of the protocol's when None). Raises SchemaError for one it does not make."""
    wanted = protocol.feature_names() if names is None else tuple(dict.fromkeys(names))
    protocol.check_features(wanted, "feature list")
    work: dict[str, dict[str, list[str]]] = {}
    for name in wanted:
        parsed = parse_name(name)
        work.setdefault(parsed.image_type, {}).setdefault(parsed.feature_class, []).append(parsed.feature)
    return Plan({image_type: {key: tuple(features) for key, features in classes.items()}
                 for image_type, classes in work.items()})
