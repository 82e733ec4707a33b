"""Many records → one file: the same bytes from any executor, streamed, and whole or not there."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import multiprocessing
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, contextmanager, nullcontext
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pikepdf
import pypdfium2
import pytest
from support import EXAMPLES, ROOT, lacking

from pixattest import InputError, LayoutError, PixattestError, Press, RecordError
from pixattest.batch.order import sort_key
from pixattest.model.codes import ALPHABET
from pixattest.press.press import PAGES_IN_BLOCK

if TYPE_CHECKING:
    from distributed import LocalCluster

pytestmark = pytest.mark.slow

_FIRST_NAMES = ("Camille", "Aïcha", "Małgorzata", "Thị Ánh", "Владислав", "Ἀλέξανδρος", "M\u0302ia")
_LAST_NAMES = ("Martin", "O'Neil", "Nguyễn", "Шевченко", "Παπαδόπουλος", "(Q)uy", "de la Tour")
_CENTRES = ("LP De Bougainville", "Collège Œuvre-d'Été", "Lycée Żółw")
_COMPETENCES = [f"{d}.{c}" for d, n in enumerate((3, 4, 4, 3, 2), 1) for c in range(1, n + 1)]

_UNPRINTABLE = "漢"
"""A letter that no font of the template has."""

_AHEAD = 32 * PAGES_IN_BLOCK
"""Records that may be read and not yet written; it does not depend on how many there are."""

Dask = Callable[[], AbstractContextManager[Executor]]


def people(count: int) -> Iterator[dict[str, Any]]:
    """Made-up records of all kinds of page, always the same."""
    chance = random.Random(7)
    for _ in range(count):
        top = chance.choice((6, 6, 8))
        taken = chance.sample(_COMPETENCES, chance.randint(1, len(_COMPETENCES)))
        yield {
            "first_name": chance.choice(_FIRST_NAMES),
            "last_name": " ".join(chance.sample(_LAST_NAMES, chance.choice((1, 2)))),
            "birth_date": f"{chance.randint(1960, 2009)}-01-{chance.randint(1, 28):02}",
            "birth_place": chance.choice(("Nantes", "Plœmeur", None)),
            "centre": chance.choice(_CENTRES),
            "delivered_on": f"2024-02-{chance.randint(1, 29):02}",
            "verification_code": "P-" + "".join(chance.choices(ALPHABET, k=8)),
            "score": chance.choice((None, chance.randint(0, 128 * top))),
            "max_level": top,
            "levels": {number: chance.randint(1, top) for number in taken},
            "group": "TCAP1",
        }


def codes_of(count: int) -> list[str]:
    """The codes of so many people, in order."""
    return [person["verification_code"] for person in people(count)]


def printed_codes(pdf: bytes) -> list[str]:
    """The codes on each page, in the order of the pages."""
    with pypdfium2.PdfDocument(pdf) as document:
        texts = [page.get_textpage().get_text_range() for page in document]
    return [code for text in texts for code in re.findall(r"P-[A-Z0-9]{8}", text)]


def write(press: Press, records: Any, executor: Executor | None = None) -> bytes:
    """One file of many."""
    file = BytesIO()
    press.write(records, file, executor=executor)
    return file.getvalue()


class Nowhere:
    """Takes a file and keeps nothing but the number of its pages."""

    def __init__(self) -> None:
        self.pages = 0

    def write(self, data: bytes) -> None:
        # A block is written at once: the contents of its pages, and object streams.
        streams = len(re.findall(rb"^\d+ 0 obj\n<</", data, re.MULTILINE))
        packs = len(re.findall(rb"^\d+ 0 obj\n<</Type/ObjStm", data, re.MULTILINE))
        self.pages += streams - packs if packs > 1 else 0


# Executors.


@pytest.fixture(scope="module")
def needs_dask() -> None:
    """The test is skipped without Dask."""
    if importlib.util.find_spec("distributed") is None:
        lacking("distributed")


@pytest.fixture(scope="module")
def cluster(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LocalCluster]:
    """A Dask cluster of three worker processes on loopback."""
    request.getfixturevalue("needs_dask")
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=3,
        threads_per_worker=1,
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
        local_directory=str(tmp_path_factory.mktemp("dask")),
    ) as running:
        yield running


@pytest.fixture
def dask(cluster: LocalCluster) -> Dask:
    """The cluster's executor."""
    from pixattest.press.distributed import executor

    return lambda: executor(cluster.scheduler_address)


