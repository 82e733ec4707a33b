"""From a results file to printed files and an account of every row, by the command."""

from __future__ import annotations

import json
import re
import shutil
import zipfile
from itertools import pairwise
from pathlib import Path

import pypdfium2
import pytest
from support import ROOT

from pixattest import Press
from pixattest.model import assets

from .conftest import RESULTS, Command, codes, files, names, records, write_lines

PEOPLE = (
    "T10 Écalle Zoé",
    "T2 Martin Hugo",
    "T2 Écalle Anaïs",
    "T10 Dubois Ève",
    "T2 Zola Émile",
)
"""Two classes, out of order."""


@pytest.fixture
def lines(folder: Path) -> Path:
    """class.jsonl of two classes, five people."""
    path = folder / "class.jsonl"
    write_lines(path, records(*PEOPLE))
    return path


@pytest.mark.slow
def test_a_results_file_becomes_a_class_file(folder: Path, pixattest: Command) -> None:
    """The validated ones in the order of their names; the others are told with the reason."""
    done = pixattest(RESULTS, "--new-codes")
    assert (done.returncode, done.stderr) == (0, "")
    assert files(folder) == ["20240209_resultats_TCAP1.pdf"]
    assert names(folder / "20240209_resultats_TCAP1.pdf") == [
        "Noël Büyükşahin",
        "Åsa Çelik",
        "Maëlys Çelik",
        "Ève Dubois",
        "Hugo Étienne",
        "Nuño Étienne",
        "Ömer Kowalski",
        "Inès Martin",
        "Fatou Ñandú",
        "Ève Ó Súilleabháin",
        "Marie-Amélie Żółć",
    ]
    assert 'record 4 (Yaël Çelik): not printed, for its status is "Rejetée".' in done.stdout
    assert "day of the test" in done.stdout
    assert "14 rows read: 11 printed, 3 not printable, 0 rejected." in done.stdout


@pytest.mark.slow
def test_the_printed_codes_are_those_that_were_told(folder: Path, pixattest: Command) -> None:
    """What nobody recorded is told before it is printed."""
    done = pixattest(RESULTS, "--new-codes", "--quiet")
    told = {line.split()[-1] for line in done.stdout.splitlines()}
    assert len(told) == 11
    assert told == set(codes(folder / "20240209_resultats_TCAP1.pdf"))


@pytest.mark.slow
def test_codes_come_from_a_second_file(folder: Path, pixattest: Command) -> None:
    """By certification number; who has none there is rejected, what nobody has is told."""
    (folder / "codes.csv").write_text(
        "certification;code\n100200;P-22222222\n100201;P-33333333\n999;P-44444444\n"
    )
    done = pixattest(RESULTS, "--codes", "codes.csv")
    assert done.returncode == 1
    assert codes(folder / "20240209_resultats_TCAP1.pdf") == ["P-33333333", "P-22222222"]
    assert "P-44444444 (certification 999)" in done.stdout
    assert "2 printed, 3 not printable, 9 rejected" in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "arguments", "told"),
    [
        (RESULTS, (), "--new-codes"),
        ("20230612_resultats_3eB.csv", ("--new-codes",), "--centre"),
    ],
)
def test_what_all_rows_lack_is_said_once(
    folder: Path, pixattest: Command, name: str, arguments: tuple[str, ...], told: str
) -> None:
    """Not once per row: nothing is read, and one sentence names the way out."""
    shutil.copyfile(ROOT / "tests/intake/data" / name, folder / name)
    done = pixattest(name, *arguments)
    assert done.returncode == 2
    assert told in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not [*folder.glob("*.pdf")]


