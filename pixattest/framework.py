"""framework.toml → Framework: domains, competences, levels. Nothing about the CRCN is in code."""

from __future__ import annotations

from functools import cache, cached_property
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from pixattest import assets
from pixattest.errors import FrameworkError
from pixattest.settings import Text, in_language, read_toml

_Number = Annotated[str, Meta(min_length=1)]
_Colour = Annotated[str, Meta(pattern=r"^#[0-9A-Fa-f]{6}\Z")]


class Competence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One competence: its number (`3.2`) and name."""

    number: _Number
    name: Text


class Domain(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One domain: its number (`3`), name, colour (`#RRGGBB`) and competences in order."""

    number: _Number
    name: Text
    colour: _Colour
    competences: Annotated[tuple[Competence, ...], Meta(min_length=1)]


class Framework(msgspec.Struct, frozen=True, forbid_unknown_fields=True, dict=True):
    """A framework of competences, such as the CRCN.

    Attributes:
        id: short name.
        name: full name.
        levels: the highest level that a competence has.
        pix_per_level: points that one level of one competence is worth.
        domains: in the order of the page.
    """

    id: str
    name: Text
    levels: Annotated[int, Meta(ge=1, le=99)]
    pix_per_level: Annotated[int, Meta(ge=1)]
    domains: Annotated[tuple[Domain, ...], Meta(min_length=1)]

    @cached_property
    def competences(self) -> dict[str, Competence]:
        """Every competence by its number, in the order of the page."""
        return {c.number: c for domain in self.domains for c in domain.competences}

    def max_score(self, max_level: int) -> int:
        """The most points that can be had when `max_level` is the highest level."""
        return self.pix_per_level * len(self.competences) * max_level


def read_framework(path: str | Path) -> Framework:
    """Read a framework's TOML file.

    Raises:
        FrameworkError: the file can't be read, or repeats a competence's number.
    """
    framework = read_toml(Path(path), Framework, FrameworkError)
    for kind, numbers in (
        ("domain", [domain.number for domain in framework.domains]),
        ("competence", [c.number for domain in framework.domains for c in domain.competences]),
    ):
        repeated = sorted({number for number in numbers if numbers.count(number) > 1})
        if repeated:
            raise FrameworkError(
                f"{kind} {', '.join(repeated)} stands there more than once",
                source=str(path),
                hint=f"Give each {kind} a number of its own.",
            )
    return framework


@cache
def crcn() -> Framework:
    """The CRCN, as Pix certifies it."""
    return read_framework(assets.FRAMEWORK)


def name_in(text: Text, language: str) -> str:
    """A name in a language.

    Raises:
        FrameworkError: the framework has no name in that language.
    """
    name = in_language(text, language)
    if name is None:
        raise FrameworkError(
            f"the framework has no name in {language!r} beside {text!r}",
            hint=f"Add one: {language} = …",
        )
    return name
