"""The report on how a readers' study's result was made: files, protocol, engine, model, scaling, software."""

from __future__ import annotations

from ...report.blocks import Link, Section
from ...report.elements import facts, name, sentence
from ..study_result import RESULT_FILE, ReproducibilityResult
from .circumstances import Circumstances

PROVENANCE = "How it was made"


def provenance_section(result: ReproducibilityResult, known: Circumstances) -> Section:
    """Return what identifies everything that the numbers come from."""
    rows: list[tuple[str, str | Link | None]] = [
        (f"File: {name(item.file)}", f"SHA-256 {item.sha256}") for item in result.source]
    if known.first_day:
        rows.append(("Days of the readings", f"{known.first_day} to {known.last_day}"))
    if result.protocol is not None:
        title = f": {name(result.protocol.title)}" if result.protocol.title else ""
        rows += [("Protocol", f"{name(result.protocol.id)}{title}"), ("Protocol SHA-256", name(result.protocol.hash))]
    else:
        rows.append(("Protocol", "the table does not name it"))
    if result.engine is not None:
        rows.append(("Feature engine", f"{name(result.engine.name)} {name(result.engine.version)}"))
    rows += _model(result)
    rows += [("Software", sentence(", ".join(f"{key} {value}" for key, value in result.software.items()))),
             ("Numbers in full", f"{RESULT_FILE} ({result.schema}) and the tables beside this page")]
    return Section(PROVENANCE, (facts(rows),))


def _model(result: ReproducibilityResult) -> list[tuple[str, str | Link | None]]:
    model = result.model
    if model is None:
        return [("Model", "none")]
    rows: list[tuple[str, str | Link | None]] = [
        ("Model", f"{name(model.id)}, version {name(model.version)}: {name(model.title)}"),
        ("Endpoint", f"{name(model.endpoint)} ({model.kind})"), ("Model SHA-256", name(model.hash))]
    scaling = model.scaling
    if scaling is None:
        rows.append(("Scaling", "none"))
        return rows
    kind = " (demonstration scaling: another disease)" if scaling.demonstration else ""
    return [*rows, ("Scaling", f"{name(scaling.name)}, {scaling.cases} cases{kind}"),
            ("Origin of the scaling", sentence(scaling.origin)), ("Scaling SHA-256", name(scaling.hash))]
