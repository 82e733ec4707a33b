"""Each field of a record is declared once: whatever reads, keeps or shows records has it."""

from __future__ import annotations

import copy
import csv
import io
import json
import os
import pickle
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest
from support import ROOT

from pixattest import Framework, RecordError, Rules, read_record, read_records, schema
from pixattest.batch import spool
from pixattest.ledger import frozen
from pixattest.model.fields import Kind
from pixattest.model.framework import Field, crcn
from pixattest.model.issuer import SealField, default_issuer
from pixattest.model.record import FIELDS, STORED, Record, restore_record, stored_values
from pixattest.template.samples import sample_records
from pixattest.template.slots import Calendar, RecordVocabulary
from pixattest.trust.credential import attach_record, make_credential, record_of
from pixattest.trust.seal import FIELDS as SEALED
from pixattest.trust.seal import SealedFacts

FRAMEWORK: Framework = msgspec.structs.replace(
    crcn(), fields={"hours": Field(name="Hours", sample="12")}
)
RULES = Rules.of(FRAMEWORK)
OTHER: dict[Kind, Any] = {
    Kind.TEXT: "Something else",
    Kind.DATE: date(2001, 5, 4),
    Kind.CODE: "P-22222222",
    Kind.SCORE: 7,
    Kind.LEVEL: 5,
    Kind.LEVELS: {"2.1": 3},
    Kind.EXTRA: {"hours": "13"},
}
"""A valid value of each kind that no field of `FULL` has."""

ORDINARY = [name for name, field in FIELDS.items() if field.kind in (Kind.TEXT, Kind.DATE)]
OPTIONAL = [name for name, field in FIELDS.items() if field.optional]
CALENDAR = Calendar(("{day}/{year}",) * 12, ("{day}/{year}",) * 12, " ")


def full() -> dict[str, Any]:
    """A value for each field, as JSON has it."""
    values: dict[str, Any] = {
        "birth_date": "1999-01-12",
        "delivered_on": "2024-02-09",
        "verification_code": "P-GVVP6HBM",
        "score": 142,
        "max_level": 6,
        "levels": {"1.1": 2, "3.2": 1},
        "extra": {"hours": "12"},
    }
    return {
        name: values.get(name, "2002-02-02" if field.kind is Kind.DATE else f"The {name}")
        for name, field in FIELDS.items()
    }


FULL = read_record(full(), rules=RULES)


def plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def changed(name: str) -> Record:
    return FULL.replace(rules=RULES, **{name: OTHER[FIELDS[name].kind]})


@pytest.mark.parametrize("name", FIELDS)
def test_a_field_is_read_and_given_back(name: str) -> None:
    value = plain(OTHER[FIELDS[name].kind])
    record = read_record(full() | {name: value}, rules=RULES)
    assert record == changed(name) != FULL
    assert record.as_mapping() == full() | {name: value}


@pytest.mark.parametrize("name", FIELDS)
def test_a_field_is_checked(name: str) -> None:
    """A number is no text, a text no number: it is never printed as it came."""
    wrong = "x" if FIELDS[name].kind in (Kind.SCORE, Kind.LEVEL) else 12
    with pytest.raises(RecordError) as refusal:
        read_record(full() | {name: wrong}, rules=RULES)
    assert {fault.field for fault in refusal.value.faults} == {name}


@pytest.mark.parametrize("name", FIELDS)
def test_a_record_may_lack_what_is_optional(name: str) -> None:
    raw = full() | {name: None}
    lacking = {key: value for key, value in raw.items() if key != name}
    if FIELDS[name].optional:
        assert read_record(raw, rules=RULES) == read_record(lacking, rules=RULES)
        return
    with pytest.raises(RecordError, match=f'"{name}": is missing'):
        read_record(lacking, rules=RULES)


@pytest.mark.parametrize("name", FIELDS)
def test_a_copy_has_every_field(name: str) -> None:
    record = changed(name)
    copies = [
        copy.copy(record),
        copy.deepcopy(record),
        pickle.loads(pickle.dumps(record)),
        spool.thaw(spool.freeze(record)),
        frozen.thaw(frozen.freeze(record, record.verification_code)),
        restore_record(stored_values(record)),
        FULL.replace(rules=RULES, **{name: getattr(record, name)}),
    ]
    assert copies == [record] * len(copies)
    assert frozen.with_code(record, "P-33333333").replace(
        rules=RULES, verification_code=record.verification_code
    ) == (record)


@pytest.mark.parametrize("name", FIELDS)
def test_a_ledger_tells_records_apart_by_a_field(name: str) -> None:
    code = "P-GVVP6HBM"
    apart = frozen.freeze(FULL, code) != frozen.freeze(changed(name), code)
    assert apart is (FIELDS[name].kind is not Kind.CODE)  # which it is told beside the record


def test_a_field_that_a_store_did_not_have_yet_is_none() -> None:
    """What an earlier version kept is read as before."""
    kept = json.loads(frozen.freeze(FULL, "P-GVVP6HBM"))
    for name in OPTIONAL:
        if FIELDS[name].kind in (Kind.TEXT, Kind.DATE, Kind.SCORE):
            earlier = {key: value for key, value in kept.items() if key != name}
            assert frozen.thaw(json.dumps(earlier)) == FULL.replace(rules=RULES, **{name: None})


