"""Some pages in a row + where they stand in the file → the bytes of all their objects.

A block needs nothing but its plan, so blocks can be made apart, in any process, and their bytes
put one after the other. It holds the content streams of its pages, and one object stream with
everything else: a node of the page tree, a node of the parent tree, and the pages' own objects.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, chain
from typing import NamedTuple

from isal import isal_zlib

from pixattest.pdf.blueprint import Blueprint, Own, Piece, Slot
from pixattest.pdf.images import Picture
from pixattest.pdf.objects import number, text_string
from pixattest.pdf.tags import Tag, TagTree

LEVEL = 2
"""Of ISA-L's deflate, 0 to 3: four times faster than zlib's 6, for a fifth more bytes."""

_CONTENTS, _PAGE, _BOOKMARK = 0, 1, 2
"""Places of a page's first objects; those of its tags follow."""

OWN_OBJECTS = 3
"""A block's own objects, before those of its pages: page-tree node, parent-tree node, pack."""


@dataclass(frozen=True, eq=False)
class Sheet:
    """What pages of one kind share.

    Attributes:
        width: in points.
        height: in points.
        tags: the page's own structure element.
        constants: texts of the tags that are the same on every page, by their numbers.
        forms: drawings that the content paints as `/L0` and on.
        pictures: images by the names that the content gives them.
        opacities: of fill and stroke, by the names that the content gives them.
        plain: characters that every page shows, by face.
        shaped: glyphs that every page shows with their texts, by face.
    """

    width: float
    height: float
    tags: Tag
    constants: Mapping[int, str]
    forms: Sequence[bytes]
    pictures: Mapping[str, Picture]
    opacities: Mapping[str, tuple[float, float]]
    plain: Mapping[int, frozenset[str]]
    shaped: Mapping[int, frozenset[tuple[int, str]]]
    layouts: dict[bool, PageLayout] = field(default_factory=dict)

    def layout(self, *, bookmarks: bool) -> PageLayout:
        """Which objects its pages have, with bookmarks or without."""
        found = self.layouts.get(bookmarks)
        if found is None:
            found = self.layouts[bookmarks] = PageLayout(self, bookmarks=bookmarks)
        return found


class PageLayout:
    """The objects of a page of one kind, and which numbers they get."""

    def __init__(self, sheet: Sheet, *, bookmarks: bool) -> None:
        tree = TagTree(sheet.tags, sheet.constants, _PAGE, _BOOKMARK + bookmarks)
        annotations: list[Piece] = []
        for place in tree.links:
            annotations += [Own(place), " 0 R "]
        page: list[Piece] = [
            "<</Type/Page/Parent ",
            Slot("node"),
            f" 0 R/MediaBox[0 0 {number(sheet.width)} {number(sheet.height)}]/Contents ",
            Own(_CONTENTS),
            " 0 R/Resources ",
            Slot("resources"),
            " 0 R/Tabs/S/StructParents ",
            Slot("key0"),
            *(["/Annots[", *annotations, "]"] if annotations else []),
            "/Group<</S/Transparency/CS/DeviceRGB>>>>",
        ]
        bookmark: list[Piece] = [
            "<</Title",
            Slot("title"),
            "/Parent ",
            Slot("outlines"),
            " 0 R",
            Slot("around"),
            "/Dest[",
            Own(_PAGE),
            " 0 R/XYZ null null null]>>",
        ]
        objects = [page, *([bookmark] if bookmarks else []), *tree.objects()]
        self.blueprint = Blueprint(objects, tree.end)
        self.size = tree.end
        self.root = tree.root
        self.parents = tree.parents
        self.link_owners = tree.link_owners
        self.entries = tree.entries
        self.keys = 1 + len(tree.links)


class BlockPlan(NamedTuple):
    """Where a block stands.

    The objects that have the same place on each page have numbers in a row, and stand together,
    because they are alike: that is what deflate does best.

    Attributes:
        first: its first object number.
        keys: of each page, its first key in the parent tree.
        resources: of each page, number of its resources.
        above: number of the structure element above the pages' own.
        root: number of the page tree's root.
        outlines: number of the outline; None without bookmarks.
        before: number of the bookmark before the block, if any.
        after: number of the bookmark after the block, if any.
    """

    first: int
    keys: tuple[int, ...]
    resources: tuple[int, ...]
    above: int
    root: int
    outlines: int | None
    before: int | None
    after: int | None

    def number(self, page: int, place: int) -> int:
        """Number of an object of one of its pages."""
        return self.first + OWN_OBJECTS + place * len(self.keys) + page

    def bookmark(self, page: int) -> int:
        """Number of the bookmark of one of its pages."""
        return self.number(page, _BOOKMARK)


