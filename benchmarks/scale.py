"""JSON lines of one record to a million → seconds and memory that the command takes for each.

    python benchmarks/scale.py --up-to 1000000 --jobs 2

The command runs as a user starts it, in a process of its own, and writes a file for each class. Its
memory is the sum over that process and all below it, read every 50 ms (Linux only). The results go
to a JSON file, and the plot to docs/scale.svg.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from math import floor, log10
from pathlib import Path
from typing import Any

from records import write_records

ROOT = Path(__file__).parent.parent
CLASSES = 500
LOOK = 0.05
"""The memory is read again after so many seconds."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--up-to", type=int, default=10_000, help="records, a power of ten")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3, help="for less than 100,000 records")
    parser.add_argument("--results", type=Path, default=ROOT / "benchmarks/scale.json")
    parser.add_argument("--plot", type=Path, default=ROOT / "docs/scale.svg")
    asked = parser.parse_args()
    runs = []
    count = 1
    with tempfile.TemporaryDirectory() as temporary:
        while count <= asked.up_to:
            records = Path(temporary) / f"{count}.jsonl"
            write_records(records, count, CLASSES)
            rounds = asked.rounds if count < 100_000 else 1
            found = [measure(records, Path(temporary), asked.jobs) for _ in range(rounds)]
            best = sorted(found, key=lambda run: run["seconds"])[len(found) // 2]
            runs.append({"records": count} | best)
            print(json.dumps(runs[-1]), flush=True)
            records.unlink()
            count *= 10
    machine = {
        "processors": os.cpu_count(),
        "python": platform.python_version(),
        "system": platform.system(),
    }
    said = {"jobs": asked.jobs, "classes": CLASSES, "machine": machine, "runs": runs}
    asked.results.write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")
    asked.plot.write_text(plot(runs, asked.jobs), encoding="utf-8")


def measure(records: Path, folder: Path, jobs: int) -> dict[str, Any]:
    """Run the command once: return its seconds, peaks of memory in MB, files and bytes made."""
    target = folder / "out"
    command = [sys.executable, "-m", "pixattest", str(records), "-o", str(target)]
    command += ["--split", "class", "--jobs", str(jobs), "--quiet"]
    run = watch(command)
    if run.pop("status"):
        raise SystemExit("the command did not end well")
    made = [*target.rglob("*.pdf")]
    size = sum(path.stat().st_size for path in made)
    for path in target.iterdir():
        path.unlink()
    target.rmdir()
    return run | {"files": len(made), "bytes": size}


def watch(command: Sequence[str], **options: Any) -> dict[str, Any]:
    """Run a command: return its exit status, seconds, processor seconds, peaks of memory in MB.

    Processor time and memory are those of all its processes together.
    """
    began = time.perf_counter()
    used = processor_seconds()
    process = subprocess.Popen(command, **options)
    rss = pss = 0
    while process.poll() is None:
        family = processes(process.pid)
        rss = max(rss, sum(kilobytes(pid, "status", "VmRSS:") for pid in family))
        pss = max(pss, sum(kilobytes(pid, "smaps_rollup", "Pss:") for pid in family))
        time.sleep(LOOK)
    seconds = time.perf_counter() - began
    return {
        "status": process.returncode,
        "seconds": round(seconds, 3),
        "cpu_seconds": round(processor_seconds() - used, 3),
        "rss_mb": round(rss / 1024, 1),
        "pss_mb": round(pss / 1024, 1),
    }


def processor_seconds() -> float:
    """Return the processor time of all commands that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def processes(root: int) -> list[int]:
    """Find the ids of a process and of all below it."""
    found = [root]
    for pid in found:
        try:
            for children in Path(f"/proc/{pid}/task").glob("*/children"):
                found += map(int, children.read_text().split())
        except OSError:
            continue  # it has just ended
    return found


def kilobytes(pid: int, file: str, name: str) -> int:
    """Read a number from a process's file in /proc; 0 when the process has just ended."""
    try:
        lines = Path(f"/proc/{pid}/{file}").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith(name)), 0)


# The plot.

WIDTH, HEIGHT, LEFT, TOP = 300, 220, 60, 34
"""Width and height of a panel's area, and its margins, in pixels."""


def plot(runs: Sequence[dict[str, Any]], jobs: int) -> str:
    """Draw two panels with logarithmic axes: milliseconds a record, and megabytes."""
    counts = [run["records"] for run in runs]
    cost = [1000 * run["seconds"] / run["records"] for run in runs]
    memory = [run["rss_mb"] for run in runs]
    panels = [
        panel(0, "milliseconds a record", counts, cost),
        panel(WIDTH + LEFT + 30, "megabytes at the peak, all processes", counts, memory),
    ]
    wide, high = 2 * (WIDTH + LEFT + 30), HEIGHT + TOP + 44
    title = f"Cost from {counts[0]:,} to {counts[-1]:,} records, {jobs} processes"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" role="img"'
        f' font-family="sans-serif" font-size="11"><title>{title}</title>\n'
        f'<rect width="{wide}" height="{high}" fill="#fff"/>\n' + "\n".join(panels) + "\n</svg>\n"
    )


def panel(x: int, title: str, counts: Sequence[int], values: Sequence[float]) -> str:
    """Draw axes with a line at each power of ten, and the values as points with their numbers."""
    right = max(1, len(str(counts[-1])) - 1)
    low = min(-2, *(power(value) for value in values)) if "milli" in title else 1
    high = max(power(value) + 1 for value in values)

    def across(count: float) -> float:
        return LEFT + WIDTH * log10(count) / right

    def up(value: float) -> float:
        return TOP + HEIGHT * (high - log10(value)) / (high - low)

    parts = [f'<text x="{LEFT}" y="{TOP - 14}" font-weight="bold">{title}</text>']
    for exponent in range(right + 1):
        at = across(10**exponent)
        parts.append(f'<path d="M{at:.1f} {TOP}v{HEIGHT}" stroke="#ddd"/>')
        place = f'x="{at:.1f}" y="{TOP + HEIGHT + 16}" text-anchor="middle"'
        parts.append(f"<text {place}>{10**exponent:,}</text>")
    for exponent in range(low, high + 1):
        at = up(10.0**exponent)
        parts.append(f'<path d="M{LEFT} {at:.1f}h{WIDTH}" stroke="#ddd"/>')
        place = f'x="{LEFT - 6}" y="{at + 4:.1f}" text-anchor="end"'
        parts.append(f"<text {place}>{10.0**exponent:,g}</text>")
    points = [(across(c), up(v), v) for c, v in zip(counts, values, strict=True)]
    line = " ".join(f"{a:.1f},{b:.1f}" for a, b, _ in points)
    parts.append(f'<polyline points="{line}" fill="none" stroke="#3d68ff" stroke-width="2"/>')
    for a, b, value in points:
        parts.append(f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3" fill="#3d68ff"/>')
        shown = f"{value:.2g}" if value < 10 else f"{value:,.0f}"
        parts.append(f'<text x="{a + 4:.1f}" y="{b - 6:.1f}">{shown}</text>')
    middle = f'x="{LEFT + WIDTH / 2}" y="{TOP + HEIGHT + 34}" text-anchor="middle"'
    parts.append(f"<text {middle}>records</text>")
    return f'<g transform="translate({x})">' + "".join(parts) + "</g>"


def power(value: float) -> int:
    """Return the power of ten at or below a value."""
    return floor(log10(value))


if __name__ == "__main__":
    main()
