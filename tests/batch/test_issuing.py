"""A batch through a ledger: what is issued, again, corrected or refused, and nothing else."""

from __future__ import annotations

import io
import json
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from support import EXAMPLES

from pixattest import OutputError, Press
from pixattest.batch import issuing
from pixattest.batch.drafts import Drafts
from pixattest.batch.job import Job, Outcome
from pixattest.batch.outputs import Split
from pixattest.batch.report import tell
from pixattest.batch.report_file import write_report
from pixattest.batch.running import run
from pixattest.errors import Fault, LedgerError
from pixattest.ledger import History, open_ledger
from pixattest.ledger.sql import SqlLedger

from .test_job import HEADINGS, Watcher, row

RECORD: dict[str, Any] = json.loads((EXAMPLES / "record.json").read_text(encoding="utf-8"))
RECORD["verification_code"] = None


@pytest.fixture(scope="module")
def press() -> Press:
    return Press()


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[SqlLedger]:
    with open_ledger(tmp_path / "issued.db") as opened:
        yield opened


def itself(press: Press) -> Press:
    """What makes a press, in another process too."""
    return press


class Bench:
    """Jobs in a folder, with one press and one ledger."""

    def __init__(self, press: Press, ledger: SqlLedger, folder: Path) -> None:
        self.press, self.ledger, self.folder = press, ledger, folder
        self.report: dict[str, Any] = {}
        self.told: list[str] = []

    @contextmanager
    def outcome(self, rows: Sequence[dict[str, Any]], **more: Any) -> Iterator[Outcome]:
        """Of a job with rows of changes to the example."""
        path = self.folder / "class.json"
        path.write_text(json.dumps([RECORD | changes for changes in rows]))
        more = {"output": self.folder / "class.pdf", "force": True, "ledger": self.ledger} | more
        with run(
            Job(inputs=[path], **more),
            partial(itself, self.press),
            tell_code=lambda *_: pytest.fail("a code of the ledger is not told"),
            watcher=Watcher(),
            standard_output=io.BytesIO(),
        ) as done:
            yield done

    def do(self, *rows: dict[str, Any], **more: Any) -> list[str]:
        """Do a job; what the ledger said of each row, or its status where it was not asked."""
        with self.outcome(rows, **more) as done:
            assert done.stopped is None
            write_report(done, self.folder / "report.json")
            self.told = [*tell(done)]
        self.report = json.loads((self.folder / "report.json").read_text())
        return [row.get("ledger", row["status"]) for row in self.report["rows"]]

    def histories(self) -> list[History]:
        return [*self.ledger.histories()]

    def codes(self) -> list[str | None]:
        """Of each row, as the report has them."""
        return [row.get("code") for row in self.report["rows"]]

    def text(self, page: int = 0) -> str:
        with pypdfium2.PdfDocument(self.folder / "class.pdf") as document:
            return str(document[page].get_textpage().get_text_range())


@pytest.fixture
def bench(press: Press, ledger: SqlLedger, tmp_path: Path) -> Bench:
    return Bench(press, ledger, tmp_path)


ZOE, LEA, HUGO = ({"first_name": name} for name in ("Zoé", "Léa", "Hugo"))


@pytest.mark.slow
def test_a_batch_twice_issues_nothing_twice(bench: Bench) -> None:
    """The same codes, the same file; each page is kept with its printing."""
    assert bench.do(ZOE, LEA) == ["new", "new"]
    assert "In the ledger: 2 new." in bench.told
    codes, first = bench.codes(), (bench.folder / "class.pdf").read_bytes()
    assert bench.do(ZOE, LEA) == ["again", "again"]
    assert bench.codes() == codes
    assert (bench.folder / "class.pdf").read_bytes() == first
    found = bench.histories()
    assert {history.code for history in found} == {*codes}
    assert all(len(history.revisions[0].printings) == 1 for history in found)


def test_a_correction_supersedes_and_is_told(bench: Bench) -> None:
    """The same certification by its identity, with another birth place; by name in the report."""
    bench.do(ZOE, LEA)
    assert bench.do(ZOE | {"birth_place": "Brest"}, LEA) == ["corrected", "again"]
    (code, _) = bench.codes()
    assert (
        f"{bench.folder}/class.json, record 1 (Zoé Martin): {code} is corrected; "
        "revision 2 supersedes the one before."
    ) in bench.told
    assert "In the ledger: 1 again, 1 corrected." in bench.told


def test_a_misspelt_name_is_mended_by_number_or_by_code(bench: Bench) -> None:
    """The line of a results file has a number; one's own list says the code."""
    path = bench.folder / "results.csv"
    for name in ("Martn", "Martin"):
        path.write_text(f"{HEADINGS}\n{row(1, Nom=name)}\n")
        with run(
            Job(inputs=[path], output=bench.folder / "a.pdf", force=True, ledger=bench.ledger),
            partial(itself, bench.press),
            tell_code=lambda *_: None,
            watcher=Watcher(),
            standard_output=io.BytesIO(),
        ) as done:
            states = Drafts(done.spool).states()
    assert states == {"corrected": 1}
    bench.do(ZOE | {"last_name": "Duppont"})
    (code,) = bench.codes()
    mended = ZOE | {"last_name": "Dupont", "verification_code": code}
    assert bench.do(mended) == ["corrected"]
    assert bench.do(mended | {"verification_code": None}) == ["again"]
    assert [len(history.revisions) for history in bench.histories()] == [2, 2]


