"""Plate + Record → what is printed on its page: content and texts of the tags.

Most of a page depends on nothing, or on one field with few values: a level, a centre, a date. So
the plate's operations are gathered into parts that depend on the same fields, and each part is
printed once for each value it meets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from pixattest.errors import Fault, LayoutError, TemplateError, shown
from pixattest.framework import Framework
from pixattest.issuer import Issuer
from pixattest.pdf.block import PageMatter, Sheet
from pixattest.pdf.fonts import MissingGlyphError, Run
from pixattest.pdf.objects import numbers, text_string
from pixattest.pdf.tags import TagTree
from pixattest.qr import QUIET_ZONE, QrEncoder
from pixattest.record import Record
from pixattest.template.faces import FontLibrary
from pixattest.template.geometry import Matrix
from pixattest.template.plate import Mark, Op, PageText, Paint, Plate, QrSlot, TextSlot, When
from pixattest.template.slots import Vocabulary, Words
from pixattest.template.text import NoRoomError, TextSetter

LEAST_QR = 25 / 25.4 * 72
"""Points of a printed QR code without its quiet zone, at least."""

_MOST_REMEMBERED = 256
"""Values of a part's fields that are kept; then it starts afresh."""


class Printed(NamedTuple):
    """What a part is for one key: operators, the runs they show, entries of the tags' texts."""

    operators: bytes
    runs: Sequence[Run]
    entries: Mapping[str, str]


@dataclass(slots=True)
class _Part:
    """Operations in a row that depend on the same fields of a record.

    Attributes:
        key: the fields' words.
        ops: the operations.
        entries: what writes entries of the tags' texts that depend on these fields, by their slots.
        printed: what was printed for each key.
    """

    key: Callable[[Record], object]
    ops: list[Op]
    entries: list[tuple[str, Callable[[Record], str]]]
    printed: dict[object, Printed] = field(default_factory=dict)


