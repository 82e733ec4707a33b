"""Peers → medians of interleaved rounds: a Markdown table, and results.json.

    python benchmarks/run.py [--rounds 5] [--batch 1000] [--only pixattest typst ...]

Every peer that is installed is started once and kept. A round asks each of them in turn, so that
another load on the machine falls on all alike. README.md says what is measured.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from records import write_records

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
OUT = HERE / "out"
RECORDS = OUT / "records.jsonl"
RECORD = ROOT / "examples" / "record.json"
SINGLES = 5
"""Each round makes so many files of one attestation."""
MISSING_SIGNS = ("ModuleNotFoundError", "PackageNotFoundError", "ERR_MODULE_NOT_FOUND")
IN_README = ("batch_ms", "batch_bytes", "single_ms")
"""The README shows these measures."""
MEASURES = {
    "batch_ms": "ms a page",
    "batch_bytes": "bytes a page",
    "single_ms": "one file, ms",
    "single_bytes": "its bytes",
    "cold_ms": "cold process, ms",
}


@dataclass(frozen=True)
class Peer:
    """A way to make attestations, which is measured.

    Attributes:
        name: its name on the command line.
        title: its name in the table.
        file: its programme in peers/.
        packages: what pip installs for it, as requirements.txt names it.
        arguments: what its programme is started with.
        standards: those that its files conform to, as veraPDF names them; check.py tests it.
    """

    name: str
    title: str
    file: str
    packages: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    standards: tuple[str, ...] = ()

    @property
    def node(self) -> bool:
        return self.file.endswith(".mjs")

    def install_line(self) -> str:
        """Return the command that installs what it needs."""
        if self.node:
            return "npm install --prefix benchmarks"
        if not self.packages:
            return "pip install -e ."
        pins = (HERE / "requirements.txt").read_text(encoding="utf-8").split()
        return "pip install " + " ".join(p for p in pins if p.split("==")[0] in self.packages)


_TYPST = ("typst", "zxing-cpp", "pillow")
_WEASYPRINT = ("weasyprint", "zxing-cpp", "pillow")

PEERS = (
    Peer(
        "pixattest",
        "**pixattest** (PDF/UA-1 and PDF/A-2a)",
        "pixattest_peer.py",
        standards=("ua1", "2a"),
    ),
    Peer(
        "typst_tagged",
        "Typst, tagged (PDF/UA-1)",
        "typst_peer.py",
        _TYPST,
        ("--tagged",),
        ("ua1",),
    ),
    Peer(
        "weasyprint_tagged",
        "WeasyPrint, tagged (PDF/UA-1)",
        "weasyprint_peer.py",
        _WEASYPRINT,
        ("--tagged",),
        ("ua1",),
    ),
    Peer(
        "reportlab_naive",
        "ReportLab, as most people write it",
        "reportlab_naive.py",
        ("reportlab", "qrcode", "pillow"),
    ),
    Peer(
        "reportlab_best",
        "ReportLab at its best",
        "reportlab_best.py",
        ("reportlab", "rl_accel", "zxing-cpp", "pillow"),
    ),
    Peer("fpdf2", "fpdf2", "fpdf2_peer.py", ("fpdf2", "zxing-cpp", "pillow")),
    Peer("pdfkit", "pdfkit on Node", "pdfkit_peer.mjs"),
    Peer("pdflib", "pdf-lib over a template page", "pdflib_peer.mjs"),
    Peer("typst", "Typst", "typst_peer.py", _TYPST),
    Peer(
        "typst_template",
        "Typst over a PDF template",
        "typst_peer.py",
        _TYPST,
        ("--template",),
    ),
    Peer("weasyprint", "WeasyPrint", "weasyprint_peer.py", _WEASYPRINT),
)


class MissingError(Exception):
    """A peer's packages are not installed."""


class FailedError(Exception):
    """A peer could not do what it was asked."""


@dataclass(frozen=True)
class Programs:
    """The interpreters that run the peers, and pixattest."""

    python: str
    peers_python: str
    node: str

    def command(self, peer: Peer) -> list[str]:
        """Return the command that starts a peer."""
        program = self.node if peer.node else self.peers_python
        if peer.name == "pixattest":
            program = self.python
        return [program, str(HERE / "peers" / peer.file), *peer.arguments]

    def cold_command(self, peer: Peer) -> list[str]:
        """Return the command by which a user would make one attestation in a new process."""
        out = str(OUT / f"cold-{peer.name}.pdf")
        if peer.name != "pixattest":
            return [*self.command(peer), "--records", str(RECORD), "--out", out]
        issuer = str(ROOT / "examples" / "issuer.toml")
        start = [self.python, "-m", "pixattest", str(RECORD), "-o", out]
        return [*start, "--issuer", issuer, "--force"]


