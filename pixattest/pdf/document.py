"""Blocks of pages, in order → one tagged file with fonts, images, bookmarks and metadata."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate

from pixattest.output import Sink
from pixattest.pdf import metadata
from pixattest.pdf.block import (
    Block,
    BlockPlan,
    PageMatter,
    Sheet,
    bookmark_of,
    page_of,
    parents_of,
)
from pixattest.pdf.fonts import Face, chars_to_unicode
from pixattest.pdf.images import Picture
from pixattest.pdf.metadata import Properties
from pixattest.pdf.objects import Stream, number
from pixattest.pdf.writer import Writer

Glyphs = Mapping[int, tuple[Iterable[str], Iterable[tuple[int, str]]]]
"""What is shown of each face: characters by code, and glyphs by number with their texts."""


class Document:
    """Writes one file.

    It has one page without a bookmark, or blocks of pages with bookmarks. A block is planned first,
    made anywhere, and added in the order of the plans.

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
        self._outlines: int | None = None
        self._kids, self._sections = array("Q"), array("Q")
        self._parents: int | None = None
        self._next_key = 0
        self._ahead: list[int] = []
        self._bookmarks: tuple[int, int] | None = None
        self._resources: dict[Sheet, int] = {}
        self._plain: dict[int, set[str]] = defaultdict(set)
        self._shaped: dict[int, set[tuple[int, str]]] = defaultdict(set)

    @property
    def pages(self) -> int:
        """Number of the pages that were planned."""
        return len(self._sections)

    def add_page(self, matter: PageMatter, glyphs: Glyphs) -> None:
        """Write the only page of a file, without a bookmark."""
        layout = matter.sheet.layout(bookmarks=False)
        resources = self._resources_of(matter.sheet)
        first = self._writer.reserve_hundreds(layout.hundreds)
        hundreds = layout.hundreds_of(first)
        texts = matter.texts
        texts["node"] = str(self._pages)
        texts["resources"] = str(resources)
        texts["above"] = str(self._body)
        self._writer.add(first, Stream({}, matter.content))
        own = page_of(first) + layout.loose
        loose = layout.blueprint.filled(hundreds, texts)
        for number_, text in zip(range(page_of(first), own), loose, strict=True):
            self._writer.add(number_, text.encode("latin-1"))
        self._writer.add_pack(own, layout.own, layout.lone_pack(first))
        self._kids.append(page_of(first))
        self._sections.append(first + layout.root)
        self._parents = first + layout.tree
        self._next_key = first + layout.numbers
        self._note(glyphs)

    def plan(self, sheets: Sequence[Sheet], following: Sequence[Sheet] | None) -> BlockPlan:
        """Give the next block its place.

        Args:
            sheets: of its pages.
            following: those of the block after it; None when it is the last.
        """
        if self._outlines is None:
            self._outlines = self._writer.reserve()
        own, *pages = self._ahead or self._reserve_block(sheets)
        self._ahead = self._reserve_block(following) if following else []
        for sheet, page in zip(sheets, pages, strict=True):
            layout = sheet.layout(bookmarks=True)
            self._sections.append(page + layout.root)
            self._next_key = page + layout.numbers
        self._kids.append(own)
        before = self._bookmarks[1] if self._bookmarks else None
        after = bookmark_of(self._ahead[1]) if self._ahead else None
        ends = bookmark_of(pages[0]), bookmark_of(pages[-1])
        self._bookmarks = (self._bookmarks or ends)[0], ends[1]
        return BlockPlan(
            own,
            tuple(pages),
            tuple(self._resources[sheet] for sheet in sheets),
            self._body,
            self._pages,
            self._outlines,
            before,
            after,
        )

    def add(self, plan: BlockPlan, block: Block, glyphs: Glyphs) -> None:
        """Write a block.

        Args:
            plan: its place.
            block: its bytes.
            glyphs: what it shows beside what its sheets do.
        """
        self._writer.add_block(plan.first, block)
        self._note(glyphs)

    def _note(self, glyphs: Glyphs) -> None:
        for face, (plain, shaped) in glyphs.items():
            self._plain[face].update(plain)
            self._shaped[face].update(shaped)

    def finish(self, properties: Properties) -> None:
        """Write everything that the pages share."""
        writer = self._writer
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
            f"<</S/Document/P {self._structure} 0 R/K[{_references(self._sections)}]>>".encode(
                "latin-1"
            ),
        )
        writer.add(
            self._pages,
            f"<</Type/Pages/Count {self.pages}/Kids[{_references(self._kids)}]>>".encode("latin-1"),
        )
        outline = ""
        if self._outlines is not None and self._bookmarks:
            first, last = self._bookmarks
            writer.add(
                self._outlines,
                f"<</Type/Outlines/First {first} 0 R/Last {last} 0 R/Count {self.pages}>>".encode(
                    "latin-1"
                ),
            )
            outline = f"/Outlines {self._outlines} 0 R/PageMode/UseOutlines"
        profile = writer.append(metadata.icc_profile())
        packet = writer.append(metadata.xmp(properties))
        writer.add(
            self._catalog,
            (
                f"<</Type/Catalog/Pages {self._pages} 0 R/Lang({properties.language})"
                f"/StructTreeRoot {self._structure} 0 R/MarkInfo<</Marked true>>"
                f"/ViewerPreferences<</DisplayDocTitle true>>/Metadata {packet} 0 R{outline}"
                "/OutputIntents[<</S/GTS_PDFA1/OutputConditionIdentifier(sRGB)"
                f"/Info(sRGB IEC61966-2.1)/DestOutputProfile {profile} 0 R>>]>>"
            ).encode(),
        )
        writer.finish(self._catalog, writer.append(metadata.info(properties)))

    def _reserve_block(self, sheets: Sequence[Sheet]) -> list[int]:
        """First numbers of a block itself and of its pages, after the resources that they need."""
        for sheet in sheets:
            self._resources_of(sheet)
        sizes = [1, *(sheet.layout(bookmarks=True).hundreds for sheet in sheets)]
        first = self._writer.reserve_hundreds(sum(sizes))
        return [first + 100 * before for before in accumulate(sizes[:-1], initial=0)]

    def _resources_of(self, sheet: Sheet) -> int:
        """Number of the resources of a sheet, which are written when it is met first."""
        if sheet in self._resources:
            return self._resources[sheet]
        box = f"[0 0 {number(sheet.width)} {number(sheet.height)}]"
        entries: dict[str, object] = {"Type": "/XObject", "Subtype": "/Form", "BBox": box}
        resources = self._writer.reserve(1 + len(sheet.around))
        for number_, content in enumerate(sheet.around, resources + 1):
            self._writer.add(number_, Stream({}, content))
        forms = "".join(
            f"/L{index} {self._writer.append(self._form(form, entries, resources))} 0 R"
            for index, form in enumerate(sheet.forms)
        )
        images = "".join(
            f"/{name} {self._add_picture(picture)} 0 R" for name, picture in sheet.pictures.items()
        )
        states = "".join(
            f"/{name}<</ca {number(fill)}/CA {number(stroke)}>>"
            for name, (fill, stroke) in sheet.opacities.items()
        )
        self._writer.add(
            resources,
            f"<</Font {self._fonts} 0 R/XObject<<{forms}{images}>>/ExtGState<<{states}>>>>".encode(
                "latin-1"
            ),
        )
        for face, chars in sheet.plain.items():
            self._plain[face] |= chars
        for face, glyphs in sheet.shaped.items():
            self._shaped[face] |= glyphs
        self._resources[sheet] = resources
        return resources

    def _form(self, content: bytes, entries: dict[str, object], resources: int) -> Stream:
        return Stream(entries | {"Resources": f"{resources} 0 R"}, content)

    def _add_picture(self, picture: Picture) -> int:
        image = picture.image
        if picture.alpha:
            mask = self._writer.append(picture.alpha)
            image = Stream(image.entries | {"SMask": f"{mask} 0 R"}, image.data, image.encoded)
        return self._writer.append(image)

    def _write_fonts(self) -> None:
        names = []
        shown = set[str]().union(*self._plain.values())
        to_unicode = self._writer.append(Stream({}, chars_to_unicode(shown))) if shown else 0
        for face in self._faces:
            plain, shaped = self._plain[face.index], self._shaped[face.index]
            if not plain and not shaped:
                continue
            first = self._writer.reserve(0)
            objects = face.embed(plain, shaped, first, to_unicode)
            self._writer.reserve(len(objects))
            for offset, content in enumerate(objects):
                self._writer.add(first + offset, content)
            names += [f"/F{face.index} {first} 0 R"] if plain else []
            names += [f"/G{face.index} {first + 1} 0 R"] if shaped else []
        self._writer.add(self._fonts, f"<<{''.join(names)}>>".encode())


def _references(objects: Iterable[int]) -> str:
    return " ".join(f"{number_} 0 R" for number_ in objects)
