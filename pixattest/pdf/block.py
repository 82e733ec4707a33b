"""Some pages in a row + where they stand in the file → the bytes of all their objects.

A block needs nothing but its plan, so blocks can be made apart, in any process, and their bytes
put one after the other. It holds the content streams of its pages, and one object stream with
everything else: a node of the page tree, a node of the parent tree, and the pages' own objects.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import NamedTuple

from isal import isal_zlib

from pixattest.pdf.blueprint import Blueprint, Own, Piece, Slot
from pixattest.pdf.images import Picture
from pixattest.pdf.objects import number, text_string
from pixattest.pdf.tags import Tag, TagTree

LEVEL = 2
"""Of ISA-L's deflate, 0 to 3: four times faster than zlib's 6, for a fifth more bytes."""

_CONTENTS, _PAGE, _BOOKMARK = 0, 1, 2
"""Places of a page's first objects."""

_NODE, _PARENTS, _PACK = 0, 1, 2
"""Places of a block's own objects, before those of its pages."""
OWN_OBJECTS = 3


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
        objects: list[tuple[int, list[Piece]]] = [(_PAGE, page)]
        objects += [(_BOOKMARK, bookmark)] if bookmarks else []
        objects += tree.objects()
        self.blueprint = Blueprint(objects, tree.end)
        self.size = tree.end
        self.root = tree.root
        self.parents = tree.parents
        self.link_owners = tree.link_owners
        self.entries = tree.entries
        self.keys = 1 + len(tree.links)
        self.packed = [place for place, _ in objects]


class PagePlan(NamedTuple):
    """Where a page stands: its first object number, parent-tree key, and its resources' number."""

    first: int
    key: int
    resources: int


class BlockPlan(NamedTuple):
    """Where a block stands.

    Attributes:
        first: its first object number.
        pages: of each page.
        above: number of the structure element above the pages' own.
        root: number of the page tree's root.
        outlines: number of the outline; None without bookmarks.
        before: number of the bookmark before the block, if any.
        after: number of the bookmark after the block, if any.
    """

    first: int
    pages: tuple[PagePlan, ...]
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
        entries: entries of the tags' texts, by their numbers.
        title: of its bookmark.
    """

    sheet: Sheet
    content: bytes
    entries: Mapping[int, str]
    title: str


class Block(NamedTuple):
    """A block's bytes.

    Attributes:
        data: to be put behind what was written before.
        contents: where each content stream begins in it.
        pack: where the object stream begins in it.
    """

    data: bytes
    contents: tuple[int, ...]
    pack: int


def make_block(plan: BlockPlan, pages: Sequence[PageMatter]) -> Block:
    """The objects of some pages."""
    bookmarks = plan.outlines is not None
    streams: list[bytes] = []
    contents: list[int] = []
    offset = 0
    numbers_: list[int] = [plan.first + _NODE, plan.first + _PARENTS]
    kids, keys = [], []
    bodies: list[str] = []
    lengths: list[int] = []
    around = _neighbours(plan)
    for where, matter in zip(plan.pages, pages, strict=True):
        layout = matter.sheet.layout(bookmarks=bookmarks)
        stream = _stream(where.first + _CONTENTS, "", matter.content)
        contents.append(offset)
        streams.append(stream)
        offset += len(stream)
        values = {
            "node": str(plan.first + _NODE),
            "resources": str(where.resources),
            "above": str(plan.above),
        }
        for index in range(layout.keys):
            values[f"key{index}"] = str(where.key + index)
        for text, entry in matter.entries.items():
            values[f"text{text}"] = entry
        if bookmarks:
            values["title"] = text_string(matter.title)
            values["outlines"] = str(plan.outlines)
            values["around"] = next(around)
        body, page_lengths = layout.blueprint.build(
            where.first, [values[slot] for slot in layout.blueprint.slots]
        )
        bodies.append(body)
        lengths += page_lengths
        numbers_ += [where.first + place for place in layout.packed]
        kids.append(f"{where.first + _PAGE} 0 R")
        keys.append(f"{where.key} {where.first + layout.parents} 0 R")
        for index, owner in enumerate(layout.link_owners, 1):
            keys.append(f"{where.key + index} {where.first + owner} 0 R")
    last = plan.pages[-1].key + pages[-1].sheet.layout(bookmarks=bookmarks).keys - 1
    node = f"<</Type/Pages/Parent {plan.root} 0 R/Count {len(kids)}/Kids[{' '.join(kids)}]>>\n"
    parents = f"<</Limits[{plan.pages[0].key} {last}]/Nums[{' '.join(keys)}]>>\n"
    starts = list(accumulate([len(node), len(parents), *lengths], initial=0))
    header = [0] * (2 * len(numbers_))
    header[::2] = numbers_
    header[1::2] = starts[:-1]
    head = "%d " * len(header) % tuple(header)
    packed = f"{head}\n{node}{parents}{''.join(bodies)}".encode("ascii")
    streams.append(
        _stream(
            plan.first + _PACK,
            f"/Type/ObjStm/N {len(numbers_)}/First {len(head) + 1}",
            packed,
        )
    )
    return Block(b"".join(streams), tuple(contents), offset)


def size_of(sheets: Sequence[Sheet], *, bookmarks: bool) -> int:
    """Object numbers that a block of such pages takes."""
    return OWN_OBJECTS + sum(sheet.layout(bookmarks=bookmarks).size for sheet in sheets)


def bookmark_of(page: int) -> int:
    """Number of a page's bookmark, by the page's first number."""
    return page + _BOOKMARK


def _neighbours(plan: BlockPlan) -> Iterator[str]:
    """For each bookmark, the entries that name the one before and the one after."""
    own = [bookmark_of(page.first) for page in plan.pages]
    for before, after in zip([plan.before, *own], [*own[1:], plan.after], strict=False):
        yield (f"/Prev {before} 0 R" if before else "") + (f"/Next {after} 0 R" if after else "")


def _stream(own: int, entries: str, data: bytes) -> bytes:
    """A compressed stream object."""
    packed = isal_zlib.compress(data, LEVEL)
    return b"%d 0 obj\n<<%b/Filter/FlateDecode/Length %d>>stream\n%b\nendstream\nendobj\n" % (
        own,
        entries.encode(),
        len(packed),
        packed,
    )
