"""Templates compiled: structure, slots, errors with their line, and nothing out of the folder."""

from __future__ import annotations

import io
import re
import shutil
import socket
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import msgspec
import pikepdf
import pymupdf
import pytest
from fontTools.ttLib import TTFont
from PIL import Image

from pixattest import IssuerError, Press, TemplateError
from pixattest.model import assets
from pixattest.model.issuer import Issuer, Wordmark, default_issuer

LABELS = """date = "d MMMM y"
[words]
title = "Attestation"
born = "Né le {birth_date}"
quote = 'a "b" <c> & {{d}}'
[years]
3 = "trois ans"
"""
SVG = "{http://www.w3.org/2000/svg}"

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a template whose body starts on line 2; its path."""

    def write(body: str, *, labels: str = LABELS, name: str = "page.svg") -> Path:
        folder = tmp_path / "template"
        (folder / "labels").mkdir(parents=True, exist_ok=True)
        (folder / "labels" / "fr.toml").write_text(labels, encoding="utf-8")
        (folder / name).write_text(
            '<svg xmlns="http://www.w3.org/2000/svg" width="200pt" height="200pt"'
            ' viewBox="0 0 200 200" font-family="Source Sans 3" font-size="10">\n'
            f"{body}\n</svg>\n",
            encoding="utf-8",
        )
        return folder / name

    return write


@pytest.fixture
def shown(write: Write, record: dict[str, Any]) -> Callable[[str], str]:
    """What a page says whose body is in a paragraph at line 2."""

    def shown(body: str) -> str:
        path = write(f'<g role="paragraph" transform="translate(10 50)">{body}</g>')
        with pymupdf.open(stream=Press(path).render(record), filetype="pdf") as document:
            return " ".join(str(document[0].get_text()).split())

    return shown


@pytest.fixture
def refused(write: Write, record: dict[str, Any]) -> Callable[..., TemplateError]:
    """The error of a body that can't be compiled."""

    def refused(body: str, **changes: Any) -> TemplateError:
        with pytest.raises(TemplateError) as caught:
            Press(write(body, **changes)).render(record)
        return caught.value

    return refused


def tags_of(pdf: bytes) -> list[str]:
    """Structure types in reading order, indented by depth."""
    found: list[str] = []

    def walk(element: Any, depth: int) -> None:
        found.append("  " * depth + str(element.S)[1:])
        kids = element.get("/K", [])
        for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
            if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
                walk(kid, depth + 1)

    with pikepdf.open(io.BytesIO(pdf)) as file:
        walk(file.Root.StructTreeRoot.K, 0)
    return found


# What a template shows.


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ('<text data-field="full_name">Sample</text>', "Camille Martin"),
        ('<text data-format="{score} of {max_score}">Sample</text>', "142 of 768"),
        ('<text data-format="{{ label.quote }}">Sample</text>', 'a "b" <c> & {d}'),
        ('<text data-format="{{ label.born }}">Sample</text>', "Né le 12 janvier 2003"),
        ('<text data-text="{{ label.title }}">Sample</text>', "Attestation"),
        ('<text data-text="{{ label.quote }}">Sample</text>', 'a "b" <c> & {{d}}'),
        ('<text data-format="{years}, {max_level} of {top_level}"/>', "trois ans, 6 of 8"),
        ("<text>a<tspan>b</tspan><tspan>c</tspan></text>", "abc"),
        ('<text>a <tspan dx="9">b</tspan><tspan> c</tspan></text>', "a b c"),
        ('<text text-anchor="end" x="90">a<tspan x="95" y="20">b</tspan></text>', "a b"),
        ('<text data-format=""/><text>b</text>', "b"),
        ('<text data-sample="">gone</text><text>here</text>', "here"),
        ('<text data-when="score">with</text><text data-when="not score">without</text>', "with"),
        ('<g data-when="level:5.1"><text>no</text></g><text>yes</text>', "yes"),
        ('<text data-when="level:2.1 >= 4">top</text>', "top"),
        ('<g data-when="level:2.1 >= 5"><text>no</text></g><text>yes</text>', "yes"),
        ('<g data-when="not level:5.1 >= 1"><text>none</text></g>', "none"),
        ('<g data-when="score >= 142"><text>so many</text></g>', "so many"),
        (
            "<!--{% for n in [1, 2] %}--><text y='{{ 20 * n }}'>{{ n }}</text><!--{% endfor %}-->",
            "1 2",
        ),
    ],
)
def test_bound_text_is_shown_in_place_of_the_sample(
    shown: Callable[[str], str], body: str, text: str
) -> None:
    """Fields, formats, labels, conditions and loops are filled in; sample text is not shown."""
    assert shown(body) == text


