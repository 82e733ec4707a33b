"""Some pages in a row + where they stand in the file → the bytes of all their objects.

A block needs nothing but its plan, so blocks can be made apart, in any process, and their bytes
put one after the other. It holds the content streams of its pages, and one object stream with
everything else: a node of the page tree, a node of the parent tree, and the pages' own objects.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import NamedTuple

from isal import isal_zlib

from pixattest.pdf.blueprint import Blueprint, Own, Piece, Slot
from pixattest.pdf.images import Picture
from pixattest.pdf.objects import DEFLATE_LEVEL, text_string
from pixattest.pdf.objects import number as written
from pixattest.pdf.tags import Tag, TagTree

_CONTENT_LEVEL = 1
"""Of ISA-L's deflate: a content stream of slots gains nothing from more."""

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
            f" 0 R/MediaBox[0 0 {written(sheet.width)} {written(sheet.height)}]/Contents ",
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

    Attributes:
        first: its first object number.
        pages: of each page, its first object number.
        keys: of each page, its first key in the parent tree.
        resources: of each page, number of its resources.
        above: number of the structure element above the pages' own.
        root: number of the page tree's root.
        outlines: number of the outline; None without bookmarks.
        before: number of the bookmark before the block, if any.
        after: number of the bookmark after the block, if any.
    """

    first: int
    pages: tuple[int, ...]
    keys: tuple[int, ...]
    resources: tuple[int, ...]
    above: int
    root: int
    outlines: int | None
    before: int | None
    after: int | None


class PageMatter(NamedTuple):
    """What is printed on a page.

    Attributes:
        sheet: what it shares with others.
        content: the content stream.
        entries: entries of the tags' texts, by the names of their slots; a new dict.
        title: of its bookmark.
    """

    sheet: Sheet
    content: bytes
    entries: dict[str, str]
    title: str


class Block(NamedTuple):
    """A block's bytes.

    Attributes:
        data: to be put behind what was written before.
        contents: where each content stream begins in it.
        pack: where the object stream begins in it.
        sizes: how many numbers each page has.
    """

    data: bytes
    contents: tuple[int, ...]
    pack: int
    sizes: tuple[int, ...]


def make_block(plan: BlockPlan, pages: Sequence[PageMatter]) -> Block:
    """The objects of some pages."""
    bookmarks = plan.outlines is not None
    level = _CONTENT_LEVEL if bookmarks else DEFLATE_LEVEL
    streams: list[bytes] = []
    offsets = [0]
    objects: list[str] = []
    numbers = [str(plan.first), str(plan.first + 1)]
    sizes, kids, keys = [], [], []
    key = 0
    for matter, first, key, resources, around in zip(
        pages, plan.pages, plan.keys, plan.resources, _neighbours(plan), strict=True
    ):
        layout = matter.sheet.layout(bookmarks=bookmarks)
        streams.append(_stream(first, "", matter.content, level))
        offsets.append(offsets[-1] + len(streams[-1]))
        values = matter.entries
        values["node"] = str(plan.first)
        values["resources"] = str(resources)
        values["above"] = str(plan.above)
        if bookmarks:
            values["title"] = text_string(matter.title)
            values["outlines"] = str(plan.outlines)
            values["around"] = around
        kids.append(f"{first + _PAGE} 0 R")
        keys.append(f"{key} {first + layout.parents} 0 R")
        values["key0"] = str(key)
        for link, owner in enumerate(layout.link_owners, 1):
            key += 1
            values[f"key{link}"] = str(key)
            keys.append(f"{key} {first + owner} 0 R")
        own = [*map(str, range(first, first + layout.size))]
        texts = [values[slot] for slot in layout.blueprint.slots]
        objects += layout.blueprint.build(own, texts)
        numbers += own[_PAGE:]
        sizes.append(layout.size)
    packed = [
        f"<</Type/Pages/Parent {plan.root} 0 R/Count {len(kids)}/Kids[{' '.join(kids)}]>>",
        f"<</Limits[{plan.keys[0]} {key}]/Nums[{' '.join(keys)}]>>",
        *objects,
    ]
    places = [""] * (2 * len(packed))
    places[::2] = numbers
    places[1::2] = map(str, accumulate([len(content) + 1 for content in packed[:-1]], initial=0))
    head = " ".join(places)
    entries = f"/Type/ObjStm/N {len(packed)}/First {len(head) + 1}"
    data = "\n".join((head, *packed)).encode("latin-1")
    streams.append(_stream(plan.first + 2, entries, data, DEFLATE_LEVEL))
    return Block(b"".join(streams), tuple(offsets[:-1]), offsets[-1], tuple(sizes))


def first_bookmark(first: int) -> int:
    """Number of the first bookmark of a block, by its first number."""
    return bookmark_of(first + OWN_OBJECTS)


def bookmark_of(page: int) -> int:
    """Number of a page's bookmark, by the page's first number."""
    return page + _BOOKMARK


def _neighbours(plan: BlockPlan) -> list[str]:
    """For each bookmark, the entries that name the one before and the one after."""
    own = [bookmark_of(page) for page in plan.pages]
    return [
        (f"/Prev {before} 0 R" if before else "") + (f"/Next {after} 0 R" if after else "")
        for before, after in zip([plan.before, *own[:-1]], [*own[1:], plan.after], strict=True)
    ]


def _stream(number: int, entries: str, data: bytes, level: int) -> bytes:
    """A compressed stream object."""
    packed = isal_zlib.compress(data, level)
    return b"%d 0 obj\n<<%b/Filter/FlateDecode/Length %d>>stream\n%b\nendstream\nendobj\n" % (
        number,
        entries.encode(),
        len(packed),
        packed,
    )
