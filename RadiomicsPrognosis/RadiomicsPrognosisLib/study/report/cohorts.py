"""The report on cohorts and endpoints: who was studied, what was observed, and table 1."""

from __future__ import annotations

from collections.abc import Sequence

from ...characteristics import CharacteristicsTable
from ...cohort.patients import rows_text
from ...notation import bounds, fixed, months, p_text, share
from ...report.blocks import Block, Paragraph, Section
from ...report.elements import all_blocks, cohorts_table, facts, missing, name, sentence, table
from ...statistics.kaplan_meier import KaplanMeier, LogRank
from ...texts import number
from ..endpoints import KINDS
from ..results.cohorts import Between, CohortSummary, EndpointCohort, EndpointSummary
from ..results.models import ModelResult
from ..results.performance import UnivariableTable
from .pictures import endpoint_pictures
from .record_tables import characteristics_table, chi_squared, univariable_table

COHORTS, CHARACTERISTICS, ALONE = "Cohorts and endpoints", "Characteristics", "Every covariate alone"


def cohorts_section(cohorts: Sequence[CohortSummary], endpoints: Sequence[EndpointSummary],
                    models: Sequence[ModelResult], learned: str) -> Section:
    """Return the flow of rows: cohorts, rows with each endpoint, rows that each model can use.

    ``learned`` says in words from which of them was learned.
    """
    flow = table("Cohorts", ("Cohort", "Role", "VOIs", "Patients"),
                 [(name(item.name), item.role, str(item.rows), str(item.patients)) for item in cohorts], (0, 1))
    used = table("Rows that each model uses", ("Model", "Cohort", "Rows", "Events", "Left out (a value is missing)"),
                 [(name(model.title), name(item.cohort), rows_text(item.n, item.counted), str(item.events),
                   str(item.excluded))
                  for model in models for item in model.cohorts], (0, 1))
    return Section(COHORTS, all_blocks(
        Paragraph(learned), flow, used, *(_endpoint(item) for item in endpoints)))


def _endpoint(endpoint: EndpointSummary) -> tuple[Block, ...]:
    rows = [("Endpoint", f"{name(endpoint.name)} ({name(endpoint.abbreviation)}), {endpoint.kind}"),
            ("Event", sentence(endpoint.event) + (" (a good outcome)" if endpoint.favourable else "")),
            ("Horizons", ", ".join(map(months, endpoint.horizons)))]
    if endpoint.between is not None:
        rows.append(("Between the cohorts", between_text(
            endpoint.between, [item.cohort for item in endpoint.cohorts])))
    shown = [*endpoint.cohorts, *([endpoint.whole] if endpoint.whole else [])]
    blocks = all_blocks(facts(rows), cohorts_table(f"{name(endpoint.name)} by cohort", ("", *(
        name(item.cohort) for item in shown)), [_cohort(item) for item in shown]))
    curve = next((item.curve for item in endpoint.cohorts if item.curve is not None), None)
    if curve is not None:
        blocks += (Paragraph(f"Kaplan-Meier estimates with {100 * curve.confidence:g} % intervals ({curve.interval} "
                             "transformation), standard error and number at risk; follow-up by the reverse "
                             "Kaplan-Meier method."),)
    return (*blocks, *endpoint_pictures(endpoint))


def _cohort(item: EndpointCohort) -> dict[str, str]:
    """Return what was observed in a cohort as texts."""
    rows = {"Rows": rows_text(item.n, item.counted), "Events": str(item.events), "Endpoint unknown": str(item.missing)}
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


def between_text(between: Between, cohorts: Sequence[str]) -> str:
    """Return the test of the outcomes of ``cohorts``, which it names in this order: 'log-rank χ² = 1.2 (df 1), ...'."""
    if isinstance(between, LogRank):
        of_group = dict(zip(between.groups, between.expected, strict=True))
        expected = ", ".join(f"{name(group)} {fixed(of_group[group], 1)}" for group in cohorts if group in of_group)
        robust = "" if between.clusters is None else " (robust)"
        return f"log-rank{robust} {chi_squared(between.test)}; events expected: {expected}"
    value = "" if between.statistic is None else f" {number(between.statistic, 4)} (df {between.df})"
    return "; ".join(filter(None, (f"{name(between.test)}{value}, {p_text(between.p)}", sentence(between.note))))


def univariable_section(tables: Sequence[UnivariableTable], endpoints: Sequence[EndpointSummary]) -> Section:
    """Return every covariate alone: a table per endpoint."""
    blocks = [univariable_table(f"{name(endpoint.name)}: every covariate alone, by cohort",
                                [item for item in tables if item.endpoint == endpoint.id], KINDS[endpoint.kind].ratio)
              for endpoint in endpoints]
    return Section(ALONE, all_blocks(*blocks) or (missing("No covariates", "None were named."),))


def characteristics_section(compared: CharacteristicsTable | None,
                            by_outcome: Sequence[CharacteristicsTable] = ()) -> Section:
    """Return table 1, and the same by every binary outcome."""
    if compared is None:
        return Section(CHARACTERISTICS, (missing("No characteristics", "No covariates were named, so there is nothing "
                                                 "to compare between the cohorts."),))
    return Section(CHARACTERISTICS, all_blocks(
        characteristics_table(f"Characteristics by {name(compared.of)}", compared),
        *(characteristics_table(f"Characteristics by outcome: {name(item.of)}", item) for item in by_outcome)))
