"""Every code block of the README and of docs/ is run, and what they show is what is told.

The blocks of a page are run in its order, in a folder that has the examples. A comment before a
block says what a reader does with it, or why it is not run:

    <!-- file: ada.json -->          save it under that name
    <!-- not run: the reason -->

The page on scale needs a cluster, and is run by test_scale.py.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest
from pages import Block, blocks
from support import EXAMPLES, ROOT, lacking

import pixattest
from pixattest import Press
from pixattest.model.framework import Framework
from pixattest.model.issuer import Issuer
from pixattest.template.folder import find_template
from pixattest.template.labels import Labels

PAGES = [
    name
    for path in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    if (name := str(path.relative_to(ROOT))) != "docs/scale.md"
]
FRENCH = (ROOT / "docs/fr.md").read_text(encoding="utf-8")
RESULTS = "20240209_resultats_TCAP1.csv"
FAULTY = "is not a day of the calendar"
"""What is told of the row that the example has for it."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a reader stands: the examples, here and in their folder, and a command `pixattest`.

    There is an issuer's file with a seal, and a record with a fault.
    """
    # What a reader has made there before, as the README says, is left out.
    made = shutil.ignore_patterns("*.pdf")
    shutil.copytree(EXAMPLES, tmp_path / "examples", ignore=made)
    shutil.copytree(EXAMPLES, tmp_path, dirs_exist_ok=True, ignore=made)
    issuer = (EXAMPLES / "issuer.toml").read_text(encoding="utf-8")
    seal = '[seal]\nsite = "https://attestations.example/verify/"\nkey = "key.pem"\n'
    (tmp_path / "ours.toml").write_text(f"{issuer}\n{seal}", encoding="utf-8")
    record = json.loads((EXAMPLES / "record.json").read_text(encoding="utf-8"))
    wrong = record | {"levels": {"3,2": 1}}
    (tmp_path / "resultats.json").write_text(json.dumps(wrong), encoding="utf-8")
    programs = tmp_path / ".bin"
    programs.mkdir()
    for name, arguments in {"pixattest": " -m pixattest", "python": ""}.items():
        path = programs / name
        path.write_text(f'#!/bin/sh\nexec "{sys.executable}"{arguments} "$@"\n', encoding="utf-8")
        path.chmod(0o755)
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_code_blocks_do_what_the_page_says(page: str, folder: Path) -> None:
    for block in blocks(page):
        if block.reason is None:
            place = f"{page}, line {block.line}"
            assert block.language in RUN, f"{place}: {block.language!r} is not run"
            if block.file:
                (folder / block.file).write_text(block.text, encoding="utf-8")
            RUN[block.language](block, folder, place)


def test_what_is_not_run_is_little() -> None:
    found = [block for page in PAGES for block in blocks(page)]
    assert sum(block.reason is not None for block in found) < len(found) / 4


def test_every_name_is_imported_from_pixattest_itself() -> None:
    """What a reader imports is public; `__all__` and the reference's page have no other names."""
    imports = re.compile(r"^ *(?:from|import) (pixattest[\w.]*)(?: import (\([^)]*\)|.+))?$", re.M)
    found = {
        (page, module, name)
        for page in [*PAGES, "docs/scale.md"]
        for module, names in imports.findall((ROOT / page).read_text(encoding="utf-8"))
        for name in re.findall(r"\w+", names)
    }
    assert len(found) > 20
    public = set(pixattest.__all__)
    assert [f for f in sorted(found) if f[1] != "pixattest" or f[2] not in public] == []


# A way to run each language.


def run_shell(block: Block, folder: Path, place: str) -> None:
    """Each line works; where the example's faulty row is among what is printed, it is told."""
    for command in block.text.replace("\\\n", " ").splitlines():
        done = shell(command, folder)
        ran = done.returncode == 0 or FAULTY in done.stdout
        assert ran, f"{place}: {command}\n{done.stdout}"


def run_console(block: Block, folder: Path, place: str) -> None:
    """What is shown below a command is among the lines that it tells, in that order."""
    for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        command, *shown = part.splitlines()
        done = shell(command, folder)
        told = iter(done.stdout.splitlines())
        assert all(line in told for line in shown), f"{place}: {command}\n{done.stdout}"
        assert shown or done.returncode == 0, f"{place}: {command}\n{done.stdout}"


