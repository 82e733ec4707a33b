"""Jobs as a whole: every row is accounted for, whatever it holds and whatever is asked for."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pypdfium2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import EXAMPLES

from pixattest import InputError, OutputError, Press
from pixattest.batch.job import Job, Outcome
from pixattest.batch.outputs import Split
from pixattest.batch.report import Account, account, tell
from pixattest.batch.report_file import write_report
from pixattest.batch.running import run
from pixattest.intake.records import Given
from pixattest.ledger.sqlite import SqliteLedger

RECORD: dict[str, Any] = json.loads((EXAMPLES / "record.json").read_text(encoding="utf-8"))
HEADINGS = (
    "Numéro de certification;Prénom;Nom;Date de naissance;Lieu de naissance;Statut;Nombre de Pix;"
    "1.1;1.2;1.3;2.1;2.2;2.3;2.4;3.1;3.2;3.3;3.4;4.1;4.2;4.3;5.1;5.2;"
    "Centre de certification;Date de passage de la certification"
)
LEVELS = ["2", "-", "0", "1", "1", "1", "1", "1", "1", "1", "1", "1", "1", "1", "1", "1"]


class Watcher:
    """Counts what it is told, and may interfere."""

    def __init__(self, act: Callable[[int], object] | None = None) -> None:
        self.done: dict[str, int] = {}
        self._act = act

    def begin(self, what: str, total: int | None) -> None:
        self._what, self._total = what, total
        self.done[what] = 0

    def advance(self, count: int) -> None:
        self.done[self._what] += count
        if self._act:
            self._act(self.done[self._what])


@pytest.fixture(scope="module")
def shared_press() -> Press:
    """One press for all jobs here; it prints no signature."""
    return Press()


@contextmanager
def done(press: Press, job: Job, watcher: Watcher | None = None) -> Iterator[Outcome]:
    """A job that is done."""
    with run(
        job,
        lambda: press,
        tell_code=lambda *_: None,
        watcher=watcher or Watcher(),
        standard_output=io.BytesIO(),
    ) as outcome:
        yield outcome


def row(number: int, **changes: str) -> str:
    """A row of the results file; a change is by heading."""
    cells = {
        "Numéro de certification": str(100000 + number),
        "Prénom": "Zoé",
        "Nom": f"Martin{number % 97}",
        "Date de naissance": "12/01/2005",
        "Lieu de naissance": "Nantes",
        "Statut": "Validée",
        "Nombre de Pix": "142",
        **dict(zip(HEADINGS.split(";")[7:23], LEVELS, strict=True)),
        "Centre de certification": "LP De Bougainville",
        "Date de passage de la certification": "09/02/2024",
    }
    return ";".join((cells | changes).values())


FAULTS: Sequence[Callable[[int], str]] = (
    lambda n: row(n, Nom=""),
    lambda n: row(n, Prénom=" "),
    lambda n: row(n, **{"Date de naissance": "12/01/05"}),
    lambda n: row(n, **{"Date de naissance": "30/02/2005"}),
    lambda n: row(n, **{"Date de naissance": "01/13/2005"}),
    lambda n: row(n, **{"Date de naissance": "2025-01-01"}),
    lambda n: row(n, **{"Date de naissance": ""}),
    lambda n: row(n, **{"Date de passage de la certification": "hier"}),
    lambda n: row(n, **{"Date de passage de la certification": "38756"}),
    lambda n: row(n, **{"Centre de certification": ""}),
    lambda n: row(n, Statut="Validé?"),
    lambda n: row(n, **{"Nombre de Pix": "beaucoup"}),
    lambda n: row(n, **{"Nombre de Pix": "5000"}),
    lambda n: row(n, **{"1.1": "9"}),
    lambda n: row(n, **{"3.2": "x"}),
    lambda n: row(n, **{"5.2": ""}),
    lambda n: row(n, **dict.fromkeys(HEADINGS.split(";")[7:23], "-")),
    lambda n: row(n) + ";",
    lambda n: row(n).partition(";")[2],
    lambda n: row(n, Nom='"Martin'),
    lambda n: row(n, Nom="M" * 121),
    lambda n: row(n, Nom="Mar\u202etin"),
    lambda n: row(n, Nom="漢"),
)
"""Ways in which a row can be faulty."""


@pytest.mark.parametrize("part", [{"only": ["Martin1"]}, {"pages": "1"}], ids=str)
def test_an_extract_keeps_the_rejects_that_may_be_corrected_already(
    shared_press: Press, tmp_path: Path, part: dict[str, Any]
) -> None:
    """It tells the faults again, and leaves the file of the whole alone."""
    source, rejects = tmp_path / "rows.csv", tmp_path / "rows.csv.rejected.csv"
    source.write_text("\n".join((HEADINGS, row(1), row(2, Nom=""), "")), encoding="utf-8")
    rejects.write_text("corrected", encoding="utf-8")
    job = Job(inputs=[source], given=Given(new_codes=True), **part)
    with done(shared_press, job) as outcome:
        assert account(outcome).rejected == 1
    assert rejects.read_text(encoding="utf-8") == "corrected"


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_every_row_of_a_large_faulty_file_is_accounted_for(
    shared_press: Press, tmp_path: Path
) -> None:
    """Of 10,000 rows with faults of all kinds, each fault rejects its row and no other."""
    rows = [row(number) for number in range(10_000)]
    faulty = {97 * (index + 1): fault for index, fault in enumerate(FAULTS * 4)}
    for number, fault in faulty.items():
        rows[number] = fault(number)
    for number in range(50, 10_000, 1000):
        rows[number] = row(number, Statut="Annulée")
    source = tmp_path / "rows.csv"
    source.write_text("\n".join((HEADINGS, *rows, "")), encoding="utf-8")
    job = Job(inputs=[source], given=Given(new_codes=True))
    watcher = Watcher()
    with done(shared_press, job, watcher) as outcome:
        assert account(outcome) == Account(10_000, 10_000 - 10 - len(faulty), 10, len(faulty), 0, 0)
        rejected = [aside.origin.row - 1 for aside in outcome.spool.asides(faulty=True)]
        assert rejected == sorted(faulty)
        assert "10,000 rows read" in [*tell(outcome)][-1]
    assert watcher.done["rows read"] == 10_000
    lines = (tmp_path / "rows.csv.rejected.csv").read_text("utf-8-sig").splitlines()
    assert len(lines) == 1 + len(faulty)
    with pypdfium2.PdfDocument(tmp_path / "rows.pdf") as document:
        assert len(document) == 10_000 - 10 - len(faulty)


CHANGES: Sequence[dict[str, object]] = (
    {},
    {"group": "T2"},
    {"group": None},
    {"last_name": "Écalle"},
    {"last_name": ""},
    {"levels": {"1.1": 99}},
    {"first_name": "漢"},
    {"birth_date": "2003-02-30"},
    {"last_name": "", "levels": 3},
)


@settings(
    max_examples=settings.default.max_examples // 2, suppress_health_check=[HealthCheck.too_slow]
)
@given(
    picks=st.lists(st.sampled_from(CHANGES), min_size=1, max_size=12),
    split=st.sampled_from([None, *Split]),
    suffix=st.sampled_from(["", ".zip"]),
    only=st.booleans(),
    strict=st.booleans(),
)
def test_the_report_accounts_for_every_row(
    shared_press: Press,
    picks: list[dict[str, object]],
    split: Split | None,
    suffix: str,
    only: bool,
    strict: bool,
) -> None:
    """The sums agree, each row is told once, and what is told to be on a page is there."""
    codes = [f"P-222222{number:02}".translate({48: "B", 49: "C", 53: "D"}) for number in range(12)]
    people = [
        RECORD | {"verification_code": code} | pick
        for code, pick in zip(codes, picks, strict=False)
    ]
    wanted = ["Martin"] if only and {} in picks else []
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        source = folder / "class.jsonl"
        source.write_text("".join(json.dumps(person) + "\n" for person in people))
        job = Job(
            inputs=[source],
            output=folder / f"out{suffix}",
            split=split,
            only=wanted,
            strict=strict,
        )
        with done(shared_press, job) as outcome:
            write_report(outcome, folder / "report.json")
            found = account(outcome)
        report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
        assert found.read == len(people) == len(report["rows"])
        assert found.read == sum(found[1:])
        assert [entry["row"] for entry in report["rows"]] == [*range(1, len(people) + 1)]
        statuses = [entry["status"] for entry in report["rows"]]
        for status in ("printed", "rejected", "not_selected", "left"):
            assert statuses.count(status.replace("_", " ")) == report[status]
        if suffix:
            return
        for entry in report["rows"]:
            if entry["status"] == "printed":
                with pypdfium2.PdfDocument(entry["file"]) as document:
                    text = document[entry["page"] - 1].get_textpage().get_text_range()
                assert entry["code"] in text
        pages = 0
        for path in folder.rglob("*.pdf"):
            with pypdfium2.PdfDocument(path) as document:
                pages += len(document)
        assert pages == found.printed


def test_an_input_that_changes_while_it_is_read_is_refused(
    shared_press: Press, tmp_path: Path
) -> None:
    """Nothing is printed from a file that somebody still writes to."""
    source = tmp_path / "class.jsonl"
    line = json.dumps(RECORD) + "\n"
    source.write_text(line * 5000)

    def append(count: int) -> None:
        if count == 100:
            with source.open("a") as file:
                file.write(line)

    job = Job(inputs=[source])
    with (
        pytest.raises(InputError, match="has changed while it was read"),
        done(shared_press, job, Watcher(append)),
    ):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["class.jsonl"]


def test_an_input_that_changes_before_its_rejects_are_written_is_told(
    shared_press: Press, tmp_path: Path
) -> None:
    """The pages are printed; which rows were rejected can't be taken from another file."""
    source = tmp_path / "class.jsonl"
    lines = [json.dumps(RECORD | {"last_name": name}) for name in ("Martin", "")]
    source.write_text("\n".join(lines))
    watcher = Watcher()

    def change(_: int) -> None:
        if "pages printed" in watcher.done:
            source.write_text("\n".join((*lines, *lines)))

    watcher._act = change
    with done(shared_press, Job(inputs=[source]), watcher) as outcome:
        assert "has changed while it was read" in str(outcome.stopped)
        assert account(outcome)[:4] == (2, 1, 0, 1)
    assert (tmp_path / "class.pdf").is_file()
    assert not (tmp_path / "class.jsonl.rejected.jsonl").exists()


