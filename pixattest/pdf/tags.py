"""Tag tree of a page → blueprints of its structure elements (ISO 32000-1, 14.7; ISO 14289-1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

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
    """

    type: str
    kids: tuple[Tag | int | Link, ...]
    scope: str | None = None
    box: tuple[float, float, float, float] | None = None
    alt: int | None = None


class TagTree:
    """The structure elements and link annotations of a page, for its blueprint.

    Args:
        root: the page's own element; None where there is none.
        constants: texts that are the same on every page, by their numbers.
        page: place of the page's object.
        first: place of the first element; the parent tree's entry of the page comes after the
            last one, and then the links.

    Attributes:
        root: place of the page's own element, if there is one.
        parents: place of the page's entry in the parent tree.
        links: places of the link annotations.
        link_owners: places of the elements that own them.
        end: the next free place.
    """

    def __init__(
        self, root: Tag | None, constants: Mapping[int, str], page: int, first: int
    ) -> None:
        self._elements = list(_walk(root)) if root else []
        self._constants = constants
        self._page = page
        # Those that differ from page to page come first; the others, in a row, are written faster.
        ordered = sorted(self._elements, key=lambda element: not self._varies(element[0]))
        self._place = {id(tag): first + i for i, (tag, _) in enumerate(ordered)}
        self.root = self._place[id(root)] if root else None
        self.parents = first + len(ordered)
        self._owners: dict[int, int] = {}
        self._annotations: list[Link] = []
        self.link_owners: list[int] = []
        for tag, _ in self._elements:
            for kid in tag.kids:
                if isinstance(kid, int):
                    self._owners[kid] = self._place[id(tag)]
                elif isinstance(kid, Link):
                    self._annotations.append(kid)
                    self.link_owners.append(self._place[id(tag)])
        self.links = [self.parents + 1 + i for i in range(len(self._annotations))]
        self.end = self.parents + 1 + len(self.links)

    def objects(self) -> Iterator[tuple[int, list[Piece]]]:
        """Each object's place, and its pieces.

        Slots: `above`, number of the element above the root; `text0` and on, texts that are not
        constant. The keys of the links in the parent tree are the page's numbers from 1 on.
        """
        links = iter(self.links)
        for tag, above in self._elements:
            yield self._place[id(tag)], [*self._element(tag, above, links)]
        owners: list[Piece] = []
        for mcid in range(len(self._owners)):
            owners += [Own(self._owners[mcid]), " 0 R "]
        yield self.parents, ["[", *owners, "]"]
        for key, (place, link) in enumerate(zip(self.links, self._annotations, strict=True), 1):
            yield (
                place,
                [
                    f"<</Type/Annot/Subtype/Link/Rect[{numbers(*link.box)}]/F 4/Border[0 0 0]"
                    f"/Contents{text_string(link.contents)}"
                    f"/A<</S/URI/URI{text_string(link.url)}>>/StructParent ",
                    Own(key),
                    ">>",
                ],
            )

    def _varies(self, tag: Tag) -> bool:
        return tag.alt is not None and tag.alt not in self._constants

    def _element(self, tag: Tag, above: Tag | None, links: Iterator[int]) -> Iterator[Piece]:
        # The page comes before the parent, as siblings have both alike, and deflate likes that.
        yield f"<</S/{tag.type}"
        if any(isinstance(kid, int | Link) for kid in tag.kids):
            yield "/Pg "
            yield Own(self._page)
            yield " 0 R"
        yield "/P "
        yield Slot("above") if above is None else Own(self._place[id(above)])
        yield " 0 R"
        if tag.kids:
            alone = len(tag.kids) == 1
            yield "/K " if alone and isinstance(tag.kids[0], int) else "/K["
            for space, kid in zip(("", *" " * len(tag.kids)), tag.kids, strict=False):
                yield space
                if isinstance(kid, int):
                    yield str(kid)
                elif isinstance(kid, Link):
                    yield from ("<</Type/OBJR/Obj ", Own(next(links)), " 0 R>>")
                else:
                    yield from (Own(self._place[id(kid)]), " 0 R")
            yield "" if alone and isinstance(tag.kids[0], int) else "]"
        if tag.scope:
            yield f"/A<</O/Table/Scope/{tag.scope}>>"
        if tag.box:
            yield f"/A<</O/Layout/Placement/Block/BBox[{numbers(*tag.box)}]>>"
        if tag.type == "Note":
            yield from ("/ID(note", Own(self._place[id(tag)]), ")")
        if tag.alt is not None:
            yield "/Alt"
            if self._varies(tag):
                yield Slot(f"text{tag.alt}")
            else:
                yield text_string(self._constants[tag.alt])
        yield ">>"


def _walk(tag: Tag, above: Tag | None = None) -> Iterator[tuple[Tag, Tag | None]]:
    """Each tag with the one above it, depth first."""
    yield tag, above
    for kid in tag.kids:
        if isinstance(kid, Tag):
            yield from _walk(kid, tag)
