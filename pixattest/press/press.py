"""A template, issuer and language → Press; a record → a PDF's bytes; many records → one file."""

from __future__ import annotations

import hashlib
import io
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from pixattest.errors import (
    InputError,
    IssuerError,
    LayoutError,
    OutputError,
    PixattestError,
    RecordError,
    TemplateError,
)
from pixattest.intake.json import read_json_file
from pixattest.model import assets
from pixattest.model.framework import Framework, framework_for
from pixattest.model.issuer import (
    Issuer,
    check_issuer,
    default_issuer,
    last_day,
    read_issuer,
    usual,
)
from pixattest.model.pagination import CoverPage, DetailPage, Page, Pagination
from pixattest.model.record import Record, Rules, read_record, refuse_foreign
from pixattest.output import Sink, new_file
from pixattest.pdf.block import PAGES_IN_BLOCK, Block, BlockPlan, PageContent, PageKind, make_block
from pixattest.pdf.document import Document, Glyphs, PlannedPage
from pixattest.pdf.labels import Label
from pixattest.pdf.metadata import Properties
from pixattest.press.page_printer import GlyphUsage, PagePrinter
from pixattest.press.plate_folder import PlateFolder
from pixattest.template.faces import library_for
from pixattest.template.folder import COVER, find_template, first_page
from pixattest.template.labels import language_for, read_labels
from pixattest.template.plate import AnyVariant, CoverVariant, DetailVariant, Plate, Variant

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future
    from datetime import date
    from os import PathLike

    from pixattest.pdf.attachment import Attachment
    from pixattest.press.details import DetailPagePrinter
    from pixattest.trust.keys import SealKey
    from pixattest.trust.signing import Signer

_BLOCKS_UNDER_WAY = 16
"""Blocks handed to an executor and not yet written."""

_LaidOut = tuple[list[Page], list[PlannedPage], list[PlannedPage] | None, int]
"""A block's pages, their kinds and those of the block after it, and the row of its first record."""

_Planned = tuple[BlockPlan, list[Page], list[str], int]
"""A block's place, its pages and their seals, and the row of the first record in it."""

Source = Record | Mapping[str, object]
"""A record, or the JSON-like mapping to read one from."""


