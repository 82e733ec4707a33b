"""Tag tree of a page → templates of its structure elements (ISO 32000-1, 14.7; ISO 14289-1)."""

# Annotations are not postponed here: as text, each would be compiled at every start.

from collections.abc import Iterator, Mapping
from itertools import count

import msgspec

from pixattest.pdf.object_template import ObjectNumber, Piece, Slot
from pixattest.pdf.objects import numbers, text_string

FIELD_NAME = "signature"
"""Of the field that takes the document's signature."""


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


class SignatureField(msgspec.Struct, frozen=True, tag_field="kind", tag=True):
    """The form field that takes the document's signature, empty.

    Attributes:
        contents: what it is, for those who can't see it.
        box: left, bottom, right, top, in points.
        drawing: operators of its appearance, from the page's origin; "": nothing to be seen.
    """

    contents: str
    box: tuple[float, float, float, float]
    drawing: str


class Tag(msgspec.Struct, frozen=True, tag_field="kind", tag=True):
    """A structure element.

    Attributes:
        type: standard structure type, such as `TH`.
        kids: elements, marked contents by number (MCID), and annotations, in reading order.
        scope: of a TH: `Row` or `Column`.
        box: of a Figure: left, bottom, right, top, in points.
        alt: number of the text that describes it, in the texts of the page.
        open: its type differs from page to page, and `type` is the name of the slot for it.
    """

    type: str
    kids: "tuple[Tag | int | Link | SignatureField, ...]"
    scope: str | None = None
    box: tuple[float, float, float, float] | None = None
    alt: int | None = None
    open: bool = False