@pytest.mark.slow
def test_what_is_given_once_is_printed(folder: Path, pixattest: Command) -> None:
    """Centre and delivery date of a file that has no centre, and the test's date."""
    name = "20230612_resultats_3eB.csv"
    shutil.copyfile(ROOT / "tests/intake/data" / name, folder / name)
    done = pixattest(
        name, "--new-codes", "--centre", "Collège Œuvre-d'Été", "--delivered-on", "2023-07-03"
    )
    assert "day of the test" not in done.stdout
    with pypdfium2.PdfDocument(folder / "20230612_resultats_3eB.pdf") as document:
        text = document[0].get_textpage().get_text_range()
    assert "Collège Œuvre-d'Été" in text
    assert "3 juillet 2023" in text


@pytest.mark.slow
def test_a_file_without_centre_takes_the_issuers(folder: Path, pixattest: Command) -> None:
    """A record of its own, too; the command line's counts for more."""
    name = "20230612_resultats_3eB.csv"
    shutil.copyfile(ROOT / "tests/intake/data" / name, folder / name)
    lone = {key: value for key, value in records(*PEOPLE)[0].items() if key != "centre"}
    (folder / "lone.json").write_text(json.dumps(lone), encoding="utf-8")
    issuer = (ROOT / "pixattest/model/issuer.toml").read_text(encoding="utf-8")
    (folder / "issuer.toml").write_text(f'centre = "Lycée Été"\n{issuer}', encoding="utf-8")
    given = ("--issuer", "issuer.toml", "--new-codes")
    assert pixattest(name, *given).returncode == 0
    assert pixattest(name, *given, "--centre", "LP Hiver", "-o", "other.pdf").returncode == 0
    assert pixattest("lone.json", *given).returncode == 0
    printed = {"20230612_resultats_3eB.pdf": "Lycée Été", "other.pdf": "LP Hiver"}
    for file, centre in (printed | {"lone.pdf": "Lycée Été"}).items():
        with pypdfium2.PdfDocument(folder / file) as document:
            assert centre in document[0].get_textpage().get_text_range()


@pytest.mark.slow
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_each_class_has_a_file(folder: Path, pixattest: Command, lines: Path, jobs: str) -> None:
    """In a folder named like the input; the same bytes as the library's for any `--jobs`."""
    done = pixattest(lines.name, "--jobs", jobs)
    assert (done.returncode, done.stderr) == (0, "")
    assert files(folder) == ["class/.pixattest.jsonl", "class/T10.pdf", "class/T2.pdf"]
    assert names(folder / "class/T2.pdf") == ["Anaïs Écalle", "Hugo Martin", "Émile Zola"]
    people = records(*PEOPLE)
    Press().write([people[3], people[0]], folder / "library.pdf")
    assert (folder / "class/T10.pdf").read_bytes() == (folder / "library.pdf").read_bytes()


@pytest.mark.slow
def test_one_file_holds_all_classes_in_their_order(
    folder: Path, pixattest: Command, lines: Path
) -> None:
    """T2 before T10, whether the file is named or not."""
    in_order = ["Anaïs Écalle", "Hugo Martin", "Émile Zola", "Ève Dubois", "Zoé Écalle"]
    assert pixattest(lines.name, "--split", "none").returncode == 0
    assert pixattest(lines.name, "-o", "all.pdf").returncode == 0
    assert names(folder / "class.pdf") == names(folder / "all.pdf") == in_order
    with pypdfium2.PdfDocument(folder / "all.pdf") as document:
        classes = [item.get_title() for item in document.get_toc(max_depth=1)]
    assert classes == ["T2", "T10"]


