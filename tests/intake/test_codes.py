"""CSV or sheet of certification number or identity, and code → the code of a row."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from pixattest.errors import InputError
from pixattest.intake.codes import Codes, read_codes
from pixattest.intake.source import Row


def codes(text: str, folder: Path) -> Codes:
    path = folder / "codes.csv"
    path.write_text(text, encoding="utf-8")
    return read_codes(path)


def refused(text: str, folder: Path) -> InputError:
    with pytest.raises(InputError) as caught:
        codes(text, folder)
    return caught.value


def row(last: str, first: str, born: object, certification: str | None = None) -> Row:
    fields = {"last_name": last, "first_name": first, "birth_date": born}
    return Row(number=1, line=2, fields=fields, certification=certification)


DAY = date(2008, 8, 30)


@pytest.mark.parametrize(
    "head",
    [
        "certification;verification_code",
        "Numéro de certification;Code",
        "CERTIFICATION;code",
        "Certificaatnummer;Verificatiecode",
    ],
)
def test_a_code_is_found_by_certification_number(head: str, tmp_path: Path) -> None:
    found = codes(f"{head}\n100200;P-AAAAAAAA\n100201;P-BBBBBBBB\n100202;\n", tmp_path)
    assert found.of(row("Le Goff", "Zoé", DAY, "100201")) == "P-BBBBBBBB"
    assert found.of(row("Le Goff", "Zoé", DAY, "100202")) is None
    assert found.of(row("Le Goff", "Zoé", DAY)) is None
    assert [(code.line, code.code, code.whose) for code in found.unused] == [
        (2, "P-AAAAAAAA", "certification 100200")
    ]


def test_a_codes_file_may_have_a_column_of_prefixes(tmp_path: Path) -> None:
    """As the class has; the whole last name is compared."""
    head = "Voornaam,Tussenvoegsel,Achternaam,Geboortedatum,Code"
    found = codes(f"{head}\nGuusje,van der,Meer,30-8-2008,P-AAAAAAAA", tmp_path)
    assert found.of(row("van der Meer", "Guusje", DAY)) == "P-AAAAAAAA"
    assert found.of(row("Meer", "Guusje", DAY)) is None


@pytest.mark.parametrize(
    ("last", "first", "born"),
    [
        ("LE GOFF", "ZOE", DAY),
        ("Le-Goff", "Zoé", DAY),
        ("Legoff", "zoe\u0301", "2008-08-30"),
    ],
)
def test_a_code_is_found_by_identity(last: str, first: str, born: object, tmp_path: Path) -> None:
    """Without regard to case, accents, spaces and hyphens."""
    found = codes("Nom,Prénom,Date de naissance,Code\nLe Goff,Zoé,30/08/2008,P-AAAAAAAA", tmp_path)
    assert found.of(row(last, first, born, "100200")) == "P-AAAAAAAA"
    assert found.unused == []


@pytest.mark.parametrize(
    ("last", "first", "born"),
    [
        ("Le Gall", "Zoé", DAY),
        ("Le Goff", "Zoé", date(2008, 8, 31)),
        ("Le Goff", "Zoé", "30 août"),
        ("Le Goff", "Zoé", None),
        ("", "Zoé", DAY),
    ],
)
def test_another_person_has_no_code(last: str, first: str, born: object, tmp_path: Path) -> None:
    found = codes("Nom,Prénom,Date de naissance,Code\nLe Goff,Zoé,30/08/2008,P-AAAAAAAA", tmp_path)
    assert found.of(row(last, first, born)) is None


def test_homonyms_are_told_apart_by_certification_number(tmp_path: Path) -> None:
    """A results file with one column more is a codes file."""
    found = codes(
        "certification;Nom;Prénom;Date de naissance;Statut;Code\n"
        "1;Martin;Zoé;30/08/2008;Validée;P-AAAAAAAA\n2;Martin;Zoé;30/08/2008;Validée;P-BBBBBBBB\n",
        tmp_path,
    )
    assert found.of(row("Martin", "Zoé", DAY, "2")) == "P-BBBBBBBB"


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        (
            "1;P-AAAAAAAA\n2;P-BBBBBBBB\n1;P-CCCCCCCC\n",
            "contradicts line 2: P-AAAAAAAA is for certification 1, "
            "and P-CCCCCCCC for certification 1",
        ),
        (
            "1;P-AAAAAAAA\n2;P-BBBBBBBB\n3;P-AAAAAAAA\n",
            "contradicts line 2: P-AAAAAAAA is for certification 1, "
            "and P-AAAAAAAA for certification 3",
        ),
    ],
)
def test_lines_that_contradict_each_other_are_refused(
    lines: str, problem: str, tmp_path: Path
) -> None:
    """Two codes for one certification, one code for two."""
    error = refused(f"certification;code\n{lines}", tmp_path)
    assert (error.problem, error.line) == (problem, 4)


def test_the_same_line_twice_is_no_contradiction(tmp_path: Path) -> None:
    found = codes("certification;code\n1;P-AAAAAAAA\n1;P-AAAAAAAA\n", tmp_path)
    assert len(found.unused) == 1


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("certification;verificaton code\n1;P\n", '"verificaton code": Did you mean'),
        ("code;Nom;Prénom\nP;a;b\n", "has not the columns verification_code, and certification or"),
        ("code;Code;certification\na;b;1\n", "has 2 columns for verification_code"),
        ("code;certification\nP-AAAAAAAA;\n", "line 2: does not say whose its code is"),
        ("code;certification\nP-AAAAAAAA\n", "line 2: has not as many cells as there are headings"),
        ("code;certification\n", "has no code in it"),
        ("code;nom;prénom;birth_date\nP;a;b;1 feb 2008\n", "line 2: '1 feb 2008' is not a date"),
        ("code;nom;prénom;birth_date\nP;a;;01/02/2008\n", "line 2: does not say whose its code is"),
    ],
)
def test_a_codes_file_that_can_not_be_used_is_refused(text: str, told: str, tmp_path: Path) -> None:
    assert told in str(refused(text, tmp_path))


def test_a_sheet_is_read(tmp_path: Path) -> None:
    """Whose certification numbers are numbers."""
    from openpyxl import Workbook

    book = Workbook()
    book.worksheets[0].append(["Numéro de certification", "Code"])
    book.worksheets[0].append([100200, "P-AAAAAAAA"])
    book.save(tmp_path / "codes.xlsx")
    found = read_codes(tmp_path / "codes.xlsx")
    assert found.of(row("Le Goff", "Zoé", DAY, "100200")) == "P-AAAAAAAA"
