"""How a page looks when it is checked: legible, on its ground, on the page, with room for all."""

from __future__ import annotations

import pytest
from drawings import Faults, P
from PIL import Image

AT = '<text x="10" y="{y}" {0}>Nobody</text>'


def text(attributes: str = "", y: int = 100) -> str:
    return P.format(AT.format(attributes, y=y))


@pytest.mark.parametrize(
    ("size", "is_told"), [("5", False), ("4.99", True), ("4", True), ("10", False)]
)
def test_text_is_five_points_high(faults: Faults, size: str, is_told: bool) -> None:
    """At least, whatever scales it."""
    found = faults(text(f'font-size="{size}"'))
    assert bool(found) == is_told
    if is_told:
        assert f"a text of {size} points is too small to be read. Give it 5 points" in found[0]
    half = text(f'font-size="{float(size) / 2}"', 50)
    scaled = f'<g transform="scale(2)">{half}</g>'
    assert bool(faults(scaled)) == is_told


@pytest.mark.parametrize(
    ("attributes", "is_told"),
    [
        ('fill="#767676"', False),
        ('fill="#777777"', True),
        ('fill="#777777" fill-opacity="0.5"', False),
        ('fill="#949494" font-size="18"', False),
        ('fill="#959595" font-size="18"', True),
        ('fill="#949494" font-size="17.9"', True),
        ('fill="#949494" font-size="14" font-weight="600"', False),
        ('fill="#949494" font-size="13.9" font-weight="600"', True),
        ('fill="#949494" font-size="14"', True),
    ],
)
def test_text_stands_out_from_its_ground(faults: Faults, attributes: str, is_told: bool) -> None:
    """By 4.5:1, or 3:1 where it is large; a watermark need not."""
    found = faults(text(attributes))
    assert bool(found) == is_told
    assert all("the contrast of a text to its ground is" in one for one in found)


@pytest.mark.parametrize(
    ("shape", "is_told"),
    [
        ('<rect x="5" y="90" width="90" height="20" fill="#000000"/>', True),
        ('<rect x="5" y="90" width="90" height="20" fill="#000000" fill-opacity="0.9"/>', False),
        ('<rect x="5" y="90" width="90" height="20" fill="none" stroke="#000000"/>', False),
        ('<line x1="5" x2="90" y1="98" y2="98" stroke="#000000" stroke-width="20"/>', True),
        ('<line x1="5" x2="90" y1="98" y2="98" stroke="#000000" stroke-width="1"/>', False),
        (
            '<line x1="5" x2="90" y1="98" y2="98" stroke="#000000" stroke-width="20"'
            ' stroke-opacity="0.5"/>',
            False,
        ),
        ('<line x1="25" x2="25" y1="80" y2="120" stroke="#000000" stroke-width="40"/>', True),
        ('<rect x="5" y="110" width="90" height="20" fill="#000000"/>', False),
        ('<rect x="90" y="90" width="90" height="20" fill="#000000"/>', False),
        (
            '<rect x="5" y="90" width="90" height="20" fill="#000000"/>'
            '<rect x="5" y="90" width="90" height="20" fill="#FFFFFF"/>',
            False,
        ),
    ],
)
def test_ground_is_what_was_painted_last_below_a_text(
    faults: Faults, shape: str, is_told: bool
) -> None:
    """By opaque fills, and by strokes of lines that are straight and wide."""
    found = faults(shape + text())
    assert [one for one in found if "the contrast of a text to its ground is 1.00:1" in one] == (
        found if is_told else []
    )
    assert bool(found) == is_told


@pytest.mark.parametrize(
    ("x", "y", "told"),
    [
        (0, 100, ""),
        (-1, 100, "over the edge of"),
        (-90, 100, "outside of"),
        (190, 100, "over the edge of"),
        (201, 100, "outside of"),
        (100, 5, "over the edge of"),
        (100, -9, "outside of"),
        (100, 197, ""),
        (100, 199, "over the edge of"),
        (100, 230, "outside of"),
    ],
)
def test_text_stands_on_the_page(faults: Faults, x: int, y: int, told: str) -> None:
    """Static or bound, it is told where it does not."""
    for body in ("Nobody", '<text data-field="birth_date"/>'):
        place = f'<text x="{x}" y="{y}" '
        drawn = body.replace("<text ", place) if body.startswith("<") else f"{place}>{body}</text>"
        found = faults(P.format(drawn))
        assert bool(found) == bool(told)
        if told:
            assert f"a text stands {told} the page. The page is 200 x 200 points" in found[0]


