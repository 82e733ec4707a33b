"""The types of a compiled template: static operators, slots and tags, ready for any record."""

# Annotations are not postponed here: as text, each would be compiled at every start.

import math

import msgspec

from pixattest.errors import TemplateError
from pixattest.model.framework import Framework
from pixattest.model.issuer import Issuer
from pixattest.pdf.images import Picture
from pixattest.pdf.qr import QUIET_ZONE, QrTables, address_of, read_tables, side_of
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
"""The least side of a printed QR code without its quiet zone, in points: 25 mm."""


class Variant(msgspec.Struct, frozen=True, tag=True):
    """What the records of one plate have in common, so that their pages have the same parts.

    Attributes:
        max_level: the highest level that could be reached on the day of delivery.
        score: whether the score is printed.
        birth_place: whether the place of birth is printed.
        years: the years of validity.
        recognition: whether the sentence of professional recognition is printed.
        specimen: whether SPÉCIMEN is printed over the page.
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
        """Return the address in the QR code, with `{code}`; or the one that a seal follows."""
        if self.sealed and issuer.seal:
            return issuer.seal.site
        return issuer.verification.qr

    def vocabulary(
        self, framework: Framework, language: str, calendar: Calendar, issuer: Issuer
    ) -> RecordVocabulary:
        """Return what reads the fields of records."""
        pattern = self.qr_pattern(issuer)
        return RecordVocabulary(framework, language, calendar, self.years, pattern)


class CoverVariant(msgspec.Struct, frozen=True, tag=True):
    """What the pages of one plate for covers have in common.

    Attributes:
        rows: how many people are on the page.
        specimen: whether SPÉCIMEN is printed over the page.
    """

    rows: int
    specimen: bool

    def vocabulary(
        self, framework: Framework, language: str, calendar: Calendar, issuer: Issuer
    ) -> CoverVocabulary:
        """Return what reads the fields of pages."""
        people = RecordVocabulary(framework, language, calendar, 0, issuer.verification.qr)
        return CoverVocabulary(calendar, self.rows, people)


class DetailVariant(msgspec.Struct, frozen=True, tag=True):
    """What the further pages of one plate for attestations have in common.

    Attributes:
        max_level: the highest level that could be reached on the day of delivery.
        specimen: whether SPÉCIMEN is printed over the page.
    """

    max_level: int
    specimen: bool

    def vocabulary(
        self, framework: Framework, language: str, calendar: Calendar, issuer: Issuer
    ) -> DetailVocabulary:
        """Return what reads the fields of pages."""
        pattern = issuer.verification.qr
        return DetailVocabulary(RecordVocabulary(framework, language, calendar, 0, pattern))


AnyVariant = Variant | CoverVariant | DetailVariant


def read_qr_tables(variant: AnyVariant, issuer: Issuer) -> QrTables:
    """Read what makes the QR codes of a variant, with those of codes in the issuer's new form."""
    sealed = isinstance(variant, Variant) and variant.sealed
    verification = issuer.verification
    pattern = variant.qr_pattern(issuer) if isinstance(variant, Variant) else verification.qr
    address = address_of(pattern, verification.new_code.replace("?", "W")) + "#" * sealed
    return read_tables(len(address.encode()), sealed=sealed)


class Mark(msgspec.Struct, frozen=True, tag=True):
    """Operators that begin or end marked content."""

    content: str


class Paint(msgspec.Struct, frozen=True, tag=True):
    """Operators that are the same on every page, with no whole marked content in them."""

    content: str


class TextSlot(msgspec.Struct, frozen=True, tag=True):
    """A text that a record fills."""

    format: Format
    box: TextBox


class QrSlot(msgspec.Struct, frozen=True, tag=True):
    """The place of the QR code.

    Attributes:
        matrix: leads from a unit square to the code and its quiet zone.
        tables: what makes the codes.
    """

    matrix: Matrix
    tables: QrTables

    def refuse_small(self, version: int, length: int) -> None:
        """Refuse a code that would be printed too small for phones.

        Args:
            version: the version of the code; a higher one has more modules.
            length: how many characters it holds.

        Raises:
            TemplateError: the code would be smaller than 25 mm.
        """
        a, b, *_ = self.matrix
        size = side_of(version)
        if math.hypot(a, b) * size / (size + 2 * QUIET_ZONE) < LEAST_QR:
            raise TemplateError(
                f"the QR code of {length} characters would be printed smaller than 25 mm",
                hint="Give it more room in the template, or shorten the issuer's qr address.",
            )


class When(msgspec.Struct, frozen=True, tag=True):
    """Content that is drawn only where a field of the record is there, or only where it is not.

    Attributes:
        field: the name of the field.
        present: whether the field must be there; otherwise it must not be there.
        ops: what is drawn then.
        least: the number that the field must reach to count as there; None where any value counts.
    """

    field: str
    present: bool
    ops: "tuple[Op, ...]"
    least: int | None = None


class FlowBlock(msgspec.Struct, frozen=True):
    """A part of a further page that stands in one column as a whole.

    Attributes:
        corner: the upper left corner where it was drawn, in points.
        height: its height, in points.
        gap: the space above it where it does not begin a column, in points.
        ops: what is drawn, its marked contents numbered from 0.
        types: the structure types of its marked contents, in their order.
    """

    corner: tuple[float, float]
    height: float
    gap: float
    ops: tuple[Mark | Paint, ...]
    types: tuple[str, ...]


FLOW = "Flow"
"""The type of the tag in a plate that the tags of a page's blocks replace."""


class Flow(msgspec.Struct, frozen=True, tag=True):
    """Columns that are filled with blocks, page after page.

    Attributes:
        columns: the columns of a page.
        blocks: the blocks by their keys: `domain:1` heads a domain, `level:1.1:4` describes a
            level.
    """

    columns: tuple[Box, ...]
    blocks: dict[str, FlowBlock]


Op = Mark | Paint | TextSlot | QrSlot | When | Flow


class Plate(msgspec.Struct, frozen=True):
    """A template compiled for one issuer, language and variant.

    Attributes:
        variant: what the records of the plate have in common.
        width, height: the size of the page, in points.
        language: the language of the whole page, as BCP 47 writes it.
        title: the title of a document of one record.
        name: the name of the page, which is its bookmark.
        title_of_many: the title of a document of several records.
        calendar: how dates and numbers are written.
        ops: what is drawn, in reading order.
        tags: the structure of the page.
        texts: the texts that tags refer to by their numbers.
        plain: the characters that static content shows, by face.
        shaped: the glyphs that it shows, with the texts these stand for, by face.
        opacities: the opacities of fill and stroke, by the names that the content gives them.
        pictures: the pictures, by the names that the content gives them.
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
    plain: dict[int, str]
    shaped: dict[int, tuple[tuple[int, str], ...]]
    opacities: dict[str, tuple[float, float]]
    pictures: dict[str, Picture]


def with_floats(plate: Plate) -> Plate:
    """Return a plate in which each length is a float, also where it was computed as an integer.

    A plate that was compiled just now is then the same, to the byte, as one that was kept on disk
    and read back, and so are the digests of its pages.
    """
    return msgspec.msgpack.decode(msgspec.msgpack.encode(plate), type=Plate)