def test_names_cannot_be_markup_or_formats(write: Write, record: dict[str, Any]) -> None:
    """What a record says is text, whatever braces, tags or brackets it holds."""
    press = Press(write('<g role="paragraph"><text y="50" data-field="centre"/></g>'))
    for centre in ("{score}", "<b>x</b>", "{{ 1 + 1 }}", "a (b) \\c", "&amp;"):
        with pymupdf.open(stream=press.render(record | {"centre": centre})) as document:
            assert str(document[0].get_text()).strip() == centre


@pytest.mark.parametrize("paragraphs", [1, 93, 94, 95, 96, 250, 600])
def test_pages_may_have_any_number_of_tags(
    write: Write, record: dict[str, Any], paragraphs: int
) -> None:
    """Where the numbers of a page take several hundreds, and its tags tens of kilobytes."""
    texts = '<text y="20">{0}</text>'
    body = "".join(
        f'<g role="paragraph">{texts.format(number)}</g>' for number in range(paragraphs)
    )
    slot = '<g role="paragraph"><text y="50" data-field="first_name"/></g>'
    path, file = write(body + slot + body), BytesIO()
    people = [record | {"first_name": name} for name in ("Anna", "Zoé", "Łucja")]
    Press(path).write(people, file)
    with pikepdf.open(file, attempt_recovery=False) as document:
        assert not document.check_pdf_syntax()
        sections = document.Root.StructTreeRoot.K.K
        assert [len(section.K) for section in sections] == [2 * paragraphs + 1] * 3
        for section, page in zip(sections, document.pages, strict=True):
            assert [kid.K for kid in section.K] == [*range(2 * paragraphs + 1)]
            assert {kid.Pg.objgen for kid in section.K} == {page.objgen}
    with pymupdf.open(stream=file.getvalue(), filetype="pdf") as pages:
        for page, person in zip(pages, people, strict=True):
            assert person["first_name"] in page.get_text()


def test_roles_become_tags(write: Write, record: dict[str, Any]) -> None:
    """ARIA roles are the document's structure, in the order of the drawing."""
    path = write(
        """<g role="region"><g role="heading" aria-level="2"><text y="20">a</text></g></g>
        <rect width="5" height="5"/>
        <g role="table"><g role="row">
          <g role="rowheader"><text y="40">b</text></g><g role="cell"><text y="60">c</text></g>
        </g></g>
        <g role="list"><g role="listitem"><text y="80">d</text></g></g>
        <g role="img" aria-label="A square"><rect width="9" height="9"/></g>
        <g role="note"><a href="https://pix.fr"><text y="90">pix</text></a></g>
        <g role="presentation"><text y="120">e</text></g>"""
    )
    assert tags_of(Press(path).render(record)) == [
        "Document",
        "  Sect",
        "    Sect",
        "      H2",
        "    Table",
        "      TR",
        "        TH",
        "        TD",
        "    L",
        "      LI",
        "    Figure",
        "    Note",
        "      Link",
    ]


def test_opacity_ends_with_its_text(write: Write, record: dict[str, Any]) -> None:
    """A translucent text leaves the next one opaque."""
    body = (
        '<g role="paragraph" font-size="90"><text x="5" y="80" fill-opacity="0.1">HH</text>'
        '<text x="5" y="180">HH</text></g>'
    )
    with pymupdf.open(stream=Press(write(body)).render(record)) as document:
        pixels = document[0].get_pixmap(clip=(0, 100, 200, 200))
        picture = Image.frombytes("L", (200, 100), pixels.samples[::3])
    assert picture.getextrema()[0] < 10


def test_own_template_has_its_own_fonts_and_labels(write: Write, record: dict[str, Any]) -> None:
    """A template elsewhere brings its fonts/ and labels/ with it."""
    path = write(
        '<g role="heading"><text y="50" font-family="Mine">{{ label.title }}</text></g>',
        labels=LABELS.replace("Attestation", "Félicitations"),
    )
    (path.parent / "fonts").mkdir()
    font = TTFont(assets.FONTS / "source-serif-4" / "SourceSerif4_600SemiBold.ttf")
    for name_id in (1, 16):
        font["name"].setName("Mine", name_id, 3, 1, 0x409)
    font["name"].setName("Mine-Regular", 6, 3, 1, 0x409)
    font.save(path.parent / "fonts" / "mine.ttf")
    pdf = Press(path).render(record)
    with pymupdf.open(stream=pdf, filetype="pdf") as document:
        assert str(document[0].get_text()).strip() == "Félicitations"
        assert {font[3].split("+")[1] for font in document[0].get_fonts()} == {"Mine-Regular"}


