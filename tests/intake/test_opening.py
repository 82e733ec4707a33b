"""Path, or standard input → the Source that reads it, by its content."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
import threading
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pixattest.errors import InputError, RecordError
from pixattest.intake.opening import open_source
from pixattest.intake.rejects import Rejects
from pixattest.intake.source import Row
from pixattest.model.framework import crcn
from pixattest.model.record import read_record

COMPETENCES = list(crcn().competences)
HEADINGS = ["first_name", "last_name", "birth_date", *COMPETENCES]
CSV = ";".join(HEADINGS) + "\nZoé;Le Goff;30/08/2008" + ";1" * 16 + "\n"
RECORD = {"first_name": "Zoé", "levels": {"1.1": 2}}


@pytest.mark.parametrize(
    ("name", "data", "kind", "first_name"),
    [
        ("one.json", json.dumps(RECORD, indent=1), "JSON", ["Zoé"]),
        ("some.json", json.dumps([RECORD, RECORD]), "JSON", ["Zoé"] * 2),
        ("some.json", json.dumps({"records": [RECORD, RECORD]}), "JSON", ["Zoé"] * 2),
        ("some.txt", f"\n{json.dumps(RECORD)}\n\n{json.dumps(RECORD)}", "JSON lines", ["Zoé"] * 2),
        ("some.jsonl", f'{{"broken\n{json.dumps(RECORD)}', "JSON lines", [None, "Zoé"]),
        ("some.jsonl", f"[]\n{json.dumps(RECORD)}", "JSON lines", [None, "Zoé"]),
        ("some.json", CSV, "table with a column for each field (CSV)", ["Zoé"]),
        ("some.txt", CSV, "table with a column for each field (CSV)", ["Zoé"]),
    ],
)
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_content_tells_the_format(
    name: str, data: str, kind: str, first_name: list[str | None], mark: str, tmp_path: Path
) -> None:
    """The suffix is asked only where the content leaves it open."""
    path = tmp_path / name
    path.write_text(mark + data, encoding="utf-8")
    source = open_source(path, framework=crcn())
    assert source.kind == kind
    assert [row.fields.get("first_name") for row in source.rows()] == first_name
    assert [row.number for row in source.rows()] == list(range(1, len(first_name) + 1))


def test_json_has_a_place_for_every_field_and_needs_no_column(tmp_path: Path) -> None:
    path = tmp_path / "one.json"
    path.write_text("[3]", encoding="utf-8")
    source = open_source(path, framework=crcn())
    assert "centre" in source.fields
    [row] = source.rows()
    assert str(row.faults[0]).endswith(
        '"record": 3 is not an object with the fields of a record. '
        "See `pixattest schema` for its shape."
    )


@pytest.mark.parametrize("data", [CSV, json.dumps(RECORD), f"[{json.dumps(RECORD)}]"])
def test_standard_input_is_read(data: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It has no class, and its rejects go into the current folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(data.encode())))
    source = open_source(Path("-"), framework=crcn())
    assert (source.name, source.group) == ("standard input", None)
    for _ in range(2):
        [row] = source.rows()
        assert row.fields["first_name"] == "Zoé"
    suffix = ".csv" if data is CSV else ".jsonl"
    assert source.rejects_path() == Path(f"stdin.rejected{suffix}")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_read_like_standard_input(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=(CSV,), kwargs={"encoding": "utf-8"})
    writer.start()
    [row] = open_source(pipe, framework=crcn()).rows()
    writer.join()
    assert row.fields["last_name"] == "Le Goff"


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf \n\n", "is empty"),
        (b"\n;;\n", "is empty"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "has no heading of a results file in its first"),
        (CSV.encode("utf-16-le"), "is neither text nor a workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "is an old workbook of Excel (.xls), or one with"),
        (b"PK\x03\x04 and no more", "is not a workbook that can be read"),
        (b"Dear Sir,\nplease find enclosed\n", "has no heading of a results file in its first"),
        (b"[]", "has no record in it"),
        (b'{"records": []}', "has no record in it"),
        (b'[{"a": 1}, {"a"', "is not JSON: "),
        (CSV.splitlines()[0].encode(), "has no record in it"),
        (CSV.splitlines()[0].encode() + b"\n\n;;\n", "has no record in it"),
    ],
)
def test_what_holds_no_record_is_refused(data: bytes, problem: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(data)
    with pytest.raises(InputError) as caught:
        list(open_source(path, framework=crcn()).rows())
    assert caught.value.problem.startswith(problem)
    assert caught.value.source == str(path)
    assert caught.value.hint


@pytest.mark.parametrize("name", ["missing.csv", ""])
def test_what_is_no_file_is_refused(name: str, tmp_path: Path) -> None:
    """A missing file, a folder."""
    with pytest.raises(InputError, match="can't be read"):
        open_source(tmp_path / name, framework=crcn())


def _append(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"more\n")


def _overwrite(path: Path) -> None:
    found = path.stat()
    path.write_bytes(path.read_bytes().replace(b"Goff", b"Gall"))
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns + 1))


def _replace(path: Path) -> None:
    found = path.stat()
    other = path.with_name("other")
    other.write_bytes(path.read_bytes())
    os.utime(other, ns=(found.st_atime_ns, found.st_mtime_ns))
    other.replace(path)


@pytest.mark.parametrize("change", [_append, _overwrite, _replace, Path.unlink])
@pytest.mark.parametrize("text", [CSV, json.dumps(RECORD) + "\n"])
@pytest.mark.parametrize("read", [0, 1])
def test_a_file_that_changes_while_it_is_read_is_refused(
    change: object, text: str, read: int, tmp_path: Path
) -> None:
    """Longer, of the same length, another file of that name, none: before or within the rows."""
    path = tmp_path / "class.txt"
    path.write_text(text + text.splitlines(keepends=True)[-1] * 5000, encoding="utf-8")
    rows = open_source(path, framework=crcn()).rows()
    for _ in range(read):
        next(rows)
    assert callable(change)
    change(path)
    with pytest.raises(InputError) as caught:
        list(rows)
    assert caught.value.problem.startswith(("has changed while it was read", "can't be read"))


@pytest.mark.slow
def test_memory_does_not_grow_with_the_rows(tmp_path: Path) -> None:
    """CSV and JSON lines; the most that a process has held, of 1,000 rows and of 50,000."""
    program = (
        "import resource, sys; from pathlib import Path\n"
        "from pixattest.model.framework import crcn\n"
        "from pixattest.intake.opening import open_source\n"
        "rows = sum(1 for _ in open_source(Path(sys.argv[1]), framework=crcn()).rows())\n"
        "print(rows, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    head, line = CSV.splitlines(keepends=True)
    for name, begin, one in (("a.csv", head, line), ("b.jsonl", "", json.dumps(RECORD) + "\n")):
        most = []
        for rows in (1_000, 50_000):
            path = tmp_path / name
            path.write_text(begin + one * rows, encoding="utf-8")
            run = [sys.executable, "-c", program, str(path)]
            told = subprocess.run(run, capture_output=True, check=True, text=True).stdout.split()
            assert int(told[0]) == rows
            most.append(int(told[1]))
        assert most[1] < most[0] * 1.1


def rows_of(path: Path) -> list[Row]:
    """A file's rows, numbered without gap; none when the file is refused with a hint."""
    refusal = None
    rows: list[Row] = []
    try:
        rows = list(open_source(path, framework=crcn()).rows())
    except InputError as error:
        refusal = error
    assert rows or (refusal and refusal.hint and refusal.source == str(path))
    assert [row.number for row in rows] == list(range(1, len(rows) + 1))
    return rows