class TagTree:
    """The structure elements and annotations of a page, for its template.

    Args:
        root: the page's own element; None where there is none.
        constants: texts that are the same on every page, by their numbers.
        page: place of the page's object.
        first: place of the first element; the parent tree's entry of the page comes after the
            last one, and then the links.
        continued: further pages may have their elements in the root.

    Attributes:
        root: place of the page's own element, if there is one.
        parents: place of the page's entry in the parent tree.
        annotations: their places.
        owners: places of the elements that own them.
        field: place of the signature field, if there is one.
        end: the next free place.
    """

    def __init__(
        self,
        root: Tag | None,
        constants: Mapping[int, str],
        page: int,
        first: int,
        *,
        continued: bool = False,
    ) -> None:
        self._continued = root if continued else None
        self._elements = list(_walk(root)) if root else []
        self._constants = constants
        self._page = page
        # Those that differ from page to page come first; the others, in a row, are written faster.
        field = field_of(root)
        varying = [tag for tag, above in self._elements if above is None or self._varies(tag)]
        constant = [tag for tag, above in self._elements if above and not self._varies(tag)]
        ordered = [*varying, *([field] if field else []), *constant]
        self._place = {id(item): first + i for i, item in enumerate(ordered)}
        self.root = self._place[id(root)] if root else None
        self.field = self._place[id(field)] if field else None
        self.parents = first + len(ordered)
        self._marked: dict[int, int] = {}
        self._annotations: list[Link | SignatureField] = []
        self.owners: list[int] = []
        for tag, _ in self._elements:
            for kid in tag.kids:
                if isinstance(kid, int):
                    self._marked[kid] = self._place[id(tag)]
                elif not isinstance(kid, Tag):
                    self._annotations.append(kid)
                    self.owners.append(self._place[id(tag)])
        places = count(self.parents + 1)
        self.annotations = [self._place.get(id(kid)) or next(places) for kid in self._annotations]
        self.end = next(places)

    def objects(self) -> Iterator[tuple[int, list[Piece]]]:
        """Each object's place, and its pieces.

        Slots: `above`, number of the element above the root; `further`, references to the elements
        of further pages in it; `text0` and on, texts that are not constant; `appearance`, number
        of that of the signature field. The keys of the annotations
        in the parent tree are the page's numbers from 1 on.
        """
        places = iter(self.annotations)
        for tag, above in self._elements:
            yield self._place[id(tag)], [*self._element(tag, above, places)]
        owners: list[Piece] = []
        for mcid in range(len(self._marked)):
            owners += [ObjectNumber(self._marked[mcid]), " 0 R "]
        yield self.parents, ["[", *owners, "]"]
        pairs = zip(self.annotations, self._annotations, strict=True)
        for key, (place, annotation) in enumerate(pairs, 1):
            head = f"<</Type/Annot/Rect[{numbers(*annotation.box)}]/StructParent "
            yield place, [head, ObjectNumber(key), *self._entries(annotation), ">>"]

    def _entries(self, annotation: Link | SignatureField) -> Iterator[Piece]:
        if isinstance(annotation, Link):
            yield (
                f"/Subtype/Link/F 4/Border[0 0 0]/Contents{text_string(annotation.contents)}"
                f"/A<</S/URI/URI{text_string(annotation.url)}>>"
            )
            return
        # Field and widget in one (ISO 32000-1, 12.7.4.5), printed and locked.
        said = text_string(annotation.contents)
        yield f"/Subtype/Widget/F 132/FT/Sig/T({FIELD_NAME})/TU{said}/P "
        yield ObjectNumber(self._page)
        yield " 0 R/AP<</N "
        yield Slot("appearance")
        yield " 0 R>>"

    def _varies(self, tag: Tag) -> bool:
        return (
            tag.open
            or tag is self._continued
            or (tag.alt is not None and tag.alt not in self._constants)
        )

    def _element(self, tag: Tag, above: Tag | None, places: Iterator[int]) -> Iterator[Piece]:
        # The page comes before the parent, as siblings have both alike, and deflate likes that.
        yield "<</S/"
        yield Slot(tag.type) if tag.open else tag.type
        if any(isinstance(kid, int | Link | SignatureField) for kid in tag.kids):
            yield "/Pg "
            yield ObjectNumber(self._page)
            yield " 0 R"
        yield "/P "
        yield Slot("above") if above is None else ObjectNumber(self._place[id(above)])
        yield " 0 R"
        if tag.kids:
            alone = len(tag.kids) == 1
            yield "/K " if alone and isinstance(tag.kids[0], int) else "/K["
            for space, kid in zip(("", *" " * len(tag.kids)), tag.kids, strict=False):
                yield space
                if isinstance(kid, int):
                    yield str(kid)
                elif isinstance(kid, Tag):
                    yield from (ObjectNumber(self._place[id(kid)]), " 0 R")
                else:
                    yield from ("<</Type/OBJR/Obj ", ObjectNumber(next(places)), " 0 R>>")
            if tag is self._continued:
                yield Slot("further")
            yield "" if alone and isinstance(tag.kids[0], int) else "]"
        if tag.scope:
            yield f"/A<</O/Table/Scope/{tag.scope}>>"
        if tag.box:
            yield f"/A<</O/Layout/Placement/Block/BBox[{numbers(*tag.box)}]>>"
        if tag.type == "Note":
            yield from ("/ID(note", ObjectNumber(self._place[id(tag)]), ")")
        if tag.alt is not None:
            yield "/Alt"
            if tag.alt not in self._constants:
                yield Slot(f"text{tag.alt}")
            else:
                yield text_string(self._constants[tag.alt])
        yield ">>"


def field_of(root: Tag | None) -> SignatureField | None:
    """The signature field of a page, if it has one."""
    kids = (kid for tag, _ in (_walk(root) if root else ()) for kid in tag.kids)
    return next((kid for kid in kids if isinstance(kid, SignatureField)), None)


def _walk(tag: Tag, above: Tag | None = None) -> Iterator[tuple[Tag, Tag | None]]:
    """Each tag with the one above it, depth first."""
    yield tag, above
    for kid in tag.kids:
        if isinstance(kid, Tag):
            yield from _walk(kid, tag)
