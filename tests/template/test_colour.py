"""Colours as templates write them, and how well they can be read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixattest.template.colour import READABLE, WHITE, contrast, parse_colour, readable, tint

HEX = st.integers(0, 0xFFFFFF).map("#{:06X}".format)


@pytest.mark.parametrize(
    ("text", "colour"),
    [
        ("#FF8000", (255, 128, 0)),
        ("#f80", (255, 136, 0)),
        ("white", (255, 255, 255)),
        ("  Black ", (0, 0, 0)),
        ("rgb(255, 128, 0)", (255, 128, 0)),
        ("rgb(100%, 0%, 20%)", (255, 0, 51)),
        ("DarkSlateGray", (47, 79, 79)),
        ("darkseagreen", (143, 188, 143)),
        ("lightgray", (211, 211, 211)),
        ("rebeccapurple", (102, 51, 153)),
    ],
)
def test_colours_of_svg_are_read(text: str, colour: tuple[int, int, int]) -> None:
    """Hexadecimal digits, names and rgb() are read as sRGB."""
    assert [part * 255 for part in parse_colour(text)] == pytest.approx(colour, abs=0.01)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "rgb(256, 0, 0)",
        "rgb(1, 2%, 3)",
        "fidblue",
        "no colour",
        "#GGGGGG",
        "Blacker(red, 0.5)",
        "rgba(1, 2, 3, 0.5)",
        "url(#gradient)",
        "rgb(1,2)",
        "currentColor",
        "__import__('os')",
        "Color(1,0,0)",
        "9**9**9",
    ],
)
def test_what_is_no_opaque_colour_is_refused(text: str) -> None:
    """Translucent colours, gradients and nonsense are refused, and nothing is evaluated."""
    with pytest.raises(ValueError, match=r".") as caught:
        parse_colour(text)
    assert type(caught.value) is ValueError


@pytest.mark.parametrize("text", ["cmyk(1,0,0,0)", "#12", "#11223380", "(1,0,0)", "[0,0,0,1]"])
def test_what_a_browser_does_not_know_is_no_colour(text: str) -> None:
    """What only ReportLab understands would look different in a browser, and is refused."""
    with pytest.raises(ValueError, match=r"."):
        parse_colour(text)


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000", "#fff", 21), ("#fff", "#fff", 1), ("#767676", "#fff", 4.54), ("#f00", "#fff", 4.0)],
)
def test_contrast_is_that_of_wcag(one: str, other: str, ratio: float) -> None:
    """Ratios worked out by WCAG's formula, whichever colour comes first."""
    colours = parse_colour(one), parse_colour(other)
    assert contrast(*colours) == contrast(*colours[::-1]) == pytest.approx(ratio, abs=0.01)


@given(HEX)
def test_readable_colour_can_be_read(text: str) -> None:
    """Any colour is darkened until white text on it can be read."""
    assert contrast(parse_colour(readable(text)), WHITE) >= READABLE


@pytest.mark.parametrize("text", ["#000000", "#253858", "#0950CC"])
def test_colour_that_can_be_read_stays(text: str) -> None:
    """A colour that is dark enough is not touched."""
    assert readable(text) == text


def test_readable_colour_is_darkened_no_more_than_needed() -> None:
    """What was too light ends just above the limit, not at black."""
    assert contrast(parse_colour(readable("#F24645")), WHITE) < READABLE + 0.2


@given(HEX)
def test_tint_goes_from_white_to_the_colour(text: str) -> None:
    """A strength of 0 is white, of 1 the colour itself."""
    assert (tint(text, 0), tint(text, 1)) == ("#FFFFFF", text)


def test_tint_mixes_with_white() -> None:
    """Half a black is a middle grey."""
    assert tint("#000000", 0.5) == "#7F7F7F"
