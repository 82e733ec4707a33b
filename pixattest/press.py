"""Plate + Record → page; a template, issuer and language → Press → the bytes of a PDF."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pixattest import assets
from pixattest.errors import Fault, IssuerError, LayoutError, TemplateError, shown
from pixattest.framework import Framework, crcn
from pixattest.intake.json import read_json_file
from pixattest.issuer import Issuer, default_issuer, read_issuer
from pixattest.pdf.document import Document, Sheet
from pixattest.pdf.fonts import MissingGlyphError, Run
from pixattest.pdf.metadata import Properties
from pixattest.pdf.objects import numbers
from pixattest.pdf.tags import PageTags
from pixattest.qr import QUIET_ZONE, QrEncoder
from pixattest.record import Record, Rules, read_record
from pixattest.template.faces import FontLibrary
from pixattest.template.plate import Op, Paint, Plate, QrSlot, TextSlot, Variant, When, variant_of
from pixattest.template.slots import Vocabulary, Words
from pixattest.template.text import NoRoomError, set_text

if TYPE_CHECKING:
    from os import PathLike

LEAST_QR = 25 / 25.4 * 72
"""Points of a printed QR code without its quiet zone, at least."""


class Press:
    """Prints attestations of one template, issuer and language.

    Build it once; any thread may use it.

    Args:
        template: name of a shipped template, or path of an SVG.
        issuer: who attests, or path of a TOML file; None: the Pix example.
        language: of the page, such as `fr`.
        framework: whose competences are attested; None: the CRCN.
        specimen: print SPÉCIMEN over every page.

    Raises:
        TemplateError: there is no such template.
        IssuerError: the issuer's file, or a font in it, can't be used.
    """

    def __init__(
        self,
        template: str | PathLike[str] = "attestation",
        issuer: Issuer | str | PathLike[str] | None = None,
        *,
        language: str = "fr",
        framework: Framework | None = None,
        specimen: bool = False,
    ) -> None:
        if issuer is None:
            issuer = default_issuer()
        elif not isinstance(issuer, Issuer):
            issuer = read_issuer(Path(issuer))
        self.issuer = issuer
        self.language = language
        self.framework = framework or crcn()
        self.specimen = specimen
        self.rules = Rules.of(self.framework, issuer)
        self._template = _template_path(template)
        folders = [assets.FONTS, self._template.resolve().parent / "fonts"]
        self._library = FontLibrary(folders, [Path(font) for font in issuer.fonts])
        self._platens: dict[Variant, _Platen] = {}
        self._lock = threading.Lock()

    def read(
        self,
        raw: object,
        *,
        source: str | None = None,
        row: int | None = None,
        new_codes: bool = False,
    ) -> Record:
        """A Record from a JSON-like mapping, held against this press's framework and issuer.

        The arguments are those of `read_record`.

        Raises:
            RecordError: it breaks a rule; every violation is in `faults`.
        """
        return read_record(raw, rules=self.rules, source=source, row=row, new_codes=new_codes)

    def read_file(self, path: str | PathLike[str]) -> Record:
        """A Record from a JSON file.

        Raises:
            InputError: it can't be read, or is not JSON.
            RecordError: it breaks a rule; every violation is in `faults`.
        """
        return self.read(read_json_file(Path(path)), source=str(path))

    def render(self, record: Record | Mapping[str, object]) -> bytes:
        """One attestation: a whole PDF, the same bytes for the same record on any day.

        Args:
            record: a Record, or the mapping to read one from.

        Raises:
            RecordError: a mapping that breaks a rule.
            LayoutError: a text that the page has no room or no glyph for.
            TemplateError, IssuerError: the template or an image can't be used.
        """
        if not isinstance(record, Record):
            record = self.read(record)
        platen = self._platen_for(record)
        page = platen.print(record)
        properties = Properties(
            platen.title(record), self.issuer.name, self.language, record.delivered_on
        )
        file = io.BytesIO()
        document = Document(file, self._library.faces, properties)
        document.add_page(platen.sheet, page.content, page.runs, page.texts)
        document.finish()
        return file.getvalue()

    def _platen_for(self, record: Record) -> _Platen:
        """The plate of a record's variant, compiled when it is met first."""
        issuer = self.issuer
        years = issuer.validity_years(record.delivered_on)
        if years is None:
            raise IssuerError(
                f"no validity holds on {record.delivered_on.isoformat()}",
                source=issuer.source,
                hint="Add a [[validity]] without from, which holds for all days before.",
            )
        variant = variant_of(
            record,
            years,
            recognition=issuer.recognises(record.delivered_on),
            specimen=self.specimen,
        )
        platen = self._platens.get(variant)
        if platen is None:
            with self._lock:
                platen = self._platens.get(variant)
                if platen is None:
                    platen = self._platens[variant] = self._mount(variant)
        return platen

    def _mount(self, variant: Variant) -> _Platen:
        from pixattest.template.compile import compile_template

        plate = compile_template(
            self._template,
            variant,
            issuer=self.issuer,
            framework=self.framework,
            language=self.language,
            library=self._library,
        )
        return _Platen(plate, self.issuer, self.framework, self._library)


def render(record: Record | Mapping[str, object]) -> bytes:
    """One attestation in the shipped template, by the built-in issuer, in French.

    The simple case; for more than a page, keep a `Press`, which does not begin anew each time.

    Raises:
        RecordError: the record breaks a rule, or the page can't hold it.
    """
    return Press().render(record)


class Page(NamedTuple):
    """One printed page: its content stream, the texts of its tags, the runs it shows."""

    content: bytes
    texts: list[str]
    runs: list[Run]


