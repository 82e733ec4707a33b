"""Arguments → what they ask for, an exit status, and messages without tracebacks.

Exit status: 0, all was made; 1, a record was refused; 2, usage, or an input or output that can't
be used.
"""

from __future__ import annotations

import sys
import traceback
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from pixattest.cli import ledger, render, schema, template
from pixattest.errors import PixattestError, RecordError
from pixattest.version import __version__

_DEFAULT = "render"


class _Commands(TyperGroup):
    """Commands of which one is meant when none is named: `pixattest record.json`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        own = {"--help", "--version", "--install-completion", "--show-completion"}
        if args and args[0] not in self.commands and args[0] not in own:
            args = [_DEFAULT, *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=_Commands,
    help="Attestations of certified competences: a record in, an accessible, archival PDF out.",
    epilog="Without a command, render is meant; `pixattest render --help` shows its options.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command(_DEFAULT)(render.render)
app.command("schema")(schema.schema)
app.add_typer(ledger.app, name="ledger")
app.add_typer(template.app, name="template")


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"pixattest {__version__}")
        raise typer.Exit


@app.callback()
def _pixattest(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    pass


def main() -> NoReturn:
    """Run the command line and exit."""
    try:
        app()
    except PixattestError as error:
        _fail(str(error), 1 if isinstance(error, RecordError) else 2)
    except Exception as error:
        _fail(f"unexpected {type(error).__name__}. Run it again with --debug and report it.", 2)
    raise SystemExit(0)


def _fail(message: str, status: int) -> NoReturn:
    if "--debug" in sys.argv:
        traceback.print_exc()
    else:
        print(message, file=sys.stderr)
    raise SystemExit(status)
