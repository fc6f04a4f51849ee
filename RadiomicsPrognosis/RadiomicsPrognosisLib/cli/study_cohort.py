"""The tables that a study or a validation works on: of features, or of images and contours whose features are made."""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import CohortError
from ..models.model import Model
from ..progress import Progress, Stages, portion
from ..protocol import Protocol
from .cohort_scores import check_jobs
from .engine_option import add_engine_option, refuse_engine

if TYPE_CHECKING:
    import pandas as pd

    from ..study.recipe.recipe import Recipe, SignatureSpec

#: What a table of images names, and what 'extract' writes beside the features.
_IMAGES, _EXTRACTED = frozenset(("image", "mask")), "protocol_hash"


#: How long making features and all that follows take in proportion to each other.
_STAGES = Stages(features=60, rest=40)


def add_image_options(parser: argparse.ArgumentParser) -> None:
    """Add the options for tables that name images."""
    parser.add_argument("--jobs", type=int, default=1, metavar="N",
                        help="processes on this machine for a table of images (-1: all cores)")
    add_engine_option(parser)


@dataclass(frozen=True)
class FeatureRequest:
    """The ``protocol`` under which features are made, and which of them; None where columns of a table are taken."""

    protocol: Protocol | None
    features: tuple[str, ...]


def wanted_by_recipe(recipe: Recipe) -> FeatureRequest:
    """Return what the signatures of ``recipe`` start from."""
    if recipe.protocol is None:
        return FeatureRequest(None, ())
    names: dict[str, None] = {}
    for spec in recipe.signatures:
        names |= dict.fromkeys(_candidates(spec, recipe.protocol))
    return FeatureRequest(recipe.protocol, tuple(names))


def _candidates(spec: SignatureSpec, protocol: Protocol) -> tuple[str, ...]:
    rule = spec.features
    if rule.names:
        return rule.names
    if rule.pattern:
        return tuple(name for name in protocol.feature_names() if re.fullmatch(rule.pattern, name))
    return tuple(protocol.feature_names()) if rule.protocol else ()


def wanted_by_model(model: Model) -> FeatureRequest:
    """Return what a stored ``model`` reads."""
    names = dict.fromkeys(name for item in model.inputs for name in model.features(item.name))
    return FeatureRequest(model.protocol, tuple(names))


def names_images(table: pd.DataFrame, wanted: FeatureRequest) -> bool:
    """Tell whether ``table`` names images and holds no features that are wanted: they are then to be made."""
    if wanted.protocol is None or not wanted.features or _EXTRACTED in table or not set(table.columns) >= _IMAGES:
        return False
    from ..cohort.inputs import holds_features

    return not holds_features(table, wanted.features)


def with_features(options: argparse.Namespace, files: Mapping[str, str | None], wanted: FeatureRequest, folder: Path,
                  progress: Progress | None) -> tuple[dict[str, pd.DataFrame], Progress | None]:
    """Return the tables in ``files`` by what errors call them (None: not given), and the progress of what follows.

    In place of a table that names images stands what 'extract' makes of it, which is also written into ``folder`` under
    the table's name. Raises FileError, CohortError when no row of a table can be extracted, and InputError for
    ``--engine`` where no features are made.
    """
    from ..cohort.table import read_cohort, read_table, write_table

    check_jobs(options.jobs)
    tables = {what: read_table(path, what) for what, path in files.items() if path}
    named = {what: str(files[what]) for what, table in tables.items() if names_images(table, wanted)}
    if not named or wanted.protocol is None:
        refuse_engine(options, "a table of images")
        return tables, progress
    features = _STAGES.within(progress, "features")
    for number, (what, path) in enumerate(named.items()):
        tables[what] = _extracted(options, f"{what} '{path}'", read_cohort(path), wanted.protocol, wanted.features,
                                  portion(features, number, len(named), what.lower()))
        write_table(tables[what], folder / f"{what.lower()}-features.csv")
    return tables, _STAGES.within(progress, "rest")


def _extracted(options: argparse.Namespace, source: str, cohort: pd.DataFrame, protocol: Protocol,
               features: tuple[str, ...], progress: Progress | None) -> pd.DataFrame:
    from ..cohort.extraction import extract_cohort

    extracted = extract_cohort(cohort, protocol, features, options.jobs, engine=options.engine, progress=progress)
    errors = extracted["error"].dropna()
    if len(errors) == len(cohort):
        raise CohortError(f"{source}: none of the {len(cohort)} rows could be extracted; the first says: "
                          f"{errors.iloc[0]}")
    return extracted