@pytest.mark.slow
def test_particles_of_the_issuer_count_after_the_last_name(
    folder: Path, pixattest: Command
) -> None:
    """On the pages and on the cover; without them, names are sorted as written."""
    people = records("T2 Heuvel Ad", "T2 Meer Bo", "T2 Haan Cor")
    for person, particle in zip(people, ("van den ", "", "de "), strict=True):
        person["last_name"] = particle + person["last_name"]
    write_lines(folder / "class.jsonl", people)
    issuer = assets.ISSUER.read_text(encoding="utf-8")
    (folder / "issuer.toml").write_text(f'particles = ["van den", "de"]\n{issuer}', "utf-8")
    dutch = ["Cor de Haan", "Ad van den Heuvel", "Bo Meer"]
    assert pixattest("class.jsonl", "-o", "written.pdf").returncode == 0
    assert names(folder / "written.pdf") == [dutch[0], dutch[2], dutch[1]]
    assert pixattest("class.jsonl", "--issuer", "issuer.toml", "-o", "a.pdf").returncode == 0
    assert names(folder / "a.pdf") == dutch
    options = ("--issuer", "issuer.toml", "--cover", "-o", "b.pdf")
    assert pixattest("class.jsonl", *options).returncode == 0
    with pypdfium2.PdfDocument(folder / "b.pdf") as document:
        cover = document[0].get_textpage().get_text_range()
    assert re.findall(r"\b(?:Cor|Ad|Bo)\b", cover) == ["Cor", "Ad", "Bo"]


@pytest.mark.slow
def test_a_person_has_a_file_in_the_folder_of_the_class(folder: Path, pixattest: Command) -> None:
    """Homonyms are told apart by their codes; each is the file of that one record."""
    people = records("T2 Martin Hugo", "T10 Martin Hugo", "T2 Martin Hugo")
    write_lines(folder / "class.jsonl", people)
    assert pixattest("class.jsonl", "--split", "person", "-o", "out").returncode == 0
    assert files(folder) == [
        "out/.pixattest.jsonl",
        "out/T10/Martin Hugo.pdf",
        "out/T2/Martin Hugo (P-2222BBB2).pdf",
        "out/T2/Martin Hugo (P-2222BBBB).pdf",
    ]
    alone = Press().render(people[1])
    assert (folder / "out/T10/Martin Hugo.pdf").read_bytes() == alone


@pytest.mark.slow
def test_a_zip_file_holds_the_same_files(folder: Path, pixattest: Command, lines: Path) -> None:
    """The same bytes as in a folder; the ZIP file's own do not change with the day."""
    assert pixattest(lines.name, "-o", "out.zip").returncode == 0
    assert pixattest(lines.name).returncode == 0
    first = (folder / "out.zip").read_bytes()
    with zipfile.ZipFile(folder / "out.zip") as packed:
        assert packed.testzip() is None
        assert packed.namelist() == ["T10.pdf", "T2.pdf"]
        assert packed.read("T2.pdf") == (folder / "class/T2.pdf").read_bytes()
    assert pixattest(lines.name, "-o", "out.zip").returncode == 2
    assert pixattest(lines.name, "-o", "out.zip", "--force").returncode == 0
    assert (folder / "out.zip").read_bytes() == first


@pytest.mark.slow
def test_several_inputs_are_one_batch(folder: Path, pixattest: Command, lines: Path) -> None:
    """A class may come from two files; the folder has a name of its own."""
    shutil.copyfile(lines, folder / "20240209_resultats_T2.jsonl")
    write_lines(folder / "20240209_resultats_T2.jsonl", records("T2 Abel Ali", group=None))
    done = pixattest(lines.name, "20240209_resultats_T2.jsonl")
    assert (done.returncode, done.stderr) == (0, "")
    assert len(names(folder / "attestations/T2.pdf")) == 4
    assert "Ali Abel" in names(folder / "attestations/T2.pdf")


@pytest.mark.slow
def test_standard_input_becomes_one_file_on_standard_output(
    folder: Path, pixattest: Command, lines: Path
) -> None:
    """`-` reads a batch, and the report does not spoil the PDF."""
    assert pixattest("-", "-o", "in.pdf", stdin=lines.read_text()).returncode == 0
    assert pixattest(lines.name, "-o", "named.pdf").returncode == 0
    assert names(folder / "in.pdf") == names(folder / "named.pdf")