class PageMatter(NamedTuple):
    """What is printed on a page.

    Attributes:
        sheet: what it shares with others.
        content: the content stream.
        entries: entries of the tags' texts, by the names of their slots.
        title: of its bookmark.
    """

    sheet: Sheet
    content: bytes
    entries: Mapping[str, str]
    title: str


class Block(NamedTuple):
    """A block's bytes.

    Attributes:
        data: to be put behind what was written before.
        contents: where each content stream begins in it.
        pack: where the object stream begins in it.
        sizes: how many numbers each page uses.
    """

    data: bytes
    contents: tuple[int, ...]
    pack: int
    sizes: tuple[int, ...]


def make_block(plan: BlockPlan, pages: Sequence[PageMatter]) -> Block:
    """The objects of some pages."""
    bookmarks = plan.outlines is not None
    layouts = [matter.sheet.layout(bookmarks=bookmarks) for matter in pages]
    around = _neighbours(plan, len(pages))
    count = len(pages)
    streams: list[bytes] = []
    offsets = [0]
    objects: list[list[str]] = []
    kids, keys = [], []
    for index, (matter, layout) in enumerate(zip(pages, layouts, strict=True)):
        start = plan.number(index, 0)
        streams.append(_stream(start, "", matter.content))
        offsets.append(offsets[-1] + len(streams[-1]))
        key = plan.keys[index]
        values = {
            "node": str(plan.first),
            "resources": str(plan.resources[index]),
            "above": str(plan.above),
            "title": text_string(matter.title) if bookmarks else "",
            "outlines": str(plan.outlines),
            "around": around[index],
            **{f"key{link}": str(key + link) for link in range(layout.keys)},
            **matter.entries,
        }
        texts = [values[slot] for slot in layout.blueprint.slots]
        numbers_ = range(start, start + layout.size * count, count)
        objects.append(layout.blueprint.build(numbers_, texts))
        kids.append(f"{numbers_[_PAGE]} 0 R")
        keys.append(f"{key} {numbers_[layout.parents]} 0 R")
        for link, owner in enumerate(layout.link_owners, 1):
            keys.append(f"{key + link} {numbers_[owner]} 0 R")
    last = plan.keys[-1] + layouts[-1].keys - 1
    packed = [
        f"<</Type/Pages/Parent {plan.root} 0 R/Count {count}/Kids[{' '.join(kids)}]>>",
        f"<</Limits[{plan.keys[0]} {last}]/Nums[{' '.join(keys)}]>>",
    ]
    packed_numbers = [plan.first, plan.first + 1]
    sizes = tuple(layout.size for layout in layouts)
    if len(set(sizes)) == 1:
        packed += chain.from_iterable(zip(*objects, strict=True))
        packed_numbers += range(plan.number(0, _PAGE), plan.number(0, sizes[0]))
    else:
        for place in range(_PAGE, max(sizes)):
            for index, own in enumerate(objects):
                if place < sizes[index]:
                    packed.append(own[place - _PAGE])
                    packed_numbers.append(plan.number(index, place))
    places = [0] * (2 * len(packed))
    places[::2] = packed_numbers
    places[1::2] = list(accumulate([len(own) + 1 for own in packed[:-1]], initial=0))
    head = "%d " * len(places) % tuple(places)
    entries = f"/Type/ObjStm/N {len(packed)}/First {len(head)}"
    data = (head + "\n".join(packed)).encode("latin-1")
    streams.append(_stream(plan.first + 2, entries, data))
    return Block(b"".join(streams), tuple(offsets[:-1]), offsets[-1], sizes)


def numbers_of(sheets: Sequence[Sheet], *, bookmarks: bool) -> int:
    """How many object numbers a block of such pages takes."""
    widest = max(sheet.layout(bookmarks=bookmarks).size for sheet in sheets)
    return OWN_OBJECTS + widest * len(sheets)


def first_bookmark(first: int, pages: int) -> int:
    """Number of the first bookmark of a block, by its first number and its pages."""
    return first + OWN_OBJECTS + _BOOKMARK * pages


def _neighbours(plan: BlockPlan, count: int) -> list[str]:
    """For each bookmark, the entries that name the one before and the one after."""
    own = [plan.bookmark(page) for page in range(count)]
    return [
        (f"/Prev {before} 0 R" if before else "") + (f"/Next {after} 0 R" if after else "")
        for before, after in zip([plan.before, *own], [*own[1:], plan.after], strict=False)
    ]


def _stream(own: int, entries: str, data: bytes) -> bytes:
    """A compressed stream object."""
    packed = isal_zlib.compress(data, LEVEL)
    return b"%d 0 obj\n<<%b/Filter/FlateDecode/Length %d>>stream\n%b\nendstream\nendobj\n" % (
        own,
        entries.encode(),
        len(packed),
        packed,
    )
