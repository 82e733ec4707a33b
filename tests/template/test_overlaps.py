"""What stands on what: letters, the QR code, and shapes that hide texts."""

from __future__ import annotations

import pytest

from pixattest.errors import TemplateError
from pixattest.template.geometry import IDENTITY, Box, corners
from pixattest.template.node import Node
from pixattest.template.overlaps import Ink, Overlaps, Thing, find_overlaps
from pixattest.template.style import Style


def ink(box: Box, name: str = "'a'") -> Ink:
    """Ink that fills a box."""
    return Ink(name, box, [corners(IDENTITY, box)])


def thing(
    *inks: Ink | None,
    kind: str = "text",
    text: int = 0,
    line: int = 1,
    size: float = 10.0,
    source: str | None = None,
) -> Thing:
    boxes = [one.box for one in inks if one]
    whole = (
        min(box[0] for box in boxes),
        min(box[1] for box in boxes),
        max(box[2] for box in boxes),
        max(box[3] for box in boxes),
    )
    node = Node("text", {}, Style(), IDENTITY, "", line, source)
    return Thing(node, kind, text, size, inks, whole)


def found(own: Thing, *others: Thing, pages: tuple[object, ...] = ("short",)) -> list[str]:
    overlaps: Overlaps = {}
    find_overlaps(own, others, pages, overlaps)
    return [str(error) for _, error in overlaps.values()]


BELOW = (0.0, 0.0, 20.0, 10.0)
OVER = (15.0, 5.0, 40.0, 15.0)


@pytest.mark.parametrize(
    ("kind", "other", "is_told"),
    [
        ("text", "text", True),
        ("cover", "text", True),
        ("text", "cover", True),
        ("text", "qr", True),
        ("qr", "text", True),
        ("cover", "qr", True),
        ("other", "qr", True),
        ("qr", "qr", False),
        ("other", "text", False),
        ("text", "other", False),
        ("other", "other", False),
        ("cover", "other", False),
        ("cover", "cover", False),
    ],
)
def test_only_what_hides_something_is_told(kind: str, other: str, is_told: bool) -> None:
    """Texts may not touch nor be covered, and nothing may stand on the QR code."""
    own = thing(ink(OVER), kind=kind, text=2, line=2)
    assert bool(found(own, thing(ink(BELOW), kind=other, text=1))) == is_told


def test_overlap_is_told_with_both_lines_and_how_large_it_is() -> None:
    """At the later text, which names the earlier one."""
    own = thing(ink(OVER, "'b'"), text=2, line=7, source="page.svg")
    assert found(own, thing(ink(BELOW), text=1, line=3, source="page.svg")) == [
        "page.svg, line 7: 'b' stands on 'a' of line 3, over 5.0 x 5.0 points. Move one of them, or"
        " give it less room (data-width)."
    ]


def test_what_stands_in_another_file_is_told_with_its_name() -> None:
    """A part that is included, or the drawing that includes one."""
    own = thing(ink(OVER, "'b'"), text=2, source="part.svg")
    (in_drawing,) = found(own, thing(ink(BELOW), text=1, line=3))
    assert "'a' of the drawing, line 3, over" in in_drawing
    (in_part,) = found(thing(ink(OVER), text=2), thing(ink(BELOW), text=1, source="other.svg"))
    assert "of other.svg, line 1, over" in in_part


def test_cover_is_to_be_drawn_first() -> None:
    """It hides what was drawn before it."""
    (told,) = found(thing(ink(OVER, "a <rect>"), kind="cover", line=2), thing(ink(BELOW), text=1))
    assert told == (
        "line 2: a <rect> stands on 'a' of line 1, over 5.0 x 5.0 points. Move one of them, or draw"
        " it before the text."
    )


@pytest.mark.parametrize("is_code_later", [False, True])
def test_what_stands_on_the_code_is_told_at_its_own_line(is_code_later: bool) -> None:
    """Whichever was drawn first."""
    code = thing(ink(BELOW, "the QR code"), kind="qr", line=5)
    text = thing(ink(OVER, "'b'"), text=1, line=9)
    (told,) = found(code, text) if is_code_later else found(text, code)
    assert told.startswith("line 9: 'b' stands on the QR code of line 5, over 5.0 x 5.0 points: it")


