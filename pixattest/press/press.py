"""A template, issuer and language → Press; a record → a PDF's bytes; many records → one file.

It has more than 500 lines as most of them say what the methods take, give and raise: a press is one
object to its users.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from pixattest.errors import (
    InputError,
    IssuerError,
    LayoutError,
    OutputError,
    PixattestError,
)
from pixattest.intake.json import read_json_file
from pixattest.model.framework import Framework, framework_for
from pixattest.model.issuer import (
    Issuer,
    check_issuer,
    default_issuer,
    last_day,
    read_issuer,
    usual,
)
from pixattest.model.pagination import CoverPage, Page, Pagination
from pixattest.model.record import Record, Rules, read_record, refuse_foreign
from pixattest.output import Sink
from pixattest.pdf.block import PAGES_IN_BLOCK, PageContent, make_block
from pixattest.pdf.document import Document, PlannedPage
from pixattest.pdf.metadata import Properties
from pixattest.press.arguments import PATH, Source, check_method, check_type, opened, several
from pixattest.press.blocks import PlannedBlock, digest, lay_out, print_blocks
from pixattest.press.glyph_usage import GlyphUsage
from pixattest.press.plates import MountedPlates, years_of_validity

if TYPE_CHECKING:
    from concurrent.futures import Executor
    from datetime import date
    from os import PathLike

    from pixattest.pdf.attachment import Attachment
    from pixattest.trust.keys import SealKey
    from pixattest.trust.signing import Signer


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
        issuer: who attests.
        framework: whose competences are attested.
        specimen: SPÉCIMEN is printed over every page.
        rules: which `read` holds records against.
        kid: id of the key; None: nothing is sealed.

    Raises:
        InputError: an argument is not what it should be, such as an issuer in the place of the
            template.
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
        check_type("template", template, PATH, "the name or path of a template")
        check_type("issuer", issuer, (Issuer, *PATH), "an Issuer, or the path of its file")
        check_type("language", language, (str,), "a language, such as 'fr'")
        check_type("framework", framework, (Framework, *PATH), "a Framework, or its name or path")
        check_method("key", key, "kid", "what pixattest.read_key returns")
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
        self._plates = MountedPlates(
            usual(issuer, "template") if template is None else template,
            issuer,
            self.framework,
            language,
            specimen=specimen,
            sealed=key is not None,
            fonts=Path(fonts) if fonts else None,
            cache=Path(cache) if cache else None,
        )

    def __repr__(self) -> str:
        said = {
            "template": self._plates.name or str(self.template),
            "issuer": self.issuer.name,
            "language": self.language,
            "framework": self.framework.id,
        }
        told = [f"{name}={value!r}" for name, value in said.items()]
        told += ["specimen=True"] * self.specimen + [f"kid={self.kid!r}"] * (self.kid is not None)
        return f"Press({', '.join(told)})"

    def __getstate__(self) -> dict[str, object]:
        # Without the key: what is printed elsewhere comes with its seal.
        return {**self.__dict__, "_key": None}

    @property
    def template(self) -> Path:
        """The path of the drawing."""
        return self._plates.template

    @property
    def language(self) -> str:
        """The language of the page."""
        return self._plates.language

    @property
    def fonts(self) -> Path:
        """The folder of the fonts that every template has."""
        return self._plates.fonts

    def read(
        self,
        raw: object,
        *,
        source: str | None = None,
        row: int | None = None,
        new_codes: bool = False,
    ) -> Record:
        """Read a record from a JSON-like mapping by the rules of this press's framework and issuer.

        The arguments are those of `read_record`.

        Raises:
            RecordError: it breaks a rule; every violation is in `faults`.
        """
        return read_record(raw, rules=self.rules, source=source, row=row, new_codes=new_codes)

    def read_file(self, path: str | PathLike[str]) -> Record:
        """Read a record from a JSON file.

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
        """Print one attestation: a whole PDF, which has the same bytes on any day.

        Args:
            record: what is attested to whom.
            attach: put the record into the file as JSON, with an Open Badge of it that the press's
                key signs; the file is PDF/A-3a then.
            signer: signs the file now; the bytes of a signature differ each time.

        Raises:
            RecordError: a mapping that breaks a rule, or a record of another framework.
            LayoutError: a text that the page has no room or no glyph for.
            TemplateError: the template can't be used.
            IssuerError: an image can't be used, or what seals has no key.
            SigningError: it can't be signed.
        """
        record = self._own(record)
        check_method("signer", signer, "signed", "a pixattest.Signer")
        usage = GlyphUsage()
        contents = self._print(record, usage, shared=False, signed=signer is not None)
        file = io.BytesIO()
        document = Document(file, self._plates.faces)
        if len(contents) == 1:
            document.add_page(contents[0], usage.glyphs)
        else:
            plan = document.plan([PlannedPage(page.kind, None) for page in contents], None)
            document.add(plan, make_block(plan, contents), usage.glyphs)
        title = self._plates.printer(record, shared=False).title(record)
        properties = self._properties(title, record.delivered_on)
        document.finish(properties, self._attachment(record, properties) if attach else None)
        if signer:
            signer.sign(file, self.issuer)
        return file.getvalue()

    def digests(
        self, records: Iterable[Source], *, single_page_file: bool = False
    ) -> Iterator[str]:
        """The digest of each attestation, which two have in common whose pages show the same.

        It covers the operators of the content streams, the drawings and images that they paint, and
        the structure and texts of the tags. It does not cover the place in a file, the compression,
        the fonts (a ledger keeps them in the edition) or a signature.

        Args:
            records: in the order of the digests.
            single_page_file: the pages are those that `render` makes, which have their drawings in
                their own content; else those that `write` makes, which share them.

        Raises:
            RecordError: a mapping that breaks a rule, or a record of another framework.
            LayoutError: a text that the page has no room or no glyph for.
            IssuerError: what seals has no key.
        """
        found = iter(several(records))
        while block := list(islice(found, PAGES_IN_BLOCK)):
            usage = GlyphUsage()
            for record in map(self._own, block):
                yield digest(self._print(record, usage, shared=not single_page_file))

    def valid_through(self, record: Source) -> date:
        """The last day on which an attestation is valid, a whole day.

        Raises:
            RecordError: a mapping that breaks a rule, or a record of another framework.
            IssuerError: no validity of the issuer holds on the day that it is delivered on.
        """
        delivered_on = self._own(record).delivered_on
        return last_day(delivered_on, years_of_validity(self.issuer, delivered_on))

    def write(
        self,
        records: Iterable[Source],
        target: str | PathLike[str] | Sink,
        *,
        title: str | None = None,
        cover: bool = False,
        blank_versos: bool = False,
        on_digests: Callable[[Sequence[str]], object] | None = None,
        executor: Executor | None = None,
        force: bool = False,
        signer: Signer | None = None,
    ) -> int:
        """Write one file of many attestations, each with a page and a bookmark, as they come.

        Records in a row that have the same group are a class; where there are several classes, each
        has a bookmark above those of its people. Memory does not grow with the number of records,
        and the bytes are the same for any executor.

        Args:
            records: in the order of the pages.
            target: a path, where the file is whole or not there at all; or what takes the bytes.
            title: of the document; None: the template's, with the first record's class.
            cover: begin each class with the list of its people, to be signed for receipt; a class
                is held in memory then.
            blank_versos: put a blank page after a cover or attestation of an odd number of pages,
                so that a duplex printer begins each on a front.
            on_digests: is called with the digests of some attestations after the other, in order,
                as `digests` gives them; None: they are not asked for.
            executor: prints blocks of pages elsewhere; None: here.
            force: replace an existing file, which is kept otherwise.
            signer: signs the file, here, before it gets its name; the first attestation shows it.

        Returns:
            Number of pages, of all kinds.

        Raises:
            InputError: there is no record, or an argument is not what it should be, such as one
                record in the place of several.
            RecordError: a mapping that breaks a rule, a record of another framework, or a
                LayoutError; `row` tells which.
            TemplateError: the template can't be used.
            IssuerError: an image can't be used, or what seals has no key.
            OutputError: the path can't be written, or the stream does not take all.
            SigningError: it can't be signed.
        """
        records = several(records)
        check_method("signer", signer, "signed", "a pixattest.Signer")
        check_method("executor", executor, "submit", "a concurrent.futures.Executor")
        pagination = self.pagination(cover=cover, blank_versos=blank_versos)
        with ExitStack() as files:
            file = files.enter_context(opened(target, force=force))
            if signer:
                file = files.enter_context(signer.signed(file, self.issuer))
            *_, pages = self._write(
                records,
                file,
                pagination,
                title=title,
                executor=executor,
                on_digests=on_digests,
                signed=signer is not None,
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
        """Print the file that `write` makes piece by piece, such as for an HTTP response.

        The arguments are those of `write`; only a whole file can be signed, so there is no signer.
        A record is refused where the pieces are taken, when the first have gone out already: read
        the records beforehand (`read`), to refuse them while there is time.

        Raises:
            InputError: an argument is not what it should be; this is raised at once.
            TemplateError: the template has no cover; this is raised at once.
        """
        file = io.BytesIO()
        pagination = self.pagination(cover=cover, blank_versos=blank_versos)
        written = self._write(several(records), file, pagination, title=title, executor=executor)
        return _pieces(file, written)

    def write_cover(
        self, records: Iterable[Source], target: str | PathLike[str] | Sink, *, force: bool = False
    ) -> int:
        """Write one file of the covers alone that `write` puts before each class.

        The arguments, what is returned and what is raised are those of `write`.
        """
        records = several(records)
        pagination = Pagination(rows=self._plates.cover_rows, attestations=False)
        with opened(target, force=force) as file:
            *_, pages = self._write(records, file, pagination)
        return pages

    def pagination(self, *, cover: bool = False, blank_versos: bool = False) -> Pagination:
        """Tell which pages a file has that `write` makes with these options.

        Raises:
            TemplateError: the template has no cover.
        """
        return Pagination(
            rows=self._plates.cover_rows if cover else None,
            blank_versos=blank_versos,
            details=self._plates.further_pages if self._plates.has_further_pages else None,
        )

    def room(
        self,
        records: Iterable[Source],
        size: int,
        *,
        cover: bool = False,
        blank_versos: bool = False,
    ) -> int:
        """Tell how many of some records, from the first, one file has room for.

        PDF/A limits the objects in a file (ISO 19005-2, 6.1.13); `write` would meet the limit after
        minutes. Here nothing is printed, and no more records are read than it takes to know that
        the file of all would be less than half full.

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
        document = Document(io.BytesIO(), self._plates.faces)
        pagination = self.pagination(cover=cover, blank_versos=blank_versos)
        for block in lay_out(self._plates, self._records(several(records)), pagination):
            try:
                document.plan(block.planned, block.following)
            except OutputError:
                return block.row - 1
            seen = block.row - 1 + block.records
            if document.filled * size < seen / 2:
                break
        return size

    def _print(
        self, record: Record, usage: GlyphUsage, *, shared: bool, signed: bool = False
    ) -> list[PageContent]:
        """The pages of an attestation; `shared` and `signed` are as of `MountedPlates.printer`."""
        plates = self._plates
        printer = plates.printer(record, shared=shared, signed=signed)
        contents = [printer.print(record, usage, self._seal(record))]
        for page in plates.further_pages(record, shared=shared):
            contents.append(plates.printer(page, shared=shared).print(page, usage))
        return contents

    def _write(
        self,
        records: Iterable[Source],
        sink: Sink,
        pagination: Pagination,
        *,
        title: str | None = None,
        executor: Executor | None = None,
        on_digests: Callable[[Sequence[str]], object] | None = None,
        signed: bool = False,
    ) -> Iterator[int]:
        """Write a file block by block; after each, and at last, give the number of its pages."""
        document = Document(sink, self._plates.faces)
        first: Page | None = None
        newest: date | None = None

        def planned() -> Iterator[PlannedBlock]:
            nonlocal first, newest
            found = self._records(records)
            for block in lay_out(self._plates, found, pagination, signed=signed):
                first = first or block.pages[0]
                days = [p.delivered_on for p in block.pages if isinstance(p, Record | CoverPage)]
                newest = max(days if newest is None else [newest, *days])
                yield PlannedBlock(
                    document.plan(block.planned, block.following),
                    block.pages,
                    [self._seal(page) if isinstance(page, Record) else "" for page in block.pages],
                    block.row,
                    block.signed,
                    on_digests is not None,
                )

        for plan, printed in print_blocks(self._plates, planned(), executor):
            document.add(plan, printed.block, printed.glyphs)
            if on_digests:
                on_digests(printed.digests)
            yield document.pages
        if first is None or newest is None:
            raise InputError("there is no record", hint="An attestation needs one at least.")
        if title is None:
            title = self._title_of_many(first, pagination)
        document.finish(self._properties(title, newest))
        yield document.pages

    def _records(self, records: Iterable[Source]) -> Iterator[Record]:
        for row, record in enumerate(records, 1):
            yield self._own(record, row)

    def _own(self, record: Source, row: int | None = None) -> Record:
        """Read a record, or check one that was read: every record that is printed passes here."""
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
                return self._plates.printer(first).title(first).rstrip(" –-")
            first = first.people[0]
        assert isinstance(first, Record)  # nothing blank comes first
        return self._plates.printer(first).title_of_many(first).rstrip(" –-")

    def _seal(self, record: Record) -> str:
        """The digits of a record's seal; empty where nothing is sealed."""
        seal = self.issuer.seal
        if seal is None:
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

        try:
            return seal_record(
                record, self.framework, seal.fields, self.valid_through(record), self._key
            )
        except LayoutError:
            return ""  # it is refused in its turn, when its page is printed


def render(record: Source) -> bytes:
    """Print one attestation in the shipped template, by the built-in issuer, in French.

    This is the simple case; for more than one, keep a `Press`, which does not begin anew each time.

    Raises:
        RecordError: the record breaks a rule, or the page can't hold it.
    """
    return Press().render(record)


def _pieces(file: io.BytesIO, written: Iterator[object]) -> Iterator[bytes]:
    """The bytes that each step of writing puts into a file, which is emptied between."""
    for _ in written:
        yield file.getvalue()
        file.seek(0)
        file.truncate()