def test_conflicts_and_revoked_ones_are_faulty_rows(bench: Bench) -> None:
    """They are not printed; the rejects file says what to correct, and the others are printed."""
    bench.do(ZOE, LEA)
    zoe, lea = bench.codes()
    bench.ledger.revoke(str(zoe), "Fraude", bench.histories()[0].revisions[0].issued)
    other = HUGO | {"verification_code": lea, "score": 20}
    assert bench.do(ZOE, other, HUGO | {"last_name": "Zola"}) == ["revoked", "conflict", "new"]
    assert (bench.report["printed"], bench.report["rejected"]) == (1, 2)
    rejected = (bench.folder / "class.json.rejected.jsonl").read_text(encoding="utf-8")
    assert f"{zoe} was revoked on" in rejected
    assert f"{lea} is the code of another certification (Léa Martin" in rejected
    assert "Hugo Zola" in bench.text()
    assert bench.codes()[:2] == [zoe, lea]


def test_nothing_is_printed_when_all_is_refused(bench: Bench) -> None:
    """No empty file, in whatever form."""
    bench.do(ZOE)
    (code,) = bench.codes()
    bench.ledger.revoke(str(code), "Fraude", bench.histories()[0].revisions[0].issued)
    for name in ("none.pdf", "none.zip", "none"):
        assert bench.do(ZOE, output=bench.folder / name) == ["revoked"]
        assert not (bench.folder / name).exists()