@pytest.mark.slow
def test_a_faulty_row_stops_no_other(folder: Path, pixattest: Command) -> None:
    """It goes to the rejects as it came; corrected and fed back, it is printed."""
    people = records(*PEOPLE)
    people[1]["levels"] = {"1.1": 9}
    people[2]["first_name"] = "漢"
    write_lines(folder / "class.jsonl", people)
    done = pixattest("class.jsonl", "--split", "none")
    assert done.returncode == 1
    assert 'class.jsonl, record 2, field "levels.1.1"' in done.stderr
    assert 'class.jsonl, record 3, field "first_name"' in done.stderr
    assert "5 rows read: 3 printed, 2 rejected." in done.stdout
    assert names(folder / "class.pdf") == ["Émile Zola", "Ève Dubois", "Zoé Écalle"]
    rejects = folder / "class.jsonl.rejected.jsonl"
    rows = [json.loads(line) for line in rejects.read_text(encoding="utf-8").splitlines()]
    assert [row["verification_code"] for row in rows] == ["P-2222BBBC", "P-2222BBB2"]
    assert "U+6F22" in rows[1]["what_to_correct"]
    mended = [rows[0] | {"levels": {"1.1": 5}}, rows[1] | {"first_name": "Anaïs"}]
    write_lines(rejects, mended)
    assert pixattest(rejects.name, "-o", "mended.pdf").returncode == 0
    assert names(folder / "mended.pdf") == ["Anaïs Écalle", "Hugo Martin"]


@pytest.mark.slow
def test_rejects_that_are_fed_back_are_numbered(folder: Path, pixattest: Command) -> None:
    """None is replaced while it is read: neither alone, nor beside the file that it came from."""
    people = [person | {"levels": {"1.1": 9}} for person in records(*PEOPLE[:3])]
    write_lines(folder / "class.jsonl", people)
    chain = ["class.jsonl", *(f"class.jsonl.rejected{n}.jsonl" for n in ("", ".2", ".3", ".4"))]
    for came, rejected in pairwise(chain[:4]):
        before = (folder / came).read_bytes()
        done = pixattest(came)
        assert f"{rejected}: 3 faulty rows" in done.stderr + done.stdout
        assert (folder / came).read_bytes() == before
    held = {name: (folder / name).read_bytes() for name in chain[:3]}
    (folder / chain[3]).write_text("earlier")
    done = pixattest(*chain[:3])
    assert "9 rows read: 0 printed, 9 rejected." in done.stdout
    assert files(folder) == sorted([*chain[1:], "class.jsonl.rejected.5.jsonl"])
    assert {name: (folder / name).read_bytes() for name in held} == held
    assert (folder / chain[3]).read_text(encoding="utf-8").count("what_to_correct") == 3


@pytest.mark.slow
@pytest.mark.parametrize("change", [{"levels": {"1.1": 9}}, {"first_name": "漢"}])
def test_strict_prints_all_or_nothing(
    folder: Path, pixattest: Command, change: dict[str, object]
) -> None:
    """One faulty row, or one that the page can't hold, and there is no PDF at all."""
    people = records(*PEOPLE)
    people[4] |= change
    write_lines(folder / "class.jsonl", people)
    done = pixattest("class.jsonl", "--strict")
    assert done.returncode == 1
    assert files(folder) == ["class.jsonl.rejected.jsonl"]
    assert "5 rows read: 0 printed, 1 rejected, 4 left." in done.stdout
    write_lines(folder / "class.jsonl", people[:4])
    assert pixattest("class.jsonl", "--strict").returncode == 0


@pytest.mark.slow
def test_a_selection_is_a_file_of_its_own(folder: Path, pixattest: Command, lines: Path) -> None:
    """By name, by code, by page of the whole batch; the class files stay as they are."""
    assert pixattest(lines.name).returncode == 0
    assert pixattest(lines.name, "--only", "ECALLE").returncode == 0
    assert pixattest(lines.name, "--only", "p-2222bbbc", "-o", "one.pdf").returncode == 0
    assert pixattest(lines.name, "--pages", "3-4").returncode == 0
    assert names(folder / "class - ECALLE.pdf") == ["Anaïs Écalle", "Zoé Écalle"]
    assert codes(folder / "one.pdf") == ["P-2222BBBC"]
    assert names(folder / "class - 3-4.pdf") == ["Émile Zola", "Ève Dubois"]