class Served:
    """A peer's process, which answers a JSON line with a JSON line."""

    def __init__(self, command: list[str]) -> None:
        self._errors = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115
        try:
            self._process = subprocess.Popen(
                [*command, "--serve"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                text=True,
                encoding="utf-8",
            )
        except FileNotFoundError:
            self._errors.close()
            raise MissingError(f"no {command[0]}") from None
        self._dead: str | None = None
        self.versions: dict[str, str] = self._answer()["versions"]

    def ask(self, **command: Any) -> dict[str, Any]:
        """Carry out one command; its keys are those of peers/serve.py."""
        if self._dead is not None:
            raise FailedError(self._dead)
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # then there is no answer, and _answer says why
            self._process.stdin.write(json.dumps(command) + "\n")
            self._process.stdin.flush()
        return self._answer()

    def close(self) -> None:
        """End the process."""
        with contextlib.suppress(BrokenPipeError):
            self._process.communicate()
        self._errors.close()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            self._process.wait()
            self._errors.seek(0)
            words = self._errors.read().strip()
            self._dead = _telling_line(words)
            if any(sign in words for sign in MISSING_SIGNS):
                raise MissingError(self._dead)
            raise FailedError(self._dead)
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise FailedError(answer["error"])
        return answer


def _telling_line(words: str) -> str:
    """Find the line of a traceback that names the error."""
    lines = [line.strip() for line in words.splitlines() if "Error" in line]
    return lines[-1].split(" imported from ")[0] if lines else words[-200:]


@dataclass
class Samples:
    """All that was measured of one peer: a value for each round, by measure, and the errors."""

    values: dict[str, list[float]] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    def add(self, measure: str, value: float) -> None:
        self.values.setdefault(measure, []).append(value)

    def median(self, measure: str) -> float | None:
        values = self.values.get(measure)
        return median(values) if values else None


def main() -> None:
    options = parse_options()
    programs = Programs(sys.executable, options.peers_python, options.node)
    chosen = [peer for peer in PEERS if not options.only or peer.name in options.only]
    OUT.mkdir(exist_ok=True)
    write_records(RECORDS, (options.rounds + 1) * (options.batch + SINGLES))
    make_template(programs, chosen)
    (OUT / "batch-pixattest.pdf").unlink(missing_ok=True)
    missing: dict[str, str] = {}
    served: dict[str, Served] = {}
    for peer in chosen:
        try:
            served[peer.name] = Served(programs.command(peer))
        except (MissingError, FailedError) as error:
            hint = f"; {peer.install_line()}" if isinstance(error, MissingError) else ""
            missing[peer.name] = f"{error}{hint}"
    samples = {name: Samples() for name in served}
    floor = Samples()
    try:
        for round_ in range(options.rounds + 1):
            word = f"round {round_} of {options.rounds}" if round_ else "warm-up"
            print(word, file=sys.stderr, flush=True)
            for peer in chosen:
                if peer.name in served:
                    kept = samples[peer.name] if round_ else Samples()
                    measure(peer, served[peer.name], programs, kept, round_, options.batch)
                    samples[peer.name].errors |= kept.errors
            if round_ and "pixattest" in served:
                measure_floor(floor)
    finally:
        for process in served.values():
            process.close()
    print(make_table(chosen, samples, floor, options.batch))
    print("\nIn the README:\n")
    print(make_short_table(chosen, samples))
    notes = [f"- {name}: not measured: {why}" for name, why in missing.items()]
    for name, found in samples.items():
        notes += [f"- {name}: no {what}: {why}" for what, why in found.errors.items()]
    notes += [f"- zlib: no {what}: {why}" for what, why in floor.errors.items()]
    if notes:
        print("\n" + "\n".join(notes))
    versions = {name: process.versions for name, process in served.items()}
    write_results(options, versions, {**samples, "zlib": floor}, missing)


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5, help="after a warm-up (default: 5)")
    parser.add_argument("--batch", type=int, default=1000, help="pages of a batch (default: 1000)")
    names = [peer.name for peer in PEERS]
    parser.add_argument("--only", nargs="+", choices=names, metavar="PEER", help=", ".join(names))
    parser.add_argument(
        "--peers-python",
        metavar="PROGRAM",
        default=sys.executable,
        help="interpreter that has the peers' packages (default: the one that runs this)",
    )
    parser.add_argument("--node", default="node", metavar="PROGRAM")
    options = parser.parse_args()
    if options.rounds < 1 or options.batch < 2:
        parser.error("at least one round, and a batch of two")
    return options


def make_template(programs: Programs, chosen: list[Peer]) -> None:
    """Draw the template page that two of the peers fill."""
    if not {"pdflib", "typst_template"} & {peer.name for peer in chosen}:
        return
    command = [programs.peers_python, str(HERE / "peers" / "template.py")]
    subprocess.run(command, check=False, stderr=subprocess.DEVNULL)
    if not (OUT / "template.pdf").is_file():
        print("no template page: it takes reportlab", file=sys.stderr)


