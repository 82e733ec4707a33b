"""Pages, each content + tags + texts → one tagged file with its fonts, images and metadata."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from pixattest.pdf import metadata
from pixattest.pdf.fonts import Face, Run
from pixattest.pdf.images import Picture
from pixattest.pdf.metadata import Properties
from pixattest.pdf.objects import Stream, number
from pixattest.pdf.tags import PageTags
from pixattest.pdf.writer import Writer


@dataclass(frozen=True, slots=True)
class Sheet:
    """What pages of one kind share.

    Attributes:
        width, height: in points.
        tags: their structure.
        pictures: images by the names that the content gives them.
        opacities: of fill and stroke, by the names that the content gives them.
        plain: characters that every page shows, by face.
        shaped: glyphs that every page shows with their texts, by face.
    """

    width: float
    height: float
    tags: PageTags
    pictures: Mapping[str, Picture]
    opacities: Mapping[str, tuple[float, float]]
    plain: Mapping[int, frozenset[str]]
    shaped: Mapping[int, frozenset[tuple[int, str]]]


class Document:
    """Writes one file, a page after the other.

    Args:
        file: open for writing.
        faces: in the order of their numbers.
        properties: title, author, language, day.
    """

    def __init__(self, file: BinaryIO, faces: Sequence[Face], properties: Properties) -> None:
        self._writer = Writer(file)
        self._faces = faces
        self._properties = properties
        reserve = self._writer.reserve
        self._catalog, self._pages, self._structure = reserve(), reserve(), reserve()
        self._body, self._fonts = reserve(), reserve()
        self._kids: list[int] = []
        self._sections: list[int] = []
        self._parents: list[str] = []
        self._next_key = 0
        self._resources: dict[int, tuple[Sheet, int]] = {}
        self._plain: dict[int, set[str]] = defaultdict(set)
        self._shaped: dict[int, set[tuple[int, str]]] = defaultdict(set)

    def add_page(
        self, sheet: Sheet, content: bytes, runs: Iterable[Run], texts: Sequence[str]
    ) -> None:
        """Write a page.

        Args:
            sheet: what it shares with others.
            content: the content stream.
            runs: what it shows beside what the sheet does.
            texts: what the tags' `alt`, `actual` and `title` number.
        """
        writer, tags = self._writer, sheet.tags
        resources = self._resources_of(sheet)
        page, contents = writer.reserve(), writer.reserve()
        first = writer.reserve(tags.size)
        key = self._next_key
        self._next_key += 1 + tags.links
        annotations = f"/Annots[{tags.annotations(first)}]" if tags.links else ""
        writer.add(
            page,
            (
                f"<</Type/Page/Parent {self._pages} 0 R/MediaBox[0 0 {number(sheet.width)}"
                f" {number(sheet.height)}]/Contents {contents} 0 R/Resources {resources} 0 R"
                f"/Tabs/S/StructParents {key}{annotations}"
                "/Group<</S/Transparency/CS/DeviceRGB>>>>"
            ).encode(),
        )
        writer.add(contents, Stream({}, content))
        for offset, element in enumerate(tags.objects(first, page, self._body, key, texts)):
            writer.add(first + offset, element)
        for run in runs:
            self._plain[run.face] |= run.plain
            self._shaped[run.face] |= run.shaped
        self._kids.append(page)
        self._sections.append(first)
        self._parents.append(tags.parents(first, key))

    def finish(self) -> None:
        """Write everything that the pages share."""
        writer, language = self._writer, self._properties.language
        self._write_fonts()
        tree = writer.append(f"<</Nums[{' '.join(self._parents)}]>>".encode())
        writer.add(
            self._structure,
            f"<</Type/StructTreeRoot/K {self._body} 0 R/ParentTree {tree} 0 R"
            f"/ParentTreeNextKey {self._next_key}>>".encode(),
        )
        writer.add(
            self._body,
            f"<</S/Document/P {self._structure} 0 R/K[{_references(self._sections)}]>>".encode(),
        )
        writer.add(
            self._pages,
            f"<</Type/Pages/Count {len(self._kids)}/Kids[{_references(self._kids)}]>>".encode(),
        )
        profile = writer.append(metadata.icc_profile())
        packet = writer.append(metadata.xmp(self._properties))
        writer.add(
            self._catalog,
            (
                f"<</Type/Catalog/Pages {self._pages} 0 R/Lang({language})"
                f"/StructTreeRoot {self._structure} 0 R/MarkInfo<</Marked true>>"
                f"/ViewerPreferences<</DisplayDocTitle true>>/Metadata {packet} 0 R"
                "/OutputIntents[<</S/GTS_PDFA1/OutputConditionIdentifier(sRGB)"
                f"/Info(sRGB IEC61966-2.1)/DestOutputProfile {profile} 0 R>>]>>"
            ).encode(),
        )
        writer.finish(self._catalog, writer.append(metadata.info(self._properties)))

    def _resources_of(self, sheet: Sheet) -> int:
        """Number of the resources of a sheet, written when it is met first."""
        known = self._resources.get(id(sheet))
        if known:
            return known[1]
        images = "".join(
            f"/{name} {self._add_picture(picture)} 0 R" for name, picture in sheet.pictures.items()
        )
        states = "".join(
            f"/{name}<</ca {number(fill)}/CA {number(stroke)}>>"
            for name, (fill, stroke) in sheet.opacities.items()
        )
        resources = self._writer.append(
            f"<</Font {self._fonts} 0 R/XObject<<{images}>>/ExtGState<<{states}>>>>".encode()
        )
        for face, chars in sheet.plain.items():
            self._plain[face] |= chars
        for face, glyphs in sheet.shaped.items():
            self._shaped[face] |= glyphs
        # The sheet is kept, so that its identity can't be given to another one.
        self._resources[id(sheet)] = sheet, resources
        return resources

    def _add_picture(self, picture: Picture) -> int:
        image = picture.image
        if picture.alpha:
            mask = self._writer.append(picture.alpha)
            image = Stream(image.entries | {"SMask": f"{mask} 0 R"}, image.data, image.encoded)
        return self._writer.append(image)

    def _write_fonts(self) -> None:
        names = []
        for face in self._faces:
            plain, shaped = self._plain[face.index], self._shaped[face.index]
            if not plain and not shaped:
                continue
            first = self._writer.reserve(0)
            objects = face.embed(plain, shaped, first)
            self._writer.reserve(len(objects))
            for offset, content in enumerate(objects):
                self._writer.add(first + offset, content)
            names += [f"/F{face.index} {first} 0 R"] if plain else []
            names += [f"/G{face.index} {first + 1} 0 R"] if shaped else []
        self._writer.add(self._fonts, f"<<{''.join(names)}>>".encode())


def _references(objects: Sequence[int]) -> str:
    return " ".join(f"{number_} 0 R" for number_ in objects)
