"""Arguments → what they ask for, an exit status, and messages without tracebacks.

Exit status: 0, all was made; 1, a record was refused; 2, usage, or an input or output that can't
be used.
"""

from __future__ import annotations

import gc
import sys
import traceback
from importlib import import_module
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from pixattest.errors import PixattestError, RecordError
from pixattest.version import __version__

_COMMANDS = (
    *("render", "reprint", "template", "schema", "ledger"),
    *("keygen", "verify", "site", "revocations"),
)
"""Each a module here, imported when it is run, with a Typer `app` or a function of its name."""

_DEFAULT = "render"


class _Commands(TyperGroup):
    """Commands of which one is meant when none is named: `pixattest record.json`."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002
        return [*_COMMANDS]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        if cmd_name not in _COMMANDS:
            return None
        module = import_module(f"{__name__}.{cmd_name}")
        above = typer.Typer(pretty_exceptions_enable=False)
        if hasattr(module, "app"):
            above.add_typer(module.app, name=cmd_name)
        else:
            above.command(cmd_name)(getattr(module, cmd_name))
        return typer.main.get_group(above).commands[cmd_name]

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        own = {"--help", "--version", "--install-completion", "--show-completion"}
        if args and args[0] not in _COMMANDS and args[0] not in own:
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


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"pixattest {__version__}")
        raise typer.Exit


@app.callback()
def _pixattest(
    version: Annotated[  # noqa: ARG001
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    # The command's module is imported by now, and stays.
    gc.freeze()
    gc.enable()


def main() -> NoReturn:
    """Run the command line and exit."""
    # Imports make much that stays; to look through it for garbage takes a tenth of a short run.
    gc.disable()
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
