"""Headings → what each cell of a row fills; cells → Row."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Any

from pixattest.errors import Fault, FrameworkError, InputError, did_you_mean, shown, visible
from pixattest.intake.headings import AMBIGUOUS, NAME_PREFIX, WORDS, with_prefix
from pixattest.intake.source import CORRECTION, Line, Row
from pixattest.intake.values import (
    Known,
    MisreadError,
    read_date,
    read_level,
    read_pix_level,
    read_result,
    read_whole,
)
from pixattest.model.fields import Kind
from pixattest.model.framework import Framework
from pixattest.model.record import FIELDS, of_no_use

_NUMBER, _STATUS, _TYPE = "certification", "status", "type"

# The fields whose cell is a text; the levels and the framework's own fields have columns of theirs.
_TEXTS = [name for name, field in FIELDS.items() if field.kind in (Kind.TEXT, Kind.CODE)]
_DATES = [name for name, field in FIELDS.items() if field.kind is Kind.DATE]

# The role of a framework's own field begins with this; the field's key follows.
_EXTRA = "extra."

# Each table needs columns for these fields, because nothing else can give them.
_REQUIRED = ("first_name", "last_name", "birth_date")

_OWN = {
    name: name for name, field in FIELDS.items() if field.kind not in (Kind.LEVELS, Kind.EXTRA)
} | {_NUMBER: _NUMBER}
_PIX_FIELDS = {
    "Numéro de certification": _NUMBER,
    "Prénom": "first_name",
    "Nom": "last_name",
    "Date de naissance": "birth_date",
    "Lieu de naissance": "birth_place",
    "Statut": _STATUS,
    "Type de certification": _TYPE,
    "Nombre de Pix": "score",
    "Score en Pix": "score",
    "Résultat": "score",
    "Centre de certification": "centre",
    "Date de passage de la certification": "delivered_on",
}
_PIX_PASSED_OVER = (
    "Identifiant Externe",
    "Niveau",
    "Commentaire jury pour l'organisation",
    "Session",
)

# A row of the wrong shape has a fault of the field `row`, whose problem begins with `has`.
_ROW, _SHAPE = "row", "has "

_NOT_PRINTED = ("Non obtenue", "Rejetée", "Annulée", "En erreur", "Démarrée")


# The comma of a French decimal number; ligatures; an apostrophe that counts as a letter.
_WRITTEN_AS = str.maketrans({",": ".", "œ": "oe", "æ": "ae", "\u02bc": ""})


def plain(text: str) -> str:
    """Return a heading or name as it is compared: letters, digits, points; no case, no accents."""
    text = unicodedata.normalize("NFKD", text).casefold().translate(_WRITTEN_AS)
    return "".join(c for c in text if c.isalnum() or c == ".")


_VALIDATED = plain("Validée")
_REASONS = {plain(status): f'its status is "{status}"' for status in _NOT_PRINTED}
_TEST_DATE = plain("Date de passage de la certification")
_PIX_MARK = plain("Numéro de certification")
_PIX_ONLY = frozenset(map(plain, _PIX_PASSED_OVER))

# The role of a column by its plain heading: a field, or certification number, status or type.
ROLES = {plain(heading): role for heading, role in (_OWN | _PIX_FIELDS).items()}

# The role by the headings that schools write; a framework's own fields go before them.
_WORDS = {plain(word): role for role, words in WORDS.items() for word in words}
_CORRECTION = plain(CORRECTION)
_HEADINGS = {
    plain(heading): heading
    for headings in (*WORDS.values(), _OWN | _PIX_FIELDS)
    for heading in headings
}
_UNCLEAR = frozenset(map(plain, AMBIGUOUS))

# A heading was probably meant when it is as like as this, of 1.
_NEAR = 0.7


class Columns:
    """The meaning of the cells of a table's rows, found by its headings.

    Args:
        headings: as they stand in the first row.
        framework: whose competences and fields have columns.
        name: of the file, for messages.
        ignored: headings of columns that are passed over.

    Attributes:
        kind: the kind of table that the headings show, in words.
        fields: fields of the record that have a column.
        date_is_of_test: the column of `delivered_on` is Pix's, the day of the test.
        correction: index of the column that a rejects file has more; None when there is none.

    Raises:
        InputError: a column is unknown, missing, or there twice.
        FrameworkError: a field of the framework is called as another column.
    """

    def __init__(
        self,
        headings: Sequence[str],
        framework: Framework,
        name: str,
        ignored: Collection[str] = (),
    ) -> None:
        self._name = name
        self._width = len(headings)
        keys = [plain(heading) for heading in headings]
        pix = _PIX_MARK in keys
        known = headings_of(framework)
        passed_over = {plain(heading) for heading in ignored}
        roles = ["" if key in passed_over else _role(key, known, pix=pix) for key in keys]
        place = {role: index for index, role in enumerate(roles) if role}
        _check(headings, roles, framework, name)

        self.correction = keys.index(_CORRECTION) if _CORRECTION in keys else None
        self.kind = _kind(keys, place) if pix else "table with a column for each field"
        self.fields = frozenset(FIELDS) & place.keys() | {"levels"}
        self.date_is_of_test = _TEST_DATE in keys
        self._certification = place.get(_NUMBER)
        self._status = place.get(_STATUS)
        self._type = place.get(_TYPE)
        self._statusless = pix and self._status is None
        self._unnamed = [index for index, key in enumerate(keys) if not key]
        self._texts = [(field, place[field]) for field in _TEXTS if field in place]
        self._prefix = place.get(NAME_PREFIX)
        extra = {key: place.get(f"{_EXTRA}{key}") for key in framework.fields}
        self._extra = [(key, index) for key, index in extra.items() if index is not None]
        score = read_result if plain("Résultat") in keys else read_whole
        self._score = place.get("score"), Known(score).__getitem__
        day = Known(read_date).__getitem__
        named, level = framework.level_named, read_pix_level if pix else read_level
        readers: dict[str, Callable[[str], object]] = {
            **dict.fromkeys(_DATES, day),
            "score": self._score[1],
            "max_level": Known(lambda text: named(text) or read_whole(text)).__getitem__,
        }
        self._values = [(f, place[f], read) for f, read in readers.items() if f in place]
        self._levels = [(number, place[number]) for number in framework.competences]
        self._level = Known(partial(_read_level, framework, level)).__getitem__

    def row(self, number: int, line: Line) -> Row:
        """Read a line, whose quotation marks are understood, as the row of that number, from 1."""
        cells = line.cells or []
        if len(cells) != self._width:
            problem = f"{_SHAPE}{len(cells)} cells, where the headings are {self._width}"
            hint = "Look for a separator too many or too few, or put a text that has one in quotes."
            return self.faulty(number, line, problem, hint)
        # A spreadsheet fills up a rejected row that had too few cells, and moves nothing.
        if self.correction is not None and any(
            tells_of_shape(cell) for index, cell in enumerate(cells) if index != self.correction
        ):
            problem = "has what was to be corrected in a column that is not for it"
            hint = "Put each cell below its heading, and empty that one."
            return self.faulty(number, line, problem, hint)
        fields: dict[str, Any] = {}
        for field, index in self._texts:
            if text := cells[index].strip():
                fields[field] = text
        if self._prefix is not None and (last := fields.get("last_name")):
            fields["last_name"] = with_prefix(cells[self._prefix].strip(), last)
        if self._extra:
            texts = [(key, cells[index].strip()) for key, index in self._extra]
            fields["extra"] = {key: text for key, text in texts if text}
        certification = None
        if self._certification is not None:
            certification = cells[self._certification].strip() or None
        faults: list[Fault] = []
        reason = None
        try:
            reason = self._reason(cells)
        except MisreadError as misread:
            faults.append(self._fault(number, "status", None, misread))
        for field, index, read in self._values:
            try:
                value = read(cells[index])
                if value is not None:
                    fields[field] = value
            except MisreadError as misread:
                fields[field] = cells[index]
                faults.append(self._fault(number, field, cells[index], misread))
        level = self._level
        try:
            fields["levels"] = {
                competence: found
                for competence, index in self._levels
                if (found := level(cells[index])) is not None
            }
        except MisreadError:
            fields["levels"], misread_levels = self._levels_misread(number, cells)
            faults += misread_levels
        for index in self._unnamed:
            if cells[index].strip():
                problem = f"has {shown(cells[index])} in column {index + 1}, which has no heading"
                hint = "Remove it, or give the column its heading."
                faults.append(Fault(_ROW, cells[index], problem, hint, self._name, number))
        return Row(
            number=number,
            line=line.number,
            fields=fields,
            certification=certification,
            not_printable=reason,
            faults=tuple(faults) if faults and reason is None else (),
        )

    def faulty(self, number: int, line: Line, problem: str, hint: str) -> Row:
        """Make a row of which nothing is known but a fault."""
        fault = Fault(_ROW, None, problem, hint, self._name, number)
        return Row(number=number, line=line.number, fields={}, faults=(fault,))

    def _reason(self, cells: Sequence[str]) -> str | None:
        """Return why a row is not printed; None when it is.

        Raises:
            MisreadError: its status or its type is none that is known.
        """
        if self._status is not None:
            status = cells[self._status]
            if status != "Validée" and (key := plain(status)) != _VALIDATED:
                if reason := _REASONS.get(key):
                    return reason
                known = ("Validée", *_NOT_PRINTED)
                hint = did_you_mean(status, known) or f"It is one of: {', '.join(known)}."
                raise MisreadError(f"{shown(status)} is not a status that is known", hint)
        elif self._statusless and self._score[0] is not None:
            # Such a file writes 0 for who did not obtain it, and nothing for who was not scored.
            score = cells[self._score[0]].strip()
            if score in ("", "-", "0"):
                what = "its number of Pix is 0" if score == "0" else "it has no number of Pix"
                return f"{what}, in a file without statuses"
        if self._type is not None:
            kind = cells[self._type]
            if kind != "Pix" and (key := plain(kind)) not in ("", "pix"):
                if key.startswith("pix"):
                    return f"its type is {shown(kind.strip())}, which has no levels by competence"
                if not key.startswith("clea"):
                    hint = "It is Pix, CléA or one of Pix+."
                    raise MisreadError(f"{shown(kind)} is not a type that is known", hint)
        return None

    def _levels_misread(
        self, number: int, cells: Sequence[str]
    ) -> tuple[dict[str, int | str], list[Fault]]:
        """Return the levels of a row, a level that is not understood as it came, and the faults."""
        levels: dict[str, int | str] = {}
        faults = []
        for competence, index in self._levels:
            try:
                if (found := self._level(cells[index])) is not None:
                    levels[competence] = found
            except MisreadError as misread:
                levels[competence] = cells[index]
                field = f"levels.{competence}"
                faults.append(self._fault(number, field, cells[index], misread))
        return levels, faults

    def _fault(self, number: int, field: str, value: object, misread: MisreadError) -> Fault:
        return Fault(field, value, misread.problem, misread.hint, self._name, number)


def tells_of_shape(cell: str) -> bool:
    """Whether a cell is what a rejects file says about a row of another shape."""
    return cell.startswith(f"{_ROW}: {_SHAPE}")


def recognised(headings: Iterable[str], framework: Framework) -> int:
    """Count the texts that are headings of a table of records."""
    known = headings_of(framework)
    return sum(_role(key, known, pix=True) is not None for key in map(plain, headings) if key)


def headings_of(framework: Framework) -> dict[str, str]:
    """Return a competence's number, or a field such as `extra.hours`, by plain heading.

    Raises:
        FrameworkError: a field is called as another column.
    """
    known = {plain(number): number for number in framework.competences}
    for key, own in framework.fields.items():
        for heading in (key, *own.names):
            role = f"{_EXTRA}{key}"
            other = ROLES.get(plain(heading)) or known.setdefault(plain(heading), role)
            if other != role:
                raise FrameworkError(
                    f"the framework {framework.id} has a field called {heading!r}, as the column"
                    f" of {other}",
                    hint="Give it another key or name below [fields].",
                )
    return known


def role_of(key: str, known: Mapping[str, str] = MappingProxyType({})) -> str | None:
    """Return the role that a plain heading names in any language, or among `known` ones."""
    return ROLES.get(key) or known.get(key) or _WORDS.get(key)


def _read_level(framework: Framework, read: Callable[[str], int | None], text: str) -> int | None:
    """Return the level that a name or a figure means; the error lists the names."""
    try:
        return framework.level_named(text) or read(text)
    except MisreadError as misread:
        names = framework.hint_at_levels(text)
        raise MisreadError(misread.problem, names or misread.hint) from None


def _role(key: str, known: Mapping[str, str], *, pix: bool) -> str | None:
    """Return the role of a column: a field, a competence's number; empty when it is passed over.

    Args:
        key: the heading, plain.
        known: what the framework's headings are for.
        pix: it is Pix's file, of which some columns are not needed.

    Returns:
        None when the heading is not known.
    """
    role = role_of(key, known)
    if role:
        return role
    if key in ("", _CORRECTION):
        return ""
    # Pix adds a column for each complementary certification: "Certification CléA" and the like.
    if pix and (key in _PIX_ONLY or key.startswith("certification")):
        return ""
    return None


def _check(
    headings: Sequence[str], roles: Sequence[str | None], framework: Framework, name: str
) -> None:
    """Refuse headings that leave open what a cell means.

    Raises:
        InputError: all that is wrong with them.
    """
    problems, hints = [], []
    competences = framework.competences
    expected = ", ".join([*_OWN, *competences, *framework.fields])
    if not any(roles):
        raise InputError(
            "has no heading of a results file in its first line",
            source=name,
            hint="Give Pix's results file, or a table whose headings are the record's fields:"
            f" {expected}.",
        )
    if _TYPE in roles and not competences.keys() & set(roles):
        problem = "is a results file of Pix+, without levels by competence"
        raise InputError(problem, source=name, hint="Give a file of the certification Pix.")
    for role in dict.fromkeys(role for role in roles if role):
        same = [visible(h.strip()) for h, r in zip(headings, roles, strict=True) if r == role]
        if len(same) > 1:
            problems.append(f"has {len(same)} columns for {role}: {_quoted(same)}")
            hints.append("Keep one of them.")
    lacking = [field for field in _REQUIRED if field not in roles]
    foreign = len(lacking) > 1
    if _PIX_MARK in map(plain, headings):
        own = {field: heading for heading, field in _PIX_FIELDS.items()}
        lacking = [own[field] for field in lacking]
    needed = [key for key, own in framework.fields.items() if own.required]
    lacking += [key for key in needed if f"{_EXTRA}{key}" not in roles]
    numbers = [number for number in competences if number not in roles]
    levels_only = not lacking
    lacking += numbers
    them = "them" if len(lacking) > 1 else "it"
    unknown = [h.strip() for h, role in zip(headings, roles, strict=True) if role is None]
    if lacking:
        problems.append(f"lacks the column{'s' * (len(lacking) > 1)} {_quoted(lacking)}")
    if unknown:
        what = "columns that are" if len(unknown) > 1 else "a column that is"
        problems.append(f"has {what} not known: {_quoted(map(visible, unknown))}")
    for heading in unknown:
        if near := _near(heading, framework, numbers):
            hints.append(f'"{visible(heading)}": {near}')
    if not hints and lacking and unknown:
        hints.append(f"Rename what is meant, or add {them}.")
    elif not hints and lacking:
        hints.append(f"Add {them}; - is a level not assessed." if levels_only else f"Add {them}.")
    elif not hints and unknown:
        hints.append(of_no_use(unknown, framework))
    if foreign and unknown:
        hints.append(f"Columns that are known: {expected}.")
    if problems:
        raise InputError("; ".join(problems), source=name, hint=" ".join(dict.fromkeys(hints)))


def _near(heading: str, framework: Framework, lacking: Iterable[str]) -> str | None:
    """'Did you mean "3.2"?' for `C3.2` or `32`; 'Did you mean "Prénom"?' for a misspelling.

    Args:
        heading: it is not known.
        framework: whose competences and fields may be meant.
        lacking: competences that have no column: `A22` is meant for the nearest of them.
    """
    if plain(heading) in _UNCLEAR:
        return "Rename it last_name, first_name, or pass it over."
    digits = re.sub(r"[^0-9]", "", heading)
    same = [n for n in framework.competences if digits and digits == re.sub(r"[^0-9]", "", n)]
    if len(same) == 1:
        return f'Did you mean "{same[0]}"?'
    names = [name for key, own in framework.fields.items() for name in (key, *own.names)]
    known = _HEADINGS | {plain(name): name for name in names}
    near = difflib.get_close_matches(plain(heading), known, n=1, cutoff=_NEAR)
    if near:
        return f'Did you mean "{known[near[0]]}"?'
    likeness = {n: difflib.SequenceMatcher(None, plain(heading), plain(n)).ratio() for n in lacking}
    most = max(likeness.values(), default=0.0)
    nearest = [number for number, like in likeness.items() if like == most >= _NEAR]
    return f'Did you mean "{nearest[0]}"?' if len(nearest) == 1 else None


def _quoted(texts: Iterable[str]) -> str:
    return ", ".join(f'"{text}"' for text in texts)


def _kind(keys: Sequence[str], place: Mapping[str, int]) -> str:
    """Say in words of which years the layout of Pix's results file is."""
    if plain("Résultat") in keys:
        years = "of 2026, with level and score in one column"
    elif plain("Score en Pix") in keys:
        years = "of 2026"
    elif _STATUS in place:
        years = "of 2021 to 2026"
    else:
        years = "from before April 2021, without statuses"
    return f"Pix results file {years}{'' if 'centre' in place else ', without centre'}"
