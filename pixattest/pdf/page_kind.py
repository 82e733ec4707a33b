"""What pages of one kind share → which objects such a page has, and their numbers."""

# Annotations are not postponed here: as text, each would be compiled at every start.

import hashlib
from collections.abc import Mapping, Sequence
from functools import cached_property

import msgspec

from pixattest.pdf.images import Picture
from pixattest.pdf.labels import Label
from pixattest.pdf.object_template import ObjectNumber, ObjectTemplate, Piece, Slot
from pixattest.pdf.objects import Stream, deflated, number
from pixattest.pdf.pack import ConstantPack, lay_out
from pixattest.pdf.tags import SignatureField, Tag, TagTree, field_of

CONTENTS, PAGE, BOOKMARK = 0, 1, 2
"""Places of a page's first objects; those of its tags follow."""


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
    like: "PageKind | None" = None
    layouts: dict[str, "PageLayout"] = msgspec.field(default_factory=dict)

    @property
    def layout(self) -> "PageLayout":
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
        constant: how many of its objects differ from page to page in their numbers alone.
        varying: how many other objects it has, whose numbers follow that of the content stream.
        root: place of the page's structure element, if there is one.
        tree: place of the parent tree, which is the page's own in a file of that page alone.
        field: place of the field that takes the document's signature, if it has one.
    """

    def __init__(self, kind: PageKind) -> None:
        tree = TagTree(
            kind.tags,
            kind.constants,
            PAGE,
            BOOKMARK + kind.bookmarked,
            continued=kind.continued,
        )
        annotations: list[Piece] = []
        for place in tree.annotations:
            annotations += [ObjectNumber(place), " 0 R "]
        contents: list[Piece] = [" ", ObjectNumber(CONTENTS), " 0 R"]
        if kind.around:
            contents = ["[", Slot("before"), " 0 R", *contents, " ", Slot("after"), " 0 R]"]
        page: list[Piece] = [
            "<</Type/Page/Parent ",
            Slot("node"),
            f" 0 R/MediaBox[0 0 {number(kind.width)} {number(kind.height)}]/Contents",
            *contents,
            "/Resources ",
            Slot("resources"),
            " 0 R/Tabs/S/StructParents ",
            ObjectNumber(CONTENTS),
            *(["/Annots[", *annotations, "]"] if annotations else []),
            "/Group<</S/Transparency/CS/DeviceRGB>>>>",
        ]
        bookmark: list[Piece] = [
            "<</Title",
            Slot("title"),
            "/Parent ",
            Slot("bookmark"),
            "/Dest[",
            ObjectNumber(PAGE),
            " 0 R/XYZ null null null]>>",
        ]
        parents = [tree.parents, *tree.owners]
        nodes: list[Piece] = []
        for key, place in enumerate(parents):
            nodes += [ObjectNumber(key), " ", ObjectNumber(place), " 0 R "]
        self.tree = tree.end
        objects = [(PAGE, page), *tree.objects()]
        if kind.bookmarked:
            objects.append((BOOKMARK, bookmark))
        elif kind.label is Label.NUMBERED:
            objects.append((self.tree, ["<</Nums[", *nodes, "]>>"]))
        # Further pages are of too many kinds to make a template for each.
        self.object_template = ObjectTemplate(objects, apart=kind.label is not Label.FURTHER)
        self.constant = len(self.object_template.constant)
        self.varying = len(self.object_template.places)
        self.hundreds = -(-(tree.end + (not kind.bookmarked)) // 100)
        self.numbers = 100 * self.hundreds
        self.root = tree.root
        self.field = tree.field
        self._parents = parents
        self._packs: dict[int, ConstantPack] = {}
        self._single_packs: dict[int, Stream] = {}

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

    def pack(self, firsts: Sequence[int], most: int) -> tuple[str, bytes]:
        """Entries and compressed data of an object stream with the constant objects of some pages.

        Args:
            firsts: first number of each page, all of as many digits.
            most: pages that may be packed together.
        """
        width = len(str(firsts[0] // 100))
        pack = self._packs.get(width)
        if pack is None:
            pack = ConstantPack(self.object_template.constant, self.hundreds, width, most)
            self._packs[width] = pack
        return pack.filled(["".join(self.hundreds_of(first)) for first in firsts])

    def single_pack(self, first: int) -> Stream:
        """An object stream with the constant objects of a file's only page.

        Args:
            first: number of the page: the same one in most files, so that it is made once.
        """
        pack = self._single_packs.get(first)
        if pack is None:
            begin = first + PAGE + self.varying
            objects = self.object_template.filled_constant(self.hundreds_of(first))
            head, data = lay_out(range(begin, begin + self.constant), objects)
            pack = deflated({"Type": "/ObjStm", "N": self.constant, "First": head}, data)
            self._single_packs[first] = pack
        return pack


def page_of(first: int) -> int:
    """Number of a page's object, by the page's first number."""
    return first + PAGE


def bookmark_of(first: int) -> int:
    """Number of a page's bookmark, by the page's first number."""
    return first + BOOKMARK


def appearance_of(kind: PageKind, resources: int) -> int:
    """Number of what the signature field of a kind looks like, by that of the kind's resources."""
    return resources + 1 + len(kind.around)
