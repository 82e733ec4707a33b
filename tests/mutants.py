"""A room's code, spoilt in one place at random → whether the room's own tests notice.

    python tests/mutants.py pixattest/trust -n 25
    python tests/mutants.py pixattest/trust/seal.py --tests tests/trust tests/verification

A mutant is the code with one change, such as `<` for `<=` or a statement left out. Each is tried
in a copy of the checkout, first by the quick tests of its module, then by all quick ones, then by
those marked slow. A mutant that survives them all is printed: either a test is missing, or the
change makes no difference.
"""

from __future__ import annotations

import argparse
import ast
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent

OTHERS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}

# Seconds that one run of the tests may take; a mutant that takes longer hangs, and is noticed.
LONGEST = 600


class Change(NamedTuple):
    """One change that a module's tree can undergo.

    Attributes:
        line: number of the line that is changed, from 1.
        kind: what is changed, in a word or two.
        make: makes it, in the tree that it was found in.
    """

    line: int
    kind: str
    make: Callable[[], None]


class Mutant(NamedTuple):
    """A module with one change, by the change's number among all of the module's."""

    path: Path
    number: int

    def source(self) -> str:
        """The changed module's text."""
        tree = ast.parse(self.path.read_text(encoding="utf-8"))
        changes(tree)[self.number].make()
        return ast.unparse(ast.fix_missing_locations(tree))

    def __str__(self) -> str:
        text = self.path.read_text(encoding="utf-8")
        change = changes(ast.parse(text))[self.number]
        line = text.splitlines()[change.line - 1].strip()
        return f"{self.path.relative_to(ROOT)}:{change.line} {change.kind}: {line}"


def changes(tree: ast.Module) -> list[Change]:
    """All changes that a module can undergo, but for what only type checkers read."""
    found: list[Change] = []
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        found += _of_node(node)
        found += _of_statements(node)
        waiting += (
            child
            for name, value in ast.iter_fields(node)
            if name not in ("annotation", "returns", "type_params")
            for child in (value if isinstance(value, list) else [value])
            if isinstance(child, ast.AST)
        )
    return sorted(found, key=lambda change: (change.line, change.kind))


def _of_node(node: ast.AST) -> Iterator[Change]:
    """Changes of an expression, a condition or what is returned."""

    def put(kind: str, name: str, value: object) -> Change:
        return Change(getattr(node, "lineno", 1), kind, lambda: setattr(node, name, value))

    match node:
        case ast.Compare(ops=[operator]) if type(operator) in OTHERS:
            yield put("other comparison", "ops", [OTHERS[type(operator)]()])
        case ast.BoolOp(op=ast.And()):
            yield put("or for and", "op", ast.Or())
        case ast.BoolOp(op=ast.Or()):
            yield put("and for or", "op", ast.And())
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield put("no not", "operand", ast.UnaryOp(ast.Not(), operand))
        case ast.BinOp(op=ast.Add()):
            yield put("- for +", "op", ast.Sub())
        case ast.BinOp(op=ast.Sub()):
            yield put("+ for -", "op", ast.Add())
        case ast.Constant(value=bool(value)):
            yield put("other truth", "value", not value)
        case ast.Constant(value=int(value)):
            yield put("one more", "value", value + 1)
        case ast.Return(value=ast.expr() as value) if ast.unparse(value) != "None":
            yield put("returns None", "value", ast.Constant(None))
        case ast.If(test=test):
            yield put("never", "test", ast.BoolOp(ast.And(), [ast.Constant(False), test]))


def _of_statements(node: ast.AST) -> Iterator[Change]:
    """Statements left out: calls, additions, errors."""
    for name in ("body", "orelse", "finalbody"):
        statements = getattr(node, name, None)
        if not isinstance(statements, list):
            continue
        for index, statement in enumerate(statements):
            match statement:
                case ast.Expr(value=ast.Constant()):
                    pass  # a docstring
                case ast.Expr() | ast.AugAssign() | ast.Raise():
                    yield Change(statement.lineno, "left out", _leave_out(statements, index))


def _leave_out(statements: list[ast.stmt], index: int) -> Callable[[], None]:
    return lambda: statements.__setitem__(index, ast.Pass())


def mutants(place: Path) -> list[Mutant]:
    """All mutants of a module, or of every module in a folder."""
    modules = [place] if place.is_file() else sorted(place.rglob("*.py"))
    return [
        Mutant(module, number)
        for module in modules
        for number in range(len(changes(ast.parse(module.read_text(encoding="utf-8")))))
    ]


def passes(checkout: Path, tests: list[Path], mark: str) -> bool:
    """Whether tests with a mark, such as `not slow`, pass in a checkout."""
    options = ["-q", "-x", "-n", "0", "-p", "no:cacheprovider", "-m", mark]
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *options, *map(str, tests)],
            cwd=checkout,
            env={**os.environ, "PYTHONPATH": str(checkout)},
            capture_output=True,
            timeout=LONGEST,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode in (0, 5)  # 5: there are no such tests


def survives(checkout: Path, module: Path, tests: list[Path], marks: list[str]) -> bool:
    """Whether no test notices what a module in a checkout has become."""
    own = Path("tests", *module.relative_to("pixattest").parts[:-1], f"test_{module.name}")
    if (checkout / own).is_file() and not passes(checkout, [own], "not slow"):
        return False
    return all(passes(checkout, tests, mark) for mark in marks)


def main() -> None:
    """Read the arguments; try mutants; print those that survive."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("place", type=Path, help="a module or a folder of pixattest")
    parser.add_argument("--tests", type=Path, nargs="+", help="of the same room, by default")
    parser.add_argument("-n", type=int, default=25, help="how many mutants (%(default)s)")
    parser.add_argument("--quick", action="store_true", help="without the tests marked slow")
    parser.add_argument("--seed", type=int, default=1, help="of the choice (%(default)s)")
    given = parser.parse_args()
    place = given.place.resolve()
    room = place.relative_to(ROOT / "pixattest").parts[0].removesuffix(".py")
    mirrored = ROOT / "tests" / room
    tests = given.tests or [mirrored if mirrored.is_dir() else ROOT / f"tests/test_{room}.py"]
    tests = [path.resolve().relative_to(ROOT) for path in tests]
    found = mutants(place)
    chosen = random.Random(given.seed).sample(found, min(given.n, len(found)))
    with tempfile.TemporaryDirectory() as folder:
        checkout = Path(folder) / "checkout"
        shutil.copytree(ROOT, checkout, ignore=shutil.ignore_patterns(".*", "__pycache__"))
        marks = ["not slow"] if given.quick else ["not slow", "slow"]
        if not all(passes(checkout, tests, mark) for mark in marks):
            parser.error(f"tests fail without any change: {' '.join(map(str, tests))}")
        survivors = 0
        for mutant in chosen:
            module = mutant.path.relative_to(ROOT)
            copy = checkout / module
            copy.write_text(mutant.source(), encoding="utf-8")
            if survives(checkout, module, tests, marks):
                survivors += 1
                print(f"survived: {mutant}", flush=True)
            shutil.copyfile(mutant.path, copy)
    print(f"{len(chosen) - survivors} of {len(chosen)} mutants were noticed")


if __name__ == "__main__":
    main()
