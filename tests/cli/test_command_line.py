"""The command line, as a user types it: in a process of its own."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import typer
from typer.core import TyperGroup
from typer.testing import CliRunner

from pixattest import Press, __version__
from pixattest.batch.report_file import FORMATS
from pixattest.cli import COMMANDS, make_app

ROOT = Path(__file__).parents[2]
RECORD: dict[str, Any] = json.loads((ROOT / "examples/record.json").read_text())


def pixattest(
    *arguments: str, folder: Path, stdin: bytes = b""
) -> subprocess.CompletedProcess[bytes]:
    """Run `python -m pixattest` in a folder."""
    return subprocess.run(
        [sys.executable, "-m", "pixattest", *arguments],
        cwd=folder,
        input=stdin,
        capture_output=True,
        check=False,
    )


def write_record(folder: Path, name: str = "record.json", **changes: object) -> Path:
    """A record's file; a change to None leaves the key out."""
    record = {key: value for key, value in (RECORD | changes).items() if value is not None}
    path = folder / name
    path.write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")
    return path


def pdfs(folder: Path) -> list[str]:
    """Names of all files in a folder that are not records."""
    return sorted(path.name for path in folder.iterdir() if path.suffix != ".json")


def printed_codes(pdf: bytes) -> list[str]:
    """The code on each page, in the order of the pages."""
    with pypdfium2.PdfDocument(pdf) as document:
        texts = [page.get_textpage().get_text_range() for page in document]
    return [re.findall(r"P-[A-Z0-9]{8}", text)[0] for text in texts]


def codes_of(*records: dict[str, Any]) -> list[str]:
    """The codes of some records."""
    return [record["verification_code"] for record in records]


