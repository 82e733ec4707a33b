"""Plate + Record, or page of a cover → what is printed on it: content and texts of the tags.

Most of a page depends on nothing, or on one field with few values: a level, a centre, a date. So
the plate's operations are gathered into parts that depend on the same fields, and each part is
printed once for each value it meets.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from operator import getitem, itemgetter
from typing import Generic, NamedTuple

import msgspec

from pixattest.errors import Fault, LayoutError, shown
from pixattest.model.record import Record
from pixattest.pdf.block import PageContent, PageKind
from pixattest.pdf.fonts import MissingGlyphError, Run
from pixattest.pdf.labels import Label
from pixattest.pdf.objects import numbers, text_string
from pixattest.pdf.qr import QUIET_ZONE, QrEncoder, side_of
from pixattest.template.faces import FontLibrary
from pixattest.template.fitting import NoRoomError
from pixattest.template.geometry import Matrix
from pixattest.template.plate import (
    Flow,
    Mark,
    Op,
    Paint,
    Plate,
    QrSlot,
    TextSlot,
    Variant,
    When,
)
from pixattest.template.slots import Shown, Vocabulary
from pixattest.template.text import TextSetter

_MASK = bytes(range(255, -1, -1))
"""Each byte's complement: an image mask paints where it is 0 (ISO 32000-1, 8.9.6.2)."""

_END = "EMC\n"
"""Ends a marked content."""


class Printed(NamedTuple):
    """What a part is for some values: operators, and the runs that they show."""

    operators: bytes
    runs: Sequence[Run]


_Draw = Callable[[Shown, str, list[Run]], str]
"""Operators for a record and its seal; takes note of the runs that they show."""


class _Part(msgspec.Struct, Generic[Shown]):
    """Operations in a row that show the same values of a record.

    Attributes:
        places: where the values stand.
        draws: the operations made ready; fixed operators as they are.
        printed: what was printed for each of the values.
    """

    places: tuple[int, ...]
    draws: list[str | _Draw[Shown]] = []
    printed: dict[object, Printed] = {}

    def print(self, record: Shown, seal: str, runs: list[Run]) -> str:
        """The part's operators for a record and its seal."""
        return "".join(
            [draw if isinstance(draw, str) else draw(record, seal, runs) for draw in self.draws]
        )


