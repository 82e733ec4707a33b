"""Tag tree of a page → its structure elements (ISO 32000-1, 14.7; ISO 14289-1)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count

import msgspec

from pixattest.pdf.objects import numbers, text_string


class Link(msgspec.Struct, frozen=True, tag_field="kind", tag=True):
    """A link annotation.

    Attributes:
        url: what it opens.
        contents: what it is, for those who can't see it.
        box: left, bottom, right, top, in points.
    """

    url: str
    contents: str
    box: tuple[float, float, float, float]


class Tag(msgspec.Struct, frozen=True, tag_field="kind", tag=True):
    """A structure element.

    Attributes:
        type: standard structure type, such as `TH`.
        kids: elements, marked contents by number (MCID), and links, in reading order.
        scope: of a TH: `Row` or `Column`.
        box: of a Figure: left, bottom, right, top, in points.
        alt: number of the text that describes it, in the texts of the page.
        actual: number of the text that is read in place of its content, where it is not empty.
        title: number of the text that names it.
    """

    type: str
    kids: tuple[Tag | int | Link, ...]
    scope: str | None = None
    box: tuple[float, float, float, float] | None = None
    alt: int | None = None
    actual: int | None = None
    title: int | None = None


class PageTags:
    """Writes the structure elements of pages that all have one tag tree.

    Objects of a page are numbered in the order of the tree, its root first; links come after.

    Args:
        root: the page's own element.
    """

    def __init__(self, root: Tag) -> None:
        self._elements = list(_walk(root))
        self._links = [
            (index, link)
            for index, (tag, _) in enumerate(self._elements)
            for link in tag.kids
            if isinstance(link, Link)
        ]
        self._number = {id(tag): index for index, (tag, _) in enumerate(self._elements)}
        self._owner = {
            kid: index
            for index, (tag, _) in enumerate(self._elements)
            for kid in tag.kids
            if isinstance(kid, int)
        }

    @property
    def size(self) -> int:
        """Number of objects of a page."""
        return len(self._elements) + len(self._links)

    @property
    def links(self) -> int:
        """Number of link annotations of a page."""
        return len(self._links)

    def objects(
        self, first: int, page: int, parent: int, key: int, texts: Sequence[str]
    ) -> Iterator[bytes]:
        """The objects of one page: its elements, then its link annotations.

        Args:
            first: number of the first of them.
            page: number of the page's object.
            parent: number of the element above the root.
            key: the page's key in the parent tree; its links' keys follow.
            texts: what the tags' `alt`, `actual` and `title` number.
        """
        link = first + len(self._elements)
        for index, (tag, above) in enumerate(self._elements):
            up = parent if above is None else first + above
            kids = []
            for kid in tag.kids:
                if isinstance(kid, int):
                    kids.append(str(kid))
                elif isinstance(kid, Link):
                    kids.append(f"<</Type/OBJR/Obj {link} 0 R>>")
                    link += 1
                else:
                    kids.append(f"{first + self._number[id(kid)]} 0 R")
            yield _element(tag, first + index, up, page, kids, texts).encode()
        for index, (_, annotation) in enumerate(self._links):
            yield (
                f"<</Type/Annot/Subtype/Link/Rect[{numbers(*annotation.box)}]/F 4/Border[0 0 0]"
                f"/StructParent {key + 1 + index}/Contents{text_string(annotation.contents)}"
                f"/A<</S/URI/URI{text_string(annotation.url)}>>>>"
            ).encode()

    def parents(self, first: int, key: int) -> str:
        """The entries of the page and its links in the parent tree."""
        owners = " ".join(f"{first + self._owner[mcid]} 0 R" for mcid in range(len(self._owner)))
        links = "".join(
            f" {key + 1 + index} {first + owner} 0 R"
            for index, (owner, _) in enumerate(self._links)
        )
        return f"{key}[{owners}]{links}"

    def annotations(self, first: int) -> str:
        """References to the page's link annotations."""
        start = first + len(self._elements)
        return " ".join(f"{start + index} 0 R" for index in range(len(self._links)))


def _walk(
    tag: Tag, above: int | None = None, counter: Iterator[int] | None = None
) -> Iterator[tuple[Tag, int | None]]:
    """Each tag with the number of the one above it, depth first."""
    counter = counter or count()
    own = next(counter)
    yield tag, above
    for kid in tag.kids:
        if isinstance(kid, Tag):
            yield from _walk(kid, own, counter)


def _element(
    tag: Tag, own: int, up: int, page: int, kids: Sequence[str], texts: Sequence[str]
) -> str:
    parts = [f"<</S/{tag.type}/P {up} 0 R"]
    if any(isinstance(kid, int | Link) for kid in tag.kids):
        parts.append(f"/Pg {page} 0 R")
    if kids:
        parts.append(f"/K {kids[0]}" if len(kids) == 1 else f"/K[{' '.join(kids)}]")
    if tag.scope:
        parts.append(f"/A<</O/Table/Scope/{tag.scope}>>")
    if tag.box:
        parts.append(f"/A<</O/Layout/Placement/Block/BBox[{numbers(*tag.box)}]>>")
    if tag.type == "Note":
        parts.append(f"/ID(note{own})")
    for name, text in (("Alt", tag.alt), ("ActualText", tag.actual), ("T", tag.title)):
        if text is not None and texts[text]:
            parts.append(f"/{name}{text_string(texts[text])}")
    return "".join(parts) + ">>"