def measure(
    peer: Peer, process: Served, programs: Programs, samples: Samples, round_: int, batch: int
) -> None:
    """Measure one peer for one round."""
    skip = round_ * (batch + SINGLES)
    out = str(OUT / f"batch-{peer.name}.pdf")
    records = str(RECORDS)
    try:
        answer = process.ask(records=records, skip=skip, count=batch, out=out)
        samples.add("batch_ms", answer["seconds"][0] * 1000 / batch)
        samples.add("batch_bytes", answer["bytes"] / batch)
    except FailedError as error:
        samples.errors["batch_ms"] = str(error)
    try:
        answer = process.ask(records=records, skip=skip + batch, count=1, repeat=SINGLES)
        samples.add("single_ms", median(answer["seconds"]) * 1000)
        samples.add("single_bytes", process.ask(records=str(RECORD), count=1)["bytes"])
    except FailedError as error:
        samples.errors["single_ms"] = str(error)
    began = perf_counter()
    done = subprocess.run(
        programs.cold_command(peer), cwd=ROOT, capture_output=True, text=True, check=False
    )
    elapsed = perf_counter() - began
    if done.returncode:
        samples.errors["cold_ms"] = _telling_line(done.stderr)
    else:
        samples.add("cold_ms", elapsed * 1000)


def measure_floor(samples: Samples) -> None:
    """Time zlib, level 6, on what pixattest's batch holds for each page.

    That is the content of its pages and the object and cross-reference streams, where its
    structure is; not fonts, images and profile, of which a file has one.
    """
    path = OUT / "batch-pixattest.pdf"
    if not path.is_file():
        samples.errors["batch_ms"] = "pixattest has made no batch"
        return
    try:
        import pikepdf
    except ModuleNotFoundError:
        samples.errors["batch_ms"] = "pikepdf is missing; pip install pikepdf"
        return
    with pikepdf.open(path) as pdf:
        pages = len(pdf.pages)
        contents = {page.obj.Contents.objgen for page in pdf.pages}
        streams = [
            stream.read_bytes()
            for stream in pdf.objects
            if isinstance(stream, pikepdf.Stream)
            and (stream.objgen in contents or stream.get("/Type") in ("/ObjStm", "/XRef"))
        ]
    began = perf_counter()
    size = sum(len(zlib.compress(stream, 6)) for stream in streams)
    samples.add("batch_ms", (perf_counter() - began) * 1000 / pages)
    samples.add("batch_bytes", size / pages)


def make_table(
    chosen: list[Peer], samples: Mapping[str, Samples], floor: Samples, batch: int
) -> str:
    """Write the medians as Markdown, each with its ratio to pixattest's."""
    heads = [f"batch of {batch:,}, {MEASURES['batch_ms']}", *list(MEASURES.values())[1:]]
    rows = [["", *(cell for head in heads for cell in (head, "×"))]]
    rows.append(["---", *["---:"] * (2 * len(MEASURES))])
    ours = samples.get("pixattest", Samples())
    for peer in chosen:
        if peer.name in samples:
            rows.append([peer.title, *_cells(samples[peer.name], ours)])
    if floor.values:
        title = "zlib level 6 alone, of pixattest's contents and structure"
        rows.append([title, *_cells(floor, ours)])
    return _markdown(rows)


def make_short_table(chosen: list[Peer], samples: Mapping[str, Samples]) -> str:
    """Write the medians that the README shows as Markdown."""
    rows = [["", "batch, ms a page", "bytes a page", "one file, ms"], ["---", *["---:"] * 3]]
    for peer in chosen:
        if peer.name in samples:
            medians = map(samples[peer.name].median, IN_README)
            rows.append([peer.title, *("" if m is None else _shown(m) for m in medians)])
    return _markdown(rows)


def _markdown(rows: list[list[str]]) -> str:
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def _cells(found: Samples, ours: Samples) -> list[str]:
    """Return the cells of a row: each median, and its ratio to pixattest's."""
    cells = []
    for name in MEASURES:
        value, unit = found.median(name), ours.median(name)
        cells.append("" if value is None else _shown(value))
        cells.append("" if value is None or not unit else f"{value / unit:.2f}")
    return cells


def _shown(value: float) -> str:
    """Write a figure with three digits, or as a whole number from 100 on."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.3f}" if value < 1 else f"{value:.2f}"


def write_results(
    options: argparse.Namespace,
    versions: Mapping[str, Mapping[str, str]],
    samples: Mapping[str, Samples],
    missing: Mapping[str, str],
) -> None:
    """Write all that was measured to results.json; null stands for what could not be measured."""
    results = {
        "machine": {
            "system": platform.system(),
            "machine": platform.machine(),
            "cores": os.cpu_count(),
            "python": platform.python_version(),
        },
        "options": {"rounds": options.rounds, "batch": options.batch},
        "versions": versions,
        "medians": {
            name: {measure_: found.median(measure_) for measure_ in MEASURES}
            for name, found in samples.items()
        },
        "samples": {name: found.values for name, found in samples.items()},
        "errors": {name: found.errors for name, found in samples.items() if found.errors},
        "missing": missing,
    }
    text = json.dumps(results, indent=2, ensure_ascii=False)
    (HERE / "results.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