@pytest.fixture
def small_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if a file could have few objects only: those of some 200 attestations."""
    monkeypatch.setattr("pixattest.pdf.writer._MOST_OBJECTS", 35_000)
    monkeypatch.setattr("pixattest.batch.running._SURE_OF_ROOM", 10)


@pytest.mark.usefixtures("small_files")
@pytest.mark.parametrize(
    ("groups", "output", "hint"),
    [("AB", "all.pdf", "--split class"), ("A", None, "--pages"), ("A", "folder", "--pages")],
)
def test_more_than_a_file_has_room_for_is_refused_before_anything_is_done(
    shared_press: Press, tmp_path: Path, groups: str, output: str | None, hint: str
) -> None:
    """No page is printed, no code issued, and the rejects are not written either."""
    source = tmp_path / "rows.jsonl"
    people = [
        RECORD | {"group": group, "last_name": f"N{n}", "verification_code": None}
        for n in range(300)
        for group in groups
    ]
    lines = [*map(json.dumps, [*people, RECORD | {"score": -1}])]
    source.write_text("\n".join(lines), encoding="utf-8")
    watcher = Watcher()
    with SqliteLedger(tmp_path / "issued.db") as ledger:
        job = Job(inputs=[source], output=output and tmp_path / output, ledger=ledger)
        with (
            pytest.raises(OutputError, match=r"no room for [36]00 attestations") as refused,
            done(shared_press, job, watcher),
        ):
            pass
        assert not [*ledger.histories()]
    assert hint in (refused.value.hint or "")
    assert watcher.done == {"rows read": len(lines)}
    assert not [path for path in tmp_path.iterdir() if path.name.endswith((".pdf", "folder"))]
    assert not [*tmp_path.glob("*.rejected*")]


@pytest.mark.usefixtures("small_files")
def test_what_a_file_has_room_for_is_printed(shared_press: Press, tmp_path: Path) -> None:
    """Two classes that one file could not hold both, and each has its own."""
    source = tmp_path / "rows.jsonl"
    people = [RECORD | {"group": group} for group in "AB" for _ in range(150)]
    source.write_text("\n".join(map(json.dumps, people)), encoding="utf-8")
    with done(shared_press, Job(inputs=[source])) as outcome:
        assert outcome.stopped is None
        assert outcome.pages == 300


@pytest.mark.parametrize(
    ("said", "fields"),
    [
        ({"1.1": "x", "3.2": "9"}, "levels.1.1 levels.3.2"),
        (
            {"1.1": "x", "1.3": "", "3.2": "99", "Nom": ""},
            "last_name levels.1.1 levels.1.3 levels.3.2",
        ),
        (
            {"1.1": "?", "Nombre de Pix": "many", "5.2": "7.5"},
            "levels.1.1 levels.5.2 score",
        ),
        (
            {"Date de naissance": "1.2.05", "3.2": "9", "Nombre de Pix": "9999"},
            "birth_date levels.3.2 score",
        ),
        (dict.fromkeys(HEADINGS.split(";")[7:23], "-") | {"1.1": "x"}, "levels.1.1"),
    ],
)
def test_every_fault_of_a_row_is_told_at_once(
    shared_press: Press, tmp_path: Path, said: dict[str, str], fields: str
) -> None:
    """A value that is not understood hides no other, and none is made up for it."""
    source = tmp_path / "rows.csv"
    lines = [HEADINGS, row(1, **said), f"{HEADINGS};", f"{row(2, **said)};x"]
    for text, and_more in (lines[:2], ""), (lines[2:], " row"):
        source.write_text("\n".join(text), encoding="utf-8")
        with done(shared_press, Job(inputs=[source], given=Given(new_codes=True))) as outcome:
            [aside] = outcome.spool.asides(faulty=True)
        told = sorted(fault.field for fault in aside.faults)
        assert told == sorted((fields + and_more).split())


@pytest.mark.parametrize(("top", "fields"), [("3", "levels.1.2"), ("?", "max_level")])
def test_a_level_is_not_held_against_a_highest_one_that_is_misread(
    shared_press: Press, tmp_path: Path, top: str, fields: str
) -> None:
    source = tmp_path / "rows.csv"
    levels = [*HEADINGS.split(";")[7:23]]
    own = ["last_name", "first_name", "birth_date", "centre", "delivered_on", "max_level", *levels]
    cells = ["Martin", "Zoé", "2005-01-12", "LP", "2024-02-09", top, "2", "7", *["-"] * 14]
    source.write_text("\n".join(map(";".join, (own, cells))), encoding="utf-8")
    with done(shared_press, Job(inputs=[source], given=Given(new_codes=True))) as outcome:
        [aside] = outcome.spool.asides(faulty=True)
    assert [fault.field for fault in aside.faults] == fields.split()
