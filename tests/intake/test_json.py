"""JSON text → the object in it, with nothing in it ambiguous."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pixattest.errors import InputError, RecordError
from pixattest.intake.json import read_json, read_json_file
from pixattest.model.record import FIELDS, read_record

EXAMPLE = Path(__file__).parents[2] / "examples" / "record.json"


def refused(data: bytes) -> InputError:
    """The error that refuses a text."""
    with pytest.raises(InputError) as caught:
        read_json(data, "one.json")
    return caught.value


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b'{"first_name": "Zo\\u00e9"}', {"first_name": "Zoé"}),
        ('{"first_name": "Zoé"}'.encode(), {"first_name": "Zoé"}),
        (b'\xef\xbb\xbf{"score": 142}', {"score": 142}),
        (b' \r\n\t{"levels": {"1.1": 2.0, "1.2": null}}\n', {"levels": {"1.1": 2.0, "1.2": None}}),
        (b'{"a": {"b": 1}, "b": {"b": 2}}', {"a": {"b": 1}, "b": {"b": 2}}),
        (b"[]", []),
        (b"3", 3),
    ],
)
def test_json_is_read(data: bytes, value: object) -> None:
    """UTF-8 with or without byte order mark, space around, one key in several objects."""
    assert read_json(data, "one.json") == value


def test_example_is_a_record() -> None:
    """The file of the README's first command."""
    assert read_record(read_json_file(EXAMPLE)).full_name == "Camille Martin"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "one.json: is empty. Compare it with examples/record.json."),
        (b" \r\n", "one.json: is empty. Compare it with examples/record.json."),
        (b"\xef\xbb\xbf", "one.json: is empty. Compare it with examples/record.json."),
        (b'{"a": NaN}', "one.json: NaN is not a JSON number. Use null."),
        (b'{"a": -Infinity}', "one.json: -Infinity is not a JSON number. Use null."),
        (
            b'{"score": 1, "b": {"score": 2}, "score": 1}',
            'one.json: the key "score" stands there twice in one object. Keep one of the two.',
        ),
        ('{"a": "é"}'.encode("latin-1"), "one.json: is not UTF-8 text (byte 8). Save it as UTF-8."),
        ("{}".encode("utf-16"), "one.json: is not UTF-8 text (byte 1). Save it as UTF-8."),
    ],
)
def test_ambiguous_or_unreadable_text_is_refused(data: bytes, message: str) -> None:
    """Each message says where, what and how to mend it."""
    assert str(refused(data)) == message


@pytest.mark.parametrize(
    ("data", "line", "column"),
    [
        (b'{"a": }', 1, 7),
        (b'{\n  "a": 1\n  "b": 2}', 3, 3),
        (b"\n\n  camille", 3, 3),
        (b"{'a': 1}", 1, 2),
        (b'{"a": 1} {"a": 2}', 1, 10),
        (b'{"a": "x\ny"}', 1, 9),
        (b'{"a": 01}', 1, 8),
        (b'{"a": "\\x"}', 1, 8),
        (b"[1,\n2", 2, 2),
        (b"\xef\xbb\xbf\xef\xbb\xbf{}", 1, 1),
        (b"\x00", 1, 1),
    ],
)
def test_mistake_is_told_with_line_and_column(data: bytes, line: int, column: int) -> None:
    """As an editor counts them, from 1."""
    error = refused(data)
    assert (error.source, error.line) == ("one.json", line)
    assert str(error).startswith(f"one.json, line {line}: is not JSON: ")
    assert error.problem.endswith(f" at column {column}")
    assert error.hint


@pytest.mark.parametrize(
    "data",
    [
        b"[" * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        b'{"score": ' + b"1" * 5000 + b"}",
    ],
    ids=["open", "arrays", "objects", "digits"],
)
def test_monstrous_text_is_refused(data: bytes) -> None:
    """Bottomless nesting and endless numbers are the file's fault, not Python's settings'."""
    error = refused(data)
    assert error.source == "one.json"
    assert error.hint
    assert "recursion" not in str(error)
    assert "sys." not in str(error)
    assert len(str(error)) < 200


