"""Blocks of pages, in order → one tagged file with fonts, images, bookmarks and metadata."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import accumulate, count, groupby
from operator import itemgetter
from typing import NamedTuple

from pixattest.output import Sink
from pixattest.pdf import metadata
from pixattest.pdf.attachment import Attachment
from pixattest.pdf.block import Block, BlockPlan, PageContent, parents_of
from pixattest.pdf.embedding import chars_to_unicode
from pixattest.pdf.fonts import Face
from pixattest.pdf.images import Picture
from pixattest.pdf.labels import Label, PageLabels
from pixattest.pdf.metadata import Properties
from pixattest.pdf.objects import Stream, number, numbers
from pixattest.pdf.outline import Outline
from pixattest.pdf.page_kind import PageKind, appearance_of, bookmark_of, page_of
from pixattest.pdf.tags import SignatureField
from pixattest.pdf.writer import Writer

Glyphs = Mapping[int, tuple[Iterable[str], Iterable[tuple[int, str]]]]
"""What is shown of each face: characters by code, and glyphs by number with their texts."""


class PlannedPage(NamedTuple):
    """A page to come.

    Attributes:
        kind: its kind.
        section: name of the section that it belongs to; None: the file has no outline.
    """

    kind: PageKind
    section: str | None


class Document:
    """Writes one file.

    It has one page without a bookmark, or blocks of pages. A block is planned first, made anywhere,
    and added in the order of the plans; how far planning is ahead does not show in the bytes.

    Args:
        sink: takes the bytes.
        faces: in the order of their numbers.
    """

    def __init__(self, sink: Sink, faces: Sequence[Face]) -> None:
        self._writer = Writer(sink)
        self._faces = faces
        reserve = self._writer.reserve
        self._catalog, self._pages, self._structure = reserve(), reserve(), reserve()
        self._body, self._fonts = reserve(), reserve()
        self._outline = Outline(self._writer)
        self._labels = PageLabels()
        self._kids, self._roots = array("Q"), array("Q")
        self._parents: int | None = None
        self._next_key = 0
        self._ahead: list[int] = []
        self._field: int | None = None
        self._resources: dict[PageKind, int] = {}
        self._unwritten: dict[int, PageKind] = {}
        self._written: list[tuple[int, str]] = []
        self._plain: dict[int, set[str]] = defaultdict(set)
        self._shaped: dict[int, set[tuple[int, str]]] = defaultdict(set)

    @property
    def pages(self) -> int:
        """Number of the pages that were planned."""
        return len(self._labels)

    @property
    def filled(self) -> float:
        """Of the objects that a file can have, the part that is taken; from 0 to 1."""
        return self._writer.filled

    def add_page(self, page: PageContent, glyphs: Glyphs) -> None:
        """Write the only page of a file, without a bookmark."""
        layout = page.kind.layout
        resources = self._resources_of(page.kind)
        self._write_resources(resources)
        first = self._writer.reserve_hundreds(layout.hundreds)
        hundreds = layout.hundreds_of(first)
        texts = page.texts
        texts["node"] = str(self._pages)
        texts["resources"] = str(resources)
        texts["appearance"] = str(appearance_of(page.kind, resources))
        texts["above"] = str(self._body)
        self._writer.add(first, Stream({}, page.content))
        constant = page_of(first) + layout.varying
        varying = layout.object_template.filled(hundreds, texts)
        for number_, text in zip(range(page_of(first), constant), varying, strict=True):
            self._writer.add(number_, text.encode("latin-1"))
        self._writer.add_pack(constant, layout.constant, layout.single_pack(first))
        self._kids.append(page_of(first))
        self._labels.extend([page.kind.label], "")
        self._enter([(page.kind, first)])
        self._parents = first + layout.tree
        self._note(glyphs)

    def plan(
        self, planned: Sequence[PlannedPage], following: Sequence[PlannedPage] | None
    ) -> BlockPlan:
        """Give the next block its place.

        A block begins with a page that has a bookmark, or before its section has one: so the
        bookmark that follows a block is known from the block after it.

        Args:
            planned: its pages.
            following: those of the block after it; None when it is the last.
        """
        outline = self._outline
        own, *pages = self._ahead or self._reserve_block(planned)
        self._ahead = self._reserve_block(following) if following else []
        before = outline.last if outline.section == planned[0].section else None
        sections: list[tuple[int, int]] = []
        begin = 0
        for section, run in groupby(planned, itemgetter(1)):
            kinds = [kind for kind, _ in run]
            end = begin + len(kinds)
            found = pages[begin:end]
            if section is not None and section != outline.section:
                outline.enter(section, page_of(found[0]), bookmarked=kinds[0].bookmarked)
            both = [*zip(kinds, found, strict=True)]
            outline.extend([bookmark_of(first) for kind, first in both if kind.bookmarked])
            self._labels.extend([kind.label for kind in kinds], section or "")
            self._enter(both)
            sections.append((outline.above, len(kinds)))
            begin = end
        self._kids.append(own)
        after = None
        if following and following[0].kind.bookmarked and following[0].section == outline.section:
            after = bookmark_of(self._ahead[1])
        return BlockPlan(
            own,
            tuple(pages),
            tuple(self._resources_of(page.kind) for page in planned),
            self._body,
            self._pages,
            tuple(sections),
            before,
            after,
        )

    def add(self, plan: BlockPlan, block: Block, glyphs: Glyphs) -> None:
        """Write a block.

        Args:
            plan: its place.
            block: its bytes.
            glyphs: what it shows beside what its kinds do.
        """
        for resources in dict.fromkeys(plan.resources):
            if resources in self._unwritten:
                self._write_resources(resources)
        self._writer.add_block(plan.first, block)
        self._note(glyphs)

    def _enter(self, pages: Sequence[tuple[PageKind, int]]) -> None:
        """Take note of the places of some pages in the structure, by their first numbers."""
        self._roots.extend(
            [
                first + (kind.layout.root or 0)
                for kind, first in pages
                if kind.tags and kind.label is not Label.FURTHER
            ]
        )
        for kind, first in pages:
            if kind.layout.field is not None:
                self._field = first + kind.layout.field
        kind, first = pages[-1]
        self._next_key = first + kind.layout.numbers

    def _note(self, glyphs: Glyphs) -> None:
        for face, (plain, shaped) in glyphs.items():
            self._plain[face].update(plain)
            self._shaped[face].update(shaped)

    def finish(self, properties: Properties, attachment: Attachment | None = None) -> None:
        """Write everything that the pages share, and the file that is attached."""
        writer = self._writer
        for resources, content in self._written:
            writer.add(resources, content.encode("latin-1"))
        self._write_fonts()
        tree = self._parents or writer.append(
            f"<</Kids[{_references(map(parents_of, self._kids))}]>>".encode()
        )
        writer.add(
            self._structure,
            f"<</Type/StructTreeRoot/K {self._body} 0 R/ParentTree {tree} 0 R"
            f"/ParentTreeNextKey {self._next_key}>>".encode(),
        )
        writer.add(
            self._body,
            f"<</S/Document/P {self._structure} 0 R/K[{_references(self._roots)}]>>".encode(
                "latin-1"
            ),
        )
        writer.add(
            self._pages,
            f"<</Type/Pages/Count {self.pages}/Kids[{_references(self._kids)}]>>".encode("latin-1"),
        )
        outlines = self._outline.write()
        outline = ""
        if outlines:
            outline = (
                f"/Outlines {outlines} 0 R/PageMode/UseOutlines"
                f"/PageLabels {self._labels.write(writer.append)} 0 R"
            )
        profile = writer.append(metadata.icc_profile())
        packet = writer.append(metadata.xmp(properties, part=3 if attachment else 2))
        attached = ""
        if attachment:
            stream = writer.append(attachment.stream())
            attached = attachment.entries(writer.append(attachment.specification(stream)))
        form = f"/AcroForm<</Fields[{self._field} 0 R]/SigFlags 1>>" if self._field else ""
        writer.add(
            self._catalog,
            (
                f"<</Type/Catalog/Pages {self._pages} 0 R/Lang({properties.language})"
                f"/StructTreeRoot {self._structure} 0 R/MarkInfo<</Marked true>>"
                f"/ViewerPreferences<</DisplayDocTitle true>>/Metadata {packet} 0 R"
                f"{outline}{form}{attached}"
                "/OutputIntents[<</S/GTS_PDFA1/OutputConditionIdentifier(sRGB)"
                f"/Info(sRGB IEC61966-2.1)/DestOutputProfile {profile} 0 R>>]>>"
            ).encode("latin-1"),
        )
        writer.finish(self._catalog, writer.append(metadata.info(properties)))

    def _reserve_block(self, planned: Sequence[PlannedPage]) -> list[int]:
        """First numbers of a block itself and of its pages, after the resources that they need."""
        for page in planned:
            self._resources_of(page.kind)
        sizes = [1, *(page.kind.layout.hundreds for page in planned)]
        first = self._writer.reserve_hundreds(sum(sizes))
        return [first + 100 * before for before in accumulate(sizes[:-1], initial=0)]

    def _resources_of(self, kind: PageKind) -> int:
        """Number of the resources of a kind.

        Numbers are reserved when a kind is met first, and written with the first block that has
        it: how many blocks are planned ahead must not show.
        """
        kind = kind.like or kind
        found = self._resources.get(kind)
        if found is None:
            streams = len(kind.around) + bool(kind.field) + len(kind.forms)
            masks = sum(picture.alpha is not None for picture in kind.pictures.values())
            found = self._writer.reserve(1 + streams + len(kind.pictures) + masks)
            self._resources[kind] = found
            self._unwritten[found] = kind
        return found

    def _write_resources(self, resources: int) -> None:
        """Write the resources of a kind, by their number."""
        kind = self._unwritten.pop(resources)
        places = count(resources + 1)

        def add(stream: Stream) -> int:
            self._writer.add(number_ := next(places), stream)
            return number_

        box = f"[0 0 {number(kind.width)} {number(kind.height)}]"
        entries: dict[str, object] = {"Type": "/XObject", "Subtype": "/Form", "BBox": box}
        for content in kind.around:
            add(Stream({}, content))
        if field := kind.field:
            add(_appearance(field, resources))
        forms = "".join(
            f"/L{index} {add(self._form(form, entries, resources))} 0 R"
            for index, form in enumerate(kind.forms)
        )
        images = "".join(
            f"/{name} {_add_picture(picture, add)} 0 R" for name, picture in kind.pictures.items()
        )
        states = "".join(
            f"/{name}<</ca {number(fill)}/CA {number(stroke)}>>"
            for name, (fill, stroke) in kind.opacities.items()
        )
        text = f"<</Font {self._fonts} 0 R/XObject<<{forms}{images}>>/ExtGState<<{states}>>>>"
        self._written.append((resources, text))
        for face, chars in kind.plain.items():
            self._plain[face] |= chars
        for face, glyphs in kind.shaped.items():
            self._shaped[face] |= glyphs

    def _form(self, content: bytes, entries: dict[str, object], resources: int) -> Stream:
        return Stream(entries | {"Resources": f"{resources} 0 R"}, content)

    def _write_fonts(self) -> None:
        names = []
        shown = set[str]().union(*self._plain.values())
        to_unicode = self._writer.append(Stream({}, chars_to_unicode(shown))) if shown else 0
        for face in self._faces:
            plain, shaped = self._plain[face.index], self._shaped[face.index]
            if not plain and not shaped:
                continue
            first = self._writer.reserve(0)
            objects = face.embedder.embed(plain, shaped, first, to_unicode)
            self._writer.reserve(len(objects))
            for offset, content in enumerate(objects):
                self._writer.add(first + offset, content)
            names += [f"/F{face.index} {first} 0 R"] if plain else []
            names += [f"/G{face.index} {first + 1} 0 R"] if shaped else []
        self._writer.add(self._fonts, f"<<{''.join(names)}>>".encode())


def _appearance(field: SignatureField, resources: int) -> Stream:
    """What a signature field looks like, drawn where it stands on the page."""
    box = f"[{numbers(*field.box)}]"
    entries: dict[str, object] = {"Type": "/XObject", "Subtype": "/Form", "BBox": box}
    return Stream(entries | {"Resources": f"{resources} 0 R"}, field.drawing.encode("latin-1"))


def _references(objects: Iterable[int]) -> str:
    return " ".join(f"{number_} 0 R" for number_ in objects)


def _add_picture(picture: Picture, add: Callable[[Stream], int]) -> int:
    image = picture.image
    if picture.alpha:
        entries = image.entries | {"SMask": f"{add(picture.alpha)} 0 R"}
        image = Stream(entries, image.data, image.encoded)
    return add(image)
