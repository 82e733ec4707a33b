"""Tag tree of a page → blueprints of its structure elements (ISO 32000-1, 14.7; ISO 14289-1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import count

import msgspec

from pixattest.pdf.blueprint import Own, Piece, Slot
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


class TagTree:
    """The structure elements and link annotations of a page, for its blueprint.

    Their places are those of the tree, its root first; the parent tree's entry of the page comes
    after the elements, and then the links.

    Args:
        root: the page's own element.
        constants: texts that are the same on every page, by their numbers.
        page: place of the page's object.
        first: place of the root.
    """

    def __init__(self, root: Tag, constants: Mapping[int, str], page: int, first: int) -> None:
        self._elements = list(_walk(root))
        self._constants = constants
        self._page = page
        self._first = first
        self.root = first
        self.parents = first + len(self._elements)
        self.links: list[int] = []
        self._place = {id(tag): first + i for i, (tag, _) in enumerate(self._elements)}
        self._owners: dict[int, int] = {}
        self._annotations: list[tuple[int, Link]] = []
        for place, (tag, _) in enumerate(self._elements, first):
            for kid in tag.kids:
                if isinstance(kid, int):
                    self._owners[kid] = place
                elif isinstance(kid, Link):
                    self.links.append(self.parents + 1 + len(self.links))
                    self._annotations.append((place, kid))
        self.end = self.parents + 1 + len(self.links)

    @property
    def link_owners(self) -> list[int]:
        """Places of the elements that own the links."""
        return [place for place, _ in self._annotations]

    @property
    def entries(self) -> dict[int, str]:
        """Name of the entry, such as `Alt`, that each text becomes that is not constant."""
        return {
            text: name
            for tag, _ in self._elements
            for name, text in _texts(tag)
            if text is not None and text not in self._constants
        }

    def objects(self) -> Iterator[list[Piece]]:
        """Each object's pieces, in the order of their places.

        Slots: `above`, number of the element above the root; `key1` and on, keys of the links in
        the parent tree; `text0` and on, whole entries (or nothing).
        """
        links = iter(self.links)
        for place, (tag, above) in enumerate(self._elements, self._first):
            yield [*self._element(tag, place, above, links)]
        owners: list[Piece] = []
        for mcid in range(len(self._owners)):
            owners += [Own(self._owners[mcid]), " 0 R "]
        yield ["[", *owners, "]"]
        for index, (_, link) in enumerate(self._annotations, 1):
            yield [
                f"<</Type/Annot/Subtype/Link/Rect[{numbers(*link.box)}]/F 4/Border[0 0 0]"
                f"/Contents{text_string(link.contents)}"
                f"/A<</S/URI/URI{text_string(link.url)}>>/StructParent ",
                Slot(f"key{index}"),
                ">>",
            ]

    def _element(
        self, tag: Tag, place: int, above: int | None, links: Iterator[int]
    ) -> Iterator[Piece]:
        yield f"<</S/{tag.type}/P "
        yield Slot("above") if above is None else Own(self._first + above)
        yield " 0 R"
        if any(isinstance(kid, int | Link) for kid in tag.kids):
            yield "/Pg "
            yield Own(self._page)
            yield " 0 R"
        if tag.kids:
            yield "/K["
            for kid in tag.kids:
                if isinstance(kid, int):
                    yield f"{kid} "
                elif isinstance(kid, Link):
                    yield from ("<</Type/OBJR/Obj ", Own(next(links)), " 0 R>>")
                else:
                    yield from (Own(self._place[id(kid)]), " 0 R ")
            yield "]"
        if tag.scope:
            yield f"/A<</O/Table/Scope/{tag.scope}>>"
        if tag.box:
            yield f"/A<</O/Layout/Placement/Block/BBox[{numbers(*tag.box)}]>>"
        if tag.type == "Note":
            yield from ("/ID(note", Own(place), ")")
        for name, text in _texts(tag):
            if text is None:
                continue
            if text in self._constants:
                yield f"/{name}{text_string(self._constants[text])}"
            else:
                yield Slot(f"text{text}")
        yield ">>"


def _texts(tag: Tag) -> tuple[tuple[str, int | None], ...]:
    return ("Alt", tag.alt), ("ActualText", tag.actual), ("T", tag.title)


def _walk(
    tag: Tag, above: int | None = None, counter: Iterator[int] | None = None
) -> Iterator[tuple[Tag, int | None]]:
    """Each tag with the place of the one above it, depth first."""
    counter = counter or count()
    own = next(counter)
    yield tag, above
    for kid in tag.kids:
        if isinstance(kid, Tag):
            yield from _walk(kid, own, counter)
