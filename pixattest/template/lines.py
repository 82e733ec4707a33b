"""SVG text → the same text with each tag's file and line noted in it, for errors to name.

Jinja2 repeats parts of a template and includes other files, so the line of an element in the
filled text says nothing. `number_lines` therefore notes each tag's place before Jinja2 runs, and
`place_of` reads it back. `malformed` is the error for a text that is not XML.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree
from xml.parsers.expat import ErrorString, errors
from xml.sax.saxutils import quoteattr

from pixattest.errors import TemplateError

Place = tuple[str | None, int]
"""A file and a line in it; the file is None for the template itself."""

PLACE = "data-line"
"""The attribute that keeps the place of a tag: `12`, or `part.svg:12` in an included file."""

_TAG = re.compile(r"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<(/?[A-Za-z][\w:.-]*)(?=[\s/>])", re.DOTALL)
"""Matches a tag, or a comment or character data, in which there are none."""

_NUMBERED = re.compile(
    rf"""<\?at\ {PLACE}="([^"]*)"\?></([\w:.-]+)"""
    rf"""|<([\w:.-]+)\ {PLACE}="([^"]*)"(?:[^<>"']|"[^"]*"|'[^']*')*""",
    re.VERBOSE,
)
"""Matches an end tag with the place before it, or a start tag with its place."""

_UNPAIRED = (
    errors.codes[errors.XML_ERROR_TAG_MISMATCH],
    errors.codes[errors.XML_ERROR_NO_ELEMENTS],
)
"""The codes with which expat reports tags that do not pair."""

_CURLY = "“”„‟‘’‚«»"
"""Quotes that word processors put in place of straight ones."""


def number_lines(text: str, source: str = "") -> str:
    """Note each tag's place in the text, before loops repeat the tag.

    A start tag gets its place as an attribute, an end tag as a processing instruction before it.

    Args:
        text: SVG, or a part of one.
        source: the file that the text is from; empty for the template itself.
    """
    line, counted = 1, 0

    def number(found: re.Match[str]) -> str:
        nonlocal line, counted
        if found[1] is None:
            return found[0]
        line += text.count("\n", counted, found.start())
        counted = found.start()
        place = f"{PLACE}={quoteattr(f'{source}:{line}' if source else str(line))}"
        return f"<?at {place}?>{found[0]}" if found[1].startswith("/") else f"{found[0]} {place}"

    return _TAG.sub(number, text)


def place_of(element: ElementTree.Element) -> Place:
    """Return the file and line that `number_lines` noted for an element."""
    return _split_place(element.get(PLACE, "0"))


def malformed(text: str, reason: ElementTree.ParseError) -> TemplateError:
    """Make the error for a text that is not XML, with its line in the file that was written.

    Args:
        text: the filled template, its lines numbered.
        reason: what the XML parser says.
    """
    row, column = reason.position
    lines = text.split("\n")[:row]
    rest = lines[-1][column:]
    lines[-1] = lines[-1][:column]
    before = "\n".join(lines)
    source, line, after = None, 1, 0
    for last in re.finditer(rf'{PLACE}="([^"]*)"', before):
        (source, line), after = _split_place(last[1]), last.end()
    line += before.count("\n", after)
    problem, hint = f"is not well-formed XML: {ErrorString(reason.code)}", None
    if reason.code in _UNPAIRED:
        problem, hint = _find_unpaired(text) or (problem, hint)
    elif lines[-1].endswith("&") or rest.startswith("&"):
        hint = "Write & as &amp;, and characters as themselves."
    elif rest[:1] and rest[0] in _CURLY:
        hint = f"Write straight quotes around what an attribute is, not {rest[0]}."
    return TemplateError(problem, hint=hint, source=source, line=line)


def _find_unpaired(text: str) -> tuple[str, str] | None:
    """Find the first tag that pairs with none; return the problem and a hint.

    The element to blame is often an earlier one than the parser stops at: the first whose end tag,
    alone on its line, is not indented as its start tag is.
    """
    opened: list[tuple[str, str, int]] = []  # name, place and indent of each open element
    suspect = ""
    for found in _NUMBERED.finditer(text):
        closing, closed, name, place = found.groups()
        indent = found.start() - text.rfind("\n", 0, found.start())
        if name:
            if not found[0].endswith("/"):
                opened.append((name, _in_words(place), indent))
            continue
        if not opened:
            return None
        name, place, beginning = opened[-1]
        if name != closed:
            return _explain_mismatch(opened, closed, closing, suspect)
        opened.pop()
        is_alone = not text[found.start() - indent + 1 : found.start()].strip()
        if is_alone and indent != beginning and not suspect:
            suspect = f"<{name}> of {place}"
    if not opened:
        return None
    name, place, _ = opened[-1]
    return f"the <{name}> of {place} is not closed", f"Add </{name}>."


def _explain_mismatch(
    opened: list[tuple[str, str, int]], closed: str, closing: str, suspect: str
) -> tuple[str, str]:
    """Explain an end tag that is not that of the element open last; return problem and hint."""
    name, place, _ = opened[-1]
    if all(closed != other for other, _, _ in opened):
        return (
            f"</{closed}> closes nothing: what is open is the <{name}> of {place}",
            f"Write </{name}>, or remove it.",
        )
    problem = f"the <{name}> of {place} is not closed before </{closed}> of {_in_words(closing)}"
    if suspect:
        return problem, f"Add </{name}>: by how the lines are indented, the {suspect} lacks it."
    return problem, f"Add </{name}>."


def _in_words(place: str) -> str:
    """Word a place as messages say it: `line 12`, or `part.svg, line 12`."""
    source, line = _split_place(place)
    return f"{source}, line {line}" if source else f"line {line}"


def _split_place(text: str) -> Place:
    source, _, line = text.rpartition(":")
    return source or None, int(line)
