"""Docstrings in Google's style → their parts."""

from __future__ import annotations

import inspect
import re
from typing import NamedTuple

from pixattest.model.record import FIELDS, Record

_HEADINGS = re.compile(r"^(Args|Attributes|Returns|Yields|Raises):$", re.MULTILINE)
_ITEM = re.compile(r"^ {4}(?P<name>\S[^:]*): (?P<meaning>.*)$")
_LISTS = ("Args", "Attributes", "Raises")


class Docstring(NamedTuple):
    """The parts of a docstring.

    Attributes:
        text: what stands before the first section, paragraphs as they are.
        lists: the sections Args, Attributes and Raises: what they say of each name.
        returns: what the section Returns, or Yields, says; empty where there is none.
    """

    text: str
    lists: dict[str, dict[str, str]]
    returns: str


def parse(documented: object) -> Docstring:
    """Take a docstring apart; inherited ones count for nothing."""
    text, *sections = _HEADINGS.split(inspect.cleandoc(getattr(documented, "__doc__", None) or ""))
    lists: dict[str, dict[str, str]] = {heading: {} for heading in _LISTS}
    returns = ""
    for heading, body in zip(sections[::2], sections[1::2], strict=True):
        if heading in lists:
            lists[heading] = _items(body)
        else:
            returns = " ".join(body.split())
    if documented is Record:  # which declares its fields with their meanings
        own = {
            field.name: f"{field.meaning[:1].lower()}{field.meaning[1:]}"
            for field in FIELDS.values()
        }
        lists["Attributes"] = own | lists["Attributes"]
    return Docstring(text.strip(), lists, returns)


def _items(section: str) -> dict[str, str]:
    """What a section says of each name; lines that are further in belong to the one before."""
    found: dict[str, str] = {}
    name = ""
    for line in section.splitlines():
        if item := _ITEM.match(line):
            name = item["name"]
            found[name] = item["meaning"]
        elif line.strip():
            found[name] += f" {line.strip()}"
    return found


def described(kind: type) -> tuple[str, dict[str, str]]:
    """What a docstring says before its sections, on one line, and of each attribute.

    A class that lists no attributes has those of the class that it extends.
    """
    own, inherited = parse(kind), parse(kind.__mro__[1])
    meanings = own.lists["Attributes"] or inherited.lists["Attributes"]
    about = " ".join(own.text.split())
    return about, {name: said[:1].upper() + said[1:] for name, said in meanings.items()}
