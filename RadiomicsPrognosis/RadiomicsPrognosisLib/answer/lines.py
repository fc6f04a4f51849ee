"""An answer as lines of text, for where there is nothing but text: a terminal, a structured report."""

from __future__ import annotations

from collections.abc import Iterator

from .answer_record import Answer


def answer_lines(answer: Answer) -> tuple[str, ...]:
    """Return the answer from its band and headline down to what limits it, one statement a line; no provenance."""
    return tuple(_lines(answer))


def _lines(answer: Answer) -> Iterator[str]:
    if answer.band:
        yield answer.band
    yield f"{answer.sign} {answer.headline}".strip()
    if answer.caution:
        yield f"Unreliable for this case: {answer.caution}"
    if answer.score:
        yield ", ".join(text for text in (answer.score, answer.cutoff, answer.position) if text)
    if answer.signatures:
        yield "; ".join(answer.signatures)
    for item in answer.outcomes:
        yield f"{item.title}: {item.text}" + (f" [{item.note}]" if item.note else "")
    yield from filter(None, (answer.averaged, *answer.sentences, answer.near, answer.uncertainty,
                            answer.uncertainty_detail))
    if answer.stability:
        yield f"Stability: {answer.stability}"
    for omission in answer.withheld:
        yield f"No {omission.title}: {omission.reason}"
    for limit in answer.limits:
        yield f"Warning: {limit.text}"
        yield from (f"Warning: {text}" for text in limit.others)