@pytest.mark.slow
def test_a_record_becomes_a_pdf_beside_it(tmp_path: Path) -> None:
    """record.json makes record.pdf, the same bytes as the library's, and says so."""
    write_record(tmp_path)
    done = pixattest("record.json", folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"record.pdf" in done.stdout
    assert (tmp_path / "record.pdf").read_bytes() == Press().render(RECORD)


@pytest.mark.slow
def test_the_console_script_is_the_same_command(tmp_path: Path) -> None:
    """`pixattest` is installed beside Python."""
    write_record(tmp_path)
    script = Path(sys.executable).with_name("pixattest")
    done = subprocess.run([script, "record.json"], cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 0
    assert (tmp_path / "record.pdf").read_bytes() == Press().render(RECORD)


def test_render_may_be_named(tmp_path: Path) -> None:
    """`render` is the command that is meant when none is named."""
    write_record(tmp_path)
    assert pixattest("render", "record.json", folder=tmp_path).returncode == 0
    assert pdfs(tmp_path) == ["record.pdf"]


@pytest.mark.slow
def test_options_may_come_first(tmp_path: Path) -> None:
    """An option before the record does not hide the command."""
    write_record(tmp_path)
    assert pixattest("--specimen", "-o", "s.pdf", "record.json", folder=tmp_path).returncode == 0
    assert (tmp_path / "s.pdf").read_bytes() == Press(specimen=True).render(RECORD)


@pytest.mark.slow
def test_standard_input_and_output(tmp_path: Path) -> None:
    """`-` reads a record and writes nothing but the PDF."""
    done = pixattest("-", folder=tmp_path, stdin=json.dumps(RECORD).encode())
    assert done.returncode == 0
    assert done.stdout == Press().render(RECORD)
    assert pdfs(tmp_path) == []


@pytest.mark.slow
def test_issuer_template_and_language(tmp_path: Path) -> None:
    """The options are the press's arguments."""
    write_record(tmp_path)
    issuer = ROOT / "examples/issuer.toml"
    template = ROOT / "templates/attestation/template.svg"
    arguments = ["--issuer", str(issuer), "--template", str(template), "--language", "en"]
    done = pixattest(*arguments, "record.json", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "record.pdf").read_bytes() == Press(issuer=issuer, language="en").render(
        RECORD
    )


@pytest.mark.slow
def test_an_existing_file_is_kept(tmp_path: Path) -> None:
    """What is there stays there, and the message names --force."""
    write_record(tmp_path)
    (tmp_path / "record.pdf").write_bytes(b"mine")
    done = pixattest("record.json", folder=tmp_path)
    assert done.returncode == 2
    assert b"record.pdf" in done.stderr
    assert b"--force" in done.stderr
    assert (tmp_path / "record.pdf").read_bytes() == b"mine"
    assert pixattest("record.json", "--force", folder=tmp_path).returncode == 0
    assert (tmp_path / "record.pdf").read_bytes().startswith(b"%PDF-1.7")


def test_a_refused_record_makes_no_file(tmp_path: Path) -> None:
    """All faults are told, with file, field and mend; exit status 1."""
    write_record(tmp_path, birth_date="2003-02-30", levels={"3,2": 1})
    done = pixattest("record.json", folder=tmp_path)
    assert done.returncode == 1
    told = done.stderr.decode()
    assert "Traceback" not in told
    assert 'record.json, field "birth_date"' in told
    assert 'Did you mean "3.2"?' in told
    assert pdfs(tmp_path) == []


@pytest.mark.slow
def test_a_refused_record_does_not_stop_the_others(tmp_path: Path) -> None:
    """Of three files, the two good ones are made."""
    write_record(tmp_path, "a.json")
    write_record(tmp_path, "b.json", last_name="")
    write_record(tmp_path, "c.json", first_name="😀")
    write_record(tmp_path, "d.json")
    done = pixattest("a.json", "b.json", "c.json", "d.json", folder=tmp_path)
    assert done.returncode == 1
    assert pdfs(tmp_path) == ["a.pdf", "d.pdf"]
    assert 'b.json, field "last_name"' in done.stderr.decode()
    assert 'c.json, field "first_name"' in done.stderr.decode()
    assert "U+1F600" in done.stderr.decode()


@pytest.mark.slow
def test_several_records_become_one_file_that_is_named(tmp_path: Path) -> None:
    """Without -o each has its own; with it they are a batch, in the order of the names."""
    write_record(tmp_path, "a.json", last_name="Ó Súilleabháin", verification_code="P-22222222")
    write_record(tmp_path, "b.json")
    done = pixattest("a.json", "b.json", "-o", "x.pdf", folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, b"")
    assert pdfs(tmp_path) == ["x.pdf"]
    assert printed_codes((tmp_path / "x.pdf").read_bytes()) == ["P-GVVP6HBM", "P-22222222"]


def test_a_record_without_code_is_refused(tmp_path: Path) -> None:
    """A code that nobody recorded can't be verified; the message names the way out."""
    write_record(tmp_path, verification_code=None)
    done = pixattest("record.json", folder=tmp_path)
    assert done.returncode == 1
    assert b"--new-codes" in done.stderr
    assert pdfs(tmp_path) == []


@pytest.mark.slow
def test_a_new_code_is_told_on_standard_output(tmp_path: Path) -> None:
    """The told code is the one in the file."""
    write_record(tmp_path, verification_code=None)
    done = pixattest("record.json", "--new-codes", folder=tmp_path)
    assert done.returncode == 0
    code = done.stdout.decode().split("new code ")[1].split()[0]
    expected = Press().render(RECORD | {"verification_code": code})
    assert (tmp_path / "record.pdf").read_bytes() == expected


@pytest.mark.slow
def test_a_new_code_does_not_spoil_a_pdf_on_standard_output(tmp_path: Path) -> None:
    """Where standard output is the PDF's, the code is told on standard error."""
    record = {key: value for key, value in RECORD.items() if key != "verification_code"}
    done = pixattest("-", "--new-codes", folder=tmp_path, stdin=json.dumps(record).encode())
    assert done.stdout.startswith(b"%PDF-1.7")
    code = done.stderr.decode().split("new code ")[1].split()[0]
    assert done.stdout == Press().render(RECORD | {"verification_code": code})


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["missing.json"], "missing.json"),
        (["record.json", "--issuer", "missing.toml"], "missing.toml"),
        (["record.json", "--template", "diploma"], "attestation"),
        (["record.json", "--language", "tlh"], "'tlh'"),
        (["record.json", "-o", "nowhere/x.pdf"], "nowhere/x.pdf"),
        (["record.json", "-o", "nowhere/folder"], "nowhere/folder"),
        (["record.json", "--split", "person", "-o", "text.json"], "text.json"),
        (["record.json", "--report", "record.json"], "record.json"),
        (["record.json", "--report", "nowhere/r.json"], "nowhere/r.json"),
        (["record.json", "--codes", "text.json"], "text.json"),
        (["record.json", "--only", "Personne"], "Personne"),
        (["record.json", "--pages", "2"], "page 2"),
        (["record.json", "--delivered-on", "9/2/24"], "9/2/24"),
        (["record.json", "--colour"], "--colour"),
        (["text.json"], "text.json"),
    ],
)
def test_what_cannot_be_used_ends_with_status_2(
    tmp_path: Path, arguments: list[str], told: str
) -> None:
    """Usage, inputs and outputs that can't be used: a readable message, no traceback, no file."""
    write_record(tmp_path)
    (tmp_path / "text.json").write_text("Bonjour")
    done = pixattest(*arguments, folder=tmp_path)
    assert done.returncode == 2
    assert told in done.stderr.decode()
    assert "Traceback" not in done.stderr.decode()
    assert pdfs(tmp_path) == []