def test_template_through_a_link_is_found(
    write: Write, record: dict[str, Any], tmp_path: Path
) -> None:
    """A path that links to a template of the same name is that template, with its labels."""
    link = tmp_path / "page.svg"
    link.symlink_to(write('<g role="paragraph"><text y="50">a</text></g>'))
    assert Press(link).render(record).startswith(b"%PDF")


def test_template_through_a_link_of_another_name_is_found(
    write: Write, record: dict[str, Any], tmp_path: Path
) -> None:
    """A link may have another name than the template."""
    link = tmp_path / "current.svg"
    link.symlink_to(write('<g role="paragraph"><text y="50">a</text></g>'))
    assert Press(link).render(record).startswith(b"%PDF")


def test_a_cell_to_be_filled_in_by_hand_is_read_as_what_it_says(
    write: Callable[..., Path], record: dict[str, Any]
) -> None:
    """An empty cell with data-empty says so in the page's own content, whoever paints it."""
    path = write(
        '<g role="table"><g role="row"><g role="columnheader"><text y="20">a</text></g></g>'
        '<g role="row"><g role="cell" data-empty="to sign" transform="translate(0 40)"/></g></g>'
        '<g role="paragraph"><text y="60" data-field="centre">a</text></g>'
    )
    file = BytesIO()
    Press(path).write([record, record], file)
    with pikepdf.open(file) as document:
        contents = document.pages[0].Contents
        found = b"".join(part.read_bytes() for part in contents)
    assert found.count(b"/ActualText(to sign )") == 1


# The shipped template, as it is.


@pytest.mark.parametrize("name", assets.template_names())
def test_shipped_template_is_a_drawing_with_sample_text(name: str) -> None:
    """A shipped template is well-formed SVG by itself, with sample text in its bound texts."""
    root = ElementTree.parse(assets.template_path(name)).getroot()
    assert root.tag == f"{SVG}svg"
    bound = [
        text
        for text in root.iter(f"{SVG}text")
        if "data-field" in text.attrib or "data-format" in text.attrib
    ]
    assert len(bound) > 3
    assert all("".join(text.itertext()).strip() for text in bound)
    samples = " ".join("".join(text.itertext()) for text in root.iter(f"{SVG}text"))
    assert "{{" not in samples
    assert re.search(r"Camille MARTIN|Camille Martin", samples)


@pytest.mark.parametrize("name", assets.template_names())
def test_shipped_template_opens_in_an_svg_viewer(name: str) -> None:
    """A shipped template can be looked at without pixattest."""
    with pymupdf.open(assets.template_path(name)) as document:
        pixels = document[0].get_pixmap(dpi=36)
    assert len(set(pixels.samples)) > 20


# What is refused, and where it says so.

P = '\n<g role="paragraph">{}</g>'