class Platen:
    """A plate made ready to print.

    Args:
        plate: what is printed.
        issuer: who attests.
        framework: whose competences are attested.
        library: the faces.
        shared: static drawings are kept apart, to be written once for all pages of a file.
    """

    def __init__(
        self,
        plate: Plate,
        issuer: Issuer,
        framework: Framework,
        library: FontLibrary,
        *,
        shared: bool,
    ) -> None:
        self._plate = plate
        self._library = library
        self._vocabulary = Vocabulary(
            framework, plate.calendar, plate.variant.years, issuer.verification.qr
        )
        self.title = self._vocabulary.writer(plate.title)
        self._name = self._vocabulary.writer(plate.name)
        self.title_of_many = self._vocabulary.writer(plate.title_of_many)
        self._constants = {
            index: "".join(literal for literal, _ in text.format.parts)
            for index, text in enumerate(plate.texts)
            if not text.format.fields and not text.unless
        }
        self._shared = shared
        self._forms: dict[str, int] = {}
        self._setters: dict[int, tuple[Words, TextSetter]] = {}
        self._parts = list(self._gather(plate.ops))
        self._qr: dict[tuple[int, int], tuple[QrEncoder, str]] = {}

    @cached_property
    def sheet(self) -> Sheet:
        """What its pages share."""
        plate = self._plate
        return Sheet(
            plate.width,
            plate.height,
            plate.tags,
            self._constants,
            [form.encode("latin-1") for form in self._forms],
            plate.pictures,
            plate.opacities,
            plate.plain,
            plate.shaped,
        )

    def print(self, record: Record, ink: Ink) -> PageMatter:
        """A record's page.

        Args:
            record: whose page.
            ink: remembers, for one block, what was printed and which glyphs it shows.

        Raises:
            LayoutError: what the page can't hold; every fault of the record at once.
        """
        content: list[bytes] = []
        entries: dict[str, str] = {}
        for part, seen in zip(self._parts, ink.seen(self, len(self._parts)), strict=True):
            key = part.key(record)
            printed = seen.get(key)
            if printed is None:
                printed = seen[key] = part.printed.get(key) or self._print_part(part, key, record)
                ink.use(printed.runs)
            content.append(printed.operators)
            if printed.entries:
                entries.update(printed.entries)
        return PageMatter(self.sheet, b"".join(content), entries, self._name(record))

    def _print_part(self, part: _Part, key: object, record: Record) -> Printed:
        runs: list[Run] = []
        try:
            operators = "".join(self._print_ops(part.ops, record, runs)).encode("latin-1")
        except LayoutError:
            raise LayoutError(dict.fromkeys(self._faults(record))) from None
        entries = {slot: write(record) for slot, write in part.entries}
        if len(part.printed) >= _MOST_REMEMBERED:
            part.printed.clear()
        part.printed[key] = printed = Printed(operators, tuple(runs), entries)
        return printed

    def _faults(self, record: Record) -> Iterator[Fault]:
        """Everything that keeps a record from being printed."""
        for part in self._parts:
            for op in part.ops:
                try:
                    list(self._print_ops([op], record, []))
                except LayoutError as refused:
                    yield from refused.faults

    # Binding: which operations belong together.

    def _gather(self, ops: Sequence[Op]) -> Iterator[_Part]:
        """Parts that depend on the same fields; what depends on none goes with its neighbour."""
        entries = self._entries()
        fields: tuple[str, ...] = ()
        gathered: list[Op] = []
        for op in ops:
            needs = tuple(dict.fromkeys(self._needs(op)))
            if needs and fields and needs != fields:
                yield _Part(self._key(fields), gathered, entries.pop(fields, []))
                fields, gathered = needs, []
            fields = fields or needs
            gathered.append(self._bind(op))
        yield _Part(self._key(fields), gathered, entries.pop(fields, []))
        for fields, left in entries.items():
            yield _Part(self._key(fields), [], left)

    def _entries(self) -> dict[tuple[str, ...], list[tuple[str, Callable[[Record], str]]]]:
        """What writes each changing entry of the tags' texts, by the fields it needs."""
        found: dict[tuple[str, ...], list[tuple[str, Callable[[Record], str]]]] = {}
        for index, name in TagTree(self._plate.tags, self._constants, 0, 0).entries.items():
            text = self._plate.texts[index]
            fields = tuple(dict.fromkeys((*text.unless, *text.format.fields)))
            found.setdefault(fields, []).append((f"text{index}", self._entry(name, text)))
        return found

    def _entry(self, name: str, text: PageText) -> Callable[[Record], str]:
        write = self._vocabulary.writer(text.format)
        unless = [self._vocabulary.reader(field) for field in text.unless]

        def entry(record: Record) -> str:
            if any(words(record) for words in unless):
                return ""
            return f"/{name}{text_string(write(record))}"

        return entry

    def _needs(self, op: Op) -> Iterator[str]:
        """The fields that an operation depends on."""
        if isinstance(op, TextSlot):
            yield from op.format.fields
        elif isinstance(op, QrSlot):
            yield "qr_address"
        elif isinstance(op, When):
            yield op.field
            for below in op.ops:
                yield from self._needs(below)

    def _key(self, fields: Sequence[str]) -> Callable[[Record], object]:
        if not fields:
            return lambda _: ""
        readers = [self._vocabulary.reader(field) for field in fields]
        if len(readers) == 1:
            return readers[0]
        return lambda record: tuple(words(record) for words in readers)

    def _bind(self, op: Op) -> Op:
        """An operation made ready: texts with their setters, static drawings as shared forms."""
        if isinstance(op, TextSlot):
            typeface = self._library.typeface(op.box.typeface)
            setter = TextSetter(op.box, typeface, self._plate.language)
            self._setters[id(op)] = self._vocabulary.writer(op.format), setter
            return op
        if self._shared and isinstance(op, Paint):
            form = self._forms.setdefault(op.content, len(self._forms))
            return Paint(f"/L{form} Do\n")
        if isinstance(op, When):
            return When(op.field, op.present, tuple(map(self._bind, op.ops)))
        return op

    # Printing: what an operation draws.

    def _print_ops(self, ops: Sequence[Op], record: Record, runs: list[Run]) -> Iterator[str]:
        for op in ops:
            if isinstance(op, Mark | Paint):
                yield op.content
            elif isinstance(op, TextSlot):
                yield self._print_text(op, record, runs)
            elif isinstance(op, QrSlot):
                yield self._print_qr(op, record)
            elif bool(self._words(op.field, record)) == op.present:
                yield from self._print_ops(op.ops, record, runs)

    def _words(self, field: str, record: Record) -> str:
        return self._vocabulary.reader(field)(record)

    def _print_text(self, slot: TextSlot, record: Record, runs: list[Run]) -> str:
        write, setter = self._setters[id(slot)]
        text = write(record)
        if not text:
            return ""
        try:
            found = setter.set(text)
        except NoRoomError:
            raise LayoutError([self._no_room(slot, record)]) from None
        except MissingGlyphError as missing:
            raise LayoutError([self._no_glyph(slot, record, missing)]) from None
        runs += found.runs
        return found.operators

    def _print_qr(self, slot: QrSlot, record: Record) -> str:
        address = self._words("qr_address", record).encode()
        found = self._qr.get((id(slot), len(address)))
        if found is None:
            encoder = QrEncoder(address)
            found = encoder, _qr_frame(slot.matrix, encoder.size, len(address))
            self._qr[id(slot), len(address)] = found
        encoder, frame = found
        rows = encoder.rows(address)
        # As it is, unless a reader that looks for the operator EI could find it too early.
        if b"EI" in rows:
            return f"{frame}/F/AHx ID {rows.hex()}> EI Q\n"
        return f"{frame} ID {rows.decode('latin-1')} EI Q\n"

    # Refusing: whose fault it is.

    def _no_room(self, slot: TextSlot, record: Record) -> Fault:
        longest = max(slot.format.fields, key=lambda name: len(self._words(name, record)))
        field = _field_of(longest, record)
        text = getattr(record, field, None) or self._words(longest, record)
        return Fault(
            field,
            text,
            f"{shown(text)} does not fit its room on the page, even in its smallest size",
            "Shorten it.",
        )

    def _no_glyph(self, slot: TextSlot, record: Record, missing: MissingGlyphError) -> Fault:
        names = slot.format.fields
        guilty = next((n for n in names if missing.char in self._words(n, record)), names[0])
        return Fault(
            _field_of(guilty, record, missing.char),
            missing.char,
            str(missing),
            "Write it in other letters, or add a font that has it to the issuer's fonts.",
        )