def test_debug_shows_the_traceback(tmp_path: Path) -> None:
    """For whoever has to find out."""
    done = pixattest("missing.json", "--debug", folder=tmp_path)
    assert done.returncode != 0
    assert b"Traceback" in done.stderr


def test_a_name_of_a_command_may_be_a_file(tmp_path: Path) -> None:
    """A record named like a command is reached by its path."""
    write_record(tmp_path, "schema")
    done = pixattest("./schema", folder=tmp_path)
    assert done.returncode == 0
    assert "schema.pdf" in pdfs(tmp_path)


@pytest.mark.slow
def test_framework_by_name_or_file(tmp_path: Path) -> None:
    """What the press is given; the record is held against it."""
    record = RECORD | {"levels": {"5.4": 8}, "score": None, "max_level": None}
    (tmp_path / "record.json").write_text(json.dumps(record), encoding="utf-8")
    done = pixattest("--framework", "digcomp", "--language", "de", "record.json", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    expected = Press(framework="digcomp", language="de").render(record)
    assert (tmp_path / "record.pdf").read_bytes() == expected
    example = str(ROOT / "examples/framework.toml")
    done = pixattest("--framework", example, "record.json", "--force", folder=tmp_path)
    assert done.returncode == 1
    assert b"not a competence of the framework kitchen" in done.stderr
    done = pixattest("--framework", "digcmp", "record.json", "--force", folder=tmp_path)
    assert done.returncode == 2
    assert b"crcn, digcomp" in done.stderr


def test_schema_of_a_framework(tmp_path: Path) -> None:
    """Its competences."""
    done = pixattest("schema", "--framework", "digcomp", folder=tmp_path)
    assert len(json.loads(done.stdout)["properties"]["levels"]["properties"]) == 21


@pytest.mark.slow
def test_help_lists_languages_and_frameworks(tmp_path: Path) -> None:
    """Those that ship."""
    told = pixattest("render", "--help", folder=tmp_path).stdout.decode()
    told = " ".join(re.sub("[^\\w,:]", " ", told).split())
    assert "de, en, es, fr, it, nl" in told
    assert "crcn, digcomp" in told


def test_schema_prints_the_json_schema(tmp_path: Path) -> None:
    """Nothing but JSON on standard output."""
    done = pixattest("schema", folder=tmp_path)
    assert done.returncode == 0
    assert json.loads(done.stdout)["title"] == "pixattest record"


@pytest.mark.slow
def test_version_and_help(tmp_path: Path) -> None:
    """Both end with status 0; help names every command and option of the default one."""
    assert pixattest("--version", folder=tmp_path).stdout.decode() == f"pixattest {__version__}\n"
    told = pixattest("--help", folder=tmp_path).stdout.decode()
    assert "render" in told
    assert "schema" in told
    told = pixattest("render", "--help", folder=tmp_path).stdout.decode()
    for option in ("--issuer", "--template", "--language", "--new-codes", "--specimen", "--force"):
        assert option in told


@pytest.mark.slow
def test_nothing_is_left_behind_when_the_disk_is_full(tmp_path: Path) -> None:
    """A file system without room: a clear message, neither a PDF nor a part of one."""
    if os.geteuid() != 0:
        pytest.skip("mounting needs root")
    full = tmp_path / "full"
    full.mkdir()
    write_record(tmp_path)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8k", "tmpfs", str(full)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("tmpfs can't be mounted here")
    try:
        done = pixattest("record.json", "-o", "full/record.pdf", folder=tmp_path)
        assert done.returncode == 2
        assert b"No space left" in done.stderr
        assert list(full.iterdir()) == []
    finally:
        subprocess.run(["umount", str(full)], check=True)


@pytest.mark.slow
@pytest.mark.parametrize("module", ["reportlab", "jinja2", "babel", "qrcode", "PIL", "rich"])
def test_importing_pixattest_imports_no_compiler(module: str) -> None:
    """All public names leave what only compiling a template needs for later."""
    program = f"import sys; from pixattest import *; sys.exit({module!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@pytest.mark.slow
def test_one_record_imports_no_more_than_it_needs(tmp_path: Path) -> None:
    """With a kept plate: no other command, no compiler, nothing of batches."""
    write_record(tmp_path)
    program = (
        "import sys; from pixattest.cli import main\n"
        "try: main()\n"
        "finally: print(*sys.modules, file=sys.stderr)"
    )
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", program, "record.json", "--force"],
            cwd=tmp_path,
            env=os.environ | {"PIXATTEST_CACHE": str(tmp_path / "kept")},
            capture_output=True,
            text=True,
            check=False,
        )
    imported = set(done.stderr.split())
    assert "pixattest.press.press" in imported
    needless = {
        *("reportlab", "jinja2", "babel", "qrcode", "PIL", "rich", "pickle"),
        *("pixattest.cli.ledger", "pixattest.batch", "pixattest.pdf.deflate"),
    }
    assert not imported & needless