@pytest.mark.parametrize(
    ("body", "problem", "hint"),
    [
        ("\n<text>a</text>", "text stands in no element with a role", 'role="paragraph"'),
        ('\n<g role="table"><text>a</text></g>', "text stands in no element with a role", "role"),
        ('\n<g role="img"><rect width="5" height="5"/></g>', "picture has no aria-label", "shows"),
        ('\n<g role="img" aria-label=""><rect/></g>', "picture has no aria-label", "shows"),
        ('\n<g role="img" aria-label="x"></g>', "picture is empty", "role img"),
        (
            '\n<g role="table"><g role="row"><g role="cell"><text>a</text></g></g></g>',
            "table has no headers",
            "rowheader",
        ),
        ('\n<g role="paragrap"/>', "role 'paragrap' is not supported", '"paragraph"?'),
        ('\n<g role="marquee"/>', "role 'marquee' is not supported", "Roles are article"),
        ('\n<g role="heading" aria-level="7"/>', "aria-level is '7'", "1 to 6"),
        (P.format('<text data-field="ful_name"/>'), "no field 'ful_name'", '"full_name"?'),
        (P.format('<text data-field="level:1.9"/>'), "no field 'level:1.9'", '"level:1.'),
        (P.format('<text data-field="zzz"/>'), "no field 'zzz'", "Fields are first_name"),
        (P.format('<text data-format="{scor}"/>'), "no field 'scor'", '"score"?'),
        (P.format('<text data-format="{score"/>'), "braces that do not match", "{{ or }}"),
        (P.format('<text data-when="skore">a</text>'), "no field 'skore'", '"score"?'),
        (P.format('<text data-when="score > 3">a</text>'), "data-when is 'score > 3'", ">= 3"),
        (P.format('<text data-when="score >= x">a</text>'), "data-when is 'score >= x'", ">= 3"),
        (P.format('<text data-when="centre >= 3">a</text>'), "centre is no number", "score"),
        (
            '\n<g data-when="score"><g role="note"><text>a</text></g></g>',
            "within data-when",
            "inside",
        ),
        ('\n<g data-when="score" role="note"><text>a</text></g>', "within data-when", "inside"),
        (P.format('<text font-family="Foo">a</text>'), "font family 'Foo' is not there", "fonts/"),
        (P.format('<text fill="none">a</text>'), "text has no fill", "colour"),
        (P.format('<text stroke="red">a</text>'), "text has a stroke", "path"),
        (P.format('<text text-anchor="end">a<tspan>b</tspan></text>'), "text-anchor", "own x"),
        (P.format('<text data-lines="2">a<tspan>b</tspan></text>'), "several parts", "one part"),
        (
            P.format('<text data-width="90">a<tspan x="9">b</tspan></text>'),
            "parts have places of their own",
            "beside the one before",
        ),
        (
            P.format('<text data-width="9">alpha<tspan>bet</tspan></text>'),
            "'alphabet' does not fit its room",
            "data-min-size",
        ),
        (P.format('<text data-lines="1.5">a</text>'), "data-lines is 1.5", "whole number"),
        (P.format('<text data-min-size="0">a</text>'), "data-min-size of <text> is 0", "more"),
        (P.format('<text data-format="{}"/>'), "nothing in {}", "label"),
        ('\n<g aria-hidden="yes"/>', "aria-hidden is 'yes'", "true or false"),
        ('\n<g aria-level="2"/>', "aria-level stands on an element without a role", "Give"),
        ('\n<g role="table"><g role="note"/></g>', "a note stands in a table", "row"),
        ('\n<a href="https://pix.fr"><text data-field="score"/></a>', "aria-label", "leads"),
        (
            '\n<image aria-hidden="true" width="9" height="9" data-field="score"/>',
            "only qr_address",
            "texts",
        ),
        (P.format('<text transform="scale(0)">a</text>'), "no room for a <text>", None),
        (P.format('<text data-grow="up">a</text>'), "data-grow is 'up'", "down or middle"),
        (P.format('<text data-width="wide">a</text>'), "data-width of <text>", "plain numbers"),
        (P.format('<text data-width="5">Attestation</text>'), "does not fit", "data-width"),
        (P.format("<text>😀</text>"), "U+1F600, GRINNING FACE", "another character"),
        (P.format('<image x="0" y="0" width="9" height="9" href="a.png"/>'), "no role", "aria"),
        (P.format('<g role="note" data-empty="none"><text>a</text></g>'), "no field can", "Remove"),
        ('\n<a href=""><text>a</text></a>', "link has no href", "href"),
        ('\n<a href="https://pix.fr"></a>', "link has no href or no text", "href"),
        (
            '\n<image role="img" aria-label="x" data-image="photo" x="0" y="0" width="9"'
            ' height="9"/>',
            "data-image is 'photo'",
            "signature or logo",
        ),
        (
            '\n<image role="img" aria-label="x" data-image="logo" x="0" y="0" width="9"'
            ' height="9"/>',
            "issuer has no logo image",
            "if",
        ),
    ],
)
def test_template_that_cannot_be_accessible_or_drawn_is_refused(
    refused: Callable[..., TemplateError], body: str, problem: str, hint: str | None
) -> None:
    """Each fault is named with the template's name, its line, and how to mend it."""
    error = refused(body)
    assert problem in error.problem
    assert (error.source, error.line) == ("page.svg", 3)
    assert hint is None or hint in str(error.hint)