class PagePrinter(Generic[Shown]):
    """A plate made ready to print.

    Args:
        plate: what is printed.
        vocabulary: reads what is printed on it.
        library: the faces.
        shared: static drawings are kept apart, to be written once for all pages of a file.
        label: how its pages are called; numbered ones have bookmarks in a file of several.
        continued: further pages may follow each of them.

    Attributes:
        title, title_of_many: what writes the title of a document of one record, or of several.
        kind: what its pages share.
    """

    def __init__(
        self,
        plate: Plate,
        vocabulary: Vocabulary[Shown],
        library: FontLibrary,
        *,
        shared: bool,
        label: Label = Label.NUMBERED,
        continued: bool = False,
    ) -> None:
        self._plate = plate
        self._library = library
        self._vocabulary = vocabulary
        self.title = self._vocabulary.writer(plate.title)
        self._name = self._vocabulary.writer(plate.name)
        self.title_of_many = self._vocabulary.writer(plate.title_of_many)
        writers = {f"text{i}": text for i, text in enumerate(plate.texts) if text.fields}
        self._texts = {slot: self._vocabulary.writer(text) for slot, text in writers.items()}
        self._shared = shared
        self._forms: dict[str, int] = {}
        before, ops, after = _ends(plate.ops) if shared else ("", plate.ops, "")
        self._set_before = self._usual_style(ops) if before else ("", "")
        before += " ".join(self._set_before)
        around = [text.encode("latin-1") for text in (before, after) if shared]
        self._parts = list(self._gather(ops))
        self._keys = [itemgetter(*part.places) for part in self._parts]
        self.kind = PageKind(
            plate.width,
            plate.height,
            plate.tags,
            {i: text.parts[0][0] for i, text in enumerate(plate.texts) if not text.fields},
            [form.encode("latin-1") for form in self._forms],
            around,
            plate.pictures,
            plate.opacities,
            {face: frozenset(chars) for face, chars in plate.plain.items()},
            {face: frozenset(glyphs) for face, glyphs in plate.shaped.items()},
            bookmarked=shared and label is Label.NUMBERED,
            label=label,
            continued=continued,
        )

    def kind_of(self, _page: Shown) -> PageKind:
        """What a page shares with others of its kind."""
        return self.kind

    def print(self, record: Shown, ink: GlyphUsage, seal: str = "") -> PageContent:
        """A record's page.

        Args:
            record: whose page, or a page of a cover.
            ink: remembers, for one block, what was printed and which glyphs it shows.
            seal: digits that follow the address in the QR code of a sealed page.

        Raises:
            LayoutError: what the page can't hold; every fault of the record at once.
        """
        values = self._vocabulary.values(record, seal)
        keys = [key(values) for key in self._keys]
        seen = ink.seen(self, len(keys))
        content = list(map(getitem, seen, keys))
        for index, found in enumerate(content):
            if not found:
                content[index] = seen[index][keys[index]] = self._print_part(
                    self._parts[index], keys[index], record, seal, ink
                )
        texts = {slot: text_string(write(record)) for slot, write in self._texts.items()}
        return PageContent(self.kind, b"".join(content), texts, self._name(record))

    def _print_part(
        self, part: _Part[Shown], key: object, record: Shown, seal: str, ink: GlyphUsage
    ) -> bytes:
        printed = part.printed.get(key)
        if printed is None:
            runs: list[Run] = []
            try:
                operators = part.print(record, seal, runs).encode("latin-1")
            except LayoutError:
                raise LayoutError(dict.fromkeys(self._faults(record, seal))) from None
            if len(part.printed) >= self._vocabulary.remembered:
                part.printed.clear()
            part.printed[key] = printed = Printed(operators, runs)
        ink.use(printed.runs)
        return printed.operators

    def _faults(self, record: Shown, seal: str) -> Iterator[Fault]:
        """Everything that keeps a record from being printed."""
        for part in self._parts:
            for draw in part.draws:
                try:
                    _Part[Shown]((), [draw]).print(record, seal, [])
                except LayoutError as refused:
                    yield from refused.faults

    # Binding: which operations belong together.

    def _usual_style(self, ops: Sequence[Op]) -> tuple[str, str]:
        """Colour and font of most texts, which are set once for the page."""
        typeface, language = self._library.typeface, self._plate.language
        styles = Counter(
            TextSetter(op.box, typeface(op.box.typeface), language).style
            for op in ops
            if isinstance(op, TextSlot)
        )
        return max(styles, key=lambda style: styles[style], default=("", ""))

    def _gather(self, ops: Sequence[Op]) -> Iterator[_Part[Shown]]:
        """Parts that show the same values; what shows none goes with its neighbour."""
        part = _Part[Shown](())
        for op in ops:
            places = self._vocabulary.places(_needs(op))
            if places and part.places and places != part.places:
                yield part
                part = _Part[Shown](())
            part.places = part.places or places
            draw = self._bind(op)
            if isinstance(draw, str) and part.draws and isinstance(part.draws[-1], str):
                part.draws[-1] += draw
            else:
                part.draws.append(draw)
        # A page that shows nothing of its record is printed as one that shows the centre.
        part.places = part.places or self._vocabulary.places(["centre"])
        yield part

    def _bind(self, op: Op) -> str | _Draw[Shown]:
        """An operation made ready: static drawings become shared forms."""
        if isinstance(op, Mark):
            return op.content
        if isinstance(op, Paint):
            if not self._shared:
                return op.content
            return f"/L{self._forms.setdefault(op.content, len(self._forms))} Do\n"
        if isinstance(op, TextSlot):
            return self._bind_text(op)
        if isinstance(op, QrSlot):
            return self._bind_qr(op)
        if isinstance(op, Flow):
            return self._bind_flow(op)
        holds = self._vocabulary.test(op.field, op.least)
        within = _Part[Shown]((), [self._bind(below) for below in op.ops])
        return lambda record, seal, runs: (
            within.print(record, seal, runs) if holds(record) == op.present else ""
        )

    def _bind_flow(self, flow: Flow) -> _Draw[Shown]:
        raise NotImplementedError  # further pages have flows: those of a DetailPagePrinter

    def _bind_text(self, slot: TextSlot) -> _Draw[Shown]:
        typeface = self._library.typeface(slot.box.typeface)
        setter = TextSetter(slot.box, typeface, self._plate.language, set_before=self._set_before)
        write = self._vocabulary.writer(slot.format)

        def draw(record: Shown, _seal: str, runs: list[Run]) -> str:
            text = write(record)
            if not text:
                return ""
            try:
                operators, shown, _ = setter.set(text)
            except NoRoomError:
                raise LayoutError([self._no_room(slot, record)]) from None
            except MissingGlyphError as missing:
                raise LayoutError([self._no_glyph(slot, record, missing)]) from None
            runs += shown
            return operators

        return draw

    def _bind_qr(self, slot: QrSlot) -> _Draw[Shown]:
        read = self._vocabulary.reader("qr_address")
        variant = self._plate.variant
        sealed = isinstance(variant, Variant) and variant.sealed
        version_for = lru_cache(maxsize=1024)(slot.tables.version_for)
        known: dict[int, tuple[QrEncoder, str]] = {}
        if sealed:
            from pixattest.trust.seal import refuse_too_long

        def draw(record: Shown, seal: str, _: list[Run]) -> str:
            address = (read(record) + "#" * sealed).encode()
            version = version_for(len(address), len(seal))
            if sealed:
                whose = self._vocabulary.origin("qr_address", record)[0]
                refuse_too_long(whose, version, seal)
            found = known.get(version)
            if found is None:
                slot.refuse_small(version, len(address))
                frame = _qr_frame(slot.matrix, side_of(version))
                found = known[version] = QrEncoder(slot.tables.symbol(version)), frame
            encoder, frame = found
            rows = encoder.encode(address, seal).translate(_MASK)
            # As it is, unless a reader that looks for the operator EI could find it too early.
            if b"EI" in rows:
                return f"{frame}/F/AHx ID {rows.hex()}> EI Q\n"
            return f"{frame} ID {rows.decode('latin-1')} EI Q\n"

        return draw

    def _words(self, field: str, record: Shown) -> str:
        return self._vocabulary.reader(field)(record)

    # Refusing: whose fault it is.

    def _no_room(self, slot: TextSlot, page: Shown) -> Fault:
        longest = max(slot.format.fields, key=lambda name: len(self._words(name, page)))
        record, name, row = self._vocabulary.origin(longest, page)
        field = _field_of(name, record)
        text = getattr(record, field, None) or self._words(longest, page)
        return Fault(
            field,
            text,
            f"{shown(text)} does not fit its room on the page, even in its smallest size",
            "Shorten it.",
            row=row,
        )

    def _no_glyph(self, slot: TextSlot, page: Shown, missing: MissingGlyphError) -> Fault:
        names = slot.format.fields
        guilty = next((n for n in names if missing.char in self._words(n, page)), names[0])
        record, name, row = self._vocabulary.origin(guilty, page)
        return Fault(
            _field_of(name, record, missing.char),
            missing.char,
            str(missing),
            "Write it in other letters, or add a font that has it to the issuer's fonts.",
            row=row,
        )