class Press:
    """Prints attestations of one template, issuer and language.

    Build it once; any thread may use it.

    Args:
        template: name of a shipped template, or path of a template's folder or SVG; None: the
            issuer's, else `attestation`.
        issuer: who attests, or path of a TOML file; None: the Pix example.
        language: of the page, such as `fr`; None: the issuer's, else French.
        framework: whose competences are attested, or its name or path; None: the issuer's, else the
            CRCN.
        specimen: print SPÉCIMEN over every page.
        fonts: folder of the fonts that every template has; None: those of pixattest.
        cache: folder of the user's own, where compiled plates are kept for the next process;
            None: nothing is written.
        key: seals what is printed, as the issuer's `[seal]` says, where it has one: without the
            key, such a press prints no attestation. It signs the Open Badge of an attached record,
            too. It never leaves this process: others are handed the seals.

    Attributes:
        kid: id of the key; None: nothing is sealed.

    Raises:
        TemplateError: there is no such template, or it has no labels in the language.
        IssuerError: the issuer's file, or a font, framework, language or template in it, can't be
            used; or there is a key, and no `[seal]`.
        FrameworkError: the framework's file can't be used.
    """

    def __init__(
        self,
        template: str | PathLike[str] | None = None,
        issuer: Issuer | str | PathLike[str] | None = None,
        *,
        language: str | None = None,
        framework: Framework | str | PathLike[str] | None = None,
        specimen: bool = False,
        fonts: str | PathLike[str] | None = None,
        cache: str | PathLike[str] | None = None,
        key: SealKey | None = None,
    ) -> None:
        if issuer is None:
            issuer = default_issuer()
        elif not isinstance(issuer, Issuer):
            issuer = read_issuer(Path(issuer))
        check_issuer(issuer, issuer.source)
        self.issuer = issuer
        self.framework = framework_for(issuer, framework)
        self.specimen = specimen
        self.rules = Rules.of(self.framework, issuer)
        if key and issuer.seal is None:
            raise IssuerError(
                "there is a key, and nothing said of seals",
                source=issuer.source,
                hint="Add [seal] with the site where they are verified.",
            )
        self.kid = key.kid if key else None
        self._key = key
        template = usual(issuer, "template") if template is None else template
        self.template = find_template(template)
        self.language = language_for(issuer, self.template.parent, language)
        shipped = self.template == assets.template_path(str(template)).resolve()
        # A shipped template is known by its name wherever pixattest is installed.
        self._name = str(template) if shipped else None
        self.fonts = Path(fonts) if fonts else assets.FONTS
        self._first_page = first_page(self.template)
        self._library = library_for(self.template, issuer, self.fonts)
        self._no_class = read_labels(self.template.parent, self.language).no_class
        faces = (face.path for face in self._library.faces)
        self._kept = PlateFolder(Path(cache), self.template, faces) if cache else None
        self._plates: dict[AnyVariant, Plate] = {}
        self._page_printers: dict[tuple[object, ...], PagePrinter[Record]] = {}
        self._covers: dict[int, PagePrinter[CoverPage]] = {}
        self._detail_printers: dict[tuple[int, bool], DetailPagePrinter] = {}
        self._blanks: dict[tuple[float, float], PageKind] = {}
        self._lock = threading.Lock()

    def __reduce__(self) -> tuple[object, ...]:
        make = partial(
            Press,
            language=self.language,
            framework=self.framework,
            specimen=self.specimen,
            fonts=None if self.fonts == assets.FONTS else self.fonts,
        )
        # Without the key: what is printed elsewhere comes with its seal.
        return make, (self._name or self.template, self.issuer), {"kid": self.kid}

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

    def render(
        self,
        record: Source,
        *,
        attach: bool = False,
        signer: Signer | None = None,
    ) -> bytes:
        """One attestation: a whole PDF, the same bytes for the same record on any day.

        Args:
            record: who is attested what.
            attach: the record travels inside as JSON, with an Open Badge of it that the press's key
                signs, and the file is PDF/A-3a.
            signer: signs it, as of now: the bytes of the signature differ from time to time.

        Raises:
            RecordError: a mapping that breaks a rule, or a record of another framework.
            LayoutError: a text that the page has no room or no glyph for.
            TemplateError: the template can't be used.
            IssuerError: an image can't be used, or what seals has no key.
            SigningError: it can't be signed.
        """
        record = self._own(record)
        file = io.BytesIO()
        document = Document(file, self._library.faces)
        printer, ink = (
            self._page_printer(record, shared=False, signed=signer is not None),
            GlyphUsage(),
        )
        matter = printer.print(record, ink, self._seal(record))
        further = [*self._print_details(record, ink, shared=False)]
        if further:
            matters = [matter, *further]
            plan = document.plan([PlannedPage(page.kind, None) for page in matters], None)
            document.add(plan, make_block(plan, matters), ink.glyphs)
        else:
            document.add_page(matter, ink.glyphs)
        properties = self._properties(printer.title(record), record.delivered_on)
        document.finish(properties, self._attachment(record, properties) if attach else None)
        if signer:
            signer.sign(file, self.issuer)
        return file.getvalue()

    def digests(
        self, records: Iterable[Source], *, single_page_file: bool = False
    ) -> Iterator[str]:
        """What tells whether a page is the same: a digest of its content for each record.

        It is of the operators of the page's content stream, the drawings and images that they
        paint, and the structure and texts of its tags: not of the page's place in a file, nor of
        how the file is compressed, nor of the fonts, which a ledger keeps in the edition; nor of
        a signature: a page that is signed has the digest of the same one without.

        Args:
            records: in the order of the digests.
            single_page_file: of the pages that `render` makes, whose drawings stand in their own
                content stream; else of those that `write` makes, which share them.

        Raises:
            RecordError: a mapping that breaks a rule, or a record of another framework.
            LayoutError: a text that the page has no room or no glyph for.
            IssuerError: what seals has no key.
        """
        records = iter(records)
        while block := list(islice(records, PAGES_IN_BLOCK)):
            ink = GlyphUsage()
            for record in map(self._own, block):
                shared = not single_page_file
                matter = self._page_printer(record, shared=shared).print(
                    record, ink, self._seal(record)
                )
                yield _digest([matter, *self._print_details(record, ink, shared=shared)])

    def write(
        self,
        records: Iterable[Source],
        target: str | PathLike[str] | Sink,
        *,
        title: str | None = None,
        cover: bool = False,
        blank_versos: bool = False,
        digests: Callable[[Sequence[str]], object] | None = None,
        executor: Executor | None = None,
        force: bool = False,
        signer: Signer | None = None,
    ) -> int:
        """One file of many attestations, a page and a bookmark each, written as they come.

        Records in a row that have the same group are a class; where there are several, their
        bookmarks are below that of the class. Memory does not grow with the number of records, and
        the bytes are the same for any executor.

        Args:
            records: in the order of the pages.
            target: a path, where the file is whole or not there at all; or what takes the bytes.
            title: of the document; None: the template's, with the first record's class.
            cover: begin each class with the list of its people, to be signed for receipt; a class
                is held in memory then.
            blank_versos: put a blank page after a cover or attestation of an odd number of pages,
                so that a duplex printer begins each on a front.
            digests: called with those of some pages after the other, as `digests` gives them.
            executor: prints blocks of pages elsewhere; None: here.
            force: replace an existing file, which is kept otherwise.
            signer: signs the file, here, before it gets its name; the first attestation shows it.

        Returns:
            Number of pages, of all kinds.

        Raises:
            InputError: there is no record.
            RecordError: a mapping that breaks a rule, a record of another framework, or a
                LayoutError; `row` tells which.
            TemplateError: the template can't be used.
            IssuerError: an image can't be used, or what seals has no key.
            OutputError: the path can't be written, or the stream does not take all.
            SigningError: it can't be signed.
        """
        if isinstance(target, str | os.PathLike):
            with new_file(Path(target), force=force) as file:
                return self.write(
                    records,
                    file,
                    title=title,
                    cover=cover,
                    blank_versos=blank_versos,
                    digests=digests,
                    executor=executor,
                    signer=signer,
                )
        pagination = self.pagination(cover=cover, blank_versos=blank_versos)
        if signer is None:
            *_, pages = self._write(records, target, title, pagination, executor, digests)
            return pages
        with signer.signed(target, self.issuer) as file:
            *_, pages = self._write(
                records, file, title, pagination, executor, digests, signed=True
            )
            return pages

    def stream(
        self,
        records: Iterable[Source],
        *,
        title: str | None = None,
        cover: bool = False,
        blank_versos: bool = False,
        executor: Executor | None = None,
    ) -> Iterator[bytes]:
        """The file that `write` makes, piece by piece as it is printed: for an HTTP response.

        The arguments are those of `write`; what is signed is a whole file, so there is no signer.
        What it would raise is raised where the pieces are taken, when the first have gone out
        already. So read the records beforehand (`read`), to refuse them while there is time.
        """
        file = io.BytesIO()
        pagination = self.pagination(cover=cover, blank_versos=blank_versos)
        for _ in self._write(records, file, title, pagination, executor, None):
            yield file.getvalue()
            file.seek(0)
            file.truncate()

    def write_cover(
        self, records: Iterable[Source], target: str | PathLike[str] | Sink, *, force: bool = False
    ) -> int:
        """One file of covers alone, which `write` puts before the attestations of each class.

        The arguments, what is returned and what is raised are those of `write`.
        """
        if isinstance(target, str | os.PathLike):
            with new_file(Path(target), force=force) as file:
                return self.write_cover(records, file)
        pagination = Pagination(rows=self._cover_rows(), attestations=False)
        *_, pages = self._write(records, target, None, pagination, None, None)
        return pages

    def pagination(self, *, cover: bool = False, blank_versos: bool = False) -> Pagination:
        """Which pages a file has that `write` makes with these options.

        Raises:
            TemplateError: the template has no cover.
        """
        return Pagination(
            rows=self._cover_rows() if cover else None,
            blank_versos=blank_versos,
            details=self._details if self._has_details else None,
        )

    def room(
        self,
        records: Iterable[Source],
        size: int,
        *,
        cover: bool = False,
        blank_versos: bool = False,
    ) -> int:
        """How many of some records, from the first, one file has room for.

        PDF/A sets a bound to the objects in a file (ISO 19005-2, 6.1.13), which `write` comes upon
        after minutes; here nothing is printed. Once so many were looked at that the file of all
        would not be half full, the others are not.

        Args:
            records: as of `write`.
            size: their number.
            cover: as of `write`.
            blank_versos: as of `write`.

        Returns:
            `size`, or up to two blocks (192 pages) less than there is room for.

        Raises:
            RecordError: a mapping that breaks a rule, or a record of another framework.
            TemplateError, IssuerError: the template or an image can't be used.
        """
        document = Document(io.BytesIO(), self._library.faces)
        pagination = self.pagination(cover=cover, blank_versos=blank_versos)
        for block, own, following, row in self._laid_out(records, pagination):
            try:
                document.plan(own, following)
            except OutputError:
                return row - 1
            seen = row - 1 + _count(block)
            if document.filled * size < seen / 2:
                break
        return size

    @property
    def _cover(self) -> Path:
        """The drawing of a cover."""
        path = self.template.parent / COVER
        if not path.is_file():
            raise TemplateError(
                f"the template has no {COVER}",
                source=str(path.parent),
                hint="Copy that of the template attestation, and its labels.",
            )
        return path

    def _cover_rows(self) -> int:
        """How many people a page of a cover has room for."""
        from pixattest.template.svg import most_rows

        return most_rows(self._cover)

    def _write(
        self,
        records: Iterable[Source],
        sink: Sink,
        title: str | None,
        pagination: Pagination,
        executor: Executor | None,
        digests: Callable[[Sequence[str]], object] | None,
        *,
        signed: bool = False,
    ) -> Iterator[int]:
        """Write block by block; the number of pages so far, and of all when the file is whole."""
        document = Document(sink, self._library.faces)
        first: Page | None = None
        day: date | None = None

        def planned() -> Iterator[_Planned]:
            nonlocal first, day
            for block, own, following, row in self._laid_out(records, pagination, signed=signed):
                first = first or block[0]
                newest = max(
                    page.delivered_on for page in block if isinstance(page, Record | CoverPage)
                )
                day = newest if day is None else max(day, newest)
                plan = document.plan(own, following)._replace(
                    digested=digests is not None, signed=signed and row == 1
                )
                yield plan, block, [*map(self._seal, block)], row

        for plan, block, glyphs in self._printed(planned(), executor):
            document.add(plan, block, glyphs)
            if digests:
                digests(block.digests)
            yield document.pages
        if first is None or day is None:
            raise InputError("there is no record", hint="An attestation needs one at least.")
        if title is None:
            title = self._title_of_many(first, pagination)
        document.finish(self._properties(title, day))
        yield document.pages

    def _printed(
        self, planned: Iterator[_Planned], executor: Executor | None
    ) -> Iterator[tuple[BlockPlan, Block, Glyphs]]:
        """Blocks in the order of their plans, printed here or by an executor."""
        if executor is None:
            for plan, pages, seals, row in planned:
                yield plan, *self._print_block(plan, pages, seals, row)
            return
        import pickle
        from concurrent.futures import BrokenExecutor

        press = pickle.dumps(self)
        under_way: deque[tuple[BlockPlan, Future[tuple[Block, Glyphs]]]] = deque()
        refused: RecordError | None = None
        try:
            try:
                for plan, pages, seals, row in planned:
                    job = executor.submit(_print_elsewhere, press, plan, pages, seals, row)
                    under_way.append((plan, job))
                    if len(under_way) >= _BLOCKS_UNDER_WAY:
                        yield under_way[0][0], *under_way[0][1].result()
                        under_way.popleft()
            except RecordError as error:
                refused = error  # an earlier record, still under way, may be refused as well
            while under_way:
                yield under_way[0][0], *under_way[0][1].result()
                under_way.popleft()
            if refused:
                raise refused
        except BrokenExecutor as reason:
            raise PixattestError(
                f"a process that was printing ended: {reason}",
                hint="Print with fewer processes; the machine may be short of memory.",
            ) from None
        finally:
            for _, job in under_way:
                job.cancel()

    def _laid_out(
        self, records: Iterable[Source], pagination: Pagination, *, signed: bool = False
    ) -> Iterator[_LaidOut]:
        """The blocks of a file, before they are planned."""
        row = 1
        ahead: list[PlannedPage] | None = None
        leaves = pagination.leaves(self._records(records))
        for block, following in _with_next(_blocks(leaves)):
            own = ahead or self._leaves(block, signed=signed)
            after = row + _count(block)
            ahead = self._leaves(following, signed=signed and after == 1) or None
            yield block, own, ahead, row
            row = after

    def _records(self, records: Iterable[Source]) -> Iterator[Record]:
        if isinstance(records, Mapping):
            raise InputError("this is one record", hint="Use render, or put it into a list.")
        for row, record in enumerate(records, 1):
            yield self._own(record, row)

    def _own(self, record: Source, row: int | None = None) -> Record:
        """A record that this press may print: all of them pass here."""
        if not isinstance(record, Record):
            return self.read(record, row=row)
        refuse_foreign(record, self.framework, row=row)
        return record

    def _properties(self, title: str, day: date) -> Properties:
        return Properties(title, self.issuer.name, self.language, day)

    def _attachment(self, record: Record, properties: Properties) -> Attachment:
        from pixattest.pdf.attachment import Attachment
        from pixattest.trust import credential

        return Attachment(
            credential.NAME,
            "application/json",
            properties.title,
            properties.day,
            credential.attach_record(record, self.issuer, self.framework, self.language, self._key),
        )

    def _title_of_many(self, first: Page, pagination: Pagination) -> str:
        """The title of a document, by its first page."""
        if isinstance(first, CoverPage):
            if not pagination.attestations:
                return self._cover_printer(first).title(first).rstrip(" –-")
            first = first.people[0]
        assert isinstance(first, Record)  # nothing blank comes first
        return self._page_printer(first, shared=True).title_of_many(first).rstrip(" –-")

    def _leaves(self, pages: Sequence[Page], *, signed: bool) -> list[PlannedPage]:
        """The kinds of some pages; the first attestation may have the signature's field."""
        leaves = []
        for page in pages:
            leaves.append(
                PlannedPage(self._sheet(page, signed=signed), page.group or self._no_class)
            )
            signed = signed and not isinstance(page, Record)
        return leaves

    def _sheet(self, page: Page, *, signed: bool = False) -> PageKind:
        """What a page shares with others of its kind."""
        if isinstance(page, Record):
            return self._page_printer(page, shared=True, signed=signed).kind
        if isinstance(page, CoverPage):
            return self._cover_printer(page).kind
        if isinstance(page, DetailPage):
            return self._detail_platen(page.record, shared=True).kind_of(page)
        front = self._sheet(page.front)
        size = front.width, front.height
        # The one that was there first, whichever thread made it.
        return self._blanks.get(size) or self._blanks.setdefault(size, _blank(*size))

    def _print_block(
        self, plan: BlockPlan, pages: Sequence[Page], seals: Sequence[str], row: int
    ) -> tuple[Block, Glyphs]:
        """The bytes of some pages, and the glyphs that they show."""
        ink = GlyphUsage()
        matters = []
        persons: list[list[PageContent]] = []
        signed = plan.signed
        for page, seal in zip(pages, seals, strict=True):
            try:
                if isinstance(page, Record):
                    matter = self._page_printer(page, shared=True, signed=signed).print(
                        page, ink, seal
                    )
                    if plan.digested:
                        persons.append([self._unsigned(page, seal) if signed else matter])
                    signed = False
                elif isinstance(page, CoverPage):
                    matter = self._cover_printer(page).print(page, ink)
                elif isinstance(page, DetailPage):
                    matter = self._detail_platen(page.record, shared=True).print(page, ink)
                    if plan.digested:
                        persons[-1].append(matter)
                else:
                    matter = PageContent(self._sheet(page), b"", {}, "")
                matters.append(matter)
            except LayoutError as error:
                done = _count(pages[: len(matters)]) - isinstance(page, DetailPage)
                raise LayoutError(error.faults, row=row + done) from None
        digests = tuple(map(_digest, persons))
        return make_block(plan, matters)._replace(digests=digests), ink.glyphs

    def _unsigned(self, record: Record, seal: str) -> PageContent:
        """A page that is to be signed, as it is without: a digest tells nothing of a signature."""
        return self._page_printer(record, shared=True).print(record, GlyphUsage(), seal)

    def _cover_printer(self, roll: CoverPage) -> PagePrinter[CoverPage]:
        """The plate of a page of a cover, made ready when it is met first."""
        rows = len(roll.people)
        printer = self._covers.get(rows)
        if printer is None:
            variant = CoverVariant(rows, self.specimen)
            with self._lock:
                printer = self._covers.get(rows)
                if printer is None:
                    plate = self._plate(variant)
                    vocabulary = variant.vocabulary(
                        self.framework, self.language, plate.calendar, self.issuer
                    )
                    printer = self._covers[rows] = PagePrinter(
                        plate, vocabulary, self._library, shared=True, label=Label.LEADING
                    )
        return printer

    @property
    def _has_details(self) -> bool:
        """Whether attestations have further pages."""
        return self._first_page != self.template

    def _details(self, record: Record) -> tuple[DetailPage, ...]:
        """The further pages of an attestation."""
        return self._detail_platen(record, shared=True).pages(record)

    def _print_details(
        self, record: Record, ink: GlyphUsage, *, shared: bool
    ) -> Iterator[PageContent]:
        """The further pages of an attestation, printed."""
        if self._has_details:
            printer = self._detail_platen(record, shared=shared)
            for page in printer.pages(record):
                yield printer.print(page, ink)

    def _detail_platen(self, record: Record, *, shared: bool) -> DetailPagePrinter:
        """The plate of the further pages of a record, made ready when it is met first."""
        kind = record.max_level, shared
        printer = self._detail_printers.get(kind)
        if printer is None:
            from pixattest.press.details import DetailPagePrinter

            variant = DetailVariant(record.max_level, self.specimen)
            with self._lock:
                printer = self._detail_printers.get(kind)
                if printer is None:
                    plate = self._plate(variant)
                    vocabulary = variant.vocabulary(
                        self.framework, self.language, plate.calendar, self.issuer
                    )
                    printer = self._detail_printers[kind] = DetailPagePrinter(
                        plate, vocabulary, self._library, self.framework, shared=shared
                    )
        return printer

    def _page_printer(
        self, record: Record, *, shared: bool, signed: bool = False
    ) -> PagePrinter[Record]:
        """The plate of a record's variant, made ready when it is met first."""
        # What a variant is made from; looked up for every page.
        kind = (
            record.delivered_on,
            record.max_level,
            record.score is None,
            record.birth_place is None,
            shared,
            signed,
        )
        printer = self._page_printers.get(kind)
        if printer is None:
            printer = self._page_printers[kind] = self._mount(
                self._variant(record, signed=signed), shared=shared
            )
        return printer

    def _years(self, delivered_on: date) -> int:
        years = self.issuer.validity_years(delivered_on)
        if years is None:
            raise IssuerError(
                f"no validity holds on {delivered_on.isoformat()}",
                source=self.issuer.source,
                hint="Add a [[validity]] without from, which holds for all days before.",
            )
        return years

    def _seal(self, record: Page) -> str:
        """The digits of a record's seal; none where nothing is sealed, nor on other pages."""
        seal = self.issuer.seal
        if seal is None or not isinstance(record, Record):
            return ""
        if self._key is None and self.kid:
            raise PixattestError(
                "this press came from another process, and its key did not",
                hint="Print with the press that was given the key.",
            )
        if self._key is None:
            raise IssuerError(
                "its [seal] says that attestations are sealed, and the press was given no key",
                source=self.issuer.source,
                hint=f"Give it key=pixattest.read_key(Path({seal.key!r}), passphrase); or "
                "print unsealed on purpose, by an issuer without [seal].",
            )
        from pixattest.trust.seal import seal_record

        valid_through = last_day(record.delivered_on, self._years(record.delivered_on))
        try:
            return seal_record(record, self.framework, seal.fields, valid_through, self._key)
        except LayoutError:
            return ""  # it is refused in its turn, when its page is printed

    def _variant(self, record: Record, *, signed: bool) -> Variant:
        issuer = self.issuer
        return Variant(
            max_level=record.max_level,
            score=record.score is not None,
            birth_place=record.birth_place is not None,
            years=self._years(record.delivered_on),
            recognition=issuer.recognises(record.delivered_on),
            specimen=self.specimen,
            signed=signed,
            sealed=self.kid is not None,
        )

    def _mount(self, variant: Variant, *, shared: bool) -> PagePrinter[Record]:
        with self._lock:
            printer = self._page_printers.get((variant, shared))
            if printer is None:
                plate = self._plate(variant)
                vocabulary = variant.vocabulary(
                    self.framework, self.language, plate.calendar, self.issuer
                )
                printer = PagePrinter(
                    plate,
                    vocabulary,
                    self._library,
                    shared=shared,
                    continued=self._has_details,
                )
                self._page_printers[variant, shared] = printer
            return printer

    def _plate(self, variant: AnyVariant) -> Plate:
        """A variant's plate, made when it is met first."""
        plate = self._plates.get(variant)
        if plate is None:
            plate = self._plates[variant] = self._kept_or_compiled(variant)
        return plate

    def _kept_or_compiled(self, variant: AnyVariant) -> Plate:
        """A variant's plate: kept by an earlier process, or compiled."""
        if self._kept is None:
            return self._compile(variant)
        digest = self._kept.digest(variant, self.issuer, self.framework, self.language)
        plate = self._kept.load(digest)
        if plate is None:
            plate = self._compile(variant)
            self._kept.keep(digest, plate)
        return plate

    def _compile(self, variant: AnyVariant) -> Plate:
        from pixattest.template.compile import compile_template

        if isinstance(variant, Variant):
            drawing = self._first_page
        else:
            drawing = self._cover if isinstance(variant, CoverVariant) else self.template
        return compile_template(
            drawing,
            variant,
            issuer=self.issuer,
            framework=self.framework,
            language=self.language,
            library=self._library,
        )


