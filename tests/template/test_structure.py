"""Roles of a drawing: the tags they become, and where they can't stand."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from drawings import P, Refused, Write

from pixattest import Press


def tags_of(pdf: bytes) -> list[str]:
    """Structure types in reading order, indented by depth."""
    found: list[str] = []

    def walk(element: Any, depth: int) -> None:
        found.append("  " * depth + str(element.S)[1:])
        kids = element.get("/K", [])
        for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
            if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
                walk(kid, depth + 1)

    with pikepdf.open(BytesIO(pdf)) as file:
        walk(file.Root.StructTreeRoot.K, 0)
    return found


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


@pytest.mark.parametrize(
    "paragraphs",
    [1, 94, 95, *(pytest.param(n, marks=pytest.mark.slow) for n in (93, 96, 250, 600))],
)
def test_pages_may_have_any_number_of_tags(
    write: Write, record: dict[str, Any], paragraphs: int
) -> None:
    """Where the numbers of a page take several hundreds, and its tags tens of kilobytes."""
    import pymupdf

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


@pytest.mark.parametrize(
    "body",
    [
        '\n<g role="row"><g role="cell"><text>a</text></g></g>',
        P.format('<g role="cell"><text>a</text></g>'),
        '\n<g role="listitem"><text>a</text></g>',
        '\n<g role="list"><g role="paragraph"><text>a</text></g></g>',
    ],
)
def test_role_out_of_its_place_is_refused(refused: Refused, body: str) -> None:
    """A row outside a table, a cell outside a row or an item outside a list is refused."""
    assert refused(body).line == 3


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
        (
            '\n<g data-when="score"><g role="note"><text>a</text></g></g>',
            "within data-when",
            "inside",
        ),
        ('\n<g data-when="score" role="note"><text>a</text></g>', "within data-when", "inside"),
        ('\n<g aria-hidden="yes"/>', "aria-hidden is 'yes'", "true or false"),
        ('\n<g aria-level="2"/>', "aria-level stands on an element without a role", "Give"),
        ('\n<g role="table"><g role="note"/></g>', "a note stands in a table", "row"),
        ('\n<a href="https://pix.fr"><text data-field="score"/></a>', "aria-label", "leads"),
        ('\n<a href=""><text>a</text></a>', "link has no href", "href"),
        ('\n<a href="https://pix.fr"></a>', "link has no href or no text", "href"),
    ],
)
def test_structure_that_would_not_be_accessible_is_refused(
    refused: Refused, body: str, problem: str, hint: str | None
) -> None:
    """Each fault is named with the template's name, its line, and how to mend it."""
    error = refused(body)
    assert problem in error.problem
    assert (error.source, error.line) == ("page.svg", 3)
    assert hint is None or hint in str(error.hint)