class BlankPrinter:
    """Prints pages with nothing on them.

    Args:
        width: in points.
        height: in points.
    """

    def __init__(self, width: float, height: float) -> None:
        self._kind = PageKind(
            width, height, None, {}, (), (), {}, {}, {}, {}, bookmarked=False, label=Label.VERSO
        )

    def kind_of(self, _page: object) -> PageKind:
        """What all of them share."""
        return self._kind

    def print(self, _page: object, _usage: GlyphUsage, _seal: str = "") -> PageContent:
        """A page; the arguments are those of `PagePrinter.print`."""
        return PageContent(self._kind, b"", {}, "")


class GlyphUsage:
    """What one block has printed, and the glyphs that it shows."""

    def __init__(self) -> None:
        self._seen: dict[object, list[_Seen]] = {}
        self._runs: list[Run] = []

    def seen(self, printer: object, parts: int) -> list[_Seen]:
        """What a printer has printed in this block, part by part."""
        found = self._seen.get(printer)
        if found is None:
            found = self._seen[printer] = [_Seen() for _ in range(parts)]
        return found

    def use(self, runs: Sequence[Run]) -> None:
        """Take note of runs that are shown."""
        self._runs += runs

    @property
    def glyphs(self) -> dict[int, tuple[set[str], set[tuple[int, str]]]]:
        """The characters and glyphs that are shown, by face."""
        found: dict[int, tuple[list[str], set[tuple[int, str]]]] = {}
        for run in self._runs:
            plain, shaped = found.setdefault(run.face, ([], set()))
            if run.shaped:
                shaped |= run.shaped
            else:
                plain.append(run.text)
        return {face: (set("".join(plain)), shaped) for face, (plain, shaped) in found.items()}