class Ink:
    """What one block has printed, and the glyphs that it shows, by face."""

    def __init__(self) -> None:
        self._seen: dict[Platen, list[dict[object, Printed]]] = {}
        self.glyphs: dict[int, tuple[set[str], set[tuple[int, str]]]] = {}

    def seen(self, platen: Platen, parts: int) -> list[dict[object, Printed]]:
        """What a platen has printed in this block, part by part."""
        found = self._seen.get(platen)
        if found is None:
            found = self._seen[platen] = [{} for _ in range(parts)]
        return found

    def use(self, runs: Sequence[Run]) -> None:
        """Take note of the glyphs that runs show."""
        for run in runs:
            plain, shaped = self.glyphs.setdefault(run.face, (set(), set()))
            if run.shaped:
                shaped |= run.shaped
            else:
                plain.update(run.text)


def _qr_frame(matrix: Matrix, size: int, length: int) -> str:
    """What comes before the modules of a QR code: its place within its quiet zone, its size."""
    share = size / (size + 2 * QUIET_ZONE)
    a, b, c, d, e, f = matrix
    if (a * a + b * b) ** 0.5 * share < LEAST_QR:
        raise TemplateError(
            f"the QR code of {length} characters would be printed smaller than 25 mm",
            hint="Give it more room in the template, or shorten the issuer's qr address.",
        )
    margin = (1 - share) / 2
    place = (a * share, b * share, c * share, d * share)
    corner = (a * margin + c * margin + e, b * margin + d * margin + f)
    # An image mask has no smooth edges to blur; 1 is dark (ISO 32000-1, 8.9.6.2).
    return f"q 0 g {numbers(*place, *corner)} cm BI/W {size}/H {size}/IM true/BPC 1/D[1 0]"


def _field_of(name: str, record: Record, char: str = "") -> str:
    """The record's own field that a field of the page shows."""
    if name == "full_name":
        both = {"first_name": record.first_name, "last_name": record.last_name}
        if char:
            return next(field for field, text in both.items() if char in text)
        return max(both, key=lambda field: len(both[field]))
    return name.replace("level:", "levels.")
