"""Features with unit and code, from the catalogue; protocols and recipes that ship, from their files."""

from __future__ import annotations

from RadiomicsPrognosisLib.catalogue import CLASSES, SUBBANDS, FeatureClass
from RadiomicsPrognosisLib.dicom.codes import PRIVATE
from RadiomicsPrognosisLib.protocol import Protocol, load_protocol
from RadiomicsPrognosisLib.study.recipe.parsing import load_recipe
from RadiomicsPrognosisLib.texts import feature_label

from .markdown import code, escape, table
from .settings import shipped


def features_page() -> str:
    """Return a table per feature class: name, plain words, unit, IBSI identifier or private code."""
    pieces = []
    for entry in CLASSES.values():
        rows = []
        for feature in entry.features:
            key = f"{entry.name}_{feature.name}"
            words = feature_label(f"original_{key}").removeprefix(entry.prefix).strip()
            rows.append((code(key), escape(words), escape(feature.unit), escape(feature.definition),
                         code(feature.ibsi) if feature.ibsi else f"{code(PRIVATE)} {code(key)}",
                         escape(feature.ibsi_meaning)))
        source = f" As {entry.source} has it." if entry.source else ""
        source += _directions(entry)
        head = ("feature", "in figures", "unit", "what it measures", "IBSI code", "IBSI meaning")
        pieces.append(f"## {entry.name}: {len(rows)} features\n\n{escape(entry.title)}. {escape(entry.sentence)}"
                      f"{source}\n\n{table(head, rows)}")
    return "\n".join([_overview(), *pieces])


def _directions(entry: FeatureClass) -> str:
    """Return how the class is named along a direction, an empty text where it has none."""
    if not entry.directions:
        return ""
    distance, example = (" and the distance in voxels", "-45-7") if "offset" in entry.directions else ("", "-90")
    return (f" Along one direction of the axial plane, its degrees{distance} follow the name: "
            f"{code(f'{entry.name}{example}_{entry.features[0].name}')}.")


def _overview() -> str:
    """Return how many features there are on which images, and which have no identifier of the IBSI."""
    entries = CLASSES.values()
    total = sum(len(entry.features) for entry in entries)
    filtered = sum(len(entry.features) for entry in entries if entry.filtered)
    none = [entry.name for entry in entries if not any(feature.ibsi for feature in entry.features)]
    without = sorted(f"{entry.name}_{feature.name}" for entry in entries for feature in entry.features
                     if not feature.ibsi)
    lacking = [*(name for name in without if name.partition("_")[0] not in none), *none]
    return (f"{total} features on the original image; {filtered} of them on every filtered image, "
            f"e.g. on each of the {len(SUBBANDS)} sub-bands of a wavelet level. {total - len(without)} have an IBSI "
            f"identifier; {', '.join(map(code, lacking))} (a class: all of it) have none, because they are defined "
            "differently or the IBSI lacks them.\n")


def protocols_page() -> str:
    """Return a section per shipped protocol: its settings, number of features, hash, and its file."""
    pieces = []
    for path in shipped("Protocols"):
        protocol = load_protocol(path)
        pieces += [f"## `{protocol.id}`", escape(protocol.title) + ".", table(("", ""), _settings(protocol)),
                   f"Its file, `RadiomicsPrognosis/Resources/Protocols/{path.name}`:",
                   f"```toml\n{path.read_text(encoding='utf-8').strip()}\n```"]
    return "\n\n".join(pieces) + "\n"


def _settings(protocol: Protocol) -> list[tuple[str, str]]:
    low, high = protocol.hu_range
    hu = "all" if low is None and high is None else " to ".join("open" if end is None else f"{end:g} HU"
                                                               for end in (low, high))
    resampling = protocol.resampling
    grid = "none: the image's own voxels" if resampling is None else \
        " × ".join(f"{step:g}" for step in resampling.spacing) + f" mm, image by {resampling.interpolator}"
    if resampling is not None and resampling.grid == "centre":
        grid += f", mask by {resampling.mask}, centres of both grids aligned" + ", whole HU" * resampling.round_hu
    grey = f"bins of {protocol.bin_width:g} HU" if protocol.bin_width else f"{protocol.bin_count} bins"
    grey += "" if protocol.bin_minimum is None else f" from {protocol.bin_minimum:g} HU"
    if protocol.outlier_sd is not None:
        hu += f", within {protocol.outlier_sd:g} standard deviations of the mean"
    return [("Source", escape(protocol.source)), ("Attenuation kept", f"{hu}, on the {protocol.hu_range_on} mask"),
            ("Resampling", grid), *_plane(protocol), ("Grey levels", grey),
            ("Images", ", ".join(map(code, protocol.image_types))),
            ("Classes", ", ".join(protocol.feature_classes)), ("Features", str(len(protocol.feature_names()))),
            ("Hash", code(protocol.hash))]


def _plane(protocol: Protocol) -> list[tuple[str, str]]:
    """Return the rows of what is not computed in three dimensions."""
    rows = [("Slices", "the one of largest area alone")] if protocol.slice == "largest" else []
    within = "within slices" + ", averaged" * (protocol.aggregation.slices == "averaged")
    rows += [("Textures and wavelets", within)] if protocol.force_2d else []
    return rows + ([("Directions", "merged into one matrix")] if protocol.aggregation.directions == "merged" else [])


def recipes_page() -> str:
    """Return a section per shipped recipe: what it follows, predicts, takes and makes."""
    pieces = []
    for path in shipped("Recipes"):
        recipe = load_recipe(path)
        rows = [("Follows", escape(recipe.citation + (f". doi:{recipe.doi}" if recipe.doi else ""))),
                ("Population", escape(recipe.population)),
                ("Endpoints", ", ".join(escape(f"{item.name} ({item.kind})") for item in recipe.endpoints)),
                ("Features", f"protocol {code(recipe.protocol_name)}" if recipe.protocol_name else
                 "columns of other software"),
                ("Clinical factors", ", ".join(code(item.name) for item in recipe.covariates)),
                ("Signatures", ", ".join(code(item.id) for item in recipe.signatures)),
                ("Models", ", ".join(code(item.id) for item in recipe.models))]
        pieces += [f"### `{path.stem}`", escape(recipe.title) + ".", table(("", ""), rows)]
    return "\n\n".join(pieces) + "\n"