cell = st.sampled_from(
    ["", '"', ";", "\n", "\r\n", "-", "7", "Zoé", "\0", "é", '"a;b"', "31/12/2008", "\u2028"]
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(cell, max_size=120).map("".join))
@example('"\n' * 50)
@example("a;b\rc;d\r\n")
def test_any_rows_are_read_and_all_of_them_come_back(tmp_path: Path, text: str) -> None:
    """Rows that can be read or not: as many in the rejects file as there were."""
    path = tmp_path / "any.csv"
    path.write_bytes((CSV + text).encode())
    rows = rows_of(path)
    assert rows[0].fields["last_name"] == "Le Goff"
    source = open_source(path, framework=crcn())
    with Rejects(source) as rejects:
        for row, origin in zip(rows, source.origins(), strict=True):
            rejects.add(origin, row.faults)
            with contextlib.suppress(RecordError):
                read_record(row.fields, new_codes=True)
    again = rows_of(rejects.path)
    assert len(again) == len(rows)
    for before, after in zip(rows, again, strict=True):
        # One of another shape has its cells elsewhere, and is faulty before and after.
        assert before.fields == after.fields or (before.faults and after.faults)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(
        st.binary(max_size=300),
        st.binary(max_size=300).map(lambda data: CSV.encode() + data),
        st.binary(max_size=100).map(lambda data: b"PK\x03\x04" + data),
        st.binary(max_size=100).map(lambda data: b'{"a": 1}\n{' + data),
        st.binary(max_size=100).map(lambda data: b"\xff\xfe" + data),
        st.text(max_size=100).map(lambda text: text.encode("utf-16")),
    )
)
def test_any_bytes_become_rows_or_an_input_error(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "any.csv"
    path.write_bytes(data)
    rows_of(path)


def test_a_workbook_cut_or_damaged_anywhere_is_rows_or_an_input_error(tmp_path: Path) -> None:
    whole = (Path(__file__).parent / "data" / "class.ods").read_bytes()
    path = tmp_path / "class.ods"
    damaged = [whole[:end] for end in range(0, len(whole), 97)]
    damaged += [whole[:at] + b"\xff" + whole[at + 1 :] for at in range(0, len(whole), 41)]
    for data in damaged:
        path.write_bytes(data)
        for row in rows_of(path)[:1]:
            assert row.fields["birth_date"] == date(2008, 11, 3)
