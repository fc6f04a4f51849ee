"""The report: one self-contained page and a PDF that say the same, whatever stands in names."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from figure_cases import COX, LOGISTIC, cases, edited, phantom_voi
from test_figures import hostile_model

from RadiomicsPrognosisLib.errors import FileError, ModelMismatch, PackageMissing
from RadiomicsPrognosisLib.models.store import load_model
from RadiomicsPrognosisLib.report import write_report, writing
from RadiomicsPrognosisLib.report.blocks import (
    Block,
    DataTable,
    Facts,
    Headline,
    Link,
    Notice,
    Pair,
    Paragraph,
    Picture,
    Tiles,
)
from RadiomicsPrognosisLib.report.content import report_content

pytest.importorskip("fpdf")
pypdf = pytest.importorskip("pypdf")

HOSTILE = "</title><script>alert('x')</script><img src=x onerror=alert(1)> \u202eמאורע محمد \x07" + "W" * 10_000


class Page(HTMLParser):
    """Tags, attributes and text of a page; the standard library's parser, not the code that wrote it."""

    def __init__(self, text: str):
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str | None]] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]
        if tag not in ("meta", "br", "wbr"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes another element"

    def handle_data(self, data: str) -> None:
        if "style" not in self.open and "title" not in self.open:
            self.words.append(data)

    @property
    def text(self) -> str:
        return squeezed("".join(self.words))


def squeezed(text: str) -> str:
    """Return the text without white space: lines break differently in a page and in a PDF."""
    return re.sub(r"\s+", "", text)


def written(case: str, folder: Path, **options: Any) -> writing.ReportPaths:
    """Write the report of a case and return its paths."""
    prediction = cases()[case]
    return write_report(prediction, load_model(prediction.model.id), folder, **options)


def pdf_text(path: Path) -> str:
    return squeezed("".join(sheet.extract_text() for sheet in pypdf.PdfReader(path).pages))


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], tuple[Page, str]]:
    """Return a function giving the parsed page and the PDF's text of a case, written once."""
    @functools.cache
    def page_and_pdf(case: str) -> tuple[Page, str]:
        paths = written(case, tmp_path_factory.mktemp(case))
        page = Page(paths.html.read_text(encoding="utf-8"))
        assert page.open == []
        return page, pdf_text(paths.pdf)
    return page_and_pdf


def content_texts(case: str) -> list[str]:
    """Return every text that the report of a case must hold."""
    prediction = cases()[case]
    report = report_content(prediction, load_model(prediction.model.id))
    texts = [report.band, report.identity]
    for section in report.sections:
        texts.append(section.title)
        for block in section.blocks:
            texts += block_texts(block)
    return [text for text in texts if text]


def block_texts(block: Block) -> list[str]:
    """Return every text of a block."""
    match block:
        case Paragraph():
            return [block.text]
        case Headline():
            return [block.text, block.remark]
        case Notice():
            return [block.title, block.text]
        case Tiles():
            return [text for item in block.items for text in (item.label, item.value, item.remark)]
        case Facts():
            return [cell.text if isinstance(cell, Link) else cell for row in block.rows for cell in row]
        case DataTable():
            return [block.title, *block.head, *(cell for row in block.rows for cell in row)]
        case Picture():
            return [block.title, block.caption]
        case Pair():
            return [block.left.title, block.left.caption, block.right.title, block.right.caption]


@pytest.mark.parametrize("case", ["high", "no-survival", "no-score", "logistic"])
def test_page_and_pdf_say_the_same(case: str, read: Callable) -> None:
    page, pdf = read(case)
    for text in content_texts(case):
        assert squeezed(text) in page.text, text
        # A page break may fall inside a table's cell: then its words are there, with the footer between.
        assert squeezed(text) in pdf or all(squeezed(word) in pdf for word in text.split()), text
    for text in ("Researchuseonly", "Notamedicaldevice"):
        assert text in page.text and text in pdf


def test_withheld_parts_say_why_where_they_would_stand(read: Callable) -> None:
    page, pdf = read("no-score")
    reason = squeezed("needs their means and SDs: choose a scaling, or fit one from at least 20 cases of your own")
    for text in (page.text, pdf):
        for place in ("NoscaleoftheRad-score.", "Nocontributions.", "Nosurvivalcurve.", "Notableoffeatures."):
            assert place in text
        assert text.count(reason) >= 4
        assert "Nopictureofthecontour." in text
    page, pdf = read("no-survival")
    for text in (page.text, pdf):
        assert squeezed("Give Complete response one month after chemoradiotherapy (complete_response, or 'unknown' "
                        "while it is not yet known)") in text
        assert "Nosurvivalcurve." in text and "not given".replace(" ", "") in text


def test_warnings_and_demonstration_scaling_are_shown(read: Callable) -> None:
    page, pdf = read("high")
    for message in (item.message for item in cases()["high"].warnings):
        assert squeezed(message) in page.text and squeezed(message) in pdf
    assert "demonstrationscaling:anotherdisease" in page.text


def test_the_page_is_self_contained(tmp_path: Path) -> None:
    text = written("high", tmp_path, vois={"image": phantom_voi()}, pdf=False).html.read_text(encoding="utf-8")
    page = Page(text)
    assert not {"script", "link", "iframe", "object", "embed", "form", "base"} & set(page.tags)
    doi = f"https://doi.org/{load_model(COX).source.doi}"
    for tag, name, value in page.attributes:
        assert not name.startswith("on")
        if name in ("href", "src", "xlink:href", "action", "data"):
            assert value.startswith(("#", "data:image/png;base64,")) or (tag == "a" and value == doi), value
    assert [url for url in re.findall(r"\w+://[^\s\"'<)]+", text) if url != doi] == []
    assert "default-src 'none'" in text
    identifiers = [value for _, name, value in page.attributes if name == "id"]
    assert len(identifiers) == len(set(identifiers))


