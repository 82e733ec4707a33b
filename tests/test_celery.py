"""docs/celery.md: its task is safe to run twice, at once, and after it was broken off."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from pages import load
from support import EXAMPLES

from pixattest import OutputError
from pixattest.ledger import History, open_ledger

pytestmark = pytest.mark.slow

celery_testing = pytest.importorskip("celery.contrib.testing.worker")

NUMBER = "100200"


@pytest.fixture
def tasks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str) -> ModuleType:
    """The page's module, in a folder with the examples and the record of a certification."""
    shutil.copytree(EXAMPLES, tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    for name, value in {
        "BROKER": "memory://",
        "RESULTS": "cache+memory://",
        "LEDGER": where,
        "FILES": str(tmp_path),
    }.items():
        monkeypatch.setenv(name, value)
    module = load("docs/celery.md", "tasks.py", tmp_path)
    module.app.finalize()  # as a worker does before its first task
    return module


@pytest.fixture(autouse=True)
def person(tmp_path: Path, example: Mapping[str, Any]) -> Path:
    """The file of a record that has no code yet."""
    path = tmp_path / f"{NUMBER}.json"
    path.write_text(json.dumps({**example, "verification_code": None}), encoding="utf-8")
    return path


def issued(where: str) -> list[History]:
    with open_ledger(where, create=False) as ledger:
        return [*ledger.histories()]


@pytest.mark.parametrize("where", ["sqlite"], indirect=True)
def test_a_worker_prints_what_the_ledger_has_issued(
    tasks: ModuleType, tmp_path: Path, where: str
) -> None:
    """A real one, in a thread, with a broker in memory: twice asked, once issued."""
    with celery_testing.start_worker(tasks.app, perform_ping_check=False):
        asked = [tasks.attest.delay(NUMBER) for _ in range(2)]
        first, second = (result.get(timeout=60) for result in asked)
    [history] = issued(where)
    assert first == second == {"code": history.code, "file": str(tmp_path / f"{history.code}.pdf")}
    [revision] = history.revisions
    assert Path(first["file"]).read_bytes() == tasks.press.render(revision.record)
    assert len(revision.printings) == 1


def test_two_that_run_at_once_are_one(tasks: ModuleType, tmp_path: Path, where: str) -> None:
    with ThreadPoolExecutor(4) as threads:
        results = [*threads.map(lambda _: tasks.attest.apply([NUMBER]).get(), range(8))]
    [history] = issued(where)
    assert {result["code"] for result in results} == {history.code}
    assert [path.name for path in tmp_path.glob("*.p*") if path.suffix in (".pdf", ".part")] == [
        f"{history.code}.pdf"
    ]


def test_a_task_that_broke_off_goes_on_with_its_code(
    tasks: ModuleType, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once the disk has room again; the code was issued before."""
    write, codes = tasks.write_file, []

    def fails_twice(path: Path, data: bytes, *, force: bool) -> None:
        codes.append(path.stem)
        if len(codes) < 3:
            raise OutputError("no space left")
        write(path, data, force=force)

    monkeypatch.setattr(tasks, "write_file", fails_twice)
    result = tasks.attest.apply([NUMBER]).get()
    assert codes == [result["code"]] * 3
    assert [history.code for history in issued(where)] == [result["code"]]
    assert Path(result["file"]).is_file()


def test_a_corrected_record_replaces_the_file(tasks: ModuleType, person: Path, where: str) -> None:
    before = tasks.attest.apply([NUMBER]).get()
    content = Path(before["file"]).read_bytes()
    raw = json.loads(person.read_text(encoding="utf-8"))
    person.write_text(json.dumps(raw | {"first_name": "Zoé"}), encoding="utf-8")
    assert tasks.attest.apply([NUMBER]).get() == before
    assert Path(before["file"]).read_bytes() != content
    [history] = issued(where)
    assert [revision.record.first_name for revision in history.revisions][1:] == ["Zoé"]


def test_faults_are_told_and_not_tried_again(
    tasks: ModuleType, person: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of a record, and of what can't be issued."""
    loaded: list[str] = []
    load = tasks.load
    monkeypatch.setattr(tasks, "load", lambda number: loaded.append(number) or load(number))
    raw = json.loads(person.read_text(encoding="utf-8"))
    person.write_text(json.dumps(raw | {"score": -1, "last_name": ""}), encoding="utf-8")
    faults = tasks.attest.apply([NUMBER]).get()["faults"]
    assert len(faults) == 2
    assert "score" in "".join(faults)
    person.write_text(json.dumps(raw | {"verification_code": "P-22222222"}), encoding="utf-8")
    (tmp_path / "100201.json").write_text(person.read_text(encoding="utf-8"), encoding="utf-8")
    assert "code" in tasks.attest.apply([NUMBER]).get()
    [fault] = tasks.attest.apply(["100201"]).get()["faults"]
    assert "P-22222222 is the code of another certification" in fault
    assert loaded == [NUMBER, NUMBER, "100201"]
