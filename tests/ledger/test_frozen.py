"""Record ↔ canonical JSON."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from pixattest import Rules, read_record
from pixattest.ledger.frozen import _Frozen, freeze, thaw, with_code
from pixattest.model.framework import Field, crcn
from pixattest.model.record import FIELDS


def test_every_field_of_a_record_is_frozen() -> None:
    """In sorted order; a new field has to be added here, too."""
    assert list(_Frozen.__struct_fields__) == sorted([*FIELDS, "framework"])


def test_frozen_is_the_records_mapping(record: dict[str, Any]) -> None:
    """As JSON that other programs read: sorted, dates in ISO form, nothing that is None."""
    one = read_record(record | {"score": None, "last_name": "Lefèvre"})
    frozen = freeze(one, one.verification_code)
    values = {name: value for name, value in one.as_mapping().items() if value is not None}
    assert json.loads(frozen) == values
    assert list(json.loads(frozen)) == sorted(values)
    assert "Lefèvre" in frozen
    assert thaw(frozen) == one


def test_one_record_has_one_form(record: dict[str, Any]) -> None:
    """However its levels were ordered and its numbers written."""
    levels = dict(reversed(record["levels"].items()))
    other = read_record(record | {"levels": levels, "score": float(record["score"])})
    assert freeze(other, "P-22222222") == freeze(read_record(record), "P-22222222")


def test_a_field_that_was_not_there_yet_is_none(record: dict[str, Any]) -> None:
    """So that a ledger outlives the version that wrote it; a later one's fields are passed over."""
    one = read_record(record | {"group": None})
    frozen = freeze(one, one.verification_code)
    assert "group" not in frozen
    assert thaw(frozen.replace('"score"', '"later":1,"score"')) == one


def test_fields_of_ones_own_are_frozen_in_one_order(record: dict[str, Any]) -> None:
    """However the framework lists them; a record without any is frozen as it always was."""
    own = {key: Field(name=key, sample="x") for key in ("hours", "instructor")}
    said = {"instructor": "J. Bakker", "hours": "12"}
    found = []
    for fields in (own, dict(reversed(own.items()))):
        rules = Rules.of(msgspec.structs.replace(crcn(), fields=fields))
        one = read_record(record | {"extra": said}, rules=rules)
        found.append(freeze(one, "P-22222222"))
        assert thaw(found[-1]).extra == one.extra == with_code(one, "P-22222222").extra
    assert found[0] == found[1]
    assert "extra" not in freeze(read_record(record), "P-22222222")


def test_the_framework_is_frozen_unless_it_is_the_usual_one(record: dict[str, Any]) -> None:
    """So that what was issued of the CRCN stays as it is."""
    rules = Rules.of(msgspec.structs.replace(crcn(), id="other"))
    one = read_record(record, rules=rules)
    assert json.loads(freeze(one, "P-22222222"))["framework"] == "other"
    assert thaw(freeze(one, one.verification_code)) == one
    assert with_code(one, "P-22222222").framework == "other"
    assert "framework" not in freeze(read_record(record), "P-22222222")


def test_another_code_leaves_the_rest(record: dict[str, Any]) -> None:
    """Both ways of putting it make the same record."""
    one = read_record(record)
    other = with_code(one, "ANY CODE")
    assert other == thaw(freeze(one, "ANY CODE"))
    assert other.as_mapping() == one.as_mapping() | {"verification_code": "ANY CODE"}
