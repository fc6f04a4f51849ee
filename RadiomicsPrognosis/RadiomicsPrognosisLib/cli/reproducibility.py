"""The command ``reproducibility``: how well contours, features, score and risk group repeat between readings."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import CohortError, InputError, ModelMismatch
from ..files import sha256_file, whole_folder, write_json
from ..models.model import Model
from ..models.scaling import Scaling, load_scaling
from ..models.store import load_model
from ..progress import Stages
from ..protocol import Protocol, load_protocol
from ..reading.rule import ReproducibilityFilter, SourceTable
from ..reading.study_result import (
    AGREEMENT_FILE,
    CONTOURS_FILE,
    FEATURES_FILE,
    FIGURES_FOLDER,
    FILTER_FILE,
    ICC_FILE,
    REPORT_FILE,
    RESULT_FILE,
    SCORES_FILE,
)
from ..statistics.icc import BOUNDS, FORMS
from .engine_option import add_engine_option, add_threads_option, refuse_engine
from .for_programs import add_program_options, cancel_when_ended
from .overwriting import add_force_option, check_output
from .packages import cohort_modules
from .reporting import Reporter
from .reproducibility_texts import reproducibility_summary, reproducibility_text

if TYPE_CHECKING:
    import pandas as pd

    from ..reading.study_result import ContourAgreement

#: How long the stages take in proportion to each other, with extraction and without.
_EXTRACTING = Stages(extraction=80, contours=8, analysis=2, report=10)
_READING = Stages(contours=40, analysis=10, report=50)

#: What a result's folder may hold.
_CONTENTS = (RESULT_FILE, ICC_FILE, FILTER_FILE, SCORES_FILE, AGREEMENT_FILE, CONTOURS_FILE, FEATURES_FILE, REPORT_FILE,
             FIGURES_FOLDER)


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``reproducibility`` to the parser."""
    parser = commands.add_parser("reproducibility", help="compare repeated readings of the same cases",
                                 allow_abbrev=False)
    given = parser.add_mutually_exclusive_group(required=True)
    given.add_argument("--features", metavar="F", help="table of features with reader and/or session, from 'extract'")
    given.add_argument("--cohort", metavar="F", help="images and masks with reader and/or session: extracts first")
    parser.add_argument("--model", metavar="ID|FILE", help="also compare its score, groups and predictions")
    parser.add_argument("--scaling", metavar="NAME|FILE", help="means and SDs for a model with z-scored features")
    parser.add_argument("--protocol", metavar="ID|FILE", help="how to extract, with --cohort and no model")
    add_engine_option(parser)
    add_threads_option(parser)
    parser.add_argument("--threshold", type=float, default=0.9, metavar="X", help="least ICC of a feature that is kept "
                        "(default 0.9)")
    parser.add_argument("--on", choices=BOUNDS, default=BOUNDS[0], help="what must reach it: the estimate, or the "
                        "lower bound of its 95 %% interval (default estimate)")
    parser.add_argument("--form", choices=FORMS, default="ICC(2,1)", metavar="FORM",
                        help="form of the ICC that the filter uses: " + ", ".join(FORMS) + " (default ICC(2,1))")
    parser.add_argument("--note", action="append", default=[], metavar="TEXT", help="a sentence that result and report "
                        "say first, e.g. how the contours were drawn; may be repeated")
    parser.add_argument("--out", required=True, metavar="DIR", help="folder for report, figures and tables")
    parser.add_argument("--jobs", type=int, default=-1, metavar="N", help="processes (default: all cores)")
    add_force_option(parser)
    add_program_options(parser)
    parser.set_defaults(run=run_reproducibility)


def run_reproducibility(options: argparse.Namespace) -> None:
    """Analyse a reading study and write its folder: result, tables, figures and report."""
    _check_options(options)
    check_output(options, options.out, (RESULT_FILE,))
    cohort_modules()
    from ..cohort.table import write_table
    from ..reading.analysis import analyse_readings
    from ..reading.contour_agreement import contour_sources
    from ..reading.result_tables import result_tables
    from ..reading.rows import by_input, checked_readings

    reporter: Reporter = options.reporter
    cancel_when_ended(options.end_with_input)
    model, scaling, protocol = _settings(options)
    stages = _EXTRACTING if options.cohort else _READING
    source = [_source(path) for path in (options.features, options.cohort) if path]
    with whole_folder(Path(options.out), RESULT_FILE, _CONTENTS) as folder:
        table = _table(options, model, protocol, stages)
        sessions = _session_order(options)
        contours = _contours(table, sessions, options, stages)
        rule = ReproducibilityFilter(options.form, options.threshold, options.on)
        result = analyse_readings(table, rule, model, scaling, protocol, contours, source,
                                  sessions, stages.within(reporter.progress, "analysis"))
        result = replace(result, notes=(*options.note, *result.notes))
        write_json(folder / RESULT_FILE, result.to_dict())
        for name, rows in result_tables(result).items():
            write_table(rows, folder / name)
        if options.cohort:
            write_table(table, folder / FEATURES_FILE)
        from ..reading.report import circumstances_of, write_report

        write_report(result, folder, contour_sources(checked_readings(by_input(table), ())),
                     stages.within(reporter.progress, "report"),
                     circumstances_of(options.cohort or options.features, options.note))
    reporter.done(reproducibility_summary(result, options.out), reproducibility_text(result, options.out))


