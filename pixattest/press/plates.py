"""Template, issuer and language → the printer of each kind of page, made when it is needed first.

A kind of page is what pages have in common that one plate prints: a day's policy, a highest level,
fields that are there. Its printer is looked up for every page, and made for the first one: its
plate is read from the user's folder or compiled.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date
from functools import partial
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, overload

from pixattest.errors import IssuerError, TemplateError
from pixattest.model import assets
from pixattest.model.framework import Framework
from pixattest.model.issuer import Issuer
from pixattest.model.pagination import CoverPage, DetailPage, Page
from pixattest.model.record import Record
from pixattest.pdf.fonts import Face
from pixattest.pdf.labels import Label
from pixattest.press.page_printer import BlankPrinter, PagePrinter
from pixattest.press.plate_folder import PlateFolder
from pixattest.template.faces import library_for
from pixattest.template.folder import COVER, find_template, first_page
from pixattest.template.labels import language_for, read_labels
from pixattest.template.plate import AnyVariant, CoverVariant, DetailVariant, Plate, Variant

if TYPE_CHECKING:
    from pixattest.press.details import DetailPagePrinter

_Made = TypeVar("_Made")

AnyPrinter = PagePrinter[Any] | BlankPrinter
"""Prints pages of one kind."""


class MountedPlates:
    """The printers of one template, issuer and language; any thread may use them.

    Args:
        template: name of a shipped template, or path of a template's folder or SVG.
        issuer: who attests.
        framework: whose competences are attested.
        language: of the page; None: the issuer's, else French.
        specimen: SPÉCIMEN is printed over every page.
        sealed: the QR codes of attestations hold a seal.
        fonts: folder of the fonts that every template has; None: those of pixattest.
        cache: folder of the user's own, where plates are kept for the next process; None: nowhere.

    Attributes:
        template: path of the drawing.
        name: the template's name; None where it is not a shipped one.
        language: of the page.
        fonts: folder of the fonts that every template has.
        no_class: what stands for the name of a class that has none.

    Raises:
        TemplateError: there is no such template, or it has no labels in the language.
        IssuerError: a font, or the language, of the issuer's file can't be used.
    """

    def __init__(
        self,
        template: str | PathLike[str],
        issuer: Issuer,
        framework: Framework,
        language: str | None,
        *,
        specimen: bool,
        sealed: bool,
        fonts: Path | None,
        cache: Path | None,
    ) -> None:
        self.template = find_template(template)
        self.language = language_for(issuer, self.template.parent, language)
        shipped = self.template == assets.template_path(str(template)).resolve()
        self.name = str(template) if shipped else None
        self.fonts = fonts or assets.FONTS
        self.no_class = read_labels(self.template.parent, self.language).no_class
        self._issuer = issuer
        self._framework = framework
        self._specimen = specimen
        self._sealed = sealed
        self._first_page = first_page(self.template)
        self._library = library_for(self.template, issuer, self.fonts)
        faces = (face.path for face in self._library.faces)
        self._folder = PlateFolder(cache, self.template, faces) if cache else None
        self._made: dict[object, Any] = {}
        # A printer is made from a plate, which is made under the same lock.
        self._lock = threading.RLock()

    def __reduce__(self) -> tuple[object, ...]:
        # A shipped template is known by its name wherever pixattest is installed.
        make = partial(
            MountedPlates,
            specimen=self._specimen,
            sealed=self._sealed,
            fonts=None if self.fonts == assets.FONTS else self.fonts,
            cache=None,
        )
        return make, (self.name or self.template, self._issuer, self._framework, self.language)

    @property
    def faces(self) -> list[Face]:
        """The faces of all texts, in the order of their numbers."""
        return self._library.faces

    @overload
    def printer(
        self, page: Record | CoverPage | DetailPage, *, shared: bool = ..., signed: bool = ...
    ) -> PagePrinter[Any]: ...

    @overload
    def printer(self, page: Page, *, shared: bool = ..., signed: bool = ...) -> AnyPrinter: ...

    def printer(self, page: Page, *, shared: bool = True, signed: bool = False) -> AnyPrinter:
        """The printer of a page's kind; this is where a kind of page is made ready.

        Args:
            page: what is printed.
            shared: drawings are written once for all pages of a file, else with each page.
            signed: an attestation has the field that takes the document's signature.

        Raises:
            TemplateError, IssuerError: the template or an image can't be used.
        """
        key: tuple[object, ...]
        if isinstance(page, Record):
            key = (
                page.delivered_on,
                page.max_level,
                page.score is None,
                page.birth_place is None,
                shared,
                signed,
            )
        elif isinstance(page, CoverPage):
            key = "cover", len(page.people)
        elif isinstance(page, DetailPage):
            key = "details", page.record.max_level, shared
        else:
            front = self.printer(page.front).kind_of(page.front)
            key = "blank", front.width, front.height
        found: AnyPrinter | None = self._made.get(key)
        return found or self._once(key, partial(self._make_printer, page, shared, signed))

    @property
    def has_further_pages(self) -> bool:
        """Whether an attestation may have further pages."""
        return self._first_page != self.template

    def further_pages(self, record: Record, *, shared: bool = True) -> tuple[DetailPage, ...]:
        """The further pages of an attestation, if any.

        Args:
            record: whose attestation.
            shared: as of `printer`.
        """
        if not self.has_further_pages:
            return ()
        details: DetailPagePrinter = self._once(
            ("details", record.max_level, shared),
            partial(self._detail_printer, record.max_level, shared),
        )
        return details.pages(record)

    @property
    def cover(self) -> Path:
        """The drawing of a class's cover.

        Raises:
            TemplateError: the template has none.
        """
        path = self.template.parent / COVER
        if not path.is_file():
            raise TemplateError(
                f"the template has no {COVER}",
                source=str(path.parent),
                hint="Copy that of the template attestation, and its labels.",
            )
        return path

    @property
    def cover_rows(self) -> int:
        """How many people a page of a cover has room for."""
        from pixattest.template.svg import most_rows

        return most_rows(self.cover)

    def _once(self, key: object, make: Callable[[], _Made]) -> _Made:
        """What was made under a key; else it is made now, once for all threads."""
        found: _Made | None = self._made.get(key)
        if found is None:
            with self._lock:
                found = self._made.get(key)
                if found is None:
                    found = self._made[key] = make()
        return found

    def _make_printer(self, page: Page, shared: bool, signed: bool) -> AnyPrinter:
        """Make a kind of page ready: its printer, from a plate that is read or compiled."""
        if isinstance(page, Record):
            variant = self._variant(page, signed)
            # Days of one policy have a printer in common.
            make = partial(self._record_printer, variant, shared)
            return self._once((variant, shared), make)
        if isinstance(page, CoverPage):
            return self._cover_printer(len(page.people))
        if isinstance(page, DetailPage):
            return self._detail_printer(page.record.max_level, shared)
        front = self.printer(page.front).kind_of(page.front)
        return BlankPrinter(front.width, front.height)

    def _variant(self, record: Record, signed: bool) -> Variant:
        return Variant(
            max_level=record.max_level,
            score=record.score is not None,
            birth_place=record.birth_place is not None,
            years=years_of_validity(self._issuer, record.delivered_on),
            recognition=self._issuer.recognises(record.delivered_on),
            specimen=self._specimen,
            signed=signed,
            sealed=self._sealed,
        )

    def _record_printer(self, variant: Variant, shared: bool) -> PagePrinter[Record]:
        plate = self._plate(variant, self._first_page)
        return PagePrinter(
            plate,
            variant.vocabulary(self._framework, self.language, plate.calendar, self._issuer),
            self._library,
            shared=shared,
            continued=self.has_further_pages,
        )

    def _cover_printer(self, rows: int) -> PagePrinter[CoverPage]:
        variant = CoverVariant(rows, self._specimen)
        plate = self._plate(variant, self.cover)
        return PagePrinter(
            plate,
            variant.vocabulary(self._framework, self.language, plate.calendar, self._issuer),
            self._library,
            shared=True,
            label=Label.LEADING,
        )

    def _detail_printer(self, max_level: int, shared: bool) -> DetailPagePrinter:
        from pixattest.press.details import DetailPagePrinter

        variant = DetailVariant(max_level, self._specimen)
        plate = self._plate(variant, self.template)
        return DetailPagePrinter(
            plate,
            variant.vocabulary(self._framework, self.language, plate.calendar, self._issuer),
            self._library,
            self._framework,
            shared=shared,
        )

    def _plate(self, variant: AnyVariant, drawing: Path) -> Plate:
        """A variant's plate, which printers of several files may have in common."""
        return self._once(variant, partial(self._kept_or_compiled, variant, drawing))

    def _kept_or_compiled(self, variant: AnyVariant, drawing: Path) -> Plate:
        """A variant's plate: kept by an earlier process, or compiled and kept."""
        digest = b""
        if self._folder:
            digest = self._folder.digest(variant, self._issuer, self._framework, self.language)
            if plate := self._folder.load(digest):
                return plate
        from pixattest.template.compile import compile_template

        plate = compile_template(
            drawing,
            variant,
            issuer=self._issuer,
            framework=self._framework,
            language=self.language,
            library=self._library,
        )
        if self._folder:
            self._folder.keep(digest, plate)
        return plate


def years_of_validity(issuer: Issuer, delivered_on: date) -> int:
    """Years for which what is delivered on a day is valid.

    Raises:
        IssuerError: no policy of the issuer reaches the day.
    """
    years = issuer.validity_years(delivered_on)
    if years is None:
        raise IssuerError(
            f"no validity holds on {delivered_on.isoformat()}",
            source=issuer.source,
            hint="Add a [[validity]] without from, which holds for all days before.",
        )
    return years