def test_line_is_that_of_the_source_within_loops(refused: Callable[..., TemplateError]) -> None:
    """Lines are counted in the file, not in what its loops write."""
    body = '<!--{% for n in range(9) %}-->\n<rect width="1"/>\n<!--{% endfor %}-->\n<text>a</text>'
    assert refused(body).line == 5


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("\n{{ label.titel }}", "titel"),
        ("\n{{ nothing }}", "'nothing' is undefined"),
        ("\n<!--{% if variant.nothing %}--><!--{% endif %}-->", "nothing"),
        ("\n{{ 1 / 0 }}", "division by zero"),
        ("\n{{ 'x' + 1 }}", "str"),
        ("\n{{ 'blue!'|readable }}", "blue!"),
        ("\n{{ 5|readable }}", "strip"),
        ("\n{{ '#000'|tint(2) }}", "strength"),
        ("\nword", "is in no text"),
    ],
)
def test_unknown_word_is_refused(
    refused: Callable[..., TemplateError], body: str, problem: str
) -> None:
    """A label or value that is not there is an error, never an empty text."""
    assert problem in refused(body).problem


def test_unknown_label_has_its_line(refused: Callable[..., TemplateError]) -> None:
    """An error of Jinja carries its line as any other does, and the label that was meant."""
    error = refused("\n{{ label.titel }}")
    assert (error.line, error.hint) == (3, 'Did you mean "title"?')
    assert refused("\n{{ issuer.wordmak }}").hint == 'Did you mean "wordmark"?'
    assert refused("\n{{ variant.scor }}").hint == 'Did you mean "score"?'


@pytest.mark.parametrize(
    ("part", "problem"),
    [
        ("\n<recht/>", "<recht> is not supported"),
        ("\n{{ label.titel }}", "has no word 'titel'"),
        ("\n{{ 1 + }}", "unexpected"),
        ("<g>\n</rect>", "</rect> closes nothing"),
        ("\n<text>a</text>", "text stands in no element with a role"),
        ('\n<image aria-hidden="true" width="9" height="9" href="none.png"/>', "is not there"),
    ],
)
def test_error_in_an_included_file_names_that_file(
    write: Write, record: dict[str, Any], part: str, problem: str
) -> None:
    """File and line are those of the part that holds the fault."""
    path = write('\n<!--{% include "part.svg" %}-->')
    (path.parent / "part.svg").write_text(part, encoding="utf-8")
    with pytest.raises(TemplateError, match=re.escape(problem)) as caught:
        Press(path).render(record)
    assert (caught.value.source, caught.value.line) == ("part.svg", 2)


def test_missing_include_is_refused_at_its_line(refused: Callable[..., TemplateError]) -> None:
    """The file that is not there is named."""
    error = refused('\n<!--{% include "none.svg" %}-->')
    assert ("'none.svg'" in error.problem, error.line) == (True, 3)


def test_jinja_syntax_error_has_its_line(refused: Callable[..., TemplateError]) -> None:
    """A block that is not closed, or an expression that is none, is refused at its line."""
    assert refused("\n<!--{% for x %}-->").line == 3
    assert refused("\n{{ 1 + }}").line == 3


def test_missing_family_of_a_bound_text_has_its_line(
    refused: Callable[..., TemplateError],
) -> None:
    """A family that is missing is refused at its text, bound or not."""
    assert refused(P.format('<text font-family="Foo" data-field="score"/>')).line == 3


def test_missing_language_is_refused(write: Write, record: dict[str, Any]) -> None:
    """A language that the template lacks is an error that names the file to add."""
    with pytest.raises(TemplateError, match="no labels in the language 'en'") as caught:
        Press(write(""), language="en").render(record)
    assert "labels/en.toml" in str(caught.value.hint)


@pytest.mark.parametrize(
    "body",
    [
        P.format('<text y="20" data-filed="score">999</text>'),
        P.format('<text y="20" data-formt="{score}">999</text>'),
        P.format('<text y="20" data-felds="1">999</text>'),
        '\n<g role="img" aria-lable="x" aria-label="y"><rect width="5" height="5"/></g>',
    ],
)
def test_misspelt_binding_is_refused(refused: Callable[..., TemplateError], body: str) -> None:
    """An unknown data- or aria- attribute is refused, or a sample would be printed for all."""
    assert refused(body).line == 3


@pytest.mark.parametrize(
    "body",
    [
        P.format('<text y="20"><tspan data-field="score">999</tspan></text>'),
        P.format('<text y="20"><tspan data-when="score">999</tspan></text>'),
        P.format('<text y="20"><tspan role="note">999</tspan></text>'),
        P.format('<g data-field="score"><text y="20">999</text></g>'),
        P.format('<text y="20">a<tspan><tspan>lost</tspan></tspan></text>'),
        P.format('<text y="20">a<a href="https://pix.fr">lost</a></text>'),
        P.format('<text y="20">a<rect width="5" height="5"/></text>'),
    ],
)
def test_part_that_would_be_lost_is_refused(
    refused: Callable[..., TemplateError], body: str
) -> None:
    """What stands where it is not looked at is refused rather than left out in silence."""
    assert refused(body).line == 3


