"""The colours of everything that is drawn or written, for light and for dark screens.

Colours follow Okabe & Ito (Color Universal Design, 2008), so that blue and vermilion stay apart under every form of
colour blindness; nothing tells a group by colour alone.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True, kw_only=True)
class Theme:
    """A palette (sRGB hex, each colour once): text, lines, background, the two risk groups, and the patient."""

    background: str
    ink: str
    muted: str
    line: str
    band: str
    better: str
    worse: str
    patient: str


LIGHT = Theme(background="#ffffff", ink="#1b1f24", muted="#5a636e", line="#c4cad1", band="#eef1f4",
              better="#0072b2", worse="#c84e00", patient="#7a1f6b")
DARK = Theme(background="#14171c", ink="#e9ecef", muted="#a3acb7", line="#474f5a", band="#232931",
             better="#56b4e9", worse="#ff9d4d", patient="#f0a6e3")


def css_variables() -> str:
    """Return the palettes as CSS: custom properties of the root, dark ones where the reader's screen is dark."""
    light, dark = (" ".join(f"--{name}: {colour};" for name, colour in asdict(theme).items())
                   for theme in (LIGHT, DARK))
    return (f":root {{ color-scheme: light dark; {light} }}\n"
            f"@media screen and (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}")