def _check_options(options: argparse.Namespace) -> None:
    if not -1 <= options.threshold <= 1:
        raise InputError(f"--threshold is {options.threshold:g}; an ICC lies between -1 and 1.")
    if options.jobs == 0 or options.jobs < -1:
        raise InputError(f"--jobs is {options.jobs}; give a number of processes, or -1 for all cores.")
    if options.protocol and (options.model or options.features):
        raise InputError("--protocol belongs to --cohort without a model; a model brings its own, and features are "
                         "extracted already.")
    if options.features:
        refuse_engine(options, "--cohort")
    if options.cohort and not (options.model or options.protocol):
        raise InputError("--cohort needs --protocol or --model, which say how to extract.")
    if options.scaling and not options.model:
        raise InputError("--scaling belongs to --model.")


def _settings(options: argparse.Namespace) -> tuple[Model | None, Scaling | None, Protocol | None]:
    """Return model, scaling and protocol asked for. Raises InputError where they do not belong together."""
    if not options.model:
        return None, None, load_protocol(options.protocol) if options.protocol else None
    model = load_model(options.model)
    if options.scaling and not model.needs_scaling:
        raise ModelMismatch(f"Model '{model.id}' uses raw features and takes no scaling; leave out --scaling.")
    scaling = load_scaling(options.scaling, model) if options.scaling else None
    return model, scaling, model.image_protocol() if options.cohort else model.protocol


def _table(options: argparse.Namespace, model: Model | None, protocol: Protocol | None,
           stages: Stages) -> pd.DataFrame:
    """Return the table of features: as it was given, or extracted from the cohort."""
    import pandas as pd

    from ..cohort.extraction import extract_cohort
    from ..cohort.inputs import join_images
    from ..cohort.table import read_cohort, read_table

    if options.features or protocol is None:
        table = read_table(options.features, "Feature table")
        folder = Path(options.features).resolve().parent
        for name in {"image", "mask"} & set(table):
            table[name] = [None if pd.isna(value) else str(folder / str(value)) for value in table[name]]
        return table
    cohort = read_cohort(options.cohort)
    if not {"reader", "session"} & set(cohort):
        raise CohortError(f"Cohort '{options.cohort}' has neither a column 'reader' nor 'session'; a reading study "
                          "needs repeated readings.")
    if model is not None:
        join_images(cohort, model)  # refused before hours of work, not after
    table = extract_cohort(cohort, protocol, jobs=options.jobs, engine=options.engine, threads=options.threads,
                           progress=stages.within(options.reporter.progress, "extraction"))
    failed = int(table["error"].notna().sum())
    if failed == len(table):
        raise CohortError(f"None of the {failed} rows could be extracted; the first says: {table['error'].iloc[0]}")
    return table


def _session_order(options: argparse.Namespace) -> tuple[str, ...]:
    """Return the sessions in the order of the reading study whose table the cohort is; empty of any other."""
    from ..reading.folder import COHORT_FILE, DESIGN_FILE, StudyFolder

    path = Path(options.cohort or "")
    if path.name != COHORT_FILE or not (path.parent / DESIGN_FILE).is_file():
        return ()
    return StudyFolder.open(path.parent).design.sessions


def _contours(table: pd.DataFrame, sessions: Sequence[str], options: argparse.Namespace,
              stages: Stages) -> Sequence[ContourAgreement]:
    """Return the agreement of the contours, where the table names images and masks that are at hand."""
    from ..reading.analysis import contour_pairs
    from ..reading.contour_agreement import compare_contours, contour_sources
    from ..reading.rows import by_input, checked_readings

    sources = contour_sources(checked_readings(by_input(table), ()))
    if options.features and not all(Path(path).exists() for item in sources for path in (item.image, item.mask)):
        return ()
    return compare_contours(sources, contour_pairs(table, sessions), options.jobs,
                            stages.within(options.reporter.progress, "contours"))


def _source(path: str) -> SourceTable:
    if not Path(path).is_file():
        return SourceTable(Path(path).name, "")
    return SourceTable(Path(path).name, sha256_file(path))