def test_parts_of_one_text_may_touch() -> None:
    """They are set beside each other."""
    assert not found(thing(ink(OVER), text=1), thing(ink(BELOW), text=1))
    assert found(thing(ink(OVER), kind="cover", text=1), thing(ink(BELOW), text=1))


@pytest.mark.parametrize(
    ("depth", "sizes", "is_told"),
    [
        (0.5, (10.0, 10.0), False),
        (1.0, (10.0, 10.0), True),
        (0.5, (10.0, 5.0), True),
        (0.5, (5.0, 10.0), True),
        (-1.0, (10.0, 10.0), False),
    ],
)
def test_letters_may_touch_a_little(
    depth: float, sizes: tuple[float, float], is_told: bool
) -> None:
    """By 8 % of the smaller font size."""
    own = thing(ink((20.0 - depth, 0.0, 40.0, 10.0)), text=2, size=sizes[0])
    assert bool(found(own, thing(ink(BELOW), text=1, size=sizes[1]))) == is_told


def test_letters_apart_within_boxes_that_meet_are_not_told() -> None:
    """Ink counts, not the boxes around whole texts."""
    wide = Ink("'i  i'", (0.0, 0.0, 40.0, 10.0), [[(0, 0), (5, 0)], [(35, 0), (40, 10)]])
    between = Ink("'.'", (10.0, 0.0, 30.0, 10.0), [corners(IDENTITY, (10.0, 0.0, 30.0, 10.0))])
    assert not found(thing(between, text=2), thing(wide, text=1))


def test_page_of_the_largest_overlap_is_told_where_not_all_have_one() -> None:
    """By the name of its record, only where some pages are without."""
    small, large = (19.0, 0.0, 40.0, 10.0), (15.0, 0.0, 40.0, 10.0)
    below = thing(*[ink(BELOW)] * 3, text=1)
    names = ("short", "long", "full")
    some = thing(ink((30.0, 0.0, 40.0, 10.0)), ink(large), ink(small), text=2)
    assert "over 5.0 x 10.0 points, when the record is long. " in found(some, below, pages=names)[0]
    everywhere = thing(ink(small), ink(large), ink(small), text=2)
    assert "over 5.0 x 10.0 points. " in found(everywhere, below, pages=names)[0]
    assert "over 5.0 x 10.0 points. " in found(some, below, pages=(None, None, None))[0]


def test_pages_without_one_of_two_do_not_count() -> None:
    """Alternatives never meet, and an overlap on each page where both are is told without one."""
    names = ("short", "long")
    one, other = thing(None, ink(OVER), text=2), thing(ink(BELOW), None, text=1)
    assert not found(one, other, pages=names)
    both = thing(None, ink(OVER), text=2), thing(ink(BELOW), ink(BELOW), text=1)
    assert "points. Move" in found(*both, pages=names)[0]


def test_only_the_largest_overlap_of_two_is_kept() -> None:
    """Whichever kind of page is tried first."""
    overlaps: Overlaps = {}
    below = thing(ink(BELOW), text=1)
    for left in (18.0, 10.0, 15.0):
        own = thing(ink((left, 0.0, 40.0, 10.0)), text=2, line=2)
        find_overlaps(own, [below], ("short",), overlaps)
    ((extent, error),) = overlaps.values()
    assert extent == 100
    assert "over 10.0 x 10.0 points" in error.problem
    assert isinstance(error, TemplateError)


@pytest.mark.parametrize(
    "side", [(20.0, 0, 30, 10), (0, 10.0, 20, 20), (-9, 0, 0.0, 9), (0, -9, 9, 0.0)]
)
def test_boxes_that_only_touch_do_not_meet(side: Box) -> None:
    """On any of four sides."""
    assert ink(BELOW).shared(ink(side), -1.0) is None
    assert ink(BELOW).shared(ink((19.0, 9.0, 30.0, 30.0)), 0.0) == (19.0, 9.0, 20.0, 10.0)


def test_shared_box_is_around_all_letters_that_meet() -> None:
    """And as large as what both have in common."""
    one = Ink("a", (0, 0, 30, 10), [corners(IDENTITY, b) for b in ((0, 0, 9, 10), (20, 2, 30, 8))])
    line = (5.0, 1.0, 25.0, 5.0)
    assert one.shared(ink(line), 0.0) == (5, 1, 25, 5)