@pytest.mark.slow
def test_a_reprint_of_a_page_has_the_same_content(
    folder: Path, pixattest: Command, lines: Path
) -> None:
    """The page of a selection shows what it showed in the class file."""
    assert pixattest(lines.name, "--split", "none").returncode == 0
    assert pixattest(lines.name, "--pages", "2").returncode == 0
    with (
        pypdfium2.PdfDocument(folder / "class.pdf") as batch,
        pypdfium2.PdfDocument(folder / "class - 2.pdf") as reprint,
    ):
        pictures = [document.render().to_pil() for document in (batch[1], reprint[0])]
    assert pictures[0] == pictures[1]


@pytest.mark.slow
def test_the_report_names_every_row(folder: Path, pixattest: Command) -> None:
    """As JSON: file and page, or the reason, or the fault in words; the sums agree."""
    rows = (folder / RESULTS).read_text(encoding="utf-8-sig").splitlines()
    rows[1] = rows[1].replace("20/08/2005", "20/08/05")
    (folder / RESULTS).write_text("\n".join(rows) + "\n", encoding="utf-8")
    done = pixattest(RESULTS, "--new-codes", "--only", "Martin", "--report", "report.json")
    assert done.returncode == 1
    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    assert [report[key] for key in ("read", "printed", "not_printable", "rejected")] == [
        14,
        1,
        3,
        1,
    ]
    assert report["not_selected"] == 9
    statuses = [row["status"] for row in report["rows"]]
    assert statuses[:4] == ["rejected", "not selected", "not selected", "not printable"]
    assert len(statuses) == 14
    assert "two digits" in report["rows"][0]["what_to_correct"]
    (printed,) = (row for row in report["rows"] if row["status"] == "printed")
    assert (printed["row"], printed["line"], printed["page"]) == (5, 6, 1)
    assert names(folder / printed["file"]) == ["Inès Martin"]
    assert codes(folder / printed["file"]) == [printed["code"]]


@pytest.mark.slow
@pytest.mark.parametrize("split", ["none", "class", "person"])
def test_covers_and_blank_versos_are_counted_as_the_pages_they_are(
    folder: Path, pixattest: Command, lines: Path, split: str
) -> None:
    """Each class has its list; the report says the page of the file where each person stands."""
    options = ("--split", split, "-o", "out", "--cover", "--blank-versos")
    done = pixattest(lines.name, *options, "--report", "report.json")
    assert (done.returncode, done.stderr) == (0, "")
    assert "5 rows read: 5 printed, 0 rejected." in done.stdout
    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    for row in report["rows"]:
        with pypdfium2.PdfDocument(folder / row["file"]) as document:
            text = document[row["page"] - 1].get_textpage().get_text_range()
        assert row["code"] in text
        assert "Liste d'émargement" not in text
    lists = {
        "none": {"out/class.pdf": ["T2", "T10"]},
        "class": {"out/T2.pdf": ["T2"], "out/T10.pdf": ["T10"]},
        "person": {"out/T2/T2.pdf": ["T2"], "out/T10/T10.pdf": ["T10"]},
    }
    for file, groups in lists[split].items():
        with pypdfium2.PdfDocument(folder / file) as document:
            texts = [page.get_textpage().get_text_range() for page in document]
        covers = [text for text in texts if "Liste d'émargement" in text]
        assert [re.findall(r"T\d+", text)[0] for text in covers] == groups
        assert len(texts) % 2 == 0 or split == "person"
    assert pixattest(lines.name, *options, "--jobs", "2", "--force").returncode == 0


@pytest.mark.slow
def test_a_selection_with_a_cover_lists_those_selected(
    folder: Path, pixattest: Command, lines: Path
) -> None:
    """`--pages` counts people, whatever is printed between them."""
    assert pixattest(lines.name, "--pages", "3-4", "--cover", "-o", "some.pdf").returncode == 0
    with pypdfium2.PdfDocument(folder / "some.pdf") as document:
        texts = [page.get_textpage().get_text_range() for page in document]
    assert ["Zola" in text for text in texts] == [True, True, False, False]
    assert ["Dubois" in text for text in texts] == [False, False, True, True]