def test_repeated_key_is_repeated_as_it_can_be_seen() -> None:
    """A terminal obeys nothing in the message, which stays one line."""
    key = json.dumps("\x1b[31m\n\u202e" + "x" * 100)
    message = str(refused(f"{{{key}: 1, {key}: 2}}".encode()))
    assert message.isprintable()
    assert len(message) < 200


def test_infinite_number_reaches_no_record() -> None:
    """JSON may write a number that is too large for a float; no rule accepts it."""
    value = read_json(
        b'{"score": 1e999, "max_level": 1e999, "levels": {"1.1": -1e999}}', "one.json"
    )
    with pytest.raises(RecordError) as caught:
        read_record(value)
    assert {"score", "max_level", "levels.1.1"} <= {fault.field for fault in caught.value.faults}


def test_value_as_deep_as_json_may_be_is_read_or_refused() -> None:
    """What the parser just bears, the rules and their messages bear as well."""
    for depth in range(900, 1010):
        text = b'{"first_name": ' + b"[" * depth + b"]" * depth + b"}"
        with pytest.raises((InputError, RecordError)):
            read_record(read_json(text, "one.json"))


def test_file_is_read(tmp_path: Path) -> None:
    """Its path is the source of what is wrong in it."""
    path = tmp_path / "one.json"
    path.write_bytes(b'{"a": 1}')
    assert read_json_file(path) == {"a": 1}
    path.write_bytes(b'{"a": }')
    with pytest.raises(InputError) as caught:
        read_json_file(path)
    assert caught.value.source == str(path)


@pytest.mark.parametrize(
    ("place", "problem"),
    [
        ("none.json", "can't be read: No such file or directory"),
        ("", "can't be read: Is a directory"),
        ("file/one.json", "can't be read: Not a directory"),
        ("x" * 300, "can't be read: File name too long"),
    ],
)
def test_file_that_can_not_be_read_is_told(tmp_path: Path, place: str, problem: str) -> None:
    """Where it should be, why it can't be read, and what to do."""
    (tmp_path / "file").write_bytes(b"{}")
    with pytest.raises(InputError) as caught:
        read_json_file(tmp_path / place)
    assert str(caught.value) == f"{tmp_path / place}: {problem}. Check its path."


def _mutated(text: bytes) -> st.SearchStrategy[bytes]:
    """A text with a piece of it replaced by a few other bytes."""
    pieces = st.sampled_from(
        [b"", b'"', b"{", b"[", b"NaN", b"\\ud800", b"\xff", b"\x00", b"1e999"]
    )
    places = st.tuples(
        st.integers(0, len(text)), st.integers(0, 12), pieces | st.binary(max_size=6)
    )
    return places.map(lambda p: text[: p[0]] + p[2] + text[p[0] + p[1] :])


KEYS = st.sampled_from([*FIELDS, "1.1", "3,2", "x"])
PAIRS = st.lists(st.tuples(KEYS, st.sampled_from(["1", "null", '""', "{}", "1e999", "NaN"])))
OBJECTS = PAIRS.map(lambda pairs: "{" + ",".join(f'"{k}":{v}' for k, v in pairs) + "}")


@given(st.binary(max_size=200) | _mutated(EXAMPLE.read_bytes()) | OBJECTS.map(str.encode))
@example(b"\xef\xbb\xbf")
@example(b'"\\ud800"')
@settings(max_examples=5 * settings.default.max_examples)
def test_whatever_bytes_come_in_only_typed_errors_come_out(data: bytes) -> None:
    """Bytes become a record, or an error about the file or the record that has a hint."""
    found: Any = None
    try:
        found = read_record(read_json(data, "any.json"), source="any.json")
    except (InputError, RecordError) as error:
        found = error
    if isinstance(found, InputError | RecordError):
        assert found.source == "any.json"
        assert found.hint
    else:
        assert found.levels
