"""The JSON Schema and the known headings → the page on the record."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pixattest
from generators.drawings import EXAMPLE
from generators.markdown import code, table
from pixattest.intake.headings import AMBIGUOUS, WORDS


def record_page() -> Iterator[str]:
    """Every field, from the JSON Schema."""
    shape = pixattest.schema()
    yield "# The record\n"
    yield "One JSON object, one certification of one person; the same names are the headings of a"
    yield "CSV, XLSX or ODS file, with a column a competence (`1.1`, `1.2` …) for `levels`."
    yield "Unknown fields are refused. `pixattest schema` prints the JSON Schema.\n"
    fields = shape["properties"].items()
    required = {name: name in shape["required"] for name, _ in fields}
    required["verification_code"] = True
    yield from table(
        ("field", "type", "without it", "meaning"),
        *(
            (
                code(name),
                _json_type(field),
                "refused" if required[name] else code(str(field.get("default", ""))),
                field["description"],
            )
            for name, field in fields
        ),
    )
    yield "```json"
    yield json.dumps(EXAMPLE, ensure_ascii=False, indent=2)
    yield "```\n"
    yield "Texts are brought to Unicode NFC, and stripped of space around them.\n"
    yield "## Headings of a table\n"
    yield "A column is headed by the field's name, as in Pix's results files, or with one of these"
    yield "words; case, accents, spaces and signs do not count. A framework's"
    yield "[own fields](../frameworks.md#fields-of-your-own) go before them.\n"
    words = ((code(role), ", ".join(words)) for role, words in WORDS.items())
    yield from table(("column", "also headed"), *words)
    yield "`name_prefix` is what stands before the last name, such as `van den`: it is joined to"
    yield "it, with a space unless it ends with an apostrophe. `certification` is the"
    yield "certification's number."
    yield f"{' or '.join(AMBIGUOUS)} alone could be the whole name, and is to be renamed.\n"
    yield "A date is written as `09/02/2024`, `09-02-2024` or `09.02.2024`, day, month and year, or"
    yield "as `2024-02-09`. A day or month below 10 may have one figure: `9-2-2024`. Any other"
    yield "form, such as a year of two figures, is refused. A level is a figure or the name of a"
    yield "level; `-`, or nothing, is one not assessed.\n"


def _json_type(field: dict[str, Any]) -> str:
    kinds = field["type"] if isinstance(field["type"], list) else [field["type"]]
    (kind,) = (kind for kind in kinds if kind != "null")
    if field.get("format") == "date":
        return "`YYYY-MM-DD`"
    return {"integer": "whole number"}.get(kind, kind)
