"""'Did you mean ...': the names that a mistyped one may stand for. Nothing is ever chosen for the user."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

#: Names at least this alike (difflib's ratio, 0 - 1) are taken for a slip of the finger, and of those only the ones
#: nearly as much alike as the nearest: 'recipies' and 'recipes' are 0.93, 'score' and 'scaling' 0.5.
_ALIKE, _NEARLY = 0.6, 0.15

#: More names than this are no suggestion but a list.
_MOST = 4


def near_names(word: str, known: Iterable[str]) -> list[str]:
    """Return the names that ``word`` may stand for, likeliest first, at most four.

    Those that begin with it or hold it as a whole word between separators ('s2' for 's2_escc_ln_response'), or else
    those spelt alike. Letter case does not count.
    """
    folded = {name: name.casefold() for name in known}
    wanted = word.strip().casefold()
    if not wanted:
        return []
    held = [name for name, plain in folded.items()
            if plain.startswith(wanted) or wanted in plain.replace("-", "_").replace(" ", "_").split("_")]
    if held:
        return held[:_MOST]
    alike = {name: difflib.SequenceMatcher(None, wanted, plain).ratio() for name, plain in folded.items()}
    least = max(_ALIKE, max(alike.values(), default=0.0) - _NEARLY)
    return sorted((name for name in alike if alike[name] >= least), key=lambda name: (-alike[name], name))[:_MOST]


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ``" Did you mean 'x' or 'y'?"``, to end a message with; empty where no name is near."""
    names = [f"'{name}'" for name in near_names(word, known)]
    if not names:
        return ""
    return f" Did you mean {', '.join(names[:-1])} or {names[-1]}?" if len(names) > 1 else f" Did you mean {names[0]}?"