def test_both_files_repeat_byte_for_byte(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        vois = {"image": phantom_voi(LOGISTIC, "Node 3")}
        written("logistic", tmp_path / folder, vois=vois, patient={"name": "A", "ward": 7})
    for name in ("report.html", "report.pdf"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_patient_series_and_band_are_on_every_page_and_the_answer_on_the_first(tmp_path: Path) -> None:
    patient = {"name": "Meyer, Anna", "id": "0815", "series": "Thorax art.", "study_date": "2024-01-02", "reader": "B."}
    paths = written("high", tmp_path, vois={"image": phantom_voi()}, patient=patient)
    pages = [squeezed(page.extract_text()) for page in pypdf.PdfReader(paths.pdf).pages]
    foot, band = squeezed("Meyer, Anna · ID 0815 · Thorax art. · 2024-01-02"), "DEMONSTRATION,notapatient'sresult"
    assert len(pages) > 3 and all(foot in page and band in page for page in pages)
    for text in ("Rad-score group: high risk (image alone)", "36-month LPFS", "Predicted survival", "Contoured by",
                 "What limits it", "95 % intervals"):
        assert squeezed(text) in pages[0], text
    assert "Technicalappendix" in pages[1] and "Technicalappendix" not in pages[0]
    html = paths.html.read_text(encoding="utf-8")
    assert "display: table-footer-group" in html and "max-width: 40rem" in html
    # A figure of the page's width has a variant for a phone's, drawn in fewer centimetres.
    for name in ("scale", "nomogram", "contributions", "voi-image"):
        widths = [float(width) for width in re.findall(
            rf'class="(?:broad|narrow)"[^>]*><svg[^>]*?width="([0-9.]+)pt"[^>]*>(?:(?!</svg>).)*?id="{name}(?:-narrow)?-',
            html, re.DOTALL)]
        assert len(widths) == 2 and widths[0] > 440 and widths[1] < 280, (name, widths)


def test_a_series_is_not_called_enhanced_that_does_not_say_so(read: Callable) -> None:
    page, _ = read("logistic")
    assert squeezed("Contour on Contrast-enhanced") not in page.text
    assert squeezed("not stated in this file") in page.text


@pytest.mark.filterwarnings("ignore:Glyph")
def test_hostile_names_are_text_and_nothing_else(tmp_path: Path) -> None:
    prediction, model = cases()["high"], replace(
        hostile_model(), id=HOSTILE, population=HOSTILE, intended_use=HOSTILE,
        source=replace(hostile_model().source, citation=HOSTILE, doi='10.1/"><script>'))
    prediction = edited(prediction, vois__image__segment=HOSTILE, group__label=HOSTILE, protocol__title=HOSTILE,
                        scaling__origin=HOSTILE, scaling__name=HOSTILE, warnings=[{"code": "x", "message": HOSTILE}])
    patient = {"name": HOSTILE, HOSTILE: HOSTILE, "series": "a & b < c"}
    paths = write_report(prediction, model, tmp_path, patient=patient)
    text = paths.html.read_text(encoding="utf-8")
    page = Page(text)
    assert page.open == [] and "script" not in page.tags and "img" not in page.tags
    assert not any(name.startswith("on") for _, name, _ in page.attributes)
    assert "\u202e" not in text and "\x07" not in text
    assert "W" * 1000 not in text
    assert "a&b<c" in page.text
    assert "<bdi>&lt;/title&gt;" in text and "محمد" in text
    reader = pypdf.PdfReader(paths.pdf)
    assert len(reader.pages) <= 9
    assert "</title><script>" in squeezed(reader.pages[0].extract_text())


def test_letters_without_a_font_leave_a_mark_in_the_pdf(tmp_path: Path) -> None:
    """U+E000 is a private character that no font has: the reader must see that something stood there."""
    paths = written("logistic", tmp_path, patient={"name": "A\ue000B"})
    assert "A\ufffdB" in pdf_text(paths.pdf)


def test_the_report_belongs_to_its_model_and_contour(tmp_path: Path) -> None:
    prediction = cases()["high"]
    with pytest.raises(ModelMismatch, match="was made with model"):
        write_report(prediction, load_model(LOGISTIC), tmp_path)
    other = replace(phantom_voi(), start=(0, 0, 0))
    with pytest.raises(ModelMismatch, match="is not the one the prediction was made from"):
        write_report(prediction, load_model(COX), tmp_path, vois={"image": other})
    assert list(tmp_path.iterdir()) == []


def test_files_are_named_and_asked_for(tmp_path: Path) -> None:
    prediction = cases()["logistic"]
    paths = write_report(prediction, load_model(LOGISTIC), tmp_path / "new", pdf=False, stem="case 7")
    assert paths == writing.ReportPaths(tmp_path / "new" / "case 7.html", None)
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["case 7.html"]
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match="cannot be written"):
        write_report(prediction, load_model(LOGISTIC), tmp_path / "file", pdf=False)


def test_a_missing_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys
    monkeypatch.setitem(sys.modules, "fpdf", None)
    monkeypatch.delitem(sys.modules, "RadiomicsPrognosisLib.report.pdf", raising=False)
    with pytest.raises(PackageMissing, match="fpdf"):
        write_report(cases()["logistic"], load_model(LOGISTIC), tmp_path)


def test_without_vtk_the_report_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys
    monkeypatch.setitem(sys.modules, "vtk", None)
    report = report_content(cases()["low"], load_model(COX), {"image": phantom_voi()})
    notices = [block for section in report.sections for block in section.blocks if isinstance(block, Notice)]
    assert any(block.title == "No 3-D picture" and "needs VTK" in block.text for block in notices)