@pytest.mark.slow
def test_a_lone_record_may_have_a_cover(folder: Path, pixattest: Command) -> None:
    """It is a class of one."""
    write_lines(folder / "class.jsonl", records("T2 Martin Hugo"))
    (folder / "class.jsonl").rename(folder / "one.json")
    assert pixattest("one.json", "--cover", "-o", "one.pdf").returncode == 0
    with pypdfium2.PdfDocument(folder / "one.pdf") as document:
        assert len(document) == 2


@pytest.mark.slow
def test_resume_prints_anew_what_was_made_without_a_cover(
    folder: Path, pixattest: Command, lines: Path
) -> None:
    """A file counts as whole only if it was made with the same options."""
    for options, kept in (((), 0), (("--cover",), 0), (("--cover",), 2), (("--blank-versos",), 0)):
        done = pixattest(lines.name, "--resume", *options)
        assert done.returncode == 0
        assert (f"{kept} were whole and unchanged" in done.stdout) == bool(kept)
    with pypdfium2.PdfDocument(folder / "class/T2.pdf") as document:
        assert len(document) == 6


@pytest.mark.slow
def test_who_can_not_be_printed_is_on_no_list(folder: Path, pixattest: Command) -> None:
    """Where the page can't hold somebody, the list is of the others; a list's own faults count."""
    people = records(*PEOPLE)
    people[0]["birth_place"] = "漢"  # on the attestation only
    people[1]["last_name"] = "W" * 120
    write_lines(folder / "class.jsonl", people)
    for split in ("none", "person"):
        done = pixattest("class.jsonl", "--split", split, "--cover", "-o", f"{split}", "--force")
        assert done.returncode == 1
        assert "5 rows read: 3 printed, 2 rejected." in done.stdout
    with pypdfium2.PdfDocument(folder / "none/class.pdf") as document:
        texts = [page.get_textpage().get_text_range() for page in document]
    lists = [text for text in texts if "Liste d'émargement" in text]
    assert [text.count("P-2222") for text in lists] == [2, 1]
    assert files(folder)[-6:] == [
        "person/.pixattest.jsonl",
        "person/T10/Dubois Ève.pdf",
        "person/T10/T10.pdf",
        "person/T2/T2.pdf",
        "person/T2/Zola Émile.pdf",
        "person/T2/Écalle Anaïs.pdf",
    ]


@pytest.mark.slow
def test_quiet_says_nothing(pixattest: Command, lines: Path) -> None:
    """But faults, which are told on standard error."""
    done = pixattest(lines.name, "--quiet", "--split", "none")
    assert (done.stdout, done.stderr) == ("", "")


@pytest.mark.slow
def test_an_existing_file_is_kept(folder: Path, pixattest: Command, lines: Path) -> None:
    """Nothing is printed, not even the other class; --force replaces it."""
    (folder / "class").mkdir()
    (folder / "class/T2.pdf").write_bytes(b"mine")
    done = pixattest(lines.name)
    assert done.returncode == 2
    assert "class/T2.pdf" in done.stderr
    assert "--force" in done.stderr
    assert files(folder) == ["class/T2.pdf"]
    assert pixattest(lines.name, "--force").returncode == 0
    assert len(names(folder / "class/T2.pdf")) == 3


@pytest.mark.slow
def test_a_file_without_records_is_an_error(folder: Path, pixattest: Command) -> None:
    """No empty PDF."""
    (folder / "rows.csv").write_text((folder / RESULTS).read_text().splitlines()[0] + "\n")
    done = pixattest("rows.csv", "--new-codes", "--centre", "LP De Bougainville")
    assert done.returncode == 2
    assert "has no record in it" in done.stderr
    assert files(folder) == []