def _free_port() -> int:
    """A port of loopback on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port


def _processes(method: str, count: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(count, mp_context=multiprocessing.get_context(method))


EXECUTORS: dict[str, Callable[[], Executor]] = {
    "threads": lambda: ThreadPoolExecutor(3),
    "spawn-1": lambda: _processes("spawn", 1),
    "spawn-2": lambda: _processes("spawn", 2),
    "spawn-4": lambda: _processes("spawn", 4),
    "fork-1": lambda: _processes("fork", 1),
    "fork-2": lambda: _processes("fork", 2),
    "fork-4": lambda: _processes("fork", 4),
}

_COUNT = 20 * PAGES_IN_BLOCK + 1
"""More blocks than are under way at once; the last has one page."""


@pytest.fixture(scope="module")
def batch(press_for: Callable[..., Press]) -> bytes:
    """The file of many, made in this process."""
    return write(press_for(), people(_COUNT))


@pytest.mark.slow
@pytest.mark.parametrize("name", EXECUTORS)
def test_any_executor_gives_the_same_bytes(press: Press, batch: bytes, name: str) -> None:
    """Threads or processes, forked or spawned, few or many: none of it shows in the file."""
    with EXECUTORS[name]() as executor:
        assert write(press, people(_COUNT), executor) == batch


@pytest.mark.slow
def test_a_dask_cluster_gives_the_same_bytes(press: Press, batch: bytes, dask: Dask) -> None:
    """What the workers of a cluster print is what one process prints."""
    with dask() as executor:
        assert write(press, people(_COUNT), executor) == batch


@pytest.mark.slow
def test_records_and_mappings_give_the_same_bytes(press: Press, batch: bytes) -> None:
    """It does not matter who reads the records."""
    assert write(press, map(press.read, people(_COUNT))) == batch


@pytest.mark.slow
def test_a_block_of_any_length_has_every_record_once(press: Press) -> None:
    """One page, a full block, and one page more come out in the order they went in."""
    for count in (1, PAGES_IN_BLOCK - 1, PAGES_IN_BLOCK, PAGES_IN_BLOCK + 1):
        assert printed_codes(write(press, people(count))) == codes_of(count)


# A worker that dies.


@pytest.mark.slow
def test_a_killed_worker_loses_and_doubles_nothing(
    press: Press, cluster: LocalCluster, dask: Dask
) -> None:
    """A worker killed while it prints: every record once, in order, and the bytes of one process.

    It is stopped first, so that it surely holds blocks when it is killed, which others print anew.
    """
    count = 1500
    victim = next(iter(cluster.workers.values()))
    pid, address = victim.pid, victim.worker_address
    held: list[int] = []

    def kill() -> None:
        state = cluster.scheduler.workers[address]
        deadline = time.monotonic() + 5
        while not state.processing and time.monotonic() < deadline:
            time.sleep(0.01)
        held.append(len(state.processing))
        os.kill(pid, signal.SIGKILL)

    killer = threading.Thread(target=kill)

    def fatal() -> Iterator[dict[str, Any]]:
        for number, person in enumerate(people(count)):
            if number == count // 2:
                os.kill(pid, signal.SIGSTOP)
                killer.start()
            yield person

    with dask() as executor:
        survived = write(press, fatal(), executor)
    killer.join()
    assert held[0] > 0
    assert address not in cluster.scheduler.workers
    assert survived == write(press, people(count))
    assert printed_codes(survived) == codes_of(count)


@pytest.mark.slow
def test_a_broken_pool_leaves_no_file(press: Press, tmp_path: Path) -> None:
    """Without its processes a pool can't go on; that is said, and nothing is left behind."""
    with _processes("fork", 2) as pool:

        def fatal() -> Iterator[dict[str, Any]]:
            for number, person in enumerate(people(_COUNT)):
                if number == 4 * PAGES_IN_BLOCK:
                    for process in multiprocessing.active_children():
                        process.kill()
                yield person

        with pytest.raises((BrokenProcessPool, PixattestError), match=r"terminated|died"):
            press.write(fatal(), tmp_path / "class.pdf", executor=pool)
    assert not [*tmp_path.iterdir()]