def test_images_that_say_something_stand_on_the_page(faults: Faults) -> None:
    """Decoration may be cut off."""
    qr = '<image data-field="qr_address" x="{}" y="90" width="99" height="99" {}/>'
    (found,) = faults(qr.format(150, 'role="img" aria-label="QR"'))
    assert "an image stands over the edge of the page" in found
    assert faults(qr.format(150, 'aria-hidden="true"')) == []
    assert faults(qr.format(100, 'role="img" aria-label="QR"')) == []


def test_bound_text_has_room_for_each_sample(faults: Faults) -> None:
    """It is told for those that have none, and once each."""
    found = faults(P.format('<text x="10" y="100" data-field="centre" data-width="120"/>'))
    assert len(found) == 1
    assert "'LP De Bougainville'" not in found[0]
    assert 'de Vaucresson" would have no room. Widen data-width' in found[0]
    assert found[0].startswith("page.svg, line 4: ")


def test_letter_that_no_font_has_is_told(faults: Faults) -> None:
    """In a bound text, with the record's own words."""
    found = faults(P.format('<text x="10" y="100" data-format="{first_name} 😀"/>'))
    assert len(found) == 4
    assert "in 'Camille 😀', no font has the character" in found[0]
    assert all("U+1F600, GRINNING FACE). Add a font that has it." in one for one in found)


def test_text_that_is_never_there_is_not_tried(faults: Faults) -> None:
    """What depends on a field is there only on pages that have it."""
    hidden = '<text data-when="not full_name" x="10" y="20">A</text>'
    assert faults(P.format(hidden)) == []
    there = '<text data-when="full_name" x="10" y="20">A</text>'
    assert "stands on" in faults(P.format(there))[0]
    nested = f'<g data-when="score">{there}</g>'
    (found,) = faults(P.format(nested))
    assert "stands on" in found
    alternatives = (
        '<text data-when="birth_place" x="10" y="100">A</text>'
        '<text data-when="not birth_place" x="10" y="100">B</text>'
        '<text data-when="score >= 800" x="90" y="100">A</text>'
    )
    assert faults(P.format(alternatives)) == []


def test_parts_of_a_text_may_touch_and_texts_may_not(faults: Faults) -> None:
    """A part that is moved back on another one is told."""
    assert faults(P.format('<text x="10" y="100">AV<tspan>AV</tspan></text>')) == []
    moved = '<text x="10" y="100">Ab<tspan x="10" y="100">cd</tspan></text>'
    assert "stands on 'Ab' of line 4" in faults(P.format(moved))[0]
    assert "stands on 'Świętosława Nguyễn-Đặng' of line 2" in "".join(faults(text(y=22)))


def test_pale_text_and_decoration_may_cover(faults: Faults) -> None:
    """They are watermarks."""
    pale = text('fill-opacity="0.5"', y=22)
    assert faults(pale) == []
    assert faults('<text x="10" y="22" aria-hidden="true">Nobody</text>') == []


@pytest.mark.parametrize(("side", "is_told"), [(85, True), (110, False)])
def test_qr_code_has_25_mm(faults: Faults, side: int, is_told: bool) -> None:
    """At least, without its margin."""
    qr = f'<image data-field="qr_address" role="img" aria-label="QR" x="80" y="80" width="{side}"'
    found = faults(f'{qr} height="{side}"/>')
    assert bool(found) == is_told
    assert all("would be printed smaller than 25 mm" in one for one in found)


@pytest.mark.parametrize(
    ("shape", "told"),
    [
        ('<circle cx="20" cy="97" r="9" fill="#00FF00"/>', "a <circle> stands on 'Nobody'"),
        ('<circle cx="20" cy="90" r="9" fill="#00FF00"/>', "a <circle> stands on 'Nobody'"),
        ('<ellipse cx="60" cy="90" rx="20" ry="9" fill="#00FF00"/>', ""),
        ('<rect x="40" y="82" width="9" height="9" fill="#00FF00"/>', ""),
        ('<path d="M 9 90 H 99 V 110 H 9 Z" fill="#00FF00"/>', ""),
    ],
)
def test_plain_shape_over_a_text_is_told(faults: Faults, shape: str, told: str) -> None:
    """By its own outline; that of a path is not looked at."""
    found = faults(text() + shape)
    assert [told in one for one in found] == ([True] if told else [])


def test_picture_over_a_text_is_told_unless_it_is_a_transparent_signature(
    faults: Faults, write: object
) -> None:
    """A signature is often drawn over words."""
    folder = write("").parent  # type: ignore[operator]
    Image.new("RGB", (30, 30), "white").save(folder / "a.png")
    Image.new("RGBA", (30, 30), (0, 0, 0, 0)).save(folder / "b.png")
    image = '<image href="{}.png" x="10" y="90" width="20" height="20" aria-hidden="true"/>'
    for name in "ab":
        (found,) = faults(text() + image.format(name))
        assert "an image stands on 'Nobody' of line 4" in found
    assert faults(image.format("a") + text()) == []
