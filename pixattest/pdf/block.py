"""Some pages in a row + where they stand in the file → the bytes of all their objects.

A block needs nothing but its plan, so blocks can be made apart, in any process, and their bytes
put one after the other. It holds the content streams of its pages; an object stream with a node of
the page tree, a node of the parent tree, and the objects in which pages differ by more than their
numbers; and, for each kind of page, an object stream with all others, which a template makes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

import msgspec
from isal import isal_zlib

from pixattest.pdf.images import Picture
from pixattest.pdf.labels import Label
from pixattest.pdf.object_template import ObjectTemplate, Own, Piece, Slot, number_of, opened
from pixattest.pdf.objects import DEFLATE_LEVEL, Stream, deflated, text_string
from pixattest.pdf.objects import number as written
from pixattest.pdf.tags import SignatureField, Tag, TagTree, field_of

PAGES_IN_BLOCK = 96
"""Pages that are made together, at most; their tags are packed together, too."""

_CONTENT_LEVEL = 1
"""Of ISA-L's deflate: a content stream of slots gains nothing from more."""

_CONTENTS, _PAGE, _BOOKMARK = 0, 1, 2
"""Places of a page's first objects; those of its tags follow."""

_NODE, _PARENTS, _PACKS = 0, 1, 2
"""Places of a block's own objects: nodes of the page tree and the parent tree, object streams."""

_ROUND = 10_000
"""Bytes: pages have a multiple of them in a pack, so that offsets differ in their first digits."""

_EVEN = 10
"""Bytes: objects have a multiple of them in a pack, so that offsets end with the same digit."""


class PageKind(msgspec.Struct, frozen=True, eq=False, dict=True):
    """What pages of one kind share.

    Attributes:
        width: in points.
        height: in points.
        tags: the page's own structure element; None for a page with nothing on it.
        constants: texts of the tags that are the same on every page, by their numbers.
        forms: drawings that the content paints as `/L0` and on.
        around: content that stands before and after each page's own, if any.
        pictures: images by the names that the content gives them.
        opacities: of fill and stroke, by the names that the content gives them.
        plain: characters that every page shows, by face.
        shaped: glyphs that every page shows with their texts, by face.
        bookmarked: each has a bookmark, in a file of several.
        label: how each is called.
        continued: further pages may follow each, with their tags in its own.
        like: another one, whose drawings are written for both; None: it has its own.
    """

    width: float
    height: float
    tags: Tag | None
    constants: Mapping[int, str]
    forms: Sequence[bytes]
    around: Sequence[bytes]
    pictures: Mapping[str, Picture]
    opacities: Mapping[str, tuple[float, float]]
    plain: Mapping[int, frozenset[str]]
    shaped: Mapping[int, frozenset[tuple[int, str]]]
    bookmarked: bool = True
    label: Label = Label.NUMBERED
    continued: bool = False
    like: PageKind | None = None
    layouts: dict[str, PageLayout] = msgspec.field(default_factory=dict)

    @property
    def layout(self) -> PageLayout:
        """Which objects each of its pages has."""
        found = self.layouts.get("")
        if found is None:
            # Pages of one kind are told by it, whichever thread made it first.
            found = self.layouts.setdefault("", PageLayout(self))
        return found

    @cached_property
    def field(self) -> SignatureField | None:
        """Where a signature goes, if anywhere."""
        return field_of(self.tags)

    @cached_property
    def digest(self) -> bytes:
        """Of all that its pages show alike."""
        shown = (
            (self.width, self.height, self.tags, sorted(self.constants.items())),
            (self.forms, self.around, self.pictures, self.opacities),
        )
        return hashlib.sha256(msgspec.msgpack.encode(shown, order="deterministic")).digest()


