"""Framework's TOML file → Framework: domains, competences, levels. No framework is in code."""

# Annotations are not postponed here: as text, each would be compiled at every start.

import re
from collections.abc import Iterable, Iterator
from functools import cache, cached_property
from itertools import cycle
from os import PathLike, fspath
from pathlib import Path
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta

from pixattest.errors import FrameworkError, did_you_mean, shown
from pixattest.model import assets
from pixattest.model.issuer import Issuer, usual
from pixattest.model.settings import Text, hint_at_languages, in_language, read_toml, shaped

# A number such as `3`, `3.2` or `C1.12`. It is short and no word, for it also heads a column of a
# table.
_Number = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z]{0,3}[0-9]{1,3}(\.[0-9]{1,3}){0,2}\Z",
        description="up to 3 letters, then 1 to 3 numbers with points between, such as 1.1 or C1",
    ),
]

_Colour = Annotated[
    str, Meta(pattern=r"^(#[0-9A-Fa-f]{6})?\Z", description="a colour such as #1A7F5C")
]

# The form of a field's key in records and templates, such as `hours`.
_KEY = re.compile("[a-z][a-z0-9_]{0,39}")
_Names = Annotated[tuple[Annotated[str, Meta(min_length=1)], ...], Meta(min_length=1)]

_Found = TypeVar("_Found")

# Domains whose file gives no colour take these in turn; white can be read on each of them (WCAG 2,
# 1.4.3).
_COLOURS = ["#0B6E99", "#B3400A", "#2E7D32", "#7B3FA0", "#B0145B", "#00706B", "#6B5B00", "#3949AB"]


class Competence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One competence: its number (`3.2`) and name."""

    number: _Number
    name: Text


class Domain(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One domain: its number (`3`), name, competences in order, and colour (`#RRGGBB`)."""

    number: Annotated[
        str,
        Meta(
            pattern=r"^[A-Za-z0-9.]{1,6}\Z",
            description="1 to 6 letters, digits or points, such as 3 or A",
        ),
    ]
    name: Text
    competences: Annotated[tuple[Competence, ...], Meta(min_length=1)]
    colour: _Colour = ""


