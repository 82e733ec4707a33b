"""What a compiled template is: static bytes, slots and tags, ready for any record."""

from __future__ import annotations

import math

import msgspec

from pixattest.errors import TemplateError
from pixattest.model.framework import Framework
from pixattest.model.issuer import Issuer
from pixattest.pdf.images import Picture
from pixattest.pdf.qr import QUIET_ZONE
from pixattest.pdf.tags import Tag
from pixattest.template.fitting import TextBox
from pixattest.template.geometry import Box, Matrix
from pixattest.template.slots import (
    Calendar,
    CoverVocabulary,
    DetailVocabulary,
    Format,
    RecordVocabulary,
)

LEAST_QR = 25 / 25.4 * 72
"""Points of a printed QR code without its quiet zone, at least."""


class Variant(msgspec.Struct, frozen=True, tag=True):
    """What the records of one plate have in common, so that their pages have the same parts.

    Attributes:
        max_level: the highest level of that day.
        score: whether the score is printed.
        birth_place: whether the place of birth is printed.
        years: years of validity.
        recognition: whether the sentence of professional recognition is printed.
        specimen: whether SPÉCIMEN is printed over it.
        sealed: whether the QR code holds a seal.
        signed: whether the page has the field that takes the document's signature.
    """

    max_level: int
    score: bool
    birth_place: bool
    years: int
    recognition: bool
    specimen: bool
    sealed: bool
    signed: bool = False

    def qr_pattern(self, issuer: Issuer) -> str:
        """What the QR code opens, with `{code}`; of a seal, what stands before it."""
        if self.sealed and issuer.seal:
            return issuer.seal.site
        return issuer.verification.qr

    def vocabulary(
        self, framework: Framework, language: str, calendar: Calendar, issuer: Issuer
    ) -> RecordVocabulary:
        """What reads the records."""
        pattern = self.qr_pattern(issuer)
        return RecordVocabulary(framework, language, calendar, self.years, pattern)


class CoverVariant(msgspec.Struct, frozen=True, tag=True):
    """What pages of covers have in common.

    Attributes:
        rows: people on the page.
        specimen: whether SPÉCIMEN is printed over it.
    """

    rows: int
    specimen: bool

    def vocabulary(
        self, framework: Framework, language: str, calendar: Calendar, issuer: Issuer
    ) -> CoverVocabulary:
        """What reads the pages."""
        people = RecordVocabulary(framework, language, calendar, 0, issuer.verification.qr)
        return CoverVocabulary(calendar, self.rows, people)


class DetailVariant(msgspec.Struct, frozen=True, tag=True):
    """What further pages of attestations have in common.

    Attributes:
        max_level: the highest level of that day.
        specimen: whether SPÉCIMEN is printed over it.
    """

    max_level: int
    specimen: bool

    def vocabulary(
        self, framework: Framework, language: str, calendar: Calendar, issuer: Issuer
    ) -> DetailVocabulary:
        """What reads the pages."""
        pattern = issuer.verification.qr
        return DetailVocabulary(RecordVocabulary(framework, language, calendar, 0, pattern))


AnyVariant = Variant | CoverVariant | DetailVariant


class Mark(msgspec.Struct, frozen=True, tag=True):
    """Beginnings and ends of marked content."""

    content: str


class Paint(msgspec.Struct, frozen=True, tag=True):
    """A drawing that never changes, without marked content in it."""

    content: str


class TextSlot(msgspec.Struct, frozen=True, tag=True):
    """A text of the record."""

    format: Format
    box: TextBox


class QrSlot(msgspec.Struct, frozen=True, tag=True):
    """The QR code with its quiet zone, in a unit square that the matrix places."""

    matrix: Matrix

    def refuse_small(self, size: int, length: int) -> None:
        """Refuse a code that phones may not read.

        Args:
            size: modules on a side, without the quiet zone.
            length: characters in it.

        Raises:
            TemplateError: it would be printed too small.
        """
        a, b, *_ = self.matrix
        if math.hypot(a, b) * size / (size + 2 * QUIET_ZONE) < LEAST_QR:
            raise TemplateError(
                f"the QR code of {length} characters would be printed smaller than 25 mm",
                hint="Give it more room in the template, or shorten the issuer's qr address.",
            )


class When(msgspec.Struct, frozen=True, tag=True):
    """Content that is drawn only where a field of the record is there (or is not).

    Attributes:
        field: of the record.
        present: whether it must be there.
        ops: what is drawn.
        least: a number that the field must reach to count as there; None: any value does.
    """

    field: str
    present: bool
    ops: tuple[Op, ...]
    least: int | None = None


class FlowBlock(msgspec.Struct, frozen=True):
    """What stands in a column as a whole.

    Attributes:
        corner: its upper left one, where it was drawn, in points.
        height: in points.
        gap: above it, where it does not begin a column, in points.
        ops: what is drawn, as the first marked contents of a page.
        types: structure types of its marked contents, in order.
    """

    corner: tuple[float, float]
    height: float
    gap: float
    ops: tuple[Mark | Paint, ...]
    types: tuple[str, ...]


FLOW = "Flow"
"""Stands in the tags of a plate for those of the blocks of a page."""


class Flow(msgspec.Struct, frozen=True, tag=True):
    """Columns that are filled with blocks, page after page.

    Attributes:
        columns: of a page: left, bottom, right, top, in points.
        blocks: by their keys: `domain:1` heads a domain, `level:1.1:4` tells of a level.
    """

    columns: tuple[Box, ...]
    blocks: dict[str, FlowBlock]


Op = Mark | Paint | TextSlot | QrSlot | When | Flow


class Plate(msgspec.Struct, frozen=True):
    """A template compiled for one issuer, language and variant.

    Attributes:
        width, height: of the page, in points.
        language: BCP 47, of the whole page.
        title: of a document of one record.
        name: of the page: its bookmark.
        title_of_many: of a document of several.
        calendar: how dates are written.
        ops: what is drawn, in reading order.
        tags: the structure of the page.
        texts: what the tags number.
        plain: characters that the static content shows, by face.
        shaped: glyphs that it shows with their texts, by face.
        opacities: of fill and stroke, by the names that the content gives them.
        pictures: images, by the names that the content gives them.
    """

    variant: AnyVariant
    width: float
    height: float
    language: str
    title: Format
    name: Format
    title_of_many: Format
    calendar: Calendar
    ops: tuple[Op, ...]
    tags: Tag
    texts: tuple[Format, ...]
    plain: dict[int, frozenset[str]]
    shaped: dict[int, frozenset[tuple[int, str]]]
    opacities: dict[str, tuple[float, float]]
    pictures: dict[str, Picture]


def with_floats(plate: Plate) -> Plate:
    """Return a plate in which each length is a float, also where it was computed as an integer.

    A plate that was compiled just now is then the same, to the byte, as one that was kept on disk
    and read back, and so are the digests of its pages.
    """
    return msgspec.msgpack.decode(msgspec.msgpack.encode(plate), type=Plate)