def test_space_between_parts_of_a_text_is_kept(shown: Callable[[str], str]) -> None:
    """A space before a tspan is one for the reader too."""
    assert shown("<text>Hello <tspan>World</tspan></text>") == "Hello World"


@pytest.mark.parametrize(
    "body",
    [
        '\n<g role="row"><g role="cell"><text>a</text></g></g>',
        P.format('<g role="cell"><text>a</text></g>'),
        '\n<g role="listitem"><text>a</text></g>',
        '\n<g role="list"><g role="paragraph"><text>a</text></g></g>',
    ],
)
def test_role_out_of_its_place_is_refused(refused: Callable[..., TemplateError], body: str) -> None:
    """A row outside a table, a cell outside a row or an item outside a list is refused."""
    assert refused(body).line == 3


@pytest.mark.parametrize(
    "body",
    [
        P.format('<text font-size="0" data-width="9" data-field="score"/>'),
        '<rect x="nan" width="5" height="5"/>',
        '<path d="L 5 5"/>',
        '<image role="img" aria-label="x" x="0" y="0" width="0" height="5" href="a.png"/>',
        '<!--{% include "page.svg" %}-->',
        "<g>" * 2000 + "</g>" * 2000,
        '<image aria-hidden="true" width="9" height="9" href="a.png" transform="scale(0)"/>',
        '<polygon points="1 2 3"/>',
        "<!--{% set x = 5 %}-->{{ x.y.z }}",
    ],
)
def test_absurd_template_is_refused_as_one(
    refused: Callable[..., TemplateError], body: str
) -> None:
    """No template makes any other error than a TemplateError."""
    refused(body)


# The sandbox.


@pytest.mark.parametrize(
    "expression",
    [
        "label.__class__",
        "label.__class__.__mro__[1].__subclasses__()",
        "''.__class__",
        "variant.__class__.__init__.__globals__",
        "label['__class__'].__name__",
        "label|attr('__class__')",
        "''.join.__self__.__class__",
        "'{0.__class__}'.format(label)",
        "'{0.__class__.__mro__}'|format(label)|string ~ ''.format_map.__globals__",
        "self.__init__.__globals__",
        "lipsum.__globals__",
        "cycler.__init__.__globals__['os']",
        "namespace.__init__",
        "range(99999999)",
        "framework.domains.append(1)",
        "label.update({'a': 'b'})",
        "label.clear()",
        "framework.domains.pop()",
        "framework.domains[0].setdefault('a', 1)",
        "9 ** (9 ** 9)",
        "(9 ** 999) * (9 ** 999) * (9 ** 999) * (9 ** 999)",
        "'x' * 10 ** 9",
        "10 ** 9 * 'x'",
        "[0] * 99999999",
    ],
)
def test_sandbox_lets_nothing_out_and_nothing_be_changed(
    refused: Callable[..., TemplateError], expression: str
) -> None:
    """Neither Python's insides nor what the template is given can be touched."""
    error = refused(P.format("<text y='20'>{{ " + expression + " }}</text>"))
    assert error.problem.startswith("Jinja2: ")


@pytest.mark.parametrize("way", ["include", "import", "extends", "from"])
@pytest.mark.parametrize(
    "name",
    ["../secret.svg", "/etc/hostname", "labels/../../secret.svg", "link.svg", "far/secret.svg"],
)
def test_template_reaches_no_file_outside_its_folder(
    write: Write, record: dict[str, Any], tmp_path: Path, way: str, name: str
) -> None:
    """No path, absolute, upwards or through a link, leads out of the template's folder."""
    (tmp_path / "secret.svg").write_text("<desc>secret</desc>", encoding="utf-8")
    tail = " as x" if way == "import" else " import x" if way == "from" else ""
    path = write(f'<!--{{% {way} "{name}"{tail} %}}-->')
    (path.parent / "link.svg").symlink_to(tmp_path / "secret.svg")
    (path.parent / "far").symlink_to(tmp_path)
    with pytest.raises(TemplateError, match="outside the template's folder"):
        Press(path).render(record)


def test_template_includes_files_of_its_folder(write: Write, record: dict[str, Any]) -> None:
    """Parts of a template may stand beside it, and below."""
    path = write('<!--{% include "parts/a.svg" %}-->')
    (path.parent / "parts").mkdir()
    part = '<g role="note"><text y="20">from a part</text></g>'
    (path.parent / "parts" / "a.svg").write_text(part, encoding="utf-8")
    with pymupdf.open(stream=Press(path).render(record)) as document:
        assert str(document[0].get_text()).strip() == "from a part"