@contextmanager
def _started(*arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """A command of Dask that runs until it is no longer needed."""
    process = subprocess.Popen(
        [sys.executable, "-m", "dask", *arguments], stderr=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.mark.slow
@pytest.mark.usefixtures("needs_dask")
def test_a_lost_scheduler_is_told(press: Press, tmp_path: Path) -> None:
    """When the scheduler is killed, the error says so, and nothing is left behind."""
    from pixattest.press.distributed import executor

    address = f"tcp://127.0.0.1:{_free_port()}"
    place = ("--host", "127.0.0.1", "--no-dashboard")
    port = address.rpartition(":")[2]
    with (
        _started("scheduler", "--port", port, *place) as scheduler,
        _started("worker", address, "--no-nanny", "--nthreads", "1", *place),
    ):

        def fatal() -> Iterator[dict[str, Any]]:
            for number, person in enumerate(people(_COUNT)):
                if number == 4 * PAGES_IN_BLOCK:
                    scheduler.kill()
                yield person

        with (
            pytest.raises(PixattestError, match="scheduler was lost") as told,
            executor(address, timeout=30) as connected,
        ):
            press.write(fatal(), tmp_path / "class.pdf", executor=connected)
    assert told.value.source == address
    assert told.value.hint
    assert not [*tmp_path.iterdir()]


# Connecting.


def test_without_dask_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Dask is an extra; who lacks it is told its name."""
    from pixattest.press.distributed import executor

    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(PixattestError, match="not installed") as told, executor("tcp://h:1"):
        pass
    assert "pip install 'pixattest[dask]'" in str(told.value)


@pytest.mark.usefixtures("needs_dask")
def test_a_scheduler_that_does_not_answer_is_told() -> None:
    """Nobody waits for ever: after the given seconds the error names the address."""
    from pixattest.press.distributed import executor

    address = f"tcp://127.0.0.1:{_free_port()}"
    began = time.monotonic()
    with (
        pytest.raises(PixattestError, match=r"no Dask scheduler answers within 0\.5 s") as told,
        executor(address, timeout=0.5),
    ):
        pass
    assert time.monotonic() - began < 5
    assert told.value.source == address
    assert "dask scheduler" in (told.value.hint or "")


@pytest.mark.usefixtures("needs_dask")
def test_a_scheduler_without_workers_is_told() -> None:
    """Nobody waits for ever for a first worker either."""
    from distributed import LocalCluster

    from pixattest.press.distributed import executor

    with (
        LocalCluster(n_workers=0, host="127.0.0.1", dashboard_address="127.0.0.1:0") as empty,
        pytest.raises(PixattestError, match=r"has no worker after 0\.5 s") as told,
        executor(empty.scheduler_address, timeout=0.5),
    ):
        pass
    assert empty.scheduler_address in (told.value.hint or "")


@pytest.mark.usefixtures("needs_dask")
@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("", "missing port"),
        ("nonsense", "missing port"),
        ("tcp://127.0.0.1", "missing port"),
        ("carrier-pigeon://127.0.0.1:8786", "unknown address scheme"),
        ("tls://127.0.0.1:8786", "no certificate"),
    ],
)
def test_an_address_that_cannot_be_used_is_told(address: str, problem: str) -> None:
    """What is no address, or can't be spoken to in secret, is refused at once."""
    from pixattest.press.distributed import executor

    with pytest.raises(PixattestError, match=problem) as told, executor(address):
        pass
    assert told.value.hint


def test_a_worker_of_another_version_is_refused(
    dask: Dask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Workers that could print other bytes print nothing."""
    from distributed import Client

    known = Client.get_versions

    def other(self: Any, **kwargs: Any) -> Any:
        found = known(self, **kwargs)
        next(iter(found["workers"].values()))["packages"]["isal"] = "0.1"
        return found

    monkeypatch.setattr(Client, "get_versions", other)
    with pytest.raises(PixattestError, match=r"has isal 0\.1") as told, dask():
        pass
    assert "isal==" in (told.value.hint or "")


def test_an_executor_leaves_nothing_behind(dask: Dask) -> None:
    """Neither threads nor a default client remain when the cluster is no longer used."""
    from distributed import default_client

    with dask() as executor:
        assert executor.submit(sum, (1, 2)).result() == 3
        with pytest.raises(ValueError, match="No clients found"):
            default_client()
    with pytest.raises(Exception, match=r"clos|shutdown"):
        executor.submit(sum, (1, 2)).result(timeout=5)


# Refusals.


def _with(number: int, **changes: object) -> Iterator[dict[str, Any]]:
    """Two hundred people, of whom one, from 1, is not as the others."""
    for row, person in enumerate(people(200), 1):
        yield person | changes if row == number else person


@pytest.fixture(params=["here", "threads", "spawn-2", "dask"])
def any_executor(request: pytest.FixtureRequest) -> AbstractContextManager[Executor | None]:
    """No executor, and three others."""
    if request.param == "here":
        return nullcontext()
    if request.param == "dask":
        connected: AbstractContextManager[Executor] = request.getfixturevalue("dask")()
        return connected
    return EXECUTORS[request.param]()


@pytest.mark.slow
def test_a_page_that_cannot_be_printed_names_its_row(
    press: Press, any_executor: AbstractContextManager[Executor | None], tmp_path: Path
) -> None:
    """The error says which record and which field, and neither file nor part of one is left."""
    records = _with(70, last_name=_UNPRINTABLE)
    with any_executor as executor, pytest.raises(LayoutError) as refused:
        press.write(records, tmp_path / "class.pdf", executor=executor)
    assert (refused.value.row, refused.value.field) == (70, "last_name")
    assert "record 70" in str(refused.value)
    assert not [*tmp_path.iterdir()]


def test_a_record_that_breaks_a_rule_names_its_row(
    press: Press, any_executor: AbstractContextManager[Executor | None], tmp_path: Path
) -> None:
    """The error says which record and which field, and neither file nor part of one is left."""
    with any_executor as executor, pytest.raises(RecordError) as refused:
        press.write(_with(170, score=-1), tmp_path / "class.pdf", executor=executor)
    assert (refused.value.row, refused.value.field) == (170, "score")
    assert not [*tmp_path.iterdir()]


def test_an_existing_file_outlives_a_refusal(press: Press, tmp_path: Path) -> None:
    """Replacing a file begins when the new one is whole."""
    target = tmp_path / "class.pdf"
    target.write_bytes(b"the one before")
    with pytest.raises(LayoutError):
        press.write(_with(70, last_name=_UNPRINTABLE), target, force=True)
    assert target.read_bytes() == b"the one before"
    assert [*tmp_path.iterdir()] == [target]


def test_no_record_is_refused(
    press: Press, any_executor: AbstractContextManager[Executor | None], tmp_path: Path
) -> None:
    """A file of nobody is not made."""
    with any_executor as executor, pytest.raises(InputError, match="no record"):
        press.write(iter(()), tmp_path / "class.pdf", executor=executor)
    assert not [*tmp_path.iterdir()]


# Locale and time zone.

_WRITE = """
import hashlib, json, sys
from concurrent.futures import ProcessPoolExecutor
from pixattest import Press

class Digest:
    def __init__(self): self.sum = hashlib.sha256()
    def write(self, data): self.sum.update(data)

if __name__ == "__main__":
    press, records = Press(issuer=sys.argv[1]), json.load(sys.stdin)
    with ProcessPoolExecutor(2) as executor:
        for chosen in (None, executor):
            digest = Digest()
            press.write(records, digest, executor=chosen)
            print(digest.sum.hexdigest())
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONHASHSEED": "1", "LC_ALL": "tr_TR.UTF-8", "TZ": "Pacific/Kiritimati"},
        {"PYTHONHASHSEED": "2", "LC_ALL": "C", "PYTHONUTF8": "0", "TZ": "America/Los_Angeles"},
        {"PYTHONHASHSEED": "3", "LC_ALL": "de_DE.UTF-8", "LANGUAGE": "de", "TZ": "Asia/Kathmandu"},
    ],
    ids=lambda environment: environment["LC_ALL"],
)
def test_locale_and_time_zone_do_not_show_in_a_batch(
    press: Press, environment: dict[str, str], tmp_path: Path
) -> None:
    """Another process under another locale, time zone and hash seed makes the same file."""
    count = 3 * PAGES_IN_BLOCK
    script = tmp_path / "write.py"
    script.write_text(_WRITE, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(script), str(EXAMPLES / "issuer.toml")],
        input=json.dumps([*people(count)]),
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env=os.environ | environment,
    )
    expected = hashlib.sha256(write(press, people(count))).hexdigest()
    assert done.stdout.split() == [expected] * 2


