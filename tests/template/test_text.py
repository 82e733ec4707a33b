"""Texts in their room: shrunk a little, then wrapped, never wider; anchors, spacing, leading."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixattest import LayoutError, Press
from pixattest.model import assets
from pixattest.pdf.fonts import Face, MissingGlyphError
from pixattest.pdf.typeface import Typeface
from pixattest.template.fitting import NoRoomError, TextBox
from pixattest.template.text import SetText, TextSetter

SIZE = 20.0
SANS = Typeface([Face(assets.FONTS / "source-sans-3" / "SourceSans3_400Regular.ttf", 0)])
UPRIGHT = (1, 0, 0, -1, 0, 500)
WORDS = st.lists(st.sampled_from(["Anne", "de", "Saint-Exupéry", "Li", "Nguyễn", "Wojciechowska"]))


def box(**changes: Any) -> TextBox:
    """A room at 100, 200 for one line in 20, or as small as 10."""
    usual: dict[str, Any] = {
        "typeface": ("Source Sans 3", 400, False),
        "colour": "0 g",
        "matrix": UPRIGHT,
        "x": 100.0,
        "y": 200.0,
        "size": SIZE,
        "smallest": 10.0,
        "width": None,
        "lines": 1,
        "height": None,
        "leading": 1.2,
        "centred": False,
        "anchor": "start",
        "spacing": 0.0,
    }
    return TextBox(**usual | changes)


def put(text: str, **changes: Any) -> SetText:
    return TextSetter(box(**changes), SANS, "fr").set(text)


def natural(text: str, size: float = SIZE) -> float:
    """Width of a text on one line."""
    return SANS.shape(text, "fr").width * size / 1000


def sizes(found: SetText) -> list[float]:
    return [float(size) for size in re.findall(r"/[FG]0 ([\d.]+) Tf", found.operators)]


def places(found: SetText) -> list[tuple[float, float]]:
    """Where the lines start, in points."""
    found_ = re.findall(r"([-\d.]+) ([-\d.]+) (?:Td|Tm)", found.operators)
    return [(float(x), float(y)) for x, y in found_]


def lines(found: SetText) -> list[str]:
    """Texts of the lines; each is one run here, without the space that may end it."""
    texts = [run.text for run in found.runs if run.text != " "]
    assert len(texts) == len(places(found))
    return texts


def test_text_with_room_keeps_its_size_and_place() -> None:
    """A text that fits stands at its baseline in its nominal size."""
    found = put("Camille", width=natural("Camille") + 0.01)
    assert (sizes(found), places(found)) == ([SIZE], [(100, 300)])


def test_text_without_width_is_never_fitted() -> None:
    """Without a width a text is as wide as it comes."""
    found = put("Camille " * 50, lines=3)
    assert sizes(found) == [SIZE]
    assert found.box[2] - found.box[0] > 1000


def test_text_a_little_too_long_shrinks_on_its_line() -> None:
    """Up to 15 % are taken from the size, though more lines were allowed."""
    found = put("Camille Martin", width=natural("Camille Martin") * 0.86, lines=3)
    assert lines(found) == ["Camille Martin"]
    assert sizes(found) == [pytest.approx(0.86 * SIZE, abs=0.001)]


def test_text_much_too_long_wraps_at_full_size() -> None:
    """A text that would shrink too much takes a second line in its nominal size."""
    found = put("Camille Martin", width=natural("Camille Martin") * 0.7, lines=2)
    assert lines(found) == ["Camille", "Martin"]
    assert sizes(found) == [SIZE, SIZE]


def test_single_line_shrinks_down_to_the_smallest_size() -> None:
    """With one line the text shrinks further, as small as is allowed."""
    found = put("Camille Martin", width=natural("Camille Martin", 12.3))
    assert lines(found) == ["Camille Martin"]
    assert 12 <= sizes(found)[0] <= 12.3


@pytest.mark.parametrize("changes", [{}, {"lines": 2}, {"lines": 3, "height": 30.0}])
def test_text_that_does_not_fit_is_refused(changes: dict[str, Any]) -> None:
    """What does not fit in the smallest size is refused, not clipped."""
    with pytest.raises(NoRoomError):
        put("Wojciechowska Wojciechowska Wojciechowska", width=70.0, **changes)


def test_word_wider_than_the_room_is_refused_however_many_lines() -> None:
    """A single word is not cut into pieces."""
    with pytest.raises(NoRoomError):
        put("W" * 100, width=100.0, lines=50)


def test_smallest_size_is_tried_itself() -> None:
    """A text that fits in the smallest size is not refused."""
    found = put("Camille Martin", width=natural("Camille Martin", 10.62), smallest=10.6)
    assert sizes(found)[0] >= 10.6


def test_lines_break_after_hyphens_and_slashes_but_not_at_hard_spaces() -> None:
    """A line ends at a space, which vanishes, or after a hyphen or slash, which stays."""
    room = {"width": natural("Saint-Exupéry") * 0.8, "lines": 3, "smallest": SIZE}
    assert lines(put("Saint-Exupéry", **room)) == ["Saint-", "Exupéry"]
    assert lines(put("Saint/Exupéry", **room)) == ["Saint/", "Exupéry"]
    with pytest.raises(NoRoomError):
        put("Saint\u00a0Exupéry", **room)


@pytest.mark.parametrize(("anchor", "left"), [("start", 100), ("middle", 80), ("end", 60)])
def test_anchor_says_which_point_is_given(anchor: str, left: float) -> None:
    """The given x is the start, middle or end of the line."""
    text = "Camille"
    size = SIZE * 40 / natural(text)
    found = put(text, anchor=anchor, size=size)
    assert places(found)[0][0] == pytest.approx(left, abs=0.01)
    assert found.box[0] == pytest.approx(left)
    assert found.box[2] == pytest.approx(left + 40)


@pytest.mark.parametrize("anchor", ["start", "middle", "end"])
def test_every_line_is_anchored(anchor: str) -> None:
    """Each line of several is set from the same anchor."""
    found = put("Wojciechowska Camille", width=natural("Wojciechowska"), lines=2, anchor=anchor)
    share = {"start": 0, "middle": 0.5, "end": 1}[anchor]
    assert lines(found) == ["Wojciechowska", "Camille"]
    for (x, _), line in zip(places(found), lines(found), strict=True):
        assert x + share * natural(line) == pytest.approx(100, abs=0.01)


@pytest.mark.parametrize("leading", [1.0, 1.5])
def test_lines_grow_downwards_by_their_leading(leading: float) -> None:
    """Baselines are the leading times the size apart, the first one where it was given."""
    room = natural("Wojciechowska")
    found = put("Wojciechowska Li Wojciechowska", width=room, lines=3, leading=leading)
    ys = [y for _, y in places(found)]
    assert ys == pytest.approx([300, 300 - leading * SIZE, 300 - 2 * leading * SIZE])
    assert found.box[3] == pytest.approx(200 + 2 * leading * SIZE + SIZE / 4)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_centred_lines_grow_to_both_sides(count: int) -> None:
    """Centred lines have the middle of their letters where the nominal line has its own."""
    text = " ".join(["Wojciechowska"] * count)
    found = put(text, width=natural("Wojciechowska") * 0.95, lines=4, centred=True)
    size, ys = sizes(found)[0], [y for _, y in places(found)]
    assert len(ys) == count
    middle = (ys[0] + ys[-1]) / 2 + 0.25 * size
    assert middle == pytest.approx(300 + 0.25 * SIZE, abs=0.01 if count > 1 else 0.3)


@given(words=WORDS, height=st.floats(15, 80), room=st.floats(60, 200), centred=st.booleans())
def test_lines_stay_in_their_height(
    words: list[str], height: float, room: float, centred: bool
) -> None:
    """Several lines take no more height than there is, at whatever size that asks for."""
    try:
        found = put(" ".join(words), width=room, lines=4, height=height, centred=centred)
    except NoRoomError:
        return
    count = len(places(found))
    if count > 1:
        assert count * sizes(found)[0] * 1.2 <= height + 0.03  # as rounded


@given(
    words=WORDS,
    room=st.floats(20, 400),
    count=st.integers(1, 4),
    spacing=st.sampled_from([0.0, 1.5]),
    anchor=st.sampled_from(["start", "middle", "end"]),
)
def test_no_line_is_wider_than_its_room(
    words: list[str], room: float, count: int, spacing: float, anchor: str
) -> None:
    """A text is set whole, within its width and lines and sizes, or refused."""
    text = " ".join(words)
    try:
        found = put(text, width=room, lines=count, spacing=spacing, anchor=anchor)
    except NoRoomError:
        return
    shown = [run.text for run in found.runs if run.text != " "]
    assert "".join(shown).replace(" ", "") == text.replace(" ", "")
    assert found.box[2] - found.box[0] <= room + 1e-6
    for size, line in zip(sizes(found), shown, strict=True):
        assert 10 <= size <= SIZE
        assert natural(line, size) + spacing * size / SIZE * len(line) <= room * 1.001  # as rounded
    assert len(places(found)) <= count


def test_letter_spacing_widens_the_text_and_ends_with_it() -> None:
    """Spacing is added after each letter, and does not leak into what follows."""
    found = put("Camille", spacing=2.0)
    assert found.box[2] - found.box[0] == pytest.approx(natural("Camille") + 14)
    assert re.findall(r"([\d.]+) Tc", found.operators) == ["2", "0"]


def test_letter_spacing_shrinks_with_the_size() -> None:
    """A text that shrinks keeps the proportions of its spacing."""
    found = put("Camille", spacing=2.0, width=(natural("Camille") + 14) * 0.9)
    assert re.findall(r"([\d.]+) Tc", found.operators)[0] == "1.8"


def test_transformed_text_is_turned_and_scaled_by_its_matrix() -> None:
    """The size carries the scale, the text matrix the rotation only."""
    found = put("Camille", matrix=(0, 3, 3, 0, 10, 20))
    assert sizes(found) == [3 * SIZE]
    matrix = re.search(r"BT 0 g ([-\d. ]+) Tm", found.operators)
    assert matrix is not None
    assert [float(n) for n in matrix[1].split()] == pytest.approx([0, 1, -1, 0, 610, 320])


def test_empty_text_takes_no_room() -> None:
    """An empty text has no width and is no error."""
    left, _, right, _ = put("", width=5.0).box
    assert left == right


def test_character_that_no_font_has_is_refused() -> None:
    """A character without a glyph is refused, not shown as a box."""
    with pytest.raises(MissingGlyphError, match=r"U\+1F600, GRINNING FACE"):
        put("a😀")


def words_of(pdf: bytes) -> list[tuple[float, float, float, float, str]]:
    import pymupdf

    with pymupdf.open(stream=pdf, filetype="pdf") as document:
        return [word[:5] for word in document[0].get_text("words")]


def page(folder: Path, attributes: str) -> Path:
    """A template that shows a full name in a room of 150 x 60 at 20, 100."""
    (folder / "labels").mkdir(exist_ok=True)
    labels = 'date = "d MMMM y"\nwords = {}\nyears = {3 = "trois ans"}\n'
    (folder / "labels" / "fr.toml").write_text(labels, encoding="utf-8")
    path = folder / "page.svg"
    path.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="200pt" height="200pt"'
        ' viewBox="0 0 200 200"><g role="paragraph"><text font-family="Source Sans 3"'
        f' font-size="20" x="20" y="100" data-field="full_name" {attributes}/></g></svg>',
        encoding="utf-8",
    )
    return path


@pytest.mark.parametrize("last", ["Li", "Wojciechowska", "de La Rochefoucauld", "W" * 15])
def test_name_on_a_page_stays_in_its_room(
    tmp_path: Path, record: dict[str, Any], last: str
) -> None:
    """As read back from the page, no letter is outside the room, and no line over another."""
    room = 'data-width="150" data-min-size="8" data-lines="3" data-leading="1.3"'
    pdf = Press(page(tmp_path, room)).render(record | {"last_name": last})
    words = words_of(pdf)
    assert " ".join(word for *_, word in words) == f"Camille {last}"
    assert all(left >= 20 - 0.1 and right <= 170.1 for left, _, right, _, _ in words)
    baselines = sorted({round(bottom, 1) for _, _, _, bottom, _ in words})
    assert all(below - above > 8 for above, below in pairwise(baselines))


def test_name_without_room_is_an_error_of_the_record(
    tmp_path: Path, record: dict[str, Any]
) -> None:
    """The error names the field, its value and what to do."""
    press = Press(page(tmp_path, 'data-width="60" data-min-size="12"'))
    with pytest.raises(LayoutError) as caught:
        press.render(record | {"last_name": "Wojciechowska"})
    (fault,) = caught.value.faults
    assert fault.field == "last_name"
    assert "Wojciechowska" in str(fault.value)
    assert "does not fit" in fault.problem
    assert fault.hint == "Shorten it."


SOFT = "Donau\u00addampf\u00adschiff"
"""Two places where a word may be parted."""


def shown(found: SetText) -> list[str]:
    """The lines as they are written."""
    words = "".join(run.text for run in found.runs).replace("\u00ad", "\u00ad\n")
    return [line.strip() for line in words.split("\n")]


def test_soft_hyphens_are_not_seen_where_there_is_room() -> None:
    """Nor do they take any."""
    assert shown(put(SOFT)) == ["Donaudampfschiff"]
    whole = natural("Donaudampfschiff")
    assert sizes(put(SOFT, width=whole + 0.1)) == sizes(put("Donaudampfschiff"))


def test_words_are_parted_where_nothing_else_helps() -> None:
    """At a soft hyphen, which is then seen; the text says that it is one."""
    narrow = natural("dampfschiff", 10) + 0.1
    found = put(SOFT, width=narrow, lines=2)
    assert shown(found) == ["Donau\u00ad", "dampfschiff"]
    assert all(not run.shaped for run in found.runs)
    with pytest.raises(NoRoomError):
        put(SOFT.replace("\u00ad", ""), width=narrow, lines=2)
    with pytest.raises(NoRoomError):
        put(SOFT, width=narrow / 2, lines=2)


def test_spaces_are_preferred_to_soft_hyphens() -> None:
    """A text that fits in whole words keeps them whole."""
    text = f"mit {SOFT}"
    found = put(text, width=natural("Donaudampfschiff", 15), lines=2, smallest=8.0)
    assert shown(found) == ["mit Donaudampfschiff"]