_Part = Callable[[Record, list[Run]], str]
"""What one operation draws for a record; the runs that it shows are added to the list."""


class _Platen:
    """A plate made ready to print: each operation bound to what it needs."""

    def __init__(
        self, plate: Plate, issuer: Issuer, framework: Framework, library: FontLibrary
    ) -> None:
        self.plate = plate
        self.sheet = Sheet(
            plate.width,
            plate.height,
            PageTags(plate.tags),
            plate.pictures,
            plate.opacities,
            plate.plain,
            plate.shaped,
        )
        self._library = library
        self._issuer = issuer
        self._vocabulary = Vocabulary(
            framework, plate.calendar, plate.variant.years, issuer.verification.qr
        )
        self.title = self._vocabulary.writer(plate.title)
        self._parts = [self._bind(op) for op in plate.ops]
        self._texts = [
            (self._vocabulary.writer(text.format), [self._words(name) for name in text.unless])
            for text in plate.texts
        ]
        self._qr: dict[int, QrEncoder] = {}

    def print(self, record: Record) -> Page:
        """A record's page.

        Raises:
            LayoutError: what the page can't hold; every fault of the record at once.
        """
        runs: list[Run] = []
        faults: list[Fault] = []
        content: list[str] = []
        for part in self._parts:
            if isinstance(part, str):
                content.append(part)
                continue
            try:
                content.append(part(record, runs))
            except LayoutError as refused:
                faults += refused.faults
        if faults:
            raise LayoutError(dict.fromkeys(faults))
        texts = [
            "" if any(words(record) for words in unless) else write(record)
            for write, unless in self._texts
        ]
        return Page("".join(content).encode("latin-1"), texts, runs)

    def _words(self, field: str) -> Words:
        return self._vocabulary.reader(field)

    def _bind(self, op: Op) -> str | _Part:
        if isinstance(op, Paint):
            return op.content
        if isinstance(op, TextSlot):
            return partial(self._print_text, op, self._vocabulary.writer(op.format))
        if isinstance(op, QrSlot):
            return partial(self._print_qr, op)
        return partial(self._print_when, op, self._words(op.field), [self._bind(o) for o in op.ops])

    def _print_text(self, slot: TextSlot, write: Words, record: Record, runs: list[Run]) -> str:
        text = write(record)
        if not text:
            return ""
        typeface = self._library.typeface(slot.box.typeface)
        try:
            found = set_text(text, slot.box, typeface, self.plate.language)
        except NoRoomError:
            raise LayoutError([self._no_room(slot, record)]) from None
        except MissingGlyphError as missing:
            raise LayoutError([self._no_glyph(slot, record, missing)]) from None
        runs += found.runs
        return found.operators

    def _print_when(
        self, op: When, words: Words, parts: list[str | _Part], record: Record, runs: list[Run]
    ) -> str:
        if bool(words(record)) != op.present:
            return ""
        return "".join(part if isinstance(part, str) else part(record, runs) for part in parts)

    def _print_qr(self, slot: QrSlot, record: Record, _: list[Run]) -> str:
        address = self._words("qr_address")(record).encode()
        encoder = self._qr.get(len(address))
        if encoder is None:
            encoder = self._qr.setdefault(len(address), QrEncoder(address))
        size = encoder.size
        share = size / (size + 2 * QUIET_ZONE)
        a, b, c, d, e, f = slot.matrix
        if (a * a + b * b) ** 0.5 * share < LEAST_QR:
            raise TemplateError(
                f"the QR code of {len(address)} characters would be printed smaller than 25 mm",
                hint="Give it more room in the template, or shorten the issuer's qr address.",
            )
        margin = (1 - share) / 2
        place = (a * share, b * share, c * share, d * share)
        corner = (a * margin + c * margin + e, b * margin + d * margin + f)
        # An image mask has no smooth edges to blur; 1 is dark (ISO 32000-1, 8.9.6.2).
        return (
            f"q 0 g {numbers(*place, *corner)} cm BI/W {size}/H {size}/IM true/BPC 1/D[1 0]"
            f"/F/AHx ID {encoder.rows(address).hex()}> EI Q\n"
        )

    def _no_room(self, slot: TextSlot, record: Record) -> Fault:
        names = slot.format.fields
        longest = max(names, key=lambda name: len(self._words(name)(record)))
        text = self._words(longest)(record)
        return Fault(
            _field_of(longest, record),
            text,
            f"{shown(text)} does not fit its room on the page, even in its smallest size",
            "Shorten it.",
        )

    def _no_glyph(self, slot: TextSlot, record: Record, missing: MissingGlyphError) -> Fault:
        names = slot.format.fields
        guilty = next((n for n in names if missing.char in self._words(n)(record)), names[0])
        return Fault(
            _field_of(guilty, record, missing.char),
            missing.char,
            str(missing),
            "Write it in other letters, or add a font that has it to the issuer's fonts.",
        )


def _field_of(name: str, record: Record, char: str = "") -> str:
    """The record's own field that a field of the page shows."""
    if name == "full_name":
        both = {"first_name": record.first_name, "last_name": record.last_name}
        if char:
            return next(field for field, text in both.items() if char in text)
        return max(both, key=lambda field: len(both[field]))
    return name.replace("level:", "levels.")


def _template_path(template: str | PathLike[str]) -> Path:
    """A shipped template by its name, or any by its path."""
    named = assets.template_path(str(template))
    path = named if "/" not in str(template) and named.is_file() else Path(template)
    if not path.is_file():
        raise TemplateError(
            f"there is no template {str(template)!r}",
            hint=f"Name a shipped one ({', '.join(assets.template_names())}) or an SVG file.",
        )
    return path