# Streaming.


@pytest.mark.slow
@pytest.mark.parametrize("count", [2 * _AHEAD, 4 * _AHEAD])
@pytest.mark.parametrize("executor", [None, "threads"])
def test_records_are_read_as_they_are_written(
    press: Press, count: int, executor: str | None
) -> None:
    """How far reading is ahead of writing has a bound, the same for any number of records."""
    target = Nowhere()
    ahead: list[int] = []

    def watched() -> Iterator[dict[str, Any]]:
        for number, person in enumerate(people(count), 1):
            ahead.append(number - target.pages)
            yield person

    with EXECUTORS[executor]() if executor else nullcontext() as chosen:
        assert press.write(watched(), target, executor=chosen) == count
    assert len(ahead) == target.pages == count
    assert max(ahead) <= (_AHEAD if executor else 3 * PAGES_IN_BLOCK)


@pytest.mark.slow
def test_memory_does_not_grow_with_the_records(press: Press) -> None:
    """Six times the records take the same memory."""

    def alike(count: int) -> Iterator[dict[str, Any]]:
        # Of one kind, so that what the press keeps of each kind, up to a limit, is soon full.
        for person in people(count):
            yield person | {"birth_place": "Nantes", "score": 142, "max_level": 8}

    def peak(count: int) -> int:
        tracemalloc.reset_peak()
        assert press.write(alike(count), Nowhere()) == count
        return tracemalloc.get_traced_memory()[1]

    tracemalloc.start()
    try:
        peak(24 * PAGES_IN_BLOCK)  # so that what is kept of these names is there
        few, many = (peak(blocks * PAGES_IN_BLOCK) for blocks in (4, 24))
    finally:
        tracemalloc.stop()
    assert many < 1.2 * few