class PageLayout:
    """The objects of a page of one kind, and which numbers they get.

    Attributes:
        numbers: how many numbers a page has, a multiple of 100.
        own: how many objects differ between pages in their numbers alone.
        loose: how many others, whose numbers follow that of the content stream.
        root: place of the page's structure element, if there is one.
        tree: place of the parent tree, which is the page's own in a file of that page alone.
        field: place of the field that takes the document's signature, if it has one.
    """

    def __init__(self, sheet: PageKind) -> None:
        tree = TagTree(
            sheet.tags,
            sheet.constants,
            _PAGE,
            _BOOKMARK + sheet.bookmarked,
            continued=sheet.continued,
        )
        annotations: list[Piece] = []
        for place in tree.annotations:
            annotations += [Own(place), " 0 R "]
        contents: list[Piece] = [" ", Own(_CONTENTS), " 0 R"]
        if sheet.around:
            contents = ["[", Slot("before"), " 0 R", *contents, " ", Slot("after"), " 0 R]"]
        page: list[Piece] = [
            "<</Type/Page/Parent ",
            Slot("node"),
            f" 0 R/MediaBox[0 0 {written(sheet.width)} {written(sheet.height)}]/Contents",
            *contents,
            "/Resources ",
            Slot("resources"),
            " 0 R/Tabs/S/StructParents ",
            Own(_CONTENTS),
            *(["/Annots[", *annotations, "]"] if annotations else []),
            "/Group<</S/Transparency/CS/DeviceRGB>>>>",
        ]
        bookmark: list[Piece] = [
            "<</Title",
            Slot("title"),
            "/Parent ",
            Slot("bookmark"),
            "/Dest[",
            Own(_PAGE),
            " 0 R/XYZ null null null]>>",
        ]
        parents = [tree.parents, *tree.owners]
        nodes: list[Piece] = []
        for key, place in enumerate(parents):
            nodes += [Own(key), " ", Own(place), " 0 R "]
        self.tree = tree.end
        objects = [(_PAGE, page), *tree.objects()]
        if sheet.bookmarked:
            objects.append((_BOOKMARK, bookmark))
        elif sheet.label is Label.NUMBERED:
            objects.append((self.tree, ["<</Nums[", *nodes, "]>>"]))
        # Further pages are of too many kinds to make a template for each.
        self.object_template = ObjectTemplate(objects, apart=sheet.label is not Label.FURTHER)
        self.own = len(self.object_template.own)
        self.loose = len(self.object_template.places)
        self.hundreds = -(-(tree.end + (not sheet.bookmarked)) // 100)
        self.numbers = 100 * self.hundreds
        self.root = tree.root
        self.field = tree.field
        self._parents = parents
        self._packs: dict[int, _Pack] = {}
        self._lone_packs: dict[int, Stream] = {}

    def parents(self, first: int) -> str:
        """A page's entries in the parent tree, by its first number: they are in order."""
        return " ".join(
            f"{first + key} {first + place} 0 R" for key, place in enumerate(self._parents)
        )

    def last_key(self, first: int) -> int:
        """The last of a page's keys in the parent tree."""
        return first + len(self._parents) - 1

    def hundreds_of(self, first: int) -> list[str]:
        """What the numbers of a page begin with."""
        return [str(first // 100 + n) for n in range(self.hundreds)]

    def pack(self, firsts: Sequence[int]) -> tuple[str, bytes]:
        """Entries and compressed data of an object stream with the own objects of some pages.

        Args:
            firsts: first number of each page, all of the same width.
        """
        width = len(str(firsts[0] // 100))
        pack = self._packs.get(width)
        if pack is None:
            pack = self._packs[width] = _Pack(self.object_template.own, self.hundreds, width)
        return pack.filled(["".join(self.hundreds_of(first)) for first in firsts])

    def lone_pack(self, first: int) -> Stream:
        """An object stream with the own objects of a file's only page.

        Args:
            first: number of the page: the same one in most files, so that it is made once.
        """
        pack = self._lone_packs.get(first)
        if pack is None:
            own = first + _PAGE + self.loose
            objects = self.object_template.filled_own(self.hundreds_of(first))
            head, data = _laid_out(range(own, own + self.own), objects)
            pack = deflated({"Type": "/ObjStm", "N": self.own, "First": head}, data)
            self._lone_packs[first] = pack
        return pack


class _Pack:
    """The own objects of a kind of page, to be written for many pages (ISO 32000-1, 7.5.7).

    Args:
        objects: texts by place; hundreds are open.
        hundreds: how many.
        width: digits of each.
    """

    def __init__(self, objects: Mapping[int, str], hundreds: int, width: int) -> None:
        from pixattest.pdf.deflate import DeflateTemplate  # which one record can do without

        self._objects = len(objects)
        bodies = []
        for text in objects.values():
            size = len(text) + (width - 1) * sum(text.count(opened(n)) for n in range(hundreds))
            bodies.append(
                (text + " " * (-(size + 1) % _EVEN) + "\n", size + 1 + -(size + 1) % _EVEN)
            )
        *offsets, end = accumulate((size for _, size in bodies), initial=0)
        self._rounds = end // _ROUND + 1
        # Of the rounds, those that an object begins in.
        self._used = offsets[-1] // _ROUND + 1
        self._digits = len(str(self._rounds * PAGES_IN_BLOCK - 1))
        head = "".join(
            f"{number_of(place)} {opened(hundreds + offset // _ROUND)}{offset % _ROUND:04} "
            for place, offset in zip(objects, offsets, strict=True)
        )
        body = "".join(text for text, _ in bodies) + " " * (self._rounds * _ROUND - end)
        self._head = len(head) + self._objects * (width - 1 + self._digits - 1)
        self._template = DeflateTemplate(
            head, body, [width] * hundreds + [self._digits] * self._rounds
        )

    def filled(self, pages: Sequence[str]) -> tuple[str, bytes]:
        """Entries and compressed data of the stream for some pages, given their hundreds."""
        copies = [
            (hundreds + self._offsets(index), hundreds) for index, hundreds in enumerate(pages)
        ]
        many = len(pages)
        entries = f"/Type/ObjStm/N {many * self._objects}/First {many * self._head}"
        return entries, self._template.deflated(copies)

    def _offsets(self, index: int) -> str:
        """First digits of the offsets in the index-th copy."""
        first = index * self._rounds
        return "".join(f"{first + n:0{self._digits}}" for n in range(self._used))


class BlockPlan(NamedTuple):
    """Where a block stands.

    Attributes:
        first: its first object number.
        pages: of each page, its first object number.
        resources: of each page, number of its resources; those of the content around it, and of its
            signature field's appearance, follow.
        above: number of the structure element above the pages' own.
        root: number of the page tree's root.
        sections: of each section in it, number of what stands above its bookmarks, and how many of
            the pages are its own.
        before: number of the bookmark before the block in the first section, if any.
        after: number of the bookmark after the block in the last section, if any.
    """

    first: int
    pages: tuple[int, ...]
    resources: tuple[int, ...]
    above: int
    root: int
    sections: tuple[tuple[int, int], ...]
    before: int | None
    after: int | None


class PageContent(NamedTuple):
    """What is printed on a page.

    Attributes:
        kind: what it shares with others.
        content: the content stream.
        texts: of its tags, by the names of their slots; a new dict.
        title: of its bookmark; empty where it has none.
    """

    kind: PageKind
    content: bytes
    texts: dict[str, str]
    title: str

    def digest(self) -> str:
        """Of what it shows, wherever it stands; before `make_block` adds where that is."""
        found = hashlib.sha256(self.kind.digest)
        found.update(b"%d\n" % len(self.content))
        found.update(self.content)
        for slot in sorted(self.texts):
            found.update(f"\n{slot} {self.texts[slot]}".encode("latin-1"))
        return found.hexdigest()


class BlockPack(NamedTuple):
    """Where the objects of the pages of one kind stand in a block.

    Attributes:
        place: where the object stream of their own objects begins, if they have any.
        own: how many objects in it each page has.
        loose: how many each has in the object stream of all kinds.
        numbers: how many numbers each has.
    """

    place: int
    own: int
    loose: int
    numbers: int


class Block(NamedTuple):
    """A block's bytes.

    Attributes:
        data: to be put behind what was written before.
        loose: where the object stream for all kinds of pages begins in it.
        packs: for each kind, where its objects stand.
        pages: of each page, where its content stream begins, and the number of its kind.
    """

    data: bytes
    loose: int
    packs: tuple[BlockPack, ...]
    pages: tuple[tuple[int, int], ...]


def make_block(plan: BlockPlan, pages: Sequence[PageContent]) -> Block:
    """The objects of some pages."""
    streams: list[bytes] = []
    kinds: dict[PageLayout, list[int]] = {}
    kids, parents = [], []
    numbers = [plan.first + _NODE, plan.first + _PARENTS]
    objects: list[str] = []
    above = str(plan.above)
    nested = _nested(plan, pages)
    for matter, first, resources, bookmark in zip(
        pages, plan.pages, plan.resources, _bookmarks(plan, pages), strict=True
    ):
        layout = matter.kind.layout
        kinds.setdefault(layout, []).append(first)
        streams.append(_stream(first, "", isal_zlib.compress(matter.content, _CONTENT_LEVEL)))
        texts = matter.texts
        texts["node"] = str(plan.first + _NODE)
        texts["resources"] = str(resources)
        texts["before"], texts["after"] = str(resources + 1), str(resources + 2)
        if layout.field is not None:
            texts["appearance"] = str(appearance_of(matter.kind, resources))
        texts["above"], texts["further"] = nested.get(first) or (above, "")
        texts["title"] = text_string(matter.title)
        texts["bookmark"] = bookmark
        objects += layout.object_template.filled(layout.hundreds_of(first), texts)
        numbers += range(first + _PAGE, first + _PAGE + layout.loose)
        kids.append(f"{first + _PAGE} 0 R")
        parents.append(layout.parents(first))
    limits = f"{plan.pages[0]} {layout.last_key(first)}"
    objects[:0] = [
        f"<</Type/Pages/Parent {plan.root} 0 R/Count {len(kids)}/Kids[{' '.join(kids)}]>>",
        f"<</Limits[{limits}]/Nums[{' '.join(parents)}]>>",
    ]
    packed = [_packed(numbers, objects)]
    packed += [kind.pack(firsts) for kind, firsts in kinds.items() if kind.own]
    streams += [_stream(plan.first + _PACKS + n, *pack) for n, pack in enumerate(packed)]
    places = [*accumulate(map(len, streams[:-1]), initial=0)]
    packs = iter(places[len(pages) + 1 :])
    order = {kind: number for number, kind in enumerate(kinds)}
    return Block(
        b"".join(streams),
        places[len(pages)],
        tuple(
            BlockPack(next(packs) if kind.own else 0, kind.own, kind.loose, kind.numbers)
            for kind in kinds
        ),
        tuple(
            (place, order[matter.kind.layout]) for place, matter in zip(places, pages, strict=False)
        ),
    )


def page_of(first: int) -> int:
    """Number of a page's object, by the page's first number."""
    return first + _PAGE


def bookmark_of(first: int) -> int:
    """Number of a page's bookmark, by the page's first number."""
    return first + _BOOKMARK


def appearance_of(sheet: PageKind, resources: int) -> int:
    """Number of what a sheet's signature field looks like, by that of the sheet's resources."""
    return resources + 1 + len(sheet.around)


def parents_of(first: int) -> int:
    """Number of a block's node of the parent tree, by the block's first number."""
    return first + _PARENTS


def _bookmarks(plan: BlockPlan, pages: Sequence[PageContent]) -> list[str]:
    """For each page, what its bookmark says of those around it."""
    found = [""] * len(pages)
    begin = 0
    for above, size in plan.sections:
        end = begin + size
        own = [place for place in range(begin, end) if pages[place].kind.bookmarked]
        numbers = [bookmark_of(plan.pages[place]) for place in own]
        before = plan.before if begin == 0 else None
        after = plan.after if end == len(pages) else None
        for place, prev, next_ in zip(own, (before, *numbers), (*numbers[1:], after), strict=False):
            found[place] = (
                f"{above} 0 R"
                + (f"/Prev {prev} 0 R" if prev else "")
                + (f"/Next {next_} 0 R" if next_ else "")
            )
        begin = end
    return found


def _nested(plan: BlockPlan, pages: Sequence[PageContent]) -> dict[int, tuple[str, str]]:
    """For pages that continue and are continued: what is above their tags, and further ones in it.

    They are given by their first numbers; a page is in one block with those that continue it.
    """
    found: dict[int, tuple[str, str]] = {}
    front, above, further = 0, "", ""
    for matter, first in zip(pages, plan.pages, strict=True):
        sheet = matter.kind
        if sheet.continued:
            front, above, further = first, str(first + (sheet.layout.root or 0)), ""
        elif sheet.label is Label.FURTHER:
            further += f" {first + (sheet.layout.root or 0)} 0 R"
            found[first] = above, ""
            found[front] = str(plan.above), further
    return found


def _packed(numbers: Sequence[int], objects: Sequence[str]) -> tuple[str, bytes]:
    """Entries and compressed data of an object stream."""
    head, data = _laid_out(numbers, objects)
    entries = f"/Type/ObjStm/N {len(objects)}/First {head}"
    return entries, isal_zlib.compress(data, DEFLATE_LEVEL)


def _laid_out(numbers: Sequence[int], objects: Sequence[str]) -> tuple[int, bytes]:
    """Where the first object stands in the data of an object stream, and the data."""
    offsets = accumulate([len(content) + 1 for content in objects[:-1]], initial=0)
    head = " ".join(f"{n} {offset}" for n, offset in zip(numbers, offsets, strict=True))
    return len(head) + 1, "\n".join((head, *objects)).encode("latin-1")


def _stream(number: int, entries: str, packed: bytes) -> bytes:
    """A stream object of compressed data."""
    return b"%d 0 obj\n<<%b/Filter/FlateDecode/Length %d>>stream\n%b\nendstream\nendobj\n" % (
        number,
        entries.encode(),
        len(packed),
        packed,
    )