def image(href: str, attributes: str = 'role="img" aria-label="x"') -> str:
    return f'\n<image {attributes} x="0" y="0" width="9" height="9" href="{href}"/>'


@pytest.mark.parametrize("href", ["../x.png", "../../x.png", "/etc/hostname", "link.png"])
def test_image_reaches_no_file_outside_the_folder(
    write: Write, record: dict[str, Any], tmp_path: Path, href: str
) -> None:
    """An image's href leads nowhere but into the template's folder."""
    for folder in (tmp_path, tmp_path.parent):
        Image.new("L", (9, 9)).save(folder / "x.png")
    path = write(image(href))
    (path.parent / "link.png").symlink_to(tmp_path / "x.png")
    with pytest.raises(TemplateError, match="outside the template's folder"):
        Press(path).render(record)


@pytest.mark.parametrize(
    "href",
    [
        "https://example.org/x.png",
        "//example.org/x.png",
        "file:///etc/hostname",
        "data:image/png;base64,AAAA",
    ],
)
def test_image_reaches_no_network(
    refused: Callable[..., TemplateError], monkeypatch: pytest.MonkeyPatch, href: str
) -> None:
    """An address is not fetched, and refused."""
    monkeypatch.setattr(socket, "socket", None)
    monkeypatch.setattr(socket, "create_connection", None)
    problem = refused(image(href)).problem
    assert re.search("is not there|outside the template's folder|embedded", problem)


def test_labels_are_not_read_through_a_link_out_of_the_folder(
    write: Write, record: dict[str, Any], tmp_path: Path
) -> None:
    """A link to labels elsewhere is refused, as any file outside the folder is."""
    path = write('<g role="note"><text y="20">{{ label.title }}</text></g>')
    (tmp_path / "fr.toml").write_text(LABELS, encoding="utf-8")
    (path.parent / "labels" / "fr.toml").unlink()
    (path.parent / "labels" / "fr.toml").symlink_to(tmp_path / "fr.toml")
    with pytest.raises(TemplateError):
        Press(path).render(record)


def test_image_of_the_folder_is_drawn(write: Write, record: dict[str, Any]) -> None:
    """An image beside the template is drawn in its place, undistorted and centred."""
    path = write(image("red.png").replace('width="9" height="9"', 'width="100" height="50"'))
    Image.new("RGB", (10, 10), "red").save(path.parent / "red.png")
    with pymupdf.open(stream=Press(path).render(record)) as document:
        (info,) = document[0].get_image_info()
    assert info["bbox"] == pytest.approx((25, 0, 75, 50), abs=0.01)


@pytest.mark.parametrize(
    ("align", "left", "top"),
    [("xMinYMin", 0, 0), ("xMaxYMid", 50, 0), ("xMidYMax meet", 25, 0)],
)
def test_image_is_aligned_in_its_room(
    write: Write, record: dict[str, Any], align: str, left: float, top: float
) -> None:
    """PreserveAspectRatio says where an image of other proportions stands."""
    body = image("a.png", f'role="img" aria-label="x" preserveAspectRatio="{align}"')
    path = write(body.replace('width="9" height="9"', 'width="100" height="50"'))
    Image.new("RGB", (10, 10), "red").save(path.parent / "a.png")
    with pymupdf.open(stream=Press(path).render(record)) as document:
        (info,) = document[0].get_image_info()
    assert info["bbox"][:2] == pytest.approx((left, top), abs=0.01)


@pytest.mark.parametrize("align", ["none", "xMidYMid slice", "left"])
def test_image_is_never_distorted_or_cut(write: Write, record: dict[str, Any], align: str) -> None:
    """An alignment that would distort or cut an image is refused with its line."""
    path = write(image("a.png", f'role="img" aria-label="x" preserveAspectRatio="{align}"'))
    Image.new("RGB", (10, 20), "red").save(path.parent / "a.png")
    with pytest.raises(TemplateError, match="preserveAspectRatio is") as caught:
        Press(path).render(record)
    assert caught.value.line == 3


@pytest.mark.parametrize("href", ["none.png", "../x.png", "labels", ""])
def test_image_that_cannot_be_used_has_its_line(
    refused: Callable[..., TemplateError], href: str
) -> None:
    """A missing, foreign or broken image of a template is refused at its element."""
    assert refused(image(href)).line == 3


