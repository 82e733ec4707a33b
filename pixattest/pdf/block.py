"""Some pages in a row + where they stand in the file → the bytes of all their objects.

A block needs nothing but its plan, so blocks can be made apart, in any process, and their bytes
put one after the other. It holds the content streams of its pages; an object stream with a node of
the page tree, a node of the parent tree, and the objects in which pages differ by more than their
numbers; and, for each kind of page, an object stream with all others, which a template makes.
"""

# Annotations are not postponed here: as text, each would be compiled at every start.

import hashlib
from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

from isal import isal_zlib

from pixattest.pdf.labels import Label
from pixattest.pdf.objects import DEFLATE_LEVEL, text_string
from pixattest.pdf.pack import lay_out
from pixattest.pdf.page_kind import PAGE, PageKind, PageLayout, appearance_of, bookmark_of

PAGES_IN_BLOCK = 96
"""Pages that are made together, at most; their tags are packed together, too."""

_CONTENT_LEVEL = 1
"""Of ISA-L's deflate: a content stream of slots gains nothing from more."""

_NODE, _PARENTS, _PACKS = 0, 1, 2
"""Places of a block's own objects: nodes of the page tree and the parent tree, object streams."""


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
        place: where the object stream of their constant objects begins, if they have any.
        constant: how many objects each page has in it.
        varying: how many objects each page has in the object stream of all kinds.
        numbers: how many numbers each page has.
    """

    place: int
    constant: int
    varying: int
    numbers: int


class Block(NamedTuple):
    """A block's bytes.

    Attributes:
        data: to be put behind what was written before.
        varying: where the object stream for all kinds of pages begins in it.
        packs: for each kind, where its objects stand.
        pages: of each page, where its content stream begins, and the number of its kind.
    """

    data: bytes
    varying: int
    packs: tuple[BlockPack, ...]
    pages: tuple[tuple[int, int], ...]


def make_block(plan: BlockPlan, pages: Sequence[PageContent]) -> Block:
    """The objects of some pages."""
    streams: list[bytes] = []
    layouts: dict[PageLayout, list[int]] = {}
    kids, parents = [], []
    numbers = [plan.first + _NODE, plan.first + _PARENTS]
    objects: list[str] = []
    above = str(plan.above)
    nested = _nested(plan, pages)
    for page, first, resources, bookmark in zip(
        pages, plan.pages, plan.resources, _bookmarks(plan, pages), strict=True
    ):
        layout = page.kind.layout
        layouts.setdefault(layout, []).append(first)
        streams.append(_stream(first, "", isal_zlib.compress(page.content, _CONTENT_LEVEL)))
        texts = page.texts
        texts["node"] = str(plan.first + _NODE)
        texts["resources"] = str(resources)
        texts["before"], texts["after"] = str(resources + 1), str(resources + 2)
        if layout.field is not None:
            texts["appearance"] = str(appearance_of(page.kind, resources))
        texts["above"], texts["further"] = nested.get(first) or (above, "")
        texts["title"] = text_string(page.title)
        texts["bookmark"] = bookmark
        objects += layout.object_template.filled(layout.hundreds_of(first), texts)
        numbers += range(first + PAGE, first + PAGE + layout.varying)
        kids.append(f"{first + PAGE} 0 R")
        parents.append(layout.parents(first))
    limits = f"{plan.pages[0]} {layout.last_key(first)}"
    objects[:0] = [
        f"<</Type/Pages/Parent {plan.root} 0 R/Count {len(kids)}/Kids[{' '.join(kids)}]>>",
        f"<</Limits[{limits}]/Nums[{' '.join(parents)}]>>",
    ]
    packed = [_packed(numbers, objects)]
    packed += [
        each.pack(firsts, PAGES_IN_BLOCK) for each, firsts in layouts.items() if each.constant
    ]
    streams += [_stream(plan.first + _PACKS + n, *pack) for n, pack in enumerate(packed)]
    places = [*accumulate(map(len, streams[:-1]), initial=0)]
    packs = iter(places[len(pages) + 1 :])
    order = {each: number for number, each in enumerate(layouts)}
    return Block(
        b"".join(streams),
        places[len(pages)],
        tuple(
            BlockPack(
                next(packs) if each.constant else 0, each.constant, each.varying, each.numbers
            )
            for each in layouts
        ),
        tuple((place, order[page.kind.layout]) for place, page in zip(places, pages, strict=False)),
    )


def parents_of(first: int) -> int:
    """Number of a block's node of the parent tree, by the block's first number."""
    return first + _PARENTS


def _bookmarks(plan: BlockPlan, pages: Sequence[PageContent]) -> list[str]:
    """The references of each page's bookmark to the bookmarks around it."""
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
    """The numbers above the tags of pages that are continued or continue, and of tags in them.

    Such pages are found by their first numbers. All pages that continue one are in its block.

    Returns:
        Number of the element above the page's own, and references to the elements of further pages
        in it.
    """
    found: dict[int, tuple[str, str]] = {}
    front, above, further = 0, "", ""
    for page, first in zip(pages, plan.pages, strict=True):
        kind = page.kind
        if kind.continued:
            front, above, further = first, str(first + (kind.layout.root or 0)), ""
        elif kind.label is Label.FURTHER:
            further += f" {first + (kind.layout.root or 0)} 0 R"
            found[first] = above, ""
            found[front] = str(plan.above), further
    return found


def _packed(numbers: Sequence[int], objects: Sequence[str]) -> tuple[str, bytes]:
    """Entries and compressed data of an object stream."""
    head, data = lay_out(numbers, objects)
    entries = f"/Type/ObjStm/N {len(objects)}/First {head}"
    return entries, isal_zlib.compress(data, DEFLATE_LEVEL)


def _stream(number: int, entries: str, packed: bytes) -> bytes:
    """A stream object of compressed data."""
    return b"%d 0 obj\n<<%b/Filter/FlateDecode/Length %d>>stream\n%b\nendstream\nendobj\n" % (
        number,
        entries.encode(),
        len(packed),
        packed,
    )
