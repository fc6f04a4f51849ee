"""The report's section on how stable the answer is: its figure, its ranges, what is to blame, and what it is not."""

from __future__ import annotations

from ..figures.perturbed_scores import draw_stability
from ..stability.record import KindBlame, Stability
from ..stability.scale import brief, own_warnings, shift_note, stability_scale
from ..texts import number, percent, signed
from .blocks import Block, DataTable, Notice, Paragraph, Picture, Section
from .elements import all_blocks, facts, missing, name, sentence, table

TITLE = "How stable is this answer?"

#: The kinds of perturbation in words.
_KINDS = {"noise": "Noise of the image", "volume": "Contour grown or shrunk", "contour": "Contour randomised",
          "rotation": "Rotation", "translation": "Sub-voxel shift"}

#: Features listed, those with the largest shares.
_LISTED = 10


def stability_section(stability: Stability) -> Section:
    """Return the section."""
    failed = tuple(missing(f"{failure.count} of {stability.count} perturbations gave no score", failure.reason)
                   for failure in stability.failures)
    warned = tuple(Notice("warning", "Warning", sentence(item.message)) for item in own_warnings(stability))
    shifted = shift_note(stability)
    warned += (Notice("warning", "Warning", sentence(shifted)),) if shifted else ()
    return Section(TITLE, all_blocks(
        Paragraph(f"{_capital(brief(stability))} perturbed answers. Contour, position and noise were changed "
                  f"{stability.count} times by a little, and the answer computed again each time."),
        _figure(stability), Notice("note", "What this is not", sentence(stability.caveat)), failed, warned,
        _ranges(stability), _kinds(stability), _features(stability), _origin(stability)))


def _capital(text: str) -> str:
    return name(text[:1].upper() + text[1:])


def _figure(stability: Stability) -> Block:
    scale = stability_scale(stability)
    caption = f"{scale.name} of this case (line) and of {len(scale.values)} perturbed ones (bars)"
    caption += ", with the cut-off and how many are on either side of it" if scale.cutoff is not None else ""
    readers = stability.agreement
    if readers is not None and scale.agreement is not None:
        caption += (f". The limits of agreement are those of two readings of the same lesion ({readers.comparison}, "
                    f"{readers.pairs} pairs, bias {number(readers.bias)}), laid around this case's score")
    return Picture("stability", "Perturbed answers", f"{caption}.", draw_stability(stability))


def _ranges(stability: Stability) -> tuple[DataTable, ...]:
    """Return the score and each prediction, with the ranges that the perturbed answers have."""
    case, score = stability.unperturbed, stability.score_spread
    rows = [(case.model.score_name, *(number(value, 4) for value in (
        score.unperturbed, score.lower, score.upper, score.minimum, score.maximum)))]
    for outcome in stability.outcomes:
        title = (f"Probability of {case.outcome}" if outcome.months is None
                 else f"{case.model.endpoint} at {outcome.months:g} months")
        spread = outcome.spread
        rows.append((title, *(percent(value) for value in (
            spread.unperturbed, spread.lower, spread.upper, spread.minimum, spread.maximum))))
    head = ("", "This case", "2.5 %", "97.5 %", "Lowest", "Highest")
    return table("Central 95 % of the perturbed answers, and their ends",
                 head, [(name(title), *cells) for title, *cells in rows])


def _kinds(stability: Stability) -> tuple[DataTable, ...]:
    return table("What moves the score: each kind of perturbation alone",
                 ("Kind", "Scored", "Mean shift", "SD", "Share"),
                 [_kind(blame) for blame in stability.kinds])


def _kind(blame: KindBlame) -> tuple[str, ...]:
    scored = sum(score is not None for score in blame.scores)
    return (name(_KINDS.get(blame.kind, blame.kind)), f"{scored} of {blame.count}", _number(blame.shift),
            _number(blame.sd), _share(blame.share))


def _features(stability: Stability) -> tuple[DataTable, ...]:
    several = len(stability.unperturbed.vois) > 1
    rows = [(name(f"{item.input}: {item.feature}" if several else item.feature), number(item.contribution, 4),
             number(item.sd), _share(item.share)) for item in stability.features[:_LISTED]]
    rest = len(stability.features) - len(rows)
    title = "Which features carry the spread: share of the score's variance"
    return table(f"{title} (without {rest} of less)" if rest else title,
                 ("Feature", "Contribution", "SD", "Share"), rows)


def _origin(stability: Stability) -> Block:
    settings, readers = stability.settings, stability.agreement
    return facts((
        ("Perturbations", f"{stability.count}, of which {stability.scored} gave a score; seed {stability.seed}"),
        ("Settings", sentence(f"{settings.id}: {settings.title}")), ("Settings SHA-256", name(settings.hash)),
        ("Kinds", ", ".join(_KINDS.get(kind, kind).lower() for kind in settings.kinds)),
        ("Source", sentence(settings.source)), ("Method", sentence(stability.method)),
        ("Limits of agreement", "" if readers is None else name(readers.source))))


def _number(value: float | None) -> str:
    return "–" if value is None else number(value)


def _share(share: float | None) -> str:
    return "–" if share is None else signed(f"{round(100 * share) + 0:d}") + " %"
