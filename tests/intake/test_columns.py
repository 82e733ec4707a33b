"""Headings → what each cell of a row fills; cells → Row."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import msgspec
import pytest
from support import EXAMPLES

from pixattest.errors import FrameworkError, InputError
from pixattest.intake.columns import Columns, plain
from pixattest.intake.headings import AMBIGUOUS, WORDS
from pixattest.intake.opening import open_source
from pixattest.intake.source import Line, Row, Source
from pixattest.model.framework import Field, Framework, crcn, read_framework
from pixattest.model.record import FIELDS, read_record

DATA = Path(__file__).parent / "data"
COMPETENCES = list(crcn().competences)
HEADINGS = ["first_name", "last_name", "birth_date", *COMPETENCES]
CELLS = ["Maëlle", "Le Goff", "03/11/2008", *("2" for _ in COMPETENCES)]


def columns(*headings: str) -> Columns:
    return Columns(headings, crcn(), "class.csv")


def refused(*headings: str) -> InputError:
    with pytest.raises(InputError) as caught:
        columns(*headings)
    return caught.value


def one(headings: list[str], cells: list[str]) -> Row:
    return columns(*headings).row(1, Line(2, cells, None))


def opened(name: str) -> tuple[Source, list[Row]]:
    source = open_source(DATA / name, framework=crcn())
    return source, list(source.rows())


def test_table_may_name_levels() -> None:
    """As the framework does, beside figures and the sign for a competence not assessed."""
    framework = read_framework(EXAMPLES / "framework.toml")
    headings = [*HEADINGS[:3], *framework.competences, "max_level"]
    cells = [*CELLS[:3], "Basic", "advanced", "2", "0", "-", "", "Intermediate", "Advanced"]
    row = Columns(headings, framework, "class.csv").row(1, Line(2, cells, None))
    assert not row.faults
    assert row.fields["levels"] == {"1.1": 1, "1.2": 3, "1.3": 2, "2.1": 0, "3.2": 2}
    assert row.fields["max_level"] == 3


def test_a_level_that_is_misnamed_is_told_with_the_names() -> None:
    """The nearest one, or all; not that a figure is wanted."""
    framework = read_framework(EXAMPLES / "framework.toml")
    headings = [*HEADINGS[:3], *framework.competences]
    cells = [*CELLS[:3], "advancd", "x", "", "", "", "", ""]
    row = Columns(headings, framework, "class.csv").row(1, Line(2, cells, None))
    assert [fault.hint for fault in row.faults] == [
        'Did you mean "Advanced"?',
        "Levels are named Basic, Intermediate, Advanced.",
    ]


LEVELS = dict(zip(COMPETENCES, [1, None, 3, 0, 2, 2, 1, 4, None, 1, 2, 3, 0, 1, 5, 2], strict=True))


# Pix's layouts.


@pytest.mark.parametrize(
    ("name", "kind", "group", "centre", "scores", "reasons"),
    [
        (
            "20260916_1430_resultats_session_7791.csv",
            "Pix results file of 2026 (CSV)",
            None,
            "LP De Bougainville",
            [266, 41],
            [
                'its status is "Non obtenue"',
                'its status is "Annulée"',
                'its status is "En erreur"',
                "its type is 'Pix+ Droit', which has no levels by competence",
            ],
        ),
        (
            "20260318_resultats_2GT3.csv",
            "Pix results file of 2026, with level and score in one column, without centre (CSV)",
            "2GT3",
            None,
            [266, 301, 55],
            ['its status is "Non obtenue"', 'its status is "Annulée"'],
        ),
        (
            "20230612_resultats_3eB.csv",
            "Pix results file of 2021 to 2026, without centre (CSV)",
            "3eB",
            None,
            [266],
            ['its status is "Rejetée"', 'its status is "Démarrée"', 'its status is "Annulée"'],
        ),
        (
            "20210115_1400_resultats_session_512.csv",
            "Pix results file from before April 2021, without statuses (CSV)",
            None,
            "LP De Bougainville",
            [266],
            [
                "its number of Pix is 0, in a file without statuses",
                "it has no number of Pix, in a file without statuses",
            ],
        ),
    ],
)
def test_each_layout_of_the_years_is_read(
    name: str,
    kind: str,
    group: str | None,
    centre: str | None,
    scores: list[int],
    reasons: list[str],
) -> None:
    """What is printed with which score, and what is not and why."""
    source, rows = opened(name)
    assert (source.kind, source.group) == (kind, group)
    assert source.date_is_of_test
    assert source.notices == ()
    assert ("centre" in source.fields) == (centre is not None)
    assert [row.faults for row in rows] == [()] * len(rows)
    printed = [row for row in rows if row.not_printable is None]
    assert [row.fields["score"] for row in printed] == scores
    assert [row.not_printable for row in rows if row.not_printable] == reasons
    first = rows[0].fields
    assert (first["first_name"], first["last_name"]) == ("Maëlle", "Le Goff")
    assert (first["birth_date"], first["birth_place"]) == (date(2008, 11, 3), "Quimper")
    assert first.get("centre") == centre
    assert first["delivered_on"].year == int(name[:4])
    assert first["levels"] == {n: level for n, level in LEVELS.items() if level is not None}
    for row in printed:
        read_record({"centre": "LP De Bougainville"} | row.fields, new_codes=True)


def test_the_sample_is_read() -> None:
    """As many rows as lines; certification number and line of each."""
    source, rows = opened("20240209_resultats_TCAP1.csv")
    assert (source.kind, source.group) == ("Pix results file of 2021 to 2026 (CSV)", "TCAP1")
    assert [row.certification for row in rows] == [str(100200 + n) for n in range(len(rows))]
    assert [row.line for row in rows] == [row.number + 1 for row in rows]
    assert [row.certification for row in rows if row.not_printable] == [
        "100203",
        "100208",
        "100211",
    ]
    assert rows[0].fields["birth_date"] == date(2005, 8, 20)
    assert len(rows) == 14


def test_who_is_not_printed_is_still_known_by_name() -> None:
    """For the report; what else such a row says needs no correction."""
    _, rows = opened("20260916_1430_resultats_session_7791.csv")
    assert [row.fields["last_name"] for row in rows if row.not_printable] == [
        "D’Hautefeuille",
        "Yıldız",
        "Ó Súilleabháin",
        "Ñandú",
    ]


@pytest.mark.parametrize(
    ("status", "hint"),
    [("Validé", 'Did you mean "Validée"?'), ("?", "It is one of: Validée, Non obtenue, ")],
)
def test_an_unknown_status_is_a_fault(status: str, hint: str) -> None:
    row = one([*HEADINGS, "Statut"], [*CELLS, status])
    assert row.not_printable is None
    [fault] = row.faults
    assert fault.problem == f"{status!r} is not a status that is known"
    assert fault.hint.startswith(hint)


@pytest.mark.parametrize("status", ["validee", " VALIDÉE ", "Valide\u0301e"])
def test_a_status_is_compared_without_case_and_accents(status: str) -> None:
    row = one([*HEADINGS, "Statut"], [*CELLS, status])
    assert (row.not_printable, row.faults) == (None, ())


def test_an_unknown_type_is_a_fault() -> None:
    [fault] = one([*HEADINGS, "Type de certification"], [*CELLS, "TOSA"]).faults
    assert fault.problem == "'TOSA' is not a type that is known"


def test_a_validated_row_without_score_is_a_fault() -> None:
    [fault] = one([*HEADINGS, "Statut", "Nombre de Pix"], [*CELLS, "Validée", "-"]).faults
    assert (fault.field, fault.problem) == ("score", "'-' is not a whole number")


def test_an_empty_level_is_not_acquired_in_own_columns_and_a_fault_in_pix_s() -> None:
    """Pix writes a sign for each; a cell without any has lost it."""
    cells = [*CELLS[:-1], ""]
    row = one(HEADINGS, cells)
    assert "5.2" not in row.fields["levels"]
    assert row.faults == ()
    [fault] = one([*HEADINGS, "Numéro de certification"], [*cells, "100200"]).faults
    assert (fault.field, fault.problem) == ("levels.5.2", "is empty")


def test_a_file_of_pix_plus_is_refused() -> None:
    error = refused(
        "Numéro de certification", "Prénom", "Nom", "Type de certification", "Statut", "Niveau"
    )
    assert error.problem == "is a results file of Pix+, without levels by competence"


# Own columns.


@pytest.mark.parametrize(
    "headings",
    [
        [heading.upper() for heading in HEADINGS],
        ["First name", " LAST-NAME ", "birth date", *COMPETENCES],
        ["first\u00a0name", "lastname", "Birth_Dáte", *(n.replace(".", ",") for n in COMPETENCES)],
        ["Prénom", "NOM", "Date de\u202fnaissance", *COMPETENCES],
        ["pre\u0301nom", "nom", "date_de_naissance", *COMPETENCES],
    ],
)
def test_headings_are_compared_without_case_accents_and_spaces(headings: list[str]) -> None:
    row = one(headings, CELLS)
    assert row.fields["first_name"] == "Maëlle"
    assert row.fields["birth_date"] == date(2008, 11, 3)
    assert row.fields["levels"] == dict.fromkeys(COMPETENCES, 2)
    assert row.faults == ()


@pytest.mark.parametrize(
    "headings",
    [
        "Prénom, Nom, Née le, Née à, Centre, Délivré le, Code, Points, Niveau max, Classe",
        "Given name, Surname, DOB, Born in, Test centre, Issued on, Code, Score, Top level, Class",
        "Voornaam, Achternaam, Geboortedatum, Geboorteplaats, Centrum, Afgegeven op,"
        " Verificatiecode, Punten, Hoogste niveau, Klas",
        "Vorname, Nachname, Geburtsdatum, Geburtsort, Prüfungszentrum, Ausgestellt am, Prüfcode,"
        " Punktzahl, Höchste Stufe, Klasse",
        "Nombre, Apellidos, Fecha de nacimiento, Lugar de nacimiento, Centro, Fecha, Código,"
        " Puntuación, Nivel máximo, Grupo",
        "Nome, Cognome, Data di nascita, Luogo di nascita, Centro, Data, Codice, Punteggio,"
        " Livello massimo, Classe",
    ],
)
def test_headings_are_understood_in_each_language(headings: str) -> None:
    cells = ["Maëlle", "Le Goff", "03/11/2008", "Quimper", "LP De Bougainville", "09/02/2024"]
    cells += ["P-GVVP6HBM", "256", "7", "3eB", *CELLS[3:]]
    row = one([*headings.split(", "), *COMPETENCES], cells)
    assert row.faults == ()
    assert read_record(row.fields).as_mapping() == {
        "first_name": "Maëlle",
        "last_name": "Le Goff",
        "birth_date": "2008-11-03",
        "birth_place": "Quimper",
        "centre": "LP De Bougainville",
        "delivered_on": "2024-02-09",
        "verification_code": "P-GVVP6HBM",
        "score": 256,
        "max_level": 7,
        "group": "3eB",
        "levels": dict.fromkeys(COMPETENCES, 2),
    }


def test_a_word_for_a_heading_has_one_meaning() -> None:
    """It is there once, Pix says it of nothing else, and no shipped framework numbers so."""
    words = [plain(word) for words in WORDS.values() for word in words]
    assert len(words) == len(set(words))
    assert WORDS.keys() <= {*FIELDS, "certification", "name_prefix"}
    pix = ["Numéro de certification", "Statut", "Type de certification", "Identifiant Externe"]
    pix += ["Niveau", "Session", "Nom", "Prénom", "Résultat", "Commentaire jury"]
    frameworks = [read_framework(name) for name in ("crcn", "digcomp")]
    numbers = [number for framework in frameworks for number in framework.competences]
    assert not {plain(heading) for heading in (*pix, *numbers, *FIELDS, *AMBIGUOUS)} & {*words}


def test_a_field_of_ones_own_goes_before_a_word_of_another_language() -> None:
    framework = first_aid(points=Field(name="Punten", sample="7"))
    row = Columns([*HEADINGS, "Punten", "hours"], framework, "class.csv").row(
        1, Line(2, [*CELLS, "7", "12"], None)
    )
    assert row.fields["extra"] == {"points": "7", "hours": "12"}
    assert "score" not in row.fields


@pytest.mark.parametrize(
    ("heading", "prefix", "last", "whole"),
    [
        ("Tussenvoegsel", " van den ", "Heuvel", "van den Heuvel"),
        ("voorvoegsels", "in 't", "Veld", "in 't Veld"),
        ("Namenszusatz", "von", "Ahlen", "von Ahlen"),
        ("Tussenv.", "d'", "Hondt", "d'Hondt"),
        ("Particule", "d’", "Hautefeuille", "d’Hautefeuille"),
        ("Tussenvoegsel", " ", "Meer", "Meer"),
    ],
)
def test_what_stands_before_the_last_name_is_joined_to_it(
    heading: str, prefix: str, last: str, whole: str
) -> None:
    row = one([*HEADINGS, heading], [CELLS[0], last, *CELLS[2:], prefix])
    assert (row.faults, row.fields["last_name"]) == ((), whole)


def test_a_prefix_alone_is_no_last_name() -> None:
    row = one([*HEADINGS, "Tussenvoegsel"], [CELLS[0], " ", *CELLS[2:], "van"])
    assert "last_name" not in row.fields


@pytest.mark.parametrize("apostrophe", "'’ʼ´")
def test_apostrophes_are_alike(apostrophe: str) -> None:
    heading = f"Commentaire jury pour l{apostrophe}organisation"
    assert columns("Numéro de certification", heading, *HEADINGS).kind.startswith("Pix")


def test_only_what_the_row_says_is_in_its_fields() -> None:
    """Empty cells, and columns that are not there."""
    row = one([*HEADINGS, "birth_place", "score"], [*CELLS, " ", ""])
    assert row.fields.keys() == {"first_name", "last_name", "birth_date", "levels"}
    assert row.certification is None


def test_optional_columns_are_read() -> None:
    optional = {
        "birth_place": "Quimper",
        "centre": "LP De Bougainville",
        "delivered_on": "2024-02-09",
        "verification_code": "P-GVVP6HBM",
        "score": "256",
        "max_level": "7",
        "group": "3eB",
        "certification": "100200",
    }
    found = columns(*HEADINGS, *optional)
    assert found.fields == {*HEADINGS[:3], "levels", *optional} - {"certification"}
    assert not found.date_is_of_test
    row = found.row(1, Line(2, [*CELLS, *optional.values()], None))
    assert row.certification == "100200"
    record = read_record(row.fields)
    assert (record.score, record.max_level, record.group) == (256, 7, "3eB")
    assert record.delivered_on == date(2024, 2, 9)


def test_all_that_is_wrong_with_the_headings_is_said_at_once() -> None:
    wrong = ["frist_name", "last_name", "birth_date", "C3.2", "shoe size"]
    rest = [number for number in COMPETENCES if number not in ("3.2", "5.2")]
    assert str(refused(*wrong, *rest)) == (
        'class.csv: lacks the columns "first_name", "3.2", "5.2"; '
        'has columns that are not known: "frist_name", "C3.2", "shoe size". '
        '"frist_name": Did you mean "first_name"? "C3.2": Did you mean "3.2"?'
    )


@pytest.mark.parametrize(
    ("extra", "told"),
    [
        ("Prenon", 'has a column that is not known: "Prenon". "Prenon": Did you mean "Prénom"?'),
        ("Voornam", '"Voornam": Did you mean "Voornaam"?'),
        ("Name", '"Name": Rename it last_name, first_name, or pass it over.'),
        (
            "taille",
            'has a column that is not known: "taille". Pass it over with --ignore "taille", or '
            "declare it below [fields] of the framework; see `pixattest schema`",
        ),
        ("Niveau", 'has a column that is not known: "Niveau". '),
        ("Prénom", 'has 2 columns for first_name: "first_name", "Prénom". Keep one of them.'),
        ("1,1", 'has 2 columns for 1.1: "1.1", "1,1". Keep one of them.'),
    ],
)
def test_a_heading_too_many_is_refused(extra: str, told: str) -> None:
    assert told in str(refused(*HEADINGS, extra))


def test_a_missing_heading_is_refused() -> None:
    """The sign for a level not assessed is told where competences alone are missing."""
    assert str(refused(*HEADINGS[1:])) == ('class.csv: lacks the column "first_name". Add it.')
    assert refused(*HEADINGS[1:-1]).hint == "Add them."
    assert refused(*HEADINGS[:-1]).hint == "Add it; - is a level not assessed."
    assert refused(*HEADINGS[:-2]).hint == "Add them; - is a level not assessed."


def test_a_misspelt_heading_of_pix_is_named_in_the_words_of_its_file() -> None:
    """Accents and case do not count for the likeness either."""
    headings = ["Numéro de certification", "Prenon", "Nom", "Date de naissance", *COMPETENCES]
    assert str(refused(*headings)) == (
        'class.csv: lacks the column "Prénom"; has a column that is not known: "Prenon". '
        '"Prenon": Did you mean "Prénom"?'
    )


def of_short_numbers(tmp_path: Path) -> Framework:
    """A framework whose competences are A1, A2 and B2."""
    path = tmp_path / "short.toml"
    numbers = "".join(
        f'[[domains.competences]]\nnumber = "{number}"\nname = "{number}"\n'
        for number in ("A1", "A2", "B2")
    )
    head = 'id = "short"\nname = "Short"\nlevels = 3\n[[domains]]\nnumber = "A"\nname = "All"\n'
    path.write_text(head + numbers, encoding="utf-8")
    return read_framework(path)


@pytest.mark.parametrize(
    ("headings", "wrong", "hint"),
    [
        (["A1", "A22", "B2"], "A22", '"A22": Did you mean "A2"?'),
        (["A1", "A2", "BB2"], "BB2", '"BB2": Did you mean "B2"?'),
        (["A12", "B2"], "A12", "Rename what is meant, or add them."),
    ],
)
def test_a_short_number_misspelt_is_told_which_was_meant(
    tmp_path: Path, headings: list[str], wrong: str, hint: str
) -> None:
    """The nearest of those that are missing; where two are as near, nothing is guessed."""
    with pytest.raises(InputError) as caught:
        Columns([*HEADINGS[:3], *headings], of_short_numbers(tmp_path), "class.csv")
    assert f'not known: "{wrong}"' in caught.value.problem
    assert caught.value.hint == hint


@pytest.mark.parametrize(
    ("numbers", "begin"),
    [([], "Give Pix's results file, or "), (["1.1", "1.2"], "Rename what is meant, or add them.")],
)
def test_foreign_headings_are_told_which_there_are(numbers: list[str], begin: str) -> None:
    """Whether the competences are recognised, or nothing at all."""
    hint = refused("etunimi", "sukunimi", "syntymäaika", *numbers).hint
    assert hint
    assert hint.startswith(begin)
    assert "first_name, last_name, birth_date, birth_place, centre, delivered_on" in hint
    assert hint.endswith(
        "certification, 1.1, 1.2, 1.3, 2.1, 2.2, 2.3, 2.4, "
        "3.1, 3.2, 3.3, 3.4, 4.1, 4.2, 4.3, 5.1, 5.2."
    )


def test_the_schema_that_is_pointed_to_is_that_of_the_framework(tmp_path: Path) -> None:
    for framework, command in (
        (of_short_numbers(tmp_path), "`pixattest schema --framework FILE`"),
        (read_framework("digcomp"), "`pixattest schema --framework digcomp`"),
        (crcn(), "`pixattest schema`"),
    ):
        with pytest.raises(InputError) as caught:
            Columns([*HEADINGS[:3], *framework.competences, "taille"], framework, "class.csv")
        assert f"see {command} for the fields" in str(caught.value)


# Fields of the framework's own.


def first_aid(**fields: Field) -> Framework:
    hours = Field(name={"nl": "Aantal uren", "en": "Hours taught"}, sample="12", required=True)
    given = {"hours": hours, "instructor": Field(name="Instructor", sample="J. Bakker")}
    return msgspec.structs.replace(crcn(), fields=given | fields)


@pytest.mark.parametrize("heading", ["hours", "Aantal uren", "HOURS TAUGHT"])
def test_a_column_of_ones_own_is_headed_by_key_or_name(heading: str) -> None:
    """In any language; what is empty is not there."""
    table = Columns([*HEADINGS, heading, "Instructor"], first_aid(), "class.csv")
    row = table.row(1, Line(2, [*CELLS, " 12 ", " "], None))
    assert (row.faults, row.fields["extra"]) == ((), {"hours": "12"})


def test_a_column_of_ones_own_that_is_misspelt_or_missing_is_told() -> None:
    with pytest.raises(InputError, match='Did you mean "Aantal uren"') as caught:
        Columns([*HEADINGS, "Aantal uur"], first_aid(), "class.csv")
    assert 'lacks the column "hours"' in str(caught.value)


def test_columns_may_be_passed_over() -> None:
    """Those that are named, as headings are compared."""
    table = Columns([*HEADINGS, "E-mail"], crcn(), "class.csv", ["e-mail"])
    row = table.row(1, Line(2, [*CELLS, "maelle@example.org"], None))
    assert not row.faults
    assert "maelle@example.org" not in row.fields.values()


@pytest.mark.parametrize("name", ["Nom", "1.1", "Instructor"])
def test_a_field_of_ones_own_has_a_heading_of_its_own(name: str) -> None:
    framework = first_aid(more=Field(name=name, sample="x"))
    with pytest.raises(FrameworkError, match=f"has a field called '{name}'"):
        Columns(HEADINGS, framework, "class.csv")


# Faults.


def test_every_misread_value_of_a_row_is_a_fault() -> None:
    cells = ["Maëlle", "Le Goff", "1.2.10", "x", "9?", *CELLS[5:], "many"]
    row = columns(*HEADINGS, "score").row(7, Line(8, cells, None))
    assert [(f.field, f.value, f.source, f.row) for f in row.faults] == [
        ("birth_date", "1.2.10", "class.csv", 7),
        ("score", "many", "class.csv", 7),
        ("levels.1.1", "x", "class.csv", 7),
        ("levels.1.2", "9?", "class.csv", 7),
    ]
    assert row.fields["last_name"] == "Le Goff"


@pytest.mark.parametrize("cells", [CELLS[:-1], [*CELLS, ""], ["Maëlle"]])
def test_a_row_with_other_than_its_cells_is_a_fault(cells: list[str]) -> None:
    [fault] = one(HEADINGS, cells).faults
    assert fault.problem == f"has {len(cells)} cells, where the headings are {len(HEADINGS)}"


def test_a_cell_without_heading_is_a_fault_and_an_empty_one_is_none() -> None:
    assert one([*HEADINGS, ""], [*CELLS, " "]).faults == ()
    [fault] = one([*HEADINGS, ""], [*CELLS, "3eB"]).faults
    assert fault.problem == "has '3eB' in column 20, which has no heading"


@pytest.mark.parametrize(
    ("one", "other"),
    [("LE GOFF", "le-goff"), ("Élise", "Elise"), ("Œuvre", "oeuvre"), ("D’Arc", "d'arc")],
)
def test_plain_texts_are_alike(one: str, other: str) -> None:
    assert plain(one) == plain(other)


def test_plain_texts_keep_their_points() -> None:
    """1.1 is not 11."""
    assert plain("1.1") == plain(" 1,1 ") != plain("11")