# What the pages share: bookmarks, page tree, tags.

_MIXED = 4 * PAGES_IN_BLOCK + 3


@pytest.fixture(scope="module")
def mixed(press_for: Callable[..., Press]) -> Iterator[pikepdf.Pdf]:
    """Pages of several kinds in several blocks, made by several threads."""
    with ThreadPoolExecutor(3) as executor:
        pdf = write(press_for(), people(_MIXED), executor)
    with pikepdf.open(BytesIO(pdf)) as document:
        yield document


def test_the_people_are_of_several_kinds() -> None:
    """With and without score and place, of both top levels: the tests below see all of them."""
    kinds = {(p["score"] is None, p["birth_place"] is None, p["max_level"]) for p in people(_MIXED)}
    assert len(kinds) == 8


def test_every_person_has_a_bookmark(press: Press, mixed: pikepdf.Pdf) -> None:
    """One bookmark a person, named so, in order, and each opens that person's page."""
    found = [*_bookmarks(mixed)]
    assert [str(item.Title) for item in found] == [press.read(p).full_name for p in people(_MIXED)]
    assert [item.Dest[0].objgen for item in found] == [page.objgen for page in mixed.pages]
    assert mixed.Root.Outlines.Count == _MIXED


def test_bookmarks_hold_together_over_blocks(mixed: pikepdf.Pdf) -> None:
    """Each names the one before, the one after, and the outline above."""
    outline = mixed.Root.Outlines
    found = [*_bookmarks(mixed)]
    own = [item.objgen for item in found]
    assert [item.Prev.objgen if "/Prev" in item else None for item in found] == [None, *own[:-1]]
    assert {item.Parent.objgen for item in found} == {outline.objgen}
    assert outline.Last.objgen == own[-1]


