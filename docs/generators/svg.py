"""The tables of elements and properties that are read → the page on the supported SVG."""

from __future__ import annotations

from collections.abc import Iterator

from generators.drawings import DRAWINGS, whole
from generators.markdown import code, table
from pixattest.template.structure import ROLES
from pixattest.template.style import HARMLESS, PROPERTIES
from pixattest.template.svg import CHILDREN, ELEMENTS, IGNORED


def svg_page() -> Iterator[str]:
    """Every element and property, from the tables that the reader goes by."""
    yield "# The supported SVG\n"
    yield "What stands here is printed as any browser shows it. Anything else is refused with its"
    yield "line, but for what changes nothing, which stands at the end. The pictures are what"
    yield "pixattest prints of the drawings beside them, in a page of 120 by 60 points.\n"
    yield "All elements have `id`, `class` and `style`; those that are drawn also have"
    yield "`transform`, `data-when` and `data-sample`, ARIA's `role`, `aria-label`, `aria-level`"
    yield "and `aria-hidden`, and `data-empty`: see [templates](../templates.md).\n"
    yield "## Elements\n"
    common = set(ELEMENTS["g"])
    for tag, attributes in ELEMENTS.items():
        yield f"### `<{tag}>`\n"
        own = [name for name in attributes if tag == "g" or name not in common]
        yield f"Attributes: {', '.join(map(code, own))}.  " if tag != "g" else _GROUP
        held = CHILDREN.get(tag)
        yield f"Holds: {', '.join(code(f'<{name}>') for name in held)}.\n" if held else ""
        yield from _drawing(tag)
    yield "## Properties\n"
    yield "As attributes, in `style`, or in the rules of classes (`.label { … }`) of a `<style>`.\n"
    for name in PROPERTIES:
        yield f"### `{name}`\n"
        yield from _drawing(name)
    yield "## Roles\n"
    yield from table(("role", "tag in the PDF"), *((code(r), t) for r, t in ROLES.items()))
    yield "## What is passed over\n"
    yield f"Elements that draw nothing: {', '.join(code(f'<{tag}>') for tag in IGNORED)}; elements"
    yield "and attributes of other namespaces, such as Inkscape's; comments; what has"
    yield "`display: none`; properties that begin with a hyphen; and the following, where they have"
    yield "the value that changes nothing:\n"
    yield from table(
        ("property", "values"),
        *((code(n), ", ".join(map(code, v)) or "any") for n, v in HARMLESS.items()),
    )


_GROUP = "What it sets holds for all in it; `opacity` is set on each shape instead.  "


def _drawing(name: str) -> Iterator[str]:
    body = DRAWINGS[name]
    shown = whole(body).rstrip() if name in ("svg", "title") else body
    yield f"```svg\n{shown}\n```\n"
    yield f"![What is printed of it](svg/{name}.png)\n"