class _Seen(dict[object, bytes]):
    """What was printed for each of some values, and nothing for others."""

    def __missing__(self, key: object) -> bytes:
        return b""


def _ends(ops: Sequence[Op]) -> tuple[str, Sequence[Op], str]:
    """Whole marked contents before the first slot, what is between, and those after the last."""
    slots = [place for place, op in enumerate(ops) if not isinstance(op, Mark | Paint)]
    closing = [place for place, op in enumerate(ops) if isinstance(op, Mark) and _END in op.content]
    first = max((place for place in closing if slots and place < slots[0]), default=None)
    last = min((place for place in closing if slots and place > slots[-1]), default=None)
    if first is None or last is None:
        return "", ops, ""
    before, _, opened = _content(ops[: first + 1]).rpartition(_END)
    closed, _, after = _content(ops[last:]).partition(_END)
    between = Mark(opened), *ops[first + 1 : last], Mark(closed + _END)
    return before + _END, between, after


def _content(ops: Sequence[Op]) -> str:
    return "".join(op.content for op in ops if isinstance(op, Mark | Paint))


def _needs(op: Op) -> Iterator[str]:
    """The fields that an operation shows."""
    if isinstance(op, TextSlot):
        yield from op.format.fields
    elif isinstance(op, QrSlot):
        yield "qr_code"
    elif isinstance(op, Flow):
        yield "flow"
    elif isinstance(op, When):
        yield op.field
        for below in op.ops:
            yield from _needs(below)


def _qr_frame(matrix: Matrix, size: int) -> str:
    """What comes before the modules of a QR code: its place within its quiet zone, its size."""
    share = size / (size + 2 * QUIET_ZONE)
    a, b, c, d, e, f = matrix
    margin = (1 - share) / 2
    place = (a * share, b * share, c * share, d * share)
    corner = (a * margin + c * margin + e, b * margin + d * margin + f)
    # An image mask has no smooth edges to blur.
    return f"q 0 g {numbers(*place, *corner)} cm BI/W {size}/H {size}/IM true"


def _field_of(name: str, record: Record, char: str = "") -> str:
    """The record's own field that a field of the page shows."""
    if name == "full_name":
        both = {"first_name": record.first_name, "last_name": record.last_name}
        if char:
            return next(field for field, text in both.items() if char in text)
        return max(both, key=lambda field: len(both[field]))
    return name.replace("level:", "levels.")
