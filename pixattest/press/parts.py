"""A plate's operations → parts, which write the operators that show some values of a record.

Most of a page depends on nothing, or on one field with few values: a level, a centre, a date. So
operations in a row that show the same fields are one part, which is printed once for each value
that it meets.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Generic, NamedTuple

import msgspec

from pixattest.errors import Fault, LayoutError, shown
from pixattest.model.record import Record
from pixattest.pdf.fonts import MissingGlyphError, Run
from pixattest.pdf.objects import numbers
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

# The complement of each byte: an image mask paints where a bit is 0 (ISO 32000-1, 8.9.6.2).
_MASK = bytes(range(255, -1, -1))

Draw = Callable[[Shown, str, list[Run]], str]
"""Writes operators for a page and its seal, and adds the runs that they show to a list."""

BindFlow = Callable[["PartBinder[Shown]", Flow], Draw[Shown]]
"""Makes a flow ready, given what makes the operations in it ready."""


class Printed(NamedTuple):
    """A part for some values: its operators, and the runs that they show."""

    operators: bytes
    runs: Sequence[Run]


class Part(msgspec.Struct, Generic[Shown]):
    """Operations in a row that show the same values of a page.

    Attributes:
        places: where these values stand among those that `Vocabulary.values` gives.
        draws: the operations made ready; operators that never change as they are.
        printed: what was printed, by the values.
    """

    places: tuple[int, ...]
    draws: list[str | Draw[Shown]] = []
    printed: dict[object, Printed] = {}

    def print(self, page: Shown, seal: str, runs: list[Run]) -> str:
        """The operators of the part for a page and its seal.

        Raises:
            LayoutError: a text of the page has no room or no glyph; there may be more such faults.
        """
        return "".join(
            [draw if isinstance(draw, str) else draw(page, seal, runs) for draw in self.draws]
        )

    def faults(self, page: Shown, seal: str) -> Iterator[Fault]:
        """Everything that keeps the part from being printed."""
        for draw in self.draws:
            try:
                if not isinstance(draw, str):
                    draw(page, seal, [])
            except LayoutError as refused:
                yield from refused.faults


class PartBinder(Generic[Shown]):
    """Makes the operations of a plate ready to draw.

    Args:
        plate: whose operations.
        vocabulary: reads what a page shows.
        library: the faces.
        shared: drawings that never change become forms, to be written once for all pages of a file.
        bind_flow: makes a flow ready; None: the plate has none.

    Attributes:
        forms: the number of each drawing that is a form.
        set_before: operators for the colour and font that are set before all operations.
    """

    def __init__(
        self,
        plate: Plate,
        vocabulary: Vocabulary[Shown],
        library: FontLibrary,
        *,
        shared: bool,
        bind_flow: BindFlow[Shown] | None = None,
    ) -> None:
        self._variant = plate.variant
        self._language = plate.language
        self._vocabulary = vocabulary
        self._library = library
        self._shared = shared
        self._bind_flow = bind_flow
        self.forms: dict[str, int] = {}
        self.set_before = ("", "")

    def usual_style(self, ops: Sequence[Op]) -> tuple[str, str]:
        """The operators that set the colour and the font of most texts."""
        typeface, language = self._library.typeface, self._language
        styles = Counter(
            TextSetter(op.box, typeface(op.box.typeface), language).style
            for op in ops
            if isinstance(op, TextSlot)
        )
        return max(styles, key=lambda style: styles[style], default=("", ""))

    def gather(self, ops: Sequence[Op]) -> Iterator[Part[Shown]]:
        """The parts of a page; an operation that shows nothing goes with its neighbour."""
        part = Part[Shown](())
        for op in ops:
            places = self._vocabulary.places(_needs(op))
            if places and part.places and places != part.places:
                yield part
                part = Part[Shown](())
            part.places = part.places or places
            draw = self.bind(op)
            if isinstance(draw, str) and part.draws and isinstance(part.draws[-1], str):
                part.draws[-1] += draw
            else:
                part.draws.append(draw)
        # A page that shows nothing of its record is printed as one that shows the centre.
        part.places = part.places or self._vocabulary.places(["centre"])
        yield part

    def bind(self, op: Op) -> str | Draw[Shown]:
        """An operation made ready, or its operators where they never change."""
        if isinstance(op, Mark):
            return op.content
        if isinstance(op, Paint):
            if not self._shared:
                return op.content
            return f"/L{self.forms.setdefault(op.content, len(self.forms))} Do\n"
        if isinstance(op, TextSlot):
            return self._bind_text(op)
        if isinstance(op, QrSlot):
            return self._bind_qr(op)
        if isinstance(op, Flow):
            assert self._bind_flow
            return self._bind_flow(self, op)
        holds = self._vocabulary.test(op.field, op.least)
        within = Part[Shown]((), [self.bind(below) for below in op.ops])
        return lambda page, seal, runs: (
            within.print(page, seal, runs) if holds(page) == op.present else ""
        )

    def _bind_text(self, slot: TextSlot) -> Draw[Shown]:
        typeface = self._library.typeface(slot.box.typeface)
        setter = TextSetter(slot.box, typeface, self._language, set_before=self.set_before)
        write = self._vocabulary.writer(slot.format)

        def draw(page: Shown, _seal: str, runs: list[Run]) -> str:
            text = write(page)
            if not text:
                return ""
            try:
                operators, shown, _ = setter.set(text)
            except NoRoomError:
                raise LayoutError([self._no_room(slot, page)]) from None
            except MissingGlyphError as missing:
                raise LayoutError([self._no_glyph(slot, page, missing)]) from None
            runs += shown
            return operators

        return draw

    def _bind_qr(self, slot: QrSlot) -> Draw[Shown]:
        read = self._vocabulary.reader("qr_address")
        sealed = isinstance(self._variant, Variant) and self._variant.sealed
        version_for = lru_cache(maxsize=1024)(slot.tables.version_for)
        known: dict[int, tuple[QrEncoder, str]] = {}
        if sealed:
            from pixattest.trust.seal import refuse_too_long

        def draw(page: Shown, seal: str, _: list[Run]) -> str:
            address = (read(page) + "#" * sealed).encode()
            version = version_for(len(address), len(seal))
            if sealed:
                whose = self._vocabulary.origin("qr_address", page)[0]
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

    def _words(self, field: str, page: Shown) -> str:
        return self._vocabulary.reader(field)(page)

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