def test_the_order_in_which_a_record_is_stored_is_that_of_its_fields() -> None:
    assert list(STORED) == [*FIELDS, "framework"]


@pytest.mark.parametrize("name", FIELDS)
def test_the_schema_explains_a_field(name: str) -> None:
    found = schema(FRAMEWORK)
    assert list(found["properties"]) == list(FIELDS)
    assert FIELDS[name].meaning in found["properties"][name]["description"]
    needed = not FIELDS[name].optional and name != "verification_code"
    assert (name in found["required"]) is needed


def table() -> dict[str, str]:
    """FULL as a row of a table, by headings."""
    own = {name: plain(getattr(FULL, name)) for name in FIELDS if name not in ("levels", "extra")}
    levels = {number: str(FULL.levels.get(number, "-")) for number in FRAMEWORK.competences}
    return {name: str(value) for name, value in own.items()} | levels | {"hours": "12"}


def as_csv() -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerows([table().keys(), table().values()])
    return text.getvalue().encode()


def as_workbook() -> bytes:
    from openpyxl import Workbook

    book, file = Workbook(), io.BytesIO()
    for row in (table().keys(), table().values()):
        book.active.append(list(row))
    book.save(file)
    return file.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        lambda: json.dumps([full()]).encode(),
        lambda: json.dumps(full()).encode() + b"\n" + json.dumps(full()).encode(),
        as_csv,
        as_workbook,
    ],
    ids=["JSON", "JSON lines", "CSV", "XLSX"],
)
def test_every_format_has_all_fields(data: Any) -> None:
    found = read_records(data(), rules=RULES)
    assert found.faults == []
    assert {*found.records} == {FULL}
    assert all(record == FULL for record in found.records)


@pytest.mark.parametrize("name", ORDINARY)
def test_a_page_shows_an_ordinary_field(name: str) -> None:
    """And a part of the page that shows it is another where the value is another."""
    words = RecordVocabulary(FRAMEWORK, "fr", CALENDAR, 3, "https://example.org/{code}")
    other = changed(name)
    assert name in words
    assert words.reader(name)(FULL) != words.reader(name)(other) != ""
    [place] = words.places([name])
    assert words.values(FULL, "")[place] == getattr(FULL, name)
    assert words.values(other, "")[place] == getattr(other, name)
    if FIELDS[name].optional:
        assert words.reader(name)(FULL.replace(rules=RULES, **{name: None})) == ""


def test_samples_have_every_text() -> None:
    found = sample_records(FRAMEWORK, RULES)
    texts = [field for field in FIELDS.values() if field.kind is Kind.TEXT]
    assert all(getattr(found["short"], field.name) == field.sample for field in texts)
    long = {field.name: field.longest or field.sample for field in texts}
    assert {name: getattr(found["long"], name) for name in long} == long
    lacking = [name for name in OPTIONAL if getattr(found["empty"], name) in (None, {})]
    assert lacking == [name for name in OPTIONAL if name not in ("group", "max_level")]


@pytest.mark.parametrize("name", FIELDS)
def test_an_attached_record_and_its_badge_have_a_field(name: str) -> None:
    record = changed(name)
    attached = json.loads(attach_record(record, default_issuer(), FRAMEWORK, "fr", None))["record"]
    badge = record_of(make_credential(record, default_issuer(), FRAMEWORK, "fr"))
    assert attached == badge
    assert attached.get(name) == (record.as_mapping()[name] if FIELDS[name].attached else None)
    assert (name in attached) is FIELDS[name].attached


def test_what_may_be_sealed_is_declared() -> None:
    """A field more would be another version of the seal's format, and of its readers."""
    declared = tuple(name for name, field in FIELDS.items() if field.sealed)
    assert get_args(SealField) == declared == SEALED
    assert set(declared) <= set(SealedFacts.__dataclass_fields__)
    assert all(FIELDS[name].attached for name in declared)


THROWAWAY = """
    teacher: Annotated[
        str | None, RecordField(Kind.TEXT, "The teacher.", sample="Ada", longest="Ada Deniz")
    ] = None
    max_level: Annotated["""


@pytest.mark.slow
def test_one_declaration_adds_a_field(tmp_path: Path) -> None:
    """The tests above hold for a package with a field more, and a press prints it."""
    for name in ("pixattest", "examples", "templates", "tests"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "fonts").symlink_to(ROOT / "fonts")
    path = tmp_path / "pixattest/model/record.py"
    declared = path.read_text().replace("\n    max_level: Annotated[", THROWAWAY, 1)
    path.write_text(declared)
    drawing = tmp_path / "templates/attestation/template.svg"
    text = drawing.read_text()
    end = text.rindex("</g>")
    shown = '<g role="paragraph"><text class="value" x="40" y="60" data-field="teacher"/></g>'
    drawing.write_text(text[:end] + shown + text[end:])
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}
    run = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-n0", "-m", "not slow"),
            *("-p", "no:cacheprovider", "tests/test_record_fields.py"),
        ],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-2000:]
    printed = (
        "import json, pixattest, pymupdf, sys\n"
        "record = json.load(open('examples/record.json')) | {'teacher': 'Ada Deniz'}\n"
        "data = pixattest.render(record)\n"
        "print(pymupdf.open('pdf', data)[0].get_text())\n"
    )
    page = subprocess.run(
        [sys.executable, "-c", printed],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Ada Deniz" in page.stdout
