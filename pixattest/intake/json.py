"""JSON text → the object in it, with nothing in it ambiguous; and the records that it holds."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, NoReturn

from pixattest.errors import Fault, InputError, shown, visible
from pixattest.intake.source import CORRECTION, Content, Row, Source
from pixattest.model.record import FIELDS

_HINT = "Compare it with examples/record.json."


def read_json_file(path: Path) -> Any:
    """Read the one JSON value of a file.

    Raises:
        InputError: it can't be read, or `read_json` refuses it.
    """
    try:
        data = path.read_bytes()
    except OSError as reason:
        raise InputError(
            f"can't be read: {reason.strerror}", source=str(path), hint="Check its path."
        ) from None
    return read_json(data, str(path))


def read_json(data: bytes, source: str) -> Any:
    """Read the one JSON value of a UTF-8 text, with or without byte order mark.

    Args:
        data: the text.
        source: where it comes from, for messages.

    Raises:
        InputError: it is not JSON, or says one key twice.
    """

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            keys = [key for key, _ in pairs]
            twice = next(key for key in keys if keys.count(key) > 1)
            raise InputError(
                f'the key "{visible(twice)}" stands there twice in one object',
                source=source,
                hint="Keep one of the two.",
            )
        return found

    def refuse(constant: str) -> NoReturn:
        raise InputError(f"{constant} is not a JSON number", source=source, hint="Use null.")

    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as reason:
        raise InputError(
            f"is not UTF-8 text (byte {reason.start + 1})", source=source, hint="Save it as UTF-8."
        ) from None
    if not text.strip():
        raise InputError("is empty", source=source, hint=_HINT)
    try:
        return json.loads(text, object_pairs_hook=unique, parse_constant=refuse)
    except json.JSONDecodeError as reason:
        problem = f"is not JSON: {reason.msg[:1].lower()}{reason.msg[1:]} at column {reason.colno}"
        raise InputError(problem, source=source, line=reason.lineno, hint=_HINT) from None
    except RecursionError:
        raise InputError(
            "is nested too deeply to be the JSON of a record", source=source, hint=_HINT
        ) from None
    except ValueError:
        raise InputError(
            "has a number of thousands of digits", source=source, hint="Correct it."
        ) from None


class JsonSource(Source):
    """The records of one JSON text: an object, an array of them, or `{"records": […]}`.

    Args:
        content: the text.
        ignored: keys that are passed over.
    """

    def __init__(self, content: Content, ignored: Collection[str] = ()) -> None:
        super().__init__(content, "JSON", FIELDS)
        self._passed_over = {CORRECTION, *ignored}
        with content.opened() as file:
            value = read_json(file.read(), content.name)
        if holds_records(value):
            value = value["records"]
        self._values = value if isinstance(value, list) else [value]

    def origins(self) -> Iterator[Any]:
        """Its values."""
        return iter(self._values)

    def row(self, number: int, origin: Any) -> Row:
        """The row that a value is."""
        return row_of(origin, number, None, self.name, self._passed_over)

    def rejects_line(self, origin: Any, correction: str) -> str:
        """The record as it came, with what to correct."""
        return rejected(origin, correction)


def holds_records(value: object) -> bool:
    """Whether a JSON value is `{"records": […]}`."""
    return isinstance(value, dict) and value.keys() == {"records"}


def row_of(
    value: object, number: int, line: int | None, name: str, passed_over: Collection[str]
) -> Row:
    """Make a row of a JSON value, without the keys that are passed over."""
    if isinstance(value, dict):
        fields = {key: found for key, found in value.items() if key not in passed_over}
        return Row(number=number, line=line, fields=fields)
    problem = f"{shown(value)} is not an object with the fields of a record"
    hint = "See `pixattest schema` for its shape."
    fault = Fault("record", value, problem, hint, name, number)
    return Row(number=number, line=line, fields={}, faults=(fault,))


def rejected(value: object, correction: str) -> str:
    """Return a JSON line with a value as it came, and what to correct."""
    kept = value if isinstance(value, dict) else {"record": value}
    return json.dumps(kept | {CORRECTION: correction}, ensure_ascii=False) + "\n"
