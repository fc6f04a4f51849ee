"""How an HTML report looks: on a wide screen, on a phone, and printed with a head and foot on every page."""

from __future__ import annotations

from ..palette import css_variables

_SCREEN = """
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
.hatched { color: var(--ink); background: repeating-linear-gradient(135deg, transparent 0 7px, var(--line) 7px 10px),
  var(--background); border: 2px solid var(--worse); font-weight: 700; print-color-adjust: exact;
  -webkit-print-color-adjust: exact; }
.band { text-align: center; margin-bottom: .6rem; position: sticky; top: 0; z-index: 2; font-size: .9rem; }
.band .hatched { padding: .3rem .5rem; }
.badge { border-radius: 4px; padding: 0 .4rem; font-size: .72rem; letter-spacing: .04em; margin-inline-start: .5rem;
  white-space: nowrap; vertical-align: middle; }
.hatched b { background: var(--background); padding: 0 .35rem; }
.headline { background: var(--band); border-inline-start: 8px solid var(--muted); border-radius: 4px;
  padding: .5rem .8rem; margin: .6rem 0; font-size: 1.25rem; font-weight: 700; }
.headline.worse { border-color: var(--worse); } .headline.better { border-color: var(--better); }
.headline .remark { display: block; font-weight: 400; }
.questioned, .questioned b { color: var(--muted); } .questioned b { font-weight: 400; }
.notice { border-inline-start: 5px solid var(--muted); background: var(--band); padding: .45rem .7rem;
  margin: .5rem 0; }
.notice.warning { border-color: var(--worse); } .notice.missing { border-style: dashed; border-width: 0 0 0 5px; }
.tiles { display: grid; gap: .6rem; margin: .5rem 0; padding: 0; list-style: none; }
.tiles li { background: var(--band); border-radius: 4px; padding: .5rem .7rem; border-top: 4px solid var(--line); }
.tiles li.worse { border-color: var(--worse); } .tiles li.better { border-color: var(--better); }
.tiles b { display: block; font-size: 1.3rem; line-height: 1.25; } .remark { font-size: .82rem; }
dl { display: grid; grid-template-columns: minmax(5.5rem, 28%) 1fr; gap: .15rem 1rem; margin: .6rem 0; }
dt { color: var(--muted); } dd { margin: 0; min-width: 0; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-size: .78rem; }
th, td { padding: .2rem .5rem; border-bottom: 1px solid var(--line); text-align: start; vertical-align: top; }
td.sentence { min-width: 10rem; } .many td.sentence { min-width: 6rem; }
.many td:first-child { min-width: 7rem; }
.many td:nth-last-child(2):not(.number) { min-width: 5rem; } .many th, .many td { padding: .2rem .3rem; }
.number { text-align: end; font-variant-numeric: tabular-nums; white-space: nowrap; }
th.number { white-space: normal; }
figure { margin: 1rem 0; } figure svg { max-width: 100%; height: auto; display: block; }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem; align-items: start; } .pair figure { min-width: 0;
  margin: .4rem 0; } .pair svg { width: 100%; }
.wide svg { min-width: 30rem; } .narrow { display: none; }
figcaption { font-size: .85rem; } a { color: var(--better); }
footer { margin-top: 2rem; color: var(--muted); font-size: .82rem; } footer p { margin: 0; }
"""

#: A column of a phone: figures in the variant drawn for it, one thing under the other.
_PHONE = """
@media screen and (max-width: 40rem) { .broad { display: none; } .narrow { display: block; }
  .narrow svg { width: 100%; } .tiles, .pair { grid-template-columns: 1fr !important; } dl { display: block; }
  dd { margin-bottom: .35rem; } main { padding-top: .8rem; } td:first-child { min-width: 5.5rem; }
  th, td { padding: .2rem .3rem; } td.sentence, .many td.sentence { min-width: 8.5rem; } }
"""

#: A head and a foot of a table repeat on every page, with the room that they need.
_PRINT = """
@page { size: A4; margin: 12mm 16mm 14mm;
  @bottom-right { content: counter(page) " / " counter(pages); font: 8pt sans-serif; } }
@media print { body { font-size: 10pt; line-height: 1.35; } main { max-width: none; padding: 0; }
  .sheet { display: table; width: 100%; } .sheet > .band { display: table-header-group;
  break-inside: avoid; }
  .band div { display: block; margin-bottom: 3mm; padding: 1mm; font-size: 9.5pt; }
  .sheet > .body { display: table-row-group; } table { font-size: 7.5pt; }
  .sheet > footer { display: table-footer-group;
  break-inside: avoid; } footer { font-size: 7.5pt; line-height: 1.3; } footer div { padding-top: 2mm; }
  footer p { font-size: inherit; margin: 0; }
  h1 { font-size: 15pt; } h2 { font-size: 11.5pt; margin: 3.5mm 0 1.5mm; } h3 { margin: 1mm 0; }
  .disclaimer { margin: 2mm 0; padding: 1mm 2mm; } .headline { font-size: 12.5pt; margin: 2mm 0; }
  .tiles b { font-size: 12.5pt; } dl { margin: 1.5mm 0; gap: 0 3mm; font-size: 9pt; } p, .notice { margin: 1mm 0;
  font-size: 9pt; } figcaption { font-size: 7.5pt; } figure { margin: 2mm 0; } .pair svg { max-height: 60mm; }
  .own-page { break-before: page; } .wide svg { min-width: 0; } .scroll { overflow: visible; }
  .number { white-space: normal; } td.sentence, .many td.sentence { min-width: 0; }
  figure, .notice, .tiles, .headline, tr, dt, dd { break-inside: avoid; } h2, h3, caption { break-after: avoid; } }
"""


def stylesheet() -> str:
    """Return the page's CSS; colours are variables named as the fields of Theme, light or dark as the reader's."""
    return f"{css_variables()}\n{_SCREEN}{_PHONE}{_PRINT}"
