"""What the pages of docs/ show is what the command does."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

from conftest import ROOT

PAGE = (ROOT / "docs/fr.md").read_text(encoding="utf-8")
EXAMPLE = "20240209_resultats_TCAP1.csv"


def pixattest(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command in a folder."""
    command = [sys.executable, "-m", "pixattest", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_the_secretary_is_shown_what_the_command_tells_of_the_example(tmp_path: Path) -> None:
    """Then the correction that the page tells makes an attestation of the rejected row."""
    for name in (EXAMPLE, "codes.csv"):
        shutil.copy(ROOT / "examples" / name, tmp_path)
    run = pixattest(tmp_path, EXAMPLE, "--codes", "codes.csv")
    [shown] = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
    told = [line for line in shown.splitlines() if line not in (run.stderr + run.stdout)]
    assert told == []
    rejects = tmp_path / f"{EXAMPLE}.rejected.csv"
    text = rejects.read_text(encoding="utf-8-sig")
    [right] = re.findall(r"la pièce d'identité de Louis dit `(.*?)`", PAGE)
    rejects.write_text(text.replace('"31/02/2007"', f'"{right}"'), encoding="utf-8-sig")
    run = pixattest(tmp_path, rejects.name, "--codes", "codes.csv")
    assert run.returncode == 0, run.stderr
    assert "1 row read: 1 printed, 0 rejected." in run.stdout


def test_every_picture_and_file_that_the_page_names_is_there() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", PAGE)
    assert links
    assert [link for link in links if not (ROOT / "docs" / link).is_file()] == []


def test_every_link_within_the_page_has_its_heading() -> None:
    """As GitHub makes anchors: lower case, no punctuation, hyphens for spaces."""
    headings = re.findall(r"^#+ (.+)$", PAGE, re.MULTILINE)
    anchors = {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in headings}
    assert {*re.findall(r"\]\(#(.+?)\)", PAGE)} <= anchors