@pytest.mark.parametrize("most", [1, 2, 1000])
def test_rows_that_contradict_each_other_do_so_in_any_batch(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    """However few are asked at a time: a second truth is a conflict, never a correction."""
    monkeypatch.setattr(issuing, "_AT_ONCE", most)
    code = {"verification_code": "P-22222222"}
    rows = [
        ZOE,
        *({"last_name": f"N{n}"} for n in range(5)),
        ZOE | {"birth_place": "Brest"},
        LEA | code,
        HUGO | code,
        LEA,
        ZOE,
    ]
    random.Random(most).shuffle(rows)
    said = bench.do(*rows)
    assert "corrected" not in said
    assert said.count("conflict") >= 2
    assert len(bench.histories()) == said.count("new") >= 7
    assert all(len(history.revisions) == 1 for history in bench.histories())
    assert bench.do(*rows) == ["again" if state == "new" else state for state in said]


def test_a_known_code_beside_a_row_without_is_met(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line with the old name and no code, one with the new name and the code: a conflict."""
    monkeypatch.setattr(issuing, "_AT_ONCE", 1)
    bench.do(ZOE)
    (code,) = bench.codes()
    mended = ZOE | {"first_name": "Zoë", "verification_code": code}
    assert bench.do(ZOE, LEA, mended) == ["again", "new", "conflict"]
    assert bench.do(mended) == ["corrected"]


def test_a_selection_issues_nothing_else(bench: Bench) -> None:
    """By name, by the code that only the ledger has, or by page; the report shows no other code."""
    assert bench.do(ZOE, LEA, HUGO, only=["Martin Léa"]) == ["not selected", "new", "not selected"]
    _, lea, _ = bench.codes()
    assert bench.codes() == [None, lea, None]
    assert len(bench.histories()) == 1
    assert bench.do(ZOE, LEA, HUGO, only=[str(lea)]) == ["not selected", "again", "not selected"]
    # In the order of the names: Hugo, Léa, Zoé.
    assert bench.do(ZOE, LEA, HUGO, pages="1-2") == ["not selected", "again", "new"]
    assert len(bench.histories()) == 2


def test_homonyms_keep_their_places_from_run_to_run(bench: Bench) -> None:
    """Two of one name and birth date, without codes: each page is the same person's next time."""
    twins = [{"birth_place": "Brest", "delivered_on": "2024-02-09"}, {"delivered_on": "2024-06-14"}]
    for _ in range(4):
        assert bench.do(*twins, pages="1")[1] == "not selected"
    bench.do(*twins)
    assert "Brest" in bench.text(0)
    assert len(bench.histories()) == 2


def page_content(path: Path, page: int) -> list[bytes]:
    """A page's own content streams, and the drawings that they paint."""
    pikepdf = pytest.importorskip("pikepdf")
    with pikepdf.open(path) as pdf:
        found = pdf.pages[page]
        contents = found.Contents
        streams = [contents] if isinstance(contents, pikepdf.Stream) else [*contents]
        forms = found.Resources.XObject
        return [part.read_bytes() for part in (*streams, *(forms[key] for key in sorted(forms)))]


@pytest.mark.parametrize("selected", [{"pages": "2"}, {"only": ["Léa Martin"]}])
def test_a_selected_page_has_the_same_bytes(bench: Bench, selected: dict[str, Any]) -> None:
    """Its content is what it was in the class file, even alone; the ledger says so, too."""
    bench.do(ZOE, LEA, HUGO)
    before = page_content(bench.folder / "class.pdf", 1)
    bench.do(ZOE, LEA, HUGO, output=bench.folder / "one.pdf", **selected)
    assert page_content(bench.folder / "one.pdf", 0) == before
    assert all(len(history.revisions[0].printings) == 1 for history in bench.histories())


def test_a_file_a_person_is_that_of_the_one_record(bench: Bench) -> None:
    """The same bytes as the library's; it is another edition than that of a class file."""
    bench.do(ZOE, LEA)
    bench.do(ZOE, LEA, output=bench.folder / "people", split=Split.PERSON)
    (file,) = (path for path in (bench.folder / "people").rglob("*.pdf") if "Léa" in path.name)
    history = next(h for h in bench.histories() if h.revisions[0].record.first_name == "Léa")
    assert file.read_bytes() == bench.press.render(history.revisions[0].record)
    assert len({printing.edition for printing in history.revisions[0].printings}) == 2


def test_strict_issues_nothing_unless_all_can_be_printed(bench: Bench) -> None:
    """A faulty row, a page without room, or a conflict: the ledger is as it was."""
    bench.do(LEA)
    (code,) = bench.codes()
    for faulty in (
        {"levels": {}},
        {"last_name": "漢字"},
        HUGO | {"verification_code": code, "score": 20},
    ):
        said = bench.do(ZOE, LEA, faulty, strict=True)
        assert said[:2] == ["left", "left"]
        assert bench.report["rows"][2]["status"] == "rejected"
        assert len(bench.histories()) == 1
    assert bench.do(ZOE, LEA, strict=True) == ["new", "again"]


def test_a_taken_output_issues_nothing(bench: Bench) -> None:
    """It is found out before."""
    (bench.folder / "class.pdf").write_bytes(b"mine")
    with pytest.raises(OutputError, match="exists already"):
        bench.do(ZOE, force=False)
    assert bench.histories() == []


def test_a_page_that_is_refused_is_known_as_never_printed(bench: Bench) -> None:
    """Its code is used again once the page can hold the record."""
    faulty = ZOE | {"centre": "漢字", "birth_place": "Brest"}
    assert bench.do(faulty, LEA) == ["new", "new"]
    zoe, _ = bench.codes()
    assert [row["status"] for row in bench.report["rows"]] == ["rejected", "printed"]
    history = bench.ledger.find(str(zoe))
    assert history is not None
    assert history.revisions[0].printings == ()
    assert bench.do(faulty, LEA) == ["again", "again"]
    assert bench.codes()[0] == zoe


def test_a_page_that_differs_from_the_former_is_told(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the same edition, by the code; what was printed first stays."""
    bench.do(ZOE)
    monkeypatch.setattr(Press, "digests", lambda _, records, **__: ("ab" * 32 for _ in records))
    bench.do(ZOE)
    (code,) = bench.codes()
    assert any(f"the page of {code} is not the one that was printed" in n for n in bench.told)


def test_a_ledger_that_fails_prints_nothing(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """What stopped it is told; what was issued by then is known as never printed."""
    monkeypatch.setattr(issuing, "_AT_ONCE", 1)
    issue, calls = SqlLedger.issue, []

    def fail(self: SqlLedger, *arguments: Any) -> Any:
        calls.append(arguments)
        if len(calls) == 2:
            raise LedgerError("its disk is full")
        return issue(self, *arguments)

    monkeypatch.setattr(SqlLedger, "issue", fail)
    with bench.outcome([ZOE, LEA]) as done:
        assert isinstance(done.stopped, LedgerError)
        assert done.pages == 0
    assert not (bench.folder / "class.pdf").exists()
    ((revision,),) = (history.revisions for history in bench.histories())
    assert revision.printings == ()
    assert sorted(bench.do(ZOE, LEA)) == ["again", "new"]


@pytest.mark.slow
def test_several_processes_keep_every_page(bench: Bench) -> None:
    """Their digests come back, of class files and of files a person."""
    rows = [{"first_name": f"Zoé{n}", "group": f"T{n % 3}"} for n in range(1001)]
    assert {*bench.do(*rows, output=bench.folder / "classes", jobs=2)} == {"new"}
    assert all(len(history.revisions[0].printings) == 1 for history in bench.histories())


def test_resumed_files_are_kept_too(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed between the file and the ledger's note of it: the next run makes up for that."""
    rows = [ZOE | {"group": "T1"}, LEA | {"group": "T2"}]
    again = {"output": bench.folder / "out", "resume": True}
    with monkeypatch.context() as patch:
        patch.setattr(SqlLedger, "printed", lambda *_: list[Fault]())
        bench.do(*rows, **again)
    assert all(history.revisions[0].printings == () for history in bench.histories())
    bench.do(*rows, **again)
    assert any("2 were whole and unchanged" in line for line in bench.told)
    assert all(len(history.revisions[0].printings) == 1 for history in bench.histories())