@pytest.mark.slow
def test_pages_stand_in_the_order_of_the_records(mixed: pikepdf.Pdf) -> None:
    """The page tree gives each record's page in its turn, and counts right."""
    file = BytesIO()
    mixed.save(file)
    assert printed_codes(file.getvalue()) == codes_of(_MIXED)
    root = mixed.Root.Pages
    assert root.Count == _MIXED == sum(node.Count for node in root.Kids)
    for node in root.Kids:
        assert node.Parent.objgen == root.objgen
        assert node.Count == len(node.Kids) <= PAGES_IN_BLOCK
        assert all(page.Parent.objgen == node.objgen for page in node.Kids)


@pytest.mark.slow
def test_the_parent_tree_leads_from_marked_content_to_its_element(mixed: pikepdf.Pdf) -> None:
    """Each marked content of each page has an element, which is on that page and names it."""
    elements = _parent_tree(mixed)
    for page in mixed.pages:
        owners = elements[int(page.StructParents)]
        begun = pikepdf.parse_content_stream(page, "BDC")
        properties = [instruction.operands[1] for instruction in begun]
        marked = [int(found.MCID) for found in properties if "/MCID" in found]
        assert sorted(marked) == [*range(len(owners))]
        for mcid, owner in enumerate(owners):
            assert owner.Pg.objgen == page.objgen
            assert mcid in (owner.K if isinstance(owner.K, pikepdf.Array) else [owner.K])


def test_the_parent_tree_leads_from_a_link_to_its_element(mixed: pikepdf.Pdf) -> None:
    """Each link of each page belongs to an element of the type Link, which names it."""
    elements = _parent_tree(mixed)
    for page in mixed.pages:
        assert page.Annots
        for link in page.Annots:
            owner = elements[int(link.StructParent)]
            assert owner.S == "/Link"
            named = [kid.Obj.objgen for kid in owner.K if not isinstance(kid, int)]
            assert named == [link.objgen]


@pytest.mark.slow
def test_every_person_is_a_part_of_the_document(mixed: pikepdf.Pdf) -> None:
    """The document's elements are the people's, one a page, in the order of the pages."""
    document = mixed.Root.StructTreeRoot.K
    assert document.S == "/Document"
    assert len(document.K) == _MIXED
    for section, page in zip(document.K, mixed.pages, strict=True):
        assert section.P.objgen == document.objgen
        assert _pages_of(section) == {page.objgen}


@pytest.mark.slow
def test_qpdf_finds_no_fault_in_pages_of_several_kinds(
    press: Press, run: Callable[..., str], tmp_path: Path
) -> None:
    """A file of several blocks and kinds is sound to qpdf."""
    target = tmp_path / "mixed.pdf"
    assert press.write(people(_MIXED), target) == _MIXED
    assert "No syntax or stream encoding errors" in run("qpdf", "--check", target)


