"""The report on cohorts and endpoints: who was studied, what was observed, and table 1."""

from __future__ import annotations

from collections.abc import Sequence

from ...notation import bounds, fixed, months, share
from ...report.blocks import Block, Paragraph, Section
from ...report.elements import all_blocks, cohorts_table, facts, missing, name, sentence, table
from ...statistics.kaplan_meier import KaplanMeier
from ..results.cohorts import CharacteristicsTable, CohortSummary, EndpointCohort, EndpointSummary
from ..results.models import ModelResult
from .pictures import endpoint_picture
from .record_tables import characteristics_table

COHORTS, CHARACTERISTICS = "Cohorts and endpoints", "Characteristics"


def cohorts_section(cohorts: Sequence[CohortSummary], endpoints: Sequence[EndpointSummary],
                    models: Sequence[ModelResult], learned: str) -> Section:
    """Return the flow of rows: cohorts, rows with each endpoint, rows that each model can use.

    ``learned`` says in words from which of them was learned.
    """
    flow = table("Cohorts", ("Cohort", "Role", "VOIs", "Patients"),
                 [(name(item.name), item.role, str(item.rows), str(item.patients)) for item in cohorts], (0, 1))
    used = table("Rows that each model uses", ("Model", "Cohort", "Rows", "Events", "Left out (a value is missing)"),
                 [(name(model.title), name(item.cohort), str(item.n), str(item.events), str(item.excluded))
                  for model in models for item in model.cohorts], (0, 1))
    return Section(COHORTS, all_blocks(
        Paragraph(learned), flow, used, *(_endpoint(item) for item in endpoints)))


def _endpoint(endpoint: EndpointSummary) -> tuple[Block, ...]:
    rows = [("Endpoint", f"{name(endpoint.name)} ({name(endpoint.abbreviation)}), {endpoint.kind}"),
            ("Event", sentence(endpoint.event) + (" (a good outcome)" if endpoint.favourable else "")),
            ("Horizons", ", ".join(map(months, endpoint.horizons)))]
    head = ("", *(name(item.cohort) for item in endpoint.cohorts))
    blocks = all_blocks(facts(rows), cohorts_table(f"{name(endpoint.name)} by cohort", head,
                                                   [_cohort(item) for item in endpoint.cohorts]))
    curve = next((item.curve for item in endpoint.cohorts if item.curve is not None), None)
    if curve is not None:
        blocks += (Paragraph(f"Kaplan-Meier estimates with {100 * curve.confidence:g} % intervals ({curve.interval} "
                             "transformation), standard error and number at risk; follow-up by the reverse "
                             "Kaplan-Meier method."),)
    return (*blocks, *endpoint_picture(endpoint))


def _cohort(item: EndpointCohort) -> dict[str, str]:
    """Return what was observed in a cohort as texts."""
    rows = {"Rows": str(item.n), "Events": str(item.events), "Endpoint unknown": str(item.missing)}
    if item.curve is None:
        return rows
    follow_up = "not reached" if item.median_follow_up is None else fixed(item.median_follow_up, 1)
    rows |= {"Median follow-up (months)": follow_up, "Median (months)": median_text(item.curve)}
    return rows | {f"At {months(at.time)}": f"{share(at.survival)}{bounds(at.lower, at.upper, share)}, SE "
                                            f"{share(at.se)}, {at.at_risk} at risk" for at in item.estimates}


def median_text(curve: KaplanMeier) -> str:
    """Return a median in months with its interval; 'not reached' where the curve stays above one half."""
    if curve.median is None:
        return "not reached"
    return fixed(curve.median, 1) + bounds(curve.median_lower, curve.median_upper, lambda bound: fixed(bound, 1))


def characteristics_section(compared: CharacteristicsTable | None) -> Section:
    """Return table 1."""
    if compared is None:
        return Section(CHARACTERISTICS, (missing("No characteristics", "No covariates were named, so there is nothing "
                                                 "to compare between the cohorts."),))
    return Section(CHARACTERISTICS, characteristics_table("Characteristics of the cohorts", compared))
