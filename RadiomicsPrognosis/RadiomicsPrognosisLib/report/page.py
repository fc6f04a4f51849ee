"""A report as one HTML page: everything inside it, no script, no network, light or dark as the reader's screen is."""

from __future__ import annotations

from html import escape

from ..figures.theme import inline_svg, svg_text
from ..palette import LIGHT
from .blocks import (
    Block,
    DataTable,
    Facts,
    Headline,
    Link,
    Notice,
    Pair,
    Paragraph,
    Picture,
    ReflowingPicture,
    Report,
    Section,
    Tiles,
)
from .style import stylesheet

#: The browser is told to load nothing, whatever a name might smuggle in.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'"

#: A figure at least this wide is not shrunk to a phone's width, where its letters could not be read, but scrolled.
_WIDE_INCHES = 4.7

#: Characters from which a table's cell keeps room for a few words a line.
_SENTENCE = 40

#: A table of more columns sets them closer.
_MANY = 4


def html_page(report: Report) -> str:
    """Return the report as an HTML document; every text in it is escaped, and isolated where it comes from outside."""
    sections = "\n".join(_section(number, section, report.badge) for number, section in enumerate(report.sections, 1))
    band = f'<div class="band"><div class="hatched"><b>{escape(report.band)}</b></div></div>\n' if report.band else ""
    identity = f"<p>{_text(report.identity)}</p>" if report.identity else ""
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{escape(report.title)}</title>
<style>
{stylesheet()}</style>
</head>
<body>
<main class="sheet">
{band}<div class="body">
<header>
<h1>{escape(report.title)}</h1>
<p class="subtitle">{_text(report.subtitle)}</p>
<p class="disclaimer">{escape(report.disclaimer)}</p>
{_contents(report) if report.contents else ""}</header>
{sections}
</div>
<footer><div>{identity}<p>{_text(report.footer)}</p><p>{escape(report.disclaimer)}</p></div></footer>
</main>
</body>
</html>
"""


def _contents(report: Report) -> str:
    items = "".join(f'<li><a href="#section-{number}">{_text(section.title)}</a></li>'
                    for number, section in enumerate(report.sections, 1))
    return f'<nav aria-label="Contents"><ul>{items}</ul></nav>\n'


def _section(number: int, section: Section, badge: str) -> str:
    blocks = "\n".join(_block(block, badge) for block in section.blocks)
    own = ' class="own-page"' if section.own_page else ""
    return (f'<section id="section-{number}"{own}>\n<h2>{escape(section.title)}{_badge(badge)}</h2>\n{blocks}\n'
            "</section>")


def _badge(text: str) -> str:
    return f' <span class="badge hatched"><b>{escape(text)}</b></span>' if text else ""


def _text(value: str | Link) -> str:
    """Return text as HTML; ``bdi`` keeps the direction of a name from turning what stands beside it."""
    if isinstance(value, Link):
        return f'<a href="{escape(value.url)}" rel="noreferrer">{escape(value.text)}</a>'
    return f"<bdi>{escape(value)}</bdi>"


def _block(block: Block, badge: str) -> str:
    match block:
        case Paragraph():
            return f"<p>{_text(block.text)}</p>"
        case Notice():
            return (f'<p class="notice {block.kind}" role="note"><strong>{escape(block.title)}.</strong> '
                    f"{_text(block.text)}</p>")
        case Headline():
            tone = f"headline {block.tone}{' questioned' if block.questioned else ''}"
            return (f'<p class="{tone}">{_text(block.text)}{_badge(badge)}'
                    f'<span class="remark">{_text(block.remark)}</span></p>')
        case Tiles():
            items = "".join(f'<li class="{item.tone}">{_text(item.label)}<b>{_text(item.value)}</b>'
                            f'<span class="remark">{_text(item.remark)}</span></li>' for item in block.items)
            columns = f"grid-template-columns: repeat({block.columns}, minmax(0, 1fr))"
            return f'<ul class="tiles" style="{columns}">{items}</ul>'
        case Facts():
            rows = "".join(f"<dt>{_text(label)}</dt><dd>{_text(value)}</dd>" for label, value in block.rows)
            return f"<dl>{rows}</dl>"
        case DataTable():
            return _table(block)
        case Picture():
            return _picture(block, badge)
        case Pair():
            return f'<div class="pair">{_picture(block.left, badge)}{_picture(block.right, badge)}</div>'


def _picture(picture: Picture, badge: str) -> str:
    """Return a figure; one with a narrow variant holds both, of which the page's width shows one."""
    drawn = inline_svg(picture.svg, LIGHT, picture.name)
    label = f'role="img" aria-label="{escape(picture.caption)}"'
    if not isinstance(picture, ReflowingPicture):
        wide = "wide" if picture.figure.get_size_inches()[0] > _WIDE_INCHES else ""
        shown = f'<div class="scroll {wide}" {label}>{drawn}</div>'
    else:
        narrow = inline_svg(svg_text(picture.narrow, LIGHT), LIGHT, f"{picture.name}-narrow")
        shown = f'<div class="broad" {label}>{drawn}</div>\n<div class="narrow" {label}>{narrow}</div>'
    return (f'<figure role="group" aria-label="{escape(picture.title)}">\n<h3>{_text(picture.title)}{_badge(badge)}'
            f"</h3>\n{shown}\n<figcaption>{_text(picture.caption)}</figcaption>\n</figure>")


def _table(table: DataTable) -> str:
    def kind(index: int, cell: str) -> str:
        return " class=number" if index in table.numbers else " class=sentence" if len(cell) > _SENTENCE else ""

    def row(cells: tuple[str, ...], tag: str) -> str:
        # Feature names may break after an underscore.
        inner = "".join(f"<{tag}{kind(index, cell)}>{_text(cell).replace('_', '_<wbr>')}</{tag}>"
                        for index, cell in enumerate(cells))
        return f"<tr>{inner}</tr>"

    many = " class=many" if len(table.head) > _MANY else ""

    body = "\n".join(row(cells, "td") for cells in table.rows)
    return (f'<div class="scroll"><table{many}>\n<caption>{_text(table.title)}</caption>\n'
            f"<thead>{row(table.head, 'th')}</thead>\n<tbody>\n{body}\n</tbody>\n</table></div>")