def _bookmarks(document: pikepdf.Pdf) -> Iterator[pikepdf.Object]:
    """The items of the outline, each by the one before."""
    item = document.Root.Outlines.get("/First")
    while item is not None:
        yield item
        item = item.get("/Next")


def _parent_tree(document: pikepdf.Pdf) -> Mapping[int, Any]:
    """The parent tree, once its keys are known to be in order and within their limits."""
    found: dict[int, Any] = {}
    for node in document.Root.StructTreeRoot.ParentTree.Kids:
        pairs = [*node.Nums]
        keys = [int(key) for key in pairs[::2]]
        assert keys == sorted(set(keys))
        assert not found or keys[0] > max(found)
        assert [*node.Limits] == [keys[0], keys[-1]]
        found |= dict(zip(keys, pairs[1::2], strict=True))
    assert document.Root.StructTreeRoot.ParentTreeNextKey > max(found)
    return found


def _pages_of(element: pikepdf.Object) -> set[tuple[int, int]]:
    """The pages that an element and those in it are on."""
    found = {element.Pg.objgen} if "/Pg" in element else set()
    below = element.get("/K", [])
    for kid in below if isinstance(below, pikepdf.Array) else [below]:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            found |= _pages_of(kid)
    return found


# The documentation.

_SCALE = (ROOT / "docs" / "scale.md").read_text(encoding="utf-8")
_SCRIPTS = re.findall("^```python\n(.*?)^```", _SCALE, re.DOTALL | re.MULTILINE)


@pytest.mark.slow
@pytest.mark.parametrize("script", _SCRIPTS, ids=lambda script: script.splitlines()[0].strip('"'))
def test_the_documented_scripts_work(
    press: Press, cluster: LocalCluster, script: str, tmp_path: Path
) -> None:
    """Each script of docs/scale.md makes the files that the press makes, and replaces old ones."""
    (tmp_path / "write.py").write_text(
        script.replace("tcp://127.0.0.1:8786", cluster.scheduler_address), encoding="utf-8"
    )
    shutil.copytree(EXAMPLES, tmp_path / "examples")
    records = [*people(2 * PAGES_IN_BLOCK + 1)]
    lines = "".join(json.dumps(record) + "\n" for record in records)
    for name in ("TCAP1", "TCAP2"):
        (tmp_path / f"{name}.jsonl").write_text(lines, encoding="utf-8")
    (tmp_path / "TCAP1.pdf").write_bytes(b"the one before")
    subprocess.run(
        [sys.executable, "write.py"], cwd=tmp_path, check=True, stdout=subprocess.DEVNULL
    )
    for file in tmp_path.glob("*.pdf"):
        assert file.read_bytes() == write(press, records)


@pytest.mark.slow
@pytest.mark.parametrize("command", re.findall("^pixattest .*$", _SCALE, re.MULTILINE))
def test_the_documented_commands_work(
    press: Press, cluster: LocalCluster, command: str, tmp_path: Path
) -> None:
    """Each command of docs/scale.md makes the file that the press makes of the records in order."""
    records = [*people(2 * PAGES_IN_BLOCK + 1)]
    lines = "".join(json.dumps(record) + "\n" for record in records)
    (tmp_path / "TCAP1.jsonl").write_text(lines, encoding="utf-8")
    arguments = command.replace("tcp://127.0.0.1:8786", cluster.scheduler_address).split()
    issuer = ("--issuer", str(EXAMPLES / "issuer.toml"))
    subprocess.run(
        [sys.executable, "-m", *arguments, *issuer],
        cwd=tmp_path,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    ordered = sorted(map(press.read, records), key=lambda record: sort_key(record, 0))
    assert (tmp_path / "TCAP1.pdf").read_bytes() == write(press, ordered)