def test_turned_image_keeps_its_resolution(write: Write, record: dict[str, Any]) -> None:
    """A wide image turned by 90 degrees has 300 dots per inch all the same."""
    path = write(
        '<g transform="translate(100 0) rotate(90)">{}</g>'.format(
            image("a.png").replace('width="9" height="9"', 'width="144" height="36"')
        )
    )
    Image.new("L", (1200, 300), 99).save(path.parent / "a.png")
    with pymupdf.open(stream=Press(path).render(record)) as document:
        (info,) = document[0].get_image_info()
    assert info["width"] == 600


def test_line_of_several_parts_shrinks_as_a_whole(write: Write, record: dict[str, Any]) -> None:
    """Sizes and distances keep their proportions; where it has room, nothing changes."""

    def spans(width: float) -> list[Any]:
        parts = '<tspan dx="10" style="font-size: 10px">parts</tspan>'
        text = f'<text x="10" y="30" data-width="{width}" data-min-size="4">Several {parts}</text>'
        path = write(P.format(text))
        with pymupdf.open(stream=Press(path).render(record)) as document:
            (block,) = document[0].get_text("dict")["blocks"]
        return [span for line in block["lines"] for span in line["spans"]]

    natural, narrow = spans(500), spans(50)
    assert natural[-1]["bbox"][2] > 70
    scale = narrow[0]["size"] / natural[0]["size"]
    space = 0.2 * narrow[-1]["size"]  # which ends a text
    assert narrow[-1]["bbox"][2] - space == pytest.approx(60, abs=0.2)
    assert narrow[-1]["size"] == pytest.approx(natural[-1]["size"] * scale)
    for one, other in zip(natural, narrow, strict=True):
        x, y = other["origin"]
        assert x - 10 == pytest.approx((one["origin"][0] - 10) * scale, abs=0.1)
        assert y == pytest.approx(one["origin"][1])


# The issuer's part.


def test_issuers_logo_is_drawn(write: Write, record: dict[str, Any], tmp_path: Path) -> None:
    """data-image draws the issuer's own image, from wherever the issuer keeps it."""
    Image.new("RGB", (20, 10), "blue").save(tmp_path / "logo.png")
    issuer: Issuer = msgspec.structs.replace(
        default_issuer(), wordmark=Wordmark(logo=str(tmp_path / "logo.png"))
    )
    path = write(image("").replace('href=""', 'data-image="logo"'))
    with pymupdf.open(stream=Press(path, issuer).render(record)) as document:
        assert len(document[0].get_image_info()) == 1


@pytest.mark.parametrize(("size", "said"), [((20, 10), 2), ((10, 20), 0.5), (None, 0)])
def test_proportion_of_the_logo_is_known_before_any_record(
    write: Write,
    record: dict[str, Any],
    tmp_path: Path,
    size: tuple[int, int] | None,
    said: float,
) -> None:
    """Its width over its height, and 0 without one."""
    wordmark = Wordmark(text="pix")
    if size:
        Image.new("RGB", size, "blue").save(tmp_path / "logo.png")
        wordmark = Wordmark(logo=str(tmp_path / "logo.png"))
    issuer: Issuer = msgspec.structs.replace(default_issuer(), wordmark=wordmark)
    path = write(P.format(f'<text y="20" data-text="{{{{ issuer.logo == {said} }}}}"/>'))
    with pymupdf.open(stream=Press(path, issuer).render(record)) as document:
        assert document[0].get_text().strip() == "True"


def test_issuers_broken_logo_is_the_issuers_fault(
    write: Write, record: dict[str, Any], tmp_path: Path
) -> None:
    """A broken image of the issuer is an IssuerError that names the file."""
    (tmp_path / "logo.png").write_bytes(b"broken")
    issuer: Issuer = msgspec.structs.replace(
        default_issuer(), wordmark=Wordmark(logo=str(tmp_path / "logo.png"))
    )
    path = write(image("").replace('href=""', 'data-image="logo"'))
    with pytest.raises(IssuerError, match=r"the image logo\.png is not a PNG or JPEG"):
        Press(path, issuer).render(record)


def test_shipped_template_can_be_copied_and_changed(record: dict[str, Any], tmp_path: Path) -> None:
    """A copy of the shipped template, elsewhere, prints the same bytes."""
    source = assets.template_path("attestation").parent
    shutil.copytree(source, tmp_path / "copy")
    assert Press(tmp_path / "copy" / "template.svg").render(record) == Press().render(record)