class Score(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The points to which levels add up.

    Attributes:
        per_level: points that one level of one competence is worth.
        unit: the name of the points.
    """

    per_level: Annotated[int, Meta(ge=1)]
    unit: Text


class Band(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Levels in a row that are described alike.

    Attributes:
        upto: the highest of them.
        name: the name of these levels.
    """

    upto: Annotated[int, Meta(ge=1)]
    name: Text


class Field(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A text that records of one framework have in addition to the fields of every record.

    Attributes:
        name: its name on a page; it heads the column in a table, as its key does.
        sample: a made-up text that templates are tried with.
        longest: a made-up text for which templates must have room; without it, the sample.
        required: a record must have it.
    """

    name: Text
    sample: Annotated[str, Meta(min_length=1)]
    longest: Annotated[str, Meta(min_length=1)] | None = None
    required: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Its name in each language."""
        return (self.name,) if isinstance(self.name, str) else tuple(self.name.values())


class Framework(msgspec.Struct, frozen=True, forbid_unknown_fields=True, dict=True):
    """A framework of competences, such as the CRCN.

    Attributes:
        id: short name.
        name: full name.
        levels: the highest level that a competence has.
        domains: in the order of the page.
        max_level: the highest level that could be reached, where a record does not say; None: all.
        level_names: what the levels are called, from the lowest; None: by their figures.
        score: None: levels are not added up.
        credit: whose work it is, where its licence asks that every page says so.
        bands: of levels that are described alike, from the lowest; none: each level on its own.
        descriptions: what people can do, by competence and language, a text for each band.
        fields: what its records say beside what every record does, by their keys.
    """

    id: str
    name: Text
    levels: Annotated[int, Meta(ge=1, le=99)]
    domains: Annotated[tuple[Domain, ...], Meta(min_length=1)]
    max_level: Annotated[int, Meta(ge=1)] | None = None
    level_names: _Names | dict[str, _Names] | None = None
    score: Score | None = None
    credit: Text | None = None
    bands: tuple[Band, ...] = ()
    descriptions: dict[str, dict[str, _Names]] = {}
    fields: dict[str, Field] = {}

    def __repr__(self) -> str:
        return f"<Framework {self.id}: {len(self.competences)} competences, {self.levels} levels>"

    @cached_property
    def competences(self) -> dict[str, Competence]:
        """Every competence by its number, in the order of the page."""
        return {c.number: c for domain in self.domains for c in domain.competences}

    def max_score(self, max_level: int) -> int:
        """The most points that can be had when `max_level` is the highest level; 0: no score."""
        return self.score.per_level * len(self.competences) * max_level if self.score else 0

    @property
    def usual_max_level(self) -> int:
        """The highest level that could be reached, where a record does not say."""
        return self.max_level or self.levels

    def names_of_levels(self, language: str) -> tuple[str, ...]:
        """Return the name of each level on a page, from level 1.

        Raises:
            FrameworkError: the levels have no names in that language.
        """
        names = self.level_names
        if names is None:
            return tuple(str(level) for level in range(1, self.levels + 1))
        return names if isinstance(names, tuple) else _said(names.get(language), language, names)

    @property
    def lists_of_names(self) -> Iterable[tuple[str, ...]]:
        """The names of the levels in each language; nothing where levels have only figures."""
        names = self.level_names or ()
        return names.values() if isinstance(names, dict) else [names] if names else ()

    def call_level(self, level: int) -> str:
        """Return the names of a level in every language that has one; else its figure."""
        names = [names[level - 1] for names in self.lists_of_names if level <= len(names)]
        return " / ".join(dict.fromkeys(names)) or str(level)

    def speaks(self, language: str) -> bool:
        """Whether all its names are there in a language."""
        texts = [self.name, *(domain.name for domain in self.domains)]
        texts += [competence.name for competence in self.competences.values()]
        texts += [own.name for own in self.fields.values()]
        texts += [self.credit] if self.credit else []
        texts += [self.score.unit] if self.score else []
        levels = self.level_names
        return (not isinstance(levels, dict) or language in levels) and all(
            in_language(text, language) is not None for text in texts
        )

    def describes(self, language: str) -> bool:
        """Whether it says in a language what the levels mean."""
        return bool(self.descriptions) and all(
            language in texts for texts in self.descriptions.values()
        )

    def description(self, number: str, level: int, language: str) -> tuple[str, str]:
        """Return what a level of a competence means, in a language that `describes` holds for.

        Returns:
            The name of its band, empty where there are none; what people can do.
        """
        band = next((n for n, band in enumerate(self.bands) if level <= band.upto), None)
        texts = self.descriptions[number][language]
        if band is None:
            return "", texts[level - 1]
        return name_in(self.bands[band].name, language), texts[band]

    @property
    def schema_command(self) -> str:
        """What prints the fields of its records, as a hint names it."""
        if self == crcn():
            return "`pixattest schema`"
        named = self.id if self.id in assets.framework_names() else "FILE"
        return f"`pixattest schema --framework {named}`"

    @cached_property
    def _level_of(self) -> dict[str, int]:
        return {
            name.casefold(): level
            for names in self.lists_of_names
            for level, name in enumerate(names, 1)
        }

    def level_named(self, text: str) -> int | None:
        """The level that a name means, in any language and case; None where it means none."""
        return self._level_of.get(text.strip().casefold())

    def hint_at_levels(self, wrong: object) -> str | None:
        """Return the name of the level that was probably meant, else all; None without names."""
        names = [name for names in self.lists_of_names for name in names]
        first = next(iter(self.lists_of_names), ())
        all_of_them = f"Levels are named {', '.join(first)}." if first else None
        near = did_you_mean(wrong, names) if isinstance(wrong, str) else None
        return near or all_of_them


def read_framework(source: str | Path) -> Framework:
    """Read a framework: a shipped one by its name, such as `digcomp`, or a TOML file.

    Raises:
        FrameworkError: the file can't be read, or contradicts itself.
    """
    shipped = assets.framework_path(str(source))
    known = shipped.stem == str(source) and shipped.is_file()
    path = shipped if known else Path(source)
    if not path.exists() and not path.suffix:
        names = ", ".join(assets.framework_names())
        raise FrameworkError(
            f"there is no framework {str(source)!r}",
            hint=f"Name a shipped one ({names}) or a TOML file.",
        )
    return _finished(read_toml(path, Framework, FrameworkError), str(path))


def _finished(framework: Framework, source: str) -> Framework:
    """A framework of the right shape that does not contradict itself, with all its colours."""
    for problem, hint in _contradictions(framework):
        raise FrameworkError(problem, source=source, hint=hint)
    coloured = tuple(
        domain if domain.colour else msgspec.structs.replace(domain, colour=colour)
        for domain, colour in zip(framework.domains, cycle(_COLOURS), strict=False)
    )
    return msgspec.structs.replace(framework, domains=coloured)


@cache
def crcn() -> Framework:
    """The CRCN, as Pix certifies it."""
    return read_framework("crcn")


def framework_for(
    issuer: Issuer, given: Framework | str | PathLike[str] | None = None
) -> Framework:
    """The framework that is given, or its name or path; None: the issuer's, else the CRCN.

    Raises:
        FrameworkError: its file can't be used, or it was built in Python and would be no such file.
        IssuerError: the issuer's is not there.
    """
    if isinstance(given, Framework):
        return _checked(given)
    named = usual(issuer, "framework") if given is None else fspath(given)
    return crcn() if named == "crcn" else read_framework(named)


def _checked(framework: Framework) -> Framework:
    """A framework as its file would give it: none of its values is checked when it is built."""
    source = f"framework {shown(framework.id)}"
    try:
        plain = msgspec.to_builtins(framework)
    except TypeError as reason:
        problem = f"has a value that no file could have: {reason}"
        hint = "Build it of texts, numbers, and the classes of pixattest.model.framework."
        raise FrameworkError(problem, source=source, hint=hint) from None
    return _finished(shaped(plain, Framework, FrameworkError, source), source)


def name_in(text: Text, language: str) -> str:
    """A name in a language.

    Raises:
        FrameworkError: the framework has no name in that language.
    """
    return _said(in_language(text, language), language, text)


def _said(found: _Found | None, language: str, texts: Iterable[str]) -> _Found:
    if found is None:
        raise FrameworkError(
            f"the framework has no name in {language!r} beside {texts!r}",
            hint=hint_at_languages(language, texts),
        )
    return found


def _contradictions(framework: Framework) -> Iterator[tuple[str, str]]:
    """Yield the contradictions in a file of the right shape, each with how to mend it."""
    for kind, numbers in (
        ("domain", [domain.number for domain in framework.domains]),
        ("competence", [c.number for domain in framework.domains for c in domain.competences]),
    ):
        # Headings of a table are compared without case.
        plain = [number.casefold() for number in numbers]
        repeated = sorted(
            {n for n, same in zip(numbers, plain, strict=True) if plain.count(same) > 1}
        )
        if repeated:
            yield (
                f"{kind} {', '.join(repeated)} stands there more than once",
                f"Give each {kind} a number of its own.",
            )
    if framework.usual_max_level > framework.levels:
        yield (
            f"max_level is {framework.max_level}, of {framework.levels} levels",
            "Correct max_level or levels.",
        )
    meant: dict[str, int] = {}
    for names in framework.lists_of_names:
        if len(names) != framework.levels:
            yield (
                f"{', '.join(names)} are {len(names)} names of {framework.levels} levels",
                "Name each level, from the lowest.",
            )
        for level, name in enumerate(names, 1):
            if meant.setdefault(name.casefold(), level) != level:
                yield (
                    f"level {meant[name.casefold()]} and level {level} are both named {name!r}",
                    "Give each level a name of its own.",
                )
            if name.isdecimal() and int(name) != level:
                yield (
                    f"level {level} is named {name!r}",
                    "A name may not be another level's figure.",
                )
    for key in framework.fields:
        if not _KEY.fullmatch(key):
            yield (
                f"the field {key!r} has a key that is no short word",
                "Give it up to 40 small letters, digits or _, a letter first.",
            )
    yield from _undescribed(framework)


def _undescribed(framework: Framework) -> Iterator[tuple[str, str]]:
    """Yield the faults in the descriptions of levels, each with how to mend it."""
    ends = [band.upto for band in framework.bands]
    if ends and ends != sorted({*ends, framework.levels}):
        yield (
            f"bands reach up to {', '.join(map(str, ends))}, of {framework.levels} levels",
            "Name them from the lowest; the last one reaches up to the highest level.",
        )
    numbers, described = framework.competences, framework.descriptions
    for number in described.keys() - numbers.keys():
        yield (
            f"competence {number} is described, and is not there",
            did_you_mean(number, numbers) or "Give the number of a competence.",
        )
    if described and (missing := [number for number in numbers if number not in described]):
        yield (
            f"competence {missing[0]} is not described, as others are",
            f'Add it: [descriptions."{missing[0]}"].',
        )
    needed = len(ends) or framework.levels
    for number, texts in described.items():
        for language, said in texts.items():
            if len(said) != needed:
                yield (
                    f"{language} describes competence {number} in {len(said)} texts, not {needed}",
                    "Write a text for each band." if ends else "Write a text for each level.",
                )
