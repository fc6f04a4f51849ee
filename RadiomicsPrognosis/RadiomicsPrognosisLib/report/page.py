"""A report as one HTML page: everything inside it, no script, no network, light or dark as the reader's screen is."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from ..figures.theme import inline_svg, svg_text
from ..palette import LIGHT, css_variables
from .blocks import Answers, Block, DataTable, Facts, Link, Notice, Paragraph, Picture, Report, Section

#: The browser is told to load nothing, whatever a name might smuggle in.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'"

#: A figure at least this wide is not shrunk to a phone's width, where its letters could not be read, but scrolled.
_WIDE_INCHES = 4.7

#: Characters from which a table's cell keeps room for a few words a line.
_SENTENCE = 40

_STYLE = """
body { margin: 0; background: var(--background); color: var(--ink); font: 15px/1.5 system-ui, "Segoe UI", Roboto,
  "Helvetica Neue", "Noto Sans", "DejaVu Sans", Arial, sans-serif; }
main { max-width: 48rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.15rem; margin: 2rem 0 .6rem; padding-bottom: .2rem;
  border-bottom: 1px solid var(--line); } h3, caption { font-size: .95rem; font-weight: 600; margin: 1rem 0 .3rem;
  text-align: start; }
nav ul { columns: 15rem; margin: .5rem 0; padding: 0; list-style: none; font-size: .85rem; }
p { margin: .4rem 0; } .subtitle, .remark, figcaption { color: var(--muted); }
h1, h3, p, dd, dt, li, caption, figcaption { overflow-wrap: anywhere; } td { overflow-wrap: break-word; }
td:first-child { overflow-wrap: anywhere; min-width: 10rem; }
.disclaimer { border: 2px solid var(--worse); border-radius: 4px; padding: .4rem .7rem; margin: 1rem 0;
  font-weight: 600; }
.notice { border-inline-start: 5px solid var(--muted); background: var(--band); padding: .45rem .7rem;
  margin: .5rem 0; }
.notice.warning { border-color: var(--worse); } .notice.missing { border-style: dashed; border-width: 0 0 0 5px; }
.answers { display: flex; flex-wrap: wrap; gap: .6rem; margin: .5rem 0; padding: 0; list-style: none; }
.answers li { flex: 1 1 8.5rem; background: var(--band); border-radius: 4px; padding: .5rem .7rem;
  border-top: 4px solid var(--line); }
.answers li.worse { border-color: var(--worse); } .answers li.better { border-color: var(--better); }
.answers b { display: block; font-size: 1.3rem; line-height: 1.25; } .remark { font-size: .82rem; }
dl { display: grid; grid-template-columns: minmax(5.5rem, 28%) 1fr; gap: .15rem 1rem; margin: .6rem 0; }
dt { color: var(--muted); } dd { margin: 0; min-width: 0; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-size: .78rem; }
th, td { padding: .2rem .5rem; border-bottom: 1px solid var(--line); text-align: start; vertical-align: top; }
.sentence { min-width: 12rem; }
.number { text-align: end; font-variant-numeric: tabular-nums; white-space: nowrap; }
figure { margin: 1rem 0; } figure svg { max-width: 100%; height: auto; display: block; }
.wide svg { min-width: 30rem; }
figcaption { font-size: .85rem; } a { color: var(--better); }
footer { margin-top: 2rem; color: var(--muted); font-size: .82rem; }
@media print { main { max-width: none; padding: 0; } .wide svg { min-width: 0; } .scroll { overflow: visible; }
  .number { white-space: normal; } .sentence { min-width: 0; }
  figure, .notice, .answers, tr { break-inside: avoid; } h2, h3 { break-after: avoid; } }
"""


def html_page(report: Report, svgs: Mapping[str, str] | None = None) -> str:
    """Return the report as an HTML document; every text in it is escaped, and isolated where it comes from outside.

    ``svgs`` are the SVG files, by name, of pictures that were drawn already, in light colours.
    """
    sections = "\n".join(_section(number, section, svgs or {}) for number, section in enumerate(report.sections, 1))
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{escape(report.title)}</title>
<style>
{css_variables()}
{_STYLE}</style>
</head>
<body>
<main>
<header>
<h1>{escape(report.title)}</h1>
<p class="subtitle">{_text(report.subtitle)}</p>
<p class="disclaimer">{escape(report.disclaimer)}</p>
{_contents(report) if report.contents else ""}</header>
{sections}
<footer><p>{_text(report.footer)}</p><p>{escape(report.disclaimer)}</p></footer>
</main>
</body>
</html>
"""


def _contents(report: Report) -> str:
    items = "".join(f'<li><a href="#section-{number}">{_text(section.title)}</a></li>'
                    for number, section in enumerate(report.sections, 1))
    return f'<nav aria-label="Contents"><ul>{items}</ul></nav>\n'


def _section(number: int, section: Section, svgs: Mapping[str, str]) -> str:
    blocks = "\n".join(_block(block, svgs) for block in section.blocks)
    return f'<section id="section-{number}">\n<h2>{escape(section.title)}</h2>\n{blocks}\n</section>'


def _text(value: str | Link) -> str:
    """Return text as HTML; ``bdi`` keeps the direction of a name from turning what stands beside it."""
    if isinstance(value, Link):
        return f'<a href="{escape(value.url)}" rel="noreferrer">{escape(value.text)}</a>'
    return f"<bdi>{escape(value)}</bdi>"


def _block(block: Block, svgs: Mapping[str, str]) -> str:
    match block:
        case Paragraph():
            return f"<p>{_text(block.text)}</p>"
        case Notice():
            return (f'<p class="notice {block.kind}" role="note"><strong>{escape(block.title)}.</strong> '
                    f"{_text(block.text)}</p>")
        case Answers():
            items = "".join(f'<li class="{item.tone}">{_text(item.label)}<b>{_text(item.value)}</b>'
                            f'<span class="remark">{_text(item.remark)}</span></li>' for item in block.items)
            return f'<ul class="answers">{items}</ul>'
        case Facts():
            rows = "".join(f"<dt>{_text(label)}</dt><dd>{_text(value)}</dd>" for label, value in block.rows)
            return f"<dl>{rows}</dl>"
        case DataTable():
            return _table(block)
        case Picture():
            svg = inline_svg(svgs.get(block.name) or svg_text(block.figure, LIGHT), LIGHT, block.name)
            wide = "wide" if block.figure.get_size_inches()[0] > _WIDE_INCHES else ""
            return (f'<figure role="group" aria-label="{escape(block.title)}">\n<h3>{_text(block.title)}</h3>\n'
                    f'<div class="scroll {wide}" role="img" aria-label="{escape(block.caption)}">{svg}</div>\n'
                    f"<figcaption>{_text(block.caption)}</figcaption>\n</figure>")


def _table(table: DataTable) -> str:
    def kind(index: int, cell: str) -> str:
        return " class=number" if index in table.numbers else " class=sentence" if len(cell) > _SENTENCE else ""

    def row(cells: tuple[str, ...], tag: str) -> str:
        # Feature names may break after an underscore.
        inner = "".join(f"<{tag}{kind(index, cell)}>{_text(cell).replace('_', '_<wbr>')}</{tag}>"
                        for index, cell in enumerate(cells))
        return f"<tr>{inner}</tr>"

    body = "\n".join(row(cells, "td") for cells in table.rows)
    return (f'<div class="scroll"><table>\n<caption>{_text(table.title)}</caption>\n<thead>{row(table.head, "th")}'
            f"</thead>\n<tbody>\n{body}\n</tbody>\n</table></div>")
