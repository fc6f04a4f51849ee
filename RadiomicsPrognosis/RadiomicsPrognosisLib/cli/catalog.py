"""The command ``models``: list, show and check stored models, and write one as a page."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from ..errors import BackboneMissing, InputError, PackageMissing
from ..features.deep import check_network
from ..model_page import write_model_page
from ..models.card import model_card
from ..models.model import Model
from ..models.predictors import SurvivalPredictor
from ..models.published_tables import Reconstruction
from ..models.reconstruction import baseline_cumulative_hazard, coefficients
from ..models.scaling import scalings_for
from ..models.store import load_all, load_model
from ..protocol import Deep
from ..texts import clean
from .overwriting import add_force_option, check_output


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``models list | show | check | page`` to the parser."""
    models = commands.add_parser("models", help="list, show and check models; write one as a page", allow_abbrev=False)
    actions = models.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="list the models that ship and your own", allow_abbrev=False)
    listing.add_argument("--json", action="store_true", help="print one JSON object")
    listing.set_defaults(run=run_list)
    show = actions.add_parser("show", help="show a model's card", allow_abbrev=False)
    show.add_argument("model", metavar="ID|FILE")
    show.set_defaults(run=run_show)
    page = actions.add_parser("page", help="write a model as one HTML page that computes in the browser",
                              allow_abbrev=False)
    page.add_argument("model", metavar="ID|FILE")
    page.add_argument("--out", required=True, metavar="F", help="the page, a file ending in .html")
    add_force_option(page)
    page.set_defaults(run=run_page)
    check = actions.add_parser("check", help="check a model's file", allow_abbrev=False)
    check.add_argument("file", metavar="FILE")
    check.set_defaults(run=run_check)


def run_list(options: argparse.Namespace) -> None:
    """Print the models that ship and the user's own; one that cannot be read is named on stderr and hides no other."""
    models, errors = load_all()
    for error in errors:
        print(f"radiomics-prognosis: {error}", file=sys.stderr)
    if options.json:
        print(json.dumps({"models": [{"id": model.id, "version": model.version, "title": model.title,
                                      "endpoint": model.endpoint.name, "kind": model.endpoint.kind,
                                      "protocol": model.protocol_name, "needs_scaling": model.needs_scaling,
                                      "hash": model.hash} for model in models]}, ensure_ascii=False))
        return
    for model in models:
        print(f"{model.id:<28} {model.version:<8} {model.endpoint.abbreviation:<16} {model.title}")


def run_show(options: argparse.Namespace) -> None:
    """Print a model's card."""
    print(card_text(load_model(options.model)))


def run_page(options: argparse.Namespace) -> None:
    """Write a model's page."""
    if Path(options.out).suffix.lower() not in (".html", ".htm"):
        raise InputError(f"--out '{options.out}' must end in .html.")
    check_output(options, options.out)
    print(f"Page: {write_model_page(load_model(options.model), options.out)}")


def run_check(options: argparse.Namespace) -> None:
    """Check a model's file: its contract, its protocol's features, and a reconstructed baseline against its tables.

    The network of a protocol that has one is run, where its file and onnxruntime are at hand.
    """
    model = load_model(options.file)
    if model.protocol is not None and model.protocol.deep is not None:
        _check_network(model.protocol.deep, options.file)
    if model.survival and model.survival.reconstruction:
        _check_reconstruction(model.survival, model.survival.reconstruction, options.file)
    print(f"{options.file}: model '{model.id}' {model.version} is valid.")


def _check_network(deep: Deep, file: str) -> None:
    """Say that the network gives what the protocol expects, or why that was not checked. Raises InputError."""
    name = clean(Path(deep.backbone).name, 80)
    try:
        version = check_network(deep)
    except (BackboneMissing, PackageMissing) as error:
        print(f"{file}: the network '{name}' was not checked. {error}")
        return
    print(f"{file}: the network '{name}' gives {deep.features} values by onnxruntime {version}.")


def _check_reconstruction(predictor: SurvivalPredictor, tables: Reconstruction, file: str) -> None:
    """Raise InputError unless coefficients and baseline are those that the published tables give."""
    baseline = predictor.baseline_cumulative_hazard
    hazards = dict(zip(baseline.times_months, baseline.values, strict=True))
    compared = [(f"coefficient of '{name}'", predictor.coefficients.get(name), value)
                for name, value in coefficients(tables).items()]
    compared += [(f"baseline at {month:g} months", hazards.get(month), value)
                 for month, value in baseline_cumulative_hazard(tables).items()]
    for what, stored, value in compared:
        if not isinstance(stored, float) or abs(stored - value) > 1e-9 * max(1.0, abs(value)):
            raise InputError(f"{file}: the survival's {what} is {stored}, but its published tables give {value:.10g}; "
                             "store that value or correct the tables.")


def card_text(model: Model) -> str:
    """Return a model's card as text: what it predicts, from what, how well, and what it needs."""
    scalings = scalings_for(model) if model.needs_scaling else None
    return "\n".join([f"{model.id} {model.version}", model.title, "",
                      *(f"{row.title:<13} {row.text}" for row in model_card(model, scalings))])