def render(record: Source) -> bytes:
    """One attestation in the shipped template, by the built-in issuer, in French.

    The simple case; for more than a page, keep a `Press`, which does not begin anew each time.

    Raises:
        RecordError: the record breaks a rule, or the page can't hold it.
    """
    return Press().render(record)


@lru_cache(maxsize=4)
def _press_from(pickled: bytes) -> Press:
    """The press of a worker process, kept from block to block."""
    import pickle

    press = pickle.loads(pickled)
    assert isinstance(press, Press)
    return press


def _print_elsewhere(
    press: bytes, plan: BlockPlan, pages: Sequence[Page], seals: Sequence[str], row: int
) -> tuple[Block, Glyphs]:
    """What an executor is handed."""
    return _press_from(press)._print_block(plan, pages, seals, row)


def _digest(pages: Sequence[PageContent]) -> str:
    """Of all that the pages of an attestation show."""
    first, *further = [page.digest() for page in pages]
    return hashlib.sha256("".join((first, *further)).encode()).hexdigest() if further else first


def _blank(width: float, height: float) -> PageKind:
    """A page with nothing on it."""
    return PageKind(
        width, height, None, {}, (), (), {}, {}, {}, {}, bookmarked=False, label=Label.VERSO
    )


def _count(pages: Iterable[Page]) -> int:
    """How many records have their page among these."""
    return sum(isinstance(page, Record) for page in pages)


def _blocks(leaves: Iterable[tuple[Page, ...]]) -> Iterator[list[Page]]:
    """Pages that are made together, as many as a block may have; what belongs together stays so."""
    block: list[Page] = []
    for leaf in leaves:
        if len(block) + len(leaf) > PAGES_IN_BLOCK:
            yield block
            block = []
        block += leaf
    if block:
        yield block


def _with_next(
    blocks: Iterator[list[Page]],
) -> Iterator[tuple[list[Page], list[Page]]]:
    """Each block with the one after it; the last with an empty one."""
    block = next(blocks, [])
    while block:
        following = next(blocks, [])
        yield block, following
        block = following
