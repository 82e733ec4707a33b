"""Texts of a drawing: what they show, and what can't be set."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from drawings import P, Refused, Write
from PIL import Image

from pixattest import Press


@pytest.fixture
def shown(write: Write, record: dict[str, Any]) -> Callable[[str], str]:
    """What a page says whose body is in a paragraph at line 2."""
    import pymupdf

    def shown(body: str) -> str:
        path = write(f'<g role="paragraph" transform="translate(10 50)">{body}</g>')
        with pymupdf.open(stream=Press(path).render(record), filetype="pdf") as document:
            return " ".join(str(document[0].get_text()).split())

    return shown


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
    import pymupdf

    press = Press(write('<g role="paragraph"><text y="50" data-field="centre"/></g>'))
    for centre in ("{score}", "<b>x</b>", "{{ 1 + 1 }}", "a (b) \\c", "&amp;"):
        with pymupdf.open(stream=press.render(record | {"centre": centre})) as document:
            assert str(document[0].get_text()).strip() == centre


def test_opacity_ends_with_its_text(write: Write, record: dict[str, Any]) -> None:
    """A translucent text leaves the next one opaque."""
    import pymupdf

    body = (
        '<g role="paragraph" font-size="90"><text x="5" y="80" fill-opacity="0.1">HH</text>'
        '<text x="5" y="180">HH</text></g>'
    )
    with pymupdf.open(stream=Press(write(body)).render(record)) as document:
        pixels = document[0].get_pixmap(clip=(0, 100, 200, 200))
        picture = Image.frombytes("L", (200, 100), pixels.samples[::3])
    assert picture.getextrema()[0] < 10


def test_space_between_parts_of_a_text_is_kept(shown: Callable[[str], str]) -> None:
    """A space before a tspan is one for the reader too."""
    assert shown("<text>Hello <tspan>World</tspan></text>") == "Hello World"


def test_line_of_several_parts_shrinks_as_a_whole(write: Write, record: dict[str, Any]) -> None:
    """Sizes and distances keep their proportions; where it has room, nothing changes."""
    import pymupdf

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


def test_missing_family_of_a_bound_text_has_its_line(
    refused: Refused,
) -> None:
    """A family that is missing is refused at its text, bound or not."""
    assert refused(P.format('<text font-family="Foo" data-field="score"/>')).line == 3


@pytest.mark.parametrize(
    ("body", "problem", "hint"),
    [
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
        (P.format('<text transform="scale(0)">a</text>'), "no room for a <text>", None),
        (P.format('<text data-grow="up">a</text>'), "data-grow is 'up'", "down or middle"),
        (P.format('<text data-width="wide">a</text>'), "data-width of <text>", "plain numbers"),
        (P.format('<text data-width="5">Attestation</text>'), "does not fit", "data-width"),
        (P.format("<text>😀</text>"), "U+1F600, GRINNING FACE", "another character"),
        (P.format('<g role="note" data-empty="none"><text>a</text></g>'), "no field can", "Remove"),
    ],
)
def test_text_that_cannot_be_set_is_refused(
    refused: Refused, body: str, problem: str, hint: str | None
) -> None:
    """Each fault is named with the template's name, its line, and how to mend it."""
    error = refused(body)
    assert problem in error.problem
    assert (error.source, error.line) == ("page.svg", 3)
    assert hint is None or hint in str(error.hint)
