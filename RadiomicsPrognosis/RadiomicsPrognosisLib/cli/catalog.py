"""The command ``models``: list, show and check stored models."""

from __future__ import annotations

import argparse
import json
import sys

from ..errors import InputError
from ..models.model import Covariate, Model
from ..models.reconstruction import reconstruct
from ..models.scaling import scalings_for
from ..models.store import load_all, load_model, model_protocol


def add_commands(commands: argparse._SubParsersAction) -> None:
    """Add ``models list | show | check`` to the parser."""
    models = commands.add_parser("models", help="list, show and check models", allow_abbrev=False)
    actions = models.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="list the models at hand", allow_abbrev=False)
    listing.add_argument("--json", action="store_true", help="print one JSON object")
    listing.set_defaults(run=run_list)
    show = actions.add_parser("show", help="show a model's card", allow_abbrev=False)
    show.add_argument("model", metavar="ID|FILE")
    show.set_defaults(run=run_show)
    check = actions.add_parser("check", help="check a model's file", allow_abbrev=False)
    check.add_argument("file", metavar="FILE")
    check.set_defaults(run=run_check)


def run_list(options: argparse.Namespace) -> None:
    """Print the models at hand; one that cannot be read is named on stderr and hides no other."""
    models, errors = load_all()
    for error in errors:
        print(f"radiomics-prognosis: {error}", file=sys.stderr)
    if options.json:
        print(json.dumps({"models": [{"id": model.id, "version": model.version, "title": model.title,
                                      "endpoint": model.endpoint.name, "kind": model.endpoint.kind,
                                      "protocol": model.protocol, "needs_scaling": model.needs_scaling,
                                      "hash": model.hash} for model in models]}, ensure_ascii=False))
        return
    for model in models:
        print(f"{model.id:<28} {model.version:<8} {model.endpoint.abbreviation:<16} {model.title}")


def run_show(options: argparse.Namespace) -> None:
    """Print a model's card."""
    print(model_card(load_model(options.model)))


def run_check(options: argparse.Namespace) -> None:
    """Check a model's file: its contract, its protocol's features, and a reconstructed baseline against its tables."""
    model = load_model(options.file)
    if model.features_from == "image":
        model_protocol(model)
    if model.survival and model.survival.reconstruction:
        coefficients, hazards = reconstruct(model.survival, options.file)
        stored = dict(zip(model.survival.times, model.survival.hazards, strict=True))
        found = {**model.survival.predictor.coefficients, **stored}
        for key, value in {**coefficients, **hazards}.items():
            if key not in found or abs(found[key] - value) > 1e-9 * max(1.0, abs(value)):
                raise InputError(f"{options.file}: survival of '{key}' is {found.get(key)}, but its published tables "
                                 f"give {value:.10g}; store that value or correct the tables.")
    print(f"{options.file}: model '{model.id}' {model.version} is valid.")


def model_card(model: Model) -> str:
    """Return a model's card as text: what it predicts, from what, how well, and what it needs."""
    signature, cutoff = model.signature, model.cutoff
    lines = [f"{model.id} {model.version}", model.title, "",
             f"Endpoint      {model.endpoint.name} ({model.endpoint.kind}; event: {model.endpoint.event})",
             f"Population    {model.population}",
             f"Source        {model.citation}" + (f". doi:{model.doi}" if model.doi else ""),
             "Provenance    " + ", ".join(f"{part} {origin}" for part, origin in model.provenance.items()),
             f"Protocol      {model.protocol or 'none: the features are columns of a table, no image can be scored'}",
             "Inputs        " + "; ".join(f"{item.name}: {item.title}" for item in model.inputs),
             f"Signature     {signature.name}: {len(signature.terms)} features, "
             + ("z-scored" if signature.standardised else "raw") + f", intercept {signature.intercept:g}"]
    lines += [f"              {term.coefficient:+.9g}  {model.term_key(term)}" for term in signature.terms]
    if cutoff:
        sign = ">=" if cutoff.inclusive else ">"
        lines.append(f"Cut-off       {cutoff.on} {sign} {cutoff.value:g}: {cutoff.labels[1]}; "
                     f"otherwise {cutoff.labels[0]}")
    if model.needs_scaling:
        names = ", ".join(f"{item.name} ({item.cases} cases)" for item in scalings_for(model)) or "none at hand"
        lines.append(f"Scalings      {names}")
    lines += [f"Covariate     {_describe_covariate(item)}" for item in model.covariates]
    if model.survival:
        lines.append("Survival      at " + ", ".join(f"{months:g}" for months in model.survival.horizons) + " months")
    if model.probability:
        lines.append(f"Probability   of {model.probability.outcome}")
    measured = "Published" if model.provenance["signature"] == "published" else "Measured"
    for item in model.performance:
        interval = f" ({item.ci95[0]:g} - {item.ci95[1]:g})" if item.ci95 else ""
        cases = f", n = {item.cases}" if item.cases else ""
        lines.append(f"{measured:<13} {item.measure} {item.value:g}{interval}, {item.cohort}{cases}")
    lines += [f"Use           {model.intended_use}", f"Hash          {model.hash}"]
    return "\n".join(lines)


def _describe_covariate(item: Covariate) -> str:
    if item.kind == "continuous":
        return f"{item.name}: {item.title}, {item.unit}".rstrip(", ")
    return f"{item.name}: {item.title}, " + " | ".join(label for label, _ in item.levels)
