"""CSV or sheet of certification number or identity, and code → the code of a row."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

from pixattest.errors import InputError, did_you_mean, visible
from pixattest.intake.columns import plain, role_of
from pixattest.intake.headings import NAME_PREFIX, with_prefix
from pixattest.intake.opening import open_table
from pixattest.intake.source import Content, Row
from pixattest.intake.values import MisreadError, read_date
from pixattest.model.framework import crcn

_CODE = "verification_code"
_IDENTITY = ("last_name", "first_name", "birth_date")

_Key = str | tuple[str, str, date]


class Code(NamedTuple):
    """One line of a codes file: its number, the code, and in words whose code it is."""

    line: int
    code: str
    whose: str


class Codes:
    """Verification codes by certification number, or else by identity.

    Args:
        by_key: the lines by certification number, or by last name, first name and birth date.
        name: of the file, for messages.
    """

    def __init__(self, by_key: dict[_Key, Code], name: str) -> None:
        self.name = name
        self._by_key = by_key
        self._used: set[_Key] = set()

    def of(self, row: Row) -> str | None:
        """Return the code of a row; None when the file has none for it."""
        fields = row.fields
        for key in (row.certification, _identity(*(fields.get(name) for name in _IDENTITY))):
            if key is not None and (found := self._by_key.get(key)):
                self._used.add(key)
                return found.code
        return None

    @property
    def unused(self) -> list[Code]:
        """The lines whose code no row has asked for, in the file's order."""
        return [code for key, code in self._by_key.items() if key not in self._used]


def read_codes(path: Path) -> Codes:
    """Read a codes file: columns `verification_code`, and `certification` or the identity's three.

    Its headings are compared as those of a results file; other columns are passed over, and so is
    a line without code.

    Raises:
        InputError: it can't be read, or two lines contradict each other.
    """
    content = Content(path)
    table = open_table(content, crcn())
    places = _places(table.headings, content.name)
    by_key: dict[_Key, Code] = {}
    by_code: dict[str, Code] = {}

    def refuse(line: int, problem: str, hint: str) -> InputError:
        return InputError(problem, source=content.name, line=line, hint=hint)

    for number, cells, _ in table.rows():
        if cells is None or len(cells) != len(table.headings):
            problem = "has not as many cells as there are headings"
            raise refuse(number, problem, "Correct its separators and quotation marks.")
        said = {role: cells[place].strip() for role, place in places.items()}
        if not said[_CODE]:
            continue
        key, whose = _key(said, number, content.name)
        code = Code(number, said[_CODE], whose)
        for before in (by_key.get(key), by_code.get(code.code)):
            if before and (before.code, before.whose) != (code.code, code.whose):
                problem = f"contradicts line {before.line}: {before.code} is for {before.whose}, "
                problem += f"and {code.code} for {whose}"
                raise refuse(number, problem, "Keep one of the two.")
        by_key.setdefault(key, code)
        by_code.setdefault(code.code, code)
    if not by_key:
        raise InputError("has no code in it", source=content.name, hint="Fill in its codes.")
    return Codes(by_key, content.name)


def _places(headings: Sequence[str], name: str) -> dict[str, int]:
    """Return the index of each needed column by its role.

    Raises:
        InputError: one is missing, or there twice.
    """
    roles = [role_of(plain(heading)) for heading in headings]
    needed = (_CODE, "certification", *_IDENTITY)
    for role in (*needed, NAME_PREFIX):
        if roles.count(role) > 1:
            raise InputError(
                f"has {roles.count(role)} columns for {role}", source=name, hint="Keep one of them."
            )
    places = {role: roles.index(role) for role in (*needed, NAME_PREFIX) if role in roles}
    if _CODE in places and ("certification" in places or places.keys() >= set(_IDENTITY)):
        return places
    near = [
        f'"{visible(heading)}": {found}'
        for heading, role in zip(headings, roles, strict=True)
        if role is None and (found := did_you_mean(heading, needed))
    ]
    raise InputError(
        f"has not the columns {_CODE}, and certification or {', '.join(_IDENTITY)}",
        source=name,
        hint=" ".join(near) or "Add them.",
    )


def _key(said: dict[str, str], line: int, name: str) -> tuple[_Key, str]:
    """Return whose code a line has: the key to look it up, and in words.

    Raises:
        InputError: the line does not say.
    """
    if number := said.get("certification"):
        return number, f"certification {visible(number)}"
    last, first, born = (said.get(field, "") for field in _IDENTITY)
    last = with_prefix(said.get(NAME_PREFIX, ""), last)
    try:
        key = _identity(last, first, read_date(born))
    except MisreadError as misread:
        raise InputError(misread.problem, source=name, line=line, hint=misread.hint) from None
    if key is None:
        raise InputError(
            "does not say whose its code is",
            source=name,
            line=line,
            hint="Give a certification number, or last name, first name and birth date.",
        )
    return key, visible(f"{first} {last}, {born}")


def _identity(last: object, first: object, born: object) -> tuple[str, str, date] | None:
    """Return a person as compared: no case, accents, spaces, hyphens; None if incomplete."""
    if isinstance(born, str):  # JSON has dates as texts
        try:
            born = read_date(born)
        except MisreadError:
            return None
    if not (last and first and isinstance(last, str) and isinstance(first, str)):
        return None
    return (plain(last), plain(first), born) if isinstance(born, date) else None