def test_garbage_is_collected_while_a_command_runs() -> None:
    """A long run's memory stays flat: collecting is put off while modules are imported only."""
    program = (
        "import gc, sys; from pixattest.cli import main\n"
        "try: main()\n"
        "finally: print(gc.isenabled(), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "schema"], capture_output=True, text=True, check=False
    )
    assert done.stderr == "True\n"


def write_lines(folder: Path, *records: dict[str, Any]) -> Path:
    """A file of JSON lines."""
    path = folder / "class.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


CLASS = [RECORD | {"verification_code": f"P-GVVP6HB{letter}"} for letter in "BCDFG"]


@pytest.mark.slow
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_json_lines_become_one_file(tmp_path: Path, jobs: str) -> None:
    """A page a line, in order, the same bytes as the library's for any number of processes."""
    write_lines(tmp_path, *CLASS)
    done = pixattest("class.jsonl", "--jobs", jobs, folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"5 attestations" in done.stdout
    expected = io.BytesIO()
    Press().write(CLASS, expected)
    assert (tmp_path / "class.pdf").read_bytes() == expected.getvalue()


@pytest.mark.slow
def test_faults_of_json_lines_are_all_told(tmp_path: Path) -> None:
    """Faulty lines stop no other: those are printed, and every fault of every line is told."""
    broken = CLASS[1] | {"last_name": ""}, CLASS[3] | {"levels": {}}
    write_lines(tmp_path, CLASS[0], broken[0], CLASS[2], broken[1])
    done = pixattest("class.jsonl", folder=tmp_path)
    assert done.returncode == 1
    told = done.stderr.decode()
    assert 'class.jsonl, record 2, field "last_name"' in told
    assert 'class.jsonl, record 4, field "levels"' in told
    assert pdfs(tmp_path) == ["class.jsonl", "class.jsonl.rejected.jsonl", "class.pdf"]
    assert printed_codes((tmp_path / "class.pdf").read_bytes()) == codes_of(CLASS[0], CLASS[2])


@pytest.mark.slow
def test_a_line_that_is_not_json_is_named(tmp_path: Path) -> None:
    """It is a faulty record like any other; the others are printed."""
    path = write_lines(tmp_path, *CLASS)
    path.write_text(path.read_text().replace("\n", "\n}\n", 1))
    done = pixattest("class.jsonl", folder=tmp_path)
    assert done.returncode == 1
    assert "class.jsonl, record 2" in done.stderr.decode()
    assert "is not JSON" in done.stderr.decode()
    assert printed_codes((tmp_path / "class.pdf").read_bytes()) == codes_of(*CLASS)


@pytest.mark.slow
def test_new_codes_of_json_lines_are_told_with_their_lines(tmp_path: Path) -> None:
    """Each new code is told, and is the one that was printed."""
    bare = [{k: v for k, v in record.items() if k != "verification_code"} for record in CLASS[:2]]
    write_lines(tmp_path, bare[0], CLASS[2], bare[1])
    done = pixattest("class.jsonl", "--new-codes", folder=tmp_path)
    assert done.returncode == 0
    codes = re.findall(r"record (\d+): new code (\S+)", done.stdout.decode())
    assert [row for row, _ in codes] == ["1", "3"]
    coded = [bare[0], CLASS[2], bare[1]]
    for row, code in codes:
        coded[int(row) - 1] = coded[int(row) - 1] | {"verification_code": code}
    expected = io.BytesIO()
    # Homonyms stand by row as long as no code of their own tells them apart.
    Press().write([coded[0], coded[2], coded[1]], expected)
    assert (tmp_path / "class.pdf").read_bytes() == expected.getvalue()


@pytest.mark.slow
def test_new_codes_that_the_issuer_refuses_are_told_once_of_its_file(tmp_path: Path) -> None:
    """Whoever has codes of an own form and no new_code mends one file, not each record."""
    text = (ROOT / "pixattest/model/issuer.toml").read_text(encoding="utf-8")
    text = re.sub("(?m)^code_pattern = .*", 'code_pattern = "WN-[A-Z0-9]{8}"', text)
    (tmp_path / "own.toml").write_text(text, encoding="utf-8")
    bare = [{k: v for k, v in record.items() if k != "verification_code"} for record in CLASS[:2]]
    write_lines(tmp_path, *bare)
    done = pixattest("class.jsonl", "--new-codes", "--issuer", "own.toml", folder=tmp_path)
    assert done.returncode == 2
    told = done.stderr.decode()
    assert told.startswith("own.toml: [verification] code_pattern 'WN-[A-Z0-9]{8}' does not accept")
    assert told.count("\n") == 1
    assert not done.stdout


@pytest.mark.slow
def test_a_scheduler_that_is_not_there_is_told(tmp_path: Path) -> None:
    """--dask with an address where nobody listens: status 2, a hint, no file."""
    write_lines(tmp_path, *CLASS)
    done = pixattest("class.jsonl", "--dask", "tcp://127.0.0.1:9", folder=tmp_path)
    assert done.returncode == 2
    assert "Dask" in done.stderr.decode()
    assert "Traceback" not in done.stderr.decode()
    assert pdfs(tmp_path) == ["class.jsonl"]


@pytest.mark.slow
@pytest.mark.parametrize("module", ["sqlite3", "python_calamine", "pyuca", "rich.progress"])
def test_one_record_needs_nothing_of_a_batch(tmp_path: Path, module: str) -> None:
    """`pixattest record.json` starts without database, spreadsheets, collation and bar."""
    write_record(tmp_path)
    program = (
        "import sys; from pixattest.cli import main\n"
        "try: main()\n"
        f"except SystemExit: sys.exit({module!r} in sys.modules)"
    )
    command = [sys.executable, "-c", program, "record.json"]
    assert subprocess.run(command, cwd=tmp_path, check=False).returncode == 0
    assert (tmp_path / "record.pdf").is_file()


def test_the_help_lists_all_commands_in_our_order() -> None:
    """Typer's group is asked for their order by `list_commands`, which a version may rename."""
    command = typer.main.get_command(make_app(COMMANDS))
    assert isinstance(command, TyperGroup)
    assert command.list_commands(typer.Context(command)) == [*COMMANDS]
    shown = CliRunner().invoke(make_app(COMMANDS), ["--help"]).output
    places = [shown.index(f" {name} ") for name in COMMANDS]
    assert places == sorted(places)


def test_the_help_of_the_report_names_its_formats() -> None:
    """They stand there in writing, as one record is printed without importing the batch."""
    shown = CliRunner().invoke(make_app(["render"]), ["render", "--help"]).output
    told = " ".join(re.sub("[│|]", " ", shown).split())
    names = " or ".join(suffix.removeprefix(".").upper() for suffix in FORMATS)
    assert f"What became of every row, as {names}." in told