def shell(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """A command in a folder; what it tells on either channel, in one text."""
    path = f"{folder / '.bin'}{os.pathsep}{os.environ['PATH']}"
    for step in command.split(" | "):
        program = step.split()[0]
        if shutil.which(program, path=path) is None:
            lacking(program)
    return subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env={
            **os.environ,
            "PATH": path,
            "LC_ALL": "C.UTF-8",
            "PIXATTEST_PASSPHRASE": "five words by mere chance",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def run_python(block: Block, folder: Path, place: str) -> None:
    script = folder / (block.file or "script.py")
    script.write_text(block.text, encoding="utf-8")
    done = shell(f"python {script.name}", folder)
    assert done.returncode == 0, f"{place}\n{done.stdout}"


def run_stub(block: Block, _: Path, place: str) -> None:
    """It is a signature, as a stub of the reference has it."""
    compile(block.text, place, "exec")


def run_json(block: Block, _: Path, place: str) -> None:
    """It is JSON; a record, where it looks like one that is not for a command to come."""
    value = json.loads(block.text)
    if isinstance(value, dict) and "first_name" in value and not block.file:
        Press().read({"verification_code": "P-GVVP6HBM"} | value, source=place)


def run_csv(block: Block, _: Path, place: str) -> None:
    """It is for a command to come, and all rows have the width of the headings."""
    assert block.file, f"{place}: nothing reads it"
    assert len({len(row) for row in csv.reader(block.text.splitlines())}) == 1, place


def run_toml(block: Block, _: Path, place: str) -> None:
    """It is an issuer's, a framework's or a template's labels, whole or in part."""
    said = tomllib.loads(block.text)
    examples = {
        Issuer: EXAMPLES / "issuer.toml",
        Framework: ROOT / "examples/framework.toml",
        Labels: find_template("attestation").parent / "labels/fr.toml",
    }
    for kind, path in examples.items():
        with suppress(msgspec.ValidationError):
            msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")) | said, kind)
            return
    pytest.fail(f"{place}: no file of pixattest's has these keys")


def run_svg(block: Block, folder: Path, place: str) -> None:
    """It is a template, or something to stand in one."""
    template = folder / "template"
    if not template.exists():
        labels = find_template("attestation").parent / "labels"
        shutil.copytree(labels, template / "labels")
        shutil.copy(ROOT / "docs/reference/svg/stripes.png", template)
    text = block.text
    if not text.startswith("<svg"):
        size = 'width="210mm" height="297mm" viewBox="0 0 595.276 841.89"'
        style = 'font-family="Source Sans 3" font-size="11"'
        if is_cover := "variant.rows" in text:
            style, text = f'{style} data-rows="3"', f'<g role="table">\n{text}</g>'
        text = f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style}>\n{text}</svg>'
        if is_cover:
            (template / "cover.svg").write_text(text, encoding="utf-8")
            press = Press(template)
            record = press.read_file(EXAMPLES / "record.json")
            assert press.write([record], io.BytesIO(), cover=True) == 2, place
            return
    (template / "template.svg").write_text(text, encoding="utf-8")
    press = Press(template)
    assert press.render(press.read_file(EXAMPLES / "record.json")).startswith(b"%PDF"), place


RUN = {
    "console": run_console,
    "json": run_json,
    "python": run_python,
    "pyi": run_stub,
    "sh": run_shell,
    "svg": run_svg,
    "csv": run_csv,
    "toml": run_toml,
    "xml": run_svg,
}


# The page in French.


@pytest.mark.slow
def test_the_secretary_is_shown_what_the_command_tells_of_the_example(folder: Path) -> None:
    """Then the correction that the page tells makes an attestation of the rejected row."""
    for name in (RESULTS, "codes.csv"):
        shutil.copy(EXAMPLES / name, folder)
    told = shell(f"pixattest {RESULTS} --codes codes.csv", folder).stdout
    [shown] = re.findall(r"```text\n(.*?)```", FRENCH, re.DOTALL)
    assert [line for line in shown.splitlines() if line not in told] == []
    rejects = folder / f"{RESULTS}.rejected.csv"
    text = rejects.read_text(encoding="utf-8-sig")
    [right] = re.findall(r"la pièce d'identité de Louis dit `(.*?)`", FRENCH)
    rejects.write_text(text.replace('"31/02/2007"', f'"{right}"'), encoding="utf-8-sig")
    done = shell(f"pixattest {rejects.name} --codes codes.csv", folder)
    assert done.returncode == 0, done.stdout
    assert "1 row read: 1 printed, 0 rejected." in done.stdout


# Links, as GitHub has them; the site's are checked when it is built.


@pytest.mark.parametrize("page", [*PAGES, "docs/scale.md"])
def test_every_link_leads_to_a_file_and_a_heading(page: str) -> None:
    text = re.sub(r"^```.*?^```$", "", (ROOT / page).read_text("utf-8"), flags=re.S | re.M)
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if not link.startswith("http"):
            path, _, anchor = link.partition("#")
            target = (ROOT / page).parent / path if path else ROOT / page
            assert target.exists(), link
            assert not anchor or anchor in _anchors(target), link


@pytest.mark.parametrize(
    "page", [*PAGES, "docs/scale.md", "CONTRIBUTING.md", "benchmarks/README.md"]
)
def test_every_file_of_ours_that_is_named_is_there(page: str) -> None:
    named = re.compile(
        r"(?<![\w/.-])(?:pixattest|tests|docs|benchmarks|templates|examples|fonts)/[\w./-]*\w"
    )
    paths = set(named.findall((ROOT / page).read_text(encoding="utf-8")))
    # The reader makes `examples/record.pdf`; in `tests/ROOM` the capitals stand for any room.
    paths = {path for path in paths if not path.endswith(".pdf") and "ROOM" not in path}
    missing = [path for path in paths if not (ROOT / path).exists()]
    assert missing == []


def _anchors(page: Path) -> set[str]:
    """As GitHub makes them: lower case, no punctuation, hyphens for spaces."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in headings}
