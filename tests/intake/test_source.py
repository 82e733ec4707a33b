"""What a file of records is once it is opened: its name, its class, where its rejects go."""

from __future__ import annotations

from pathlib import Path

import pytest

from pixattest.intake.opening import open_source
from pixattest.intake.source import class_in
from pixattest.model.framework import crcn


@pytest.mark.parametrize(
    ("name", "group"),
    [
        ("20240209_resultats_TCAP1.csv", "TCAP1"),
        ("20240209_resultats_3e B.csv", "3e B"),
        ("20240209_resultats_T.STMG 2.csv", "T.STMG 2"),
        ("20240209_resultats_TCAP1 (1).csv", "TCAP1"),
        ("20240209_resultats_TCAP1.xlsx", "TCAP1"),
        ("20240209_resultats_TCAP1.csv.rejected.csv", "TCAP1"),
        ("20240209_resultats_TCAP1.csv.rejected.2.csv", "TCAP1"),
        ("20240209_resultats_TCAP1.2.csv", "TCAP1.2"),
        ("20240209_resultats_2nde\u0301.csv", "2ndé"),
        ("20240209_1430_resultats_session_7791.csv", None),
        ("20240209_1430_resultats_session_7791.csv.rejected.csv", None),
        ("20240209_resultats_.csv", None),
        ("resultats_TCAP1.csv", None),
        ("class.csv", None),
    ],
)
def test_the_class_is_read_from_the_name(name: str, group: str | None) -> None:
    """A session is not a class."""
    assert class_in(name) == group


@pytest.mark.parametrize(
    ("name", "rejects"),
    [
        ("a.csv", "a.csv.rejected.csv"),
        ("a.jsonl", "a.jsonl.rejected.jsonl"),
        ("a.csv.rejected.csv", "a.csv.rejected.2.csv"),
        ("a.csv.rejected.2.csv", "a.csv.rejected.3.csv"),
        ("a.csv.rejected.10.csv", "a.csv.rejected.11.csv"),
        ("a.xlsx.rejected.jsonl", "a.xlsx.rejected.2.jsonl"),
        ("rejected.csv", "rejected.csv.rejected.csv"),
        ("a.rejected.0.csv", "a.rejected.0.csv.rejected.csv"),
    ],
)
def test_rejects_go_beside_the_input(name: str, rejects: str, tmp_path: Path) -> None:
    path = tmp_path / name
    levels = ";".join(crcn().competences)
    path.write_text("{}" if name.endswith("l") else f"nom;prénom;birth_date;{levels}\n")
    assert open_source(path, framework=crcn()).rejects_path() == tmp_path / rejects


def test_keys_may_be_passed_over(tmp_path: Path) -> None:
    """Of JSON and of JSON lines, those that are named."""
    from pixattest.intake.opening import open_source
    from pixattest.model.framework import crcn

    for name in ("class.json", "class.jsonl"):
        path = tmp_path / name
        path.write_text('{"first_name": "Ada", "mail": "a@example.org"}\n', "utf-8")
        (row,) = open_source(path, framework=crcn(), ignored=["mail"]).rows()
        assert row.fields == {"first_name": "Ada"}
