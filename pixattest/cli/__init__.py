"""Arguments → what they ask for, an exit status, and messages without tracebacks.

Exit status: 0, all was made; 1, a record was refused; 2, usage, or an input or output that can't
be used.

`main` imports the one command that is asked for: each is a module of its name here. `render` hands
over to `record` (one record) or to `batch`; `progress` shows how far a batch is, `passphrase` asks
for the passphrases of keys.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, NoReturn

from pixattest.version import __version__

if TYPE_CHECKING:
    import typer

# Each is a module here, with a Typer `app`, or with a function of its name.
COMMANDS = (
    *("render", "reprint", "template", "schema", "ledger"),
    *("keygen", "verify", "site", "revocations"),
)

# The command that is meant when none is named: `pixattest record.json`.
_DEFAULT = "render"


def main() -> NoReturn:
    """Run the command line and exit."""
    # Imports make much that stays; to look through it for garbage takes a tenth of a short run.
    gc.disable()
    from pixattest.errors import PixattestError, RecordError

    args = sys.argv[1:]
    if args and args[0] not in (*COMMANDS, "--help", "--version"):
        args = [_DEFAULT, *args]
    # Only the help of all commands needs all of them.
    named = args[:1] if args and args[0] != "--help" else COMMANDS
    try:
        app = make_app([name for name in named if name in COMMANDS])
        gc.freeze()
        gc.enable()
        app(args)
    except PixattestError as error:
        _fail(str(error), 1 if isinstance(error, RecordError) else 2)
    except Exception as error:
        _fail(f"unexpected {type(error).__name__}. Run it again with --debug and report it.", 2)
    raise SystemExit(0)


def make_app(names: Sequence[str]) -> typer.Typer:
    """Make the Typer app of some commands, in their order."""
    import typer
    from typer.core import TyperGroup

    class InOrder(TyperGroup):
        """Lists commands and groups of commands in one order; Typer lists groups first."""

        def list_commands(self, ctx: object) -> list[str]:  # noqa: ARG002
            return [*names]

    app = typer.Typer(
        cls=InOrder,
        help="Attestations of certified competences: a record in, an accessible, archival PDF out.",
        epilog="Without a command, render is meant; `pixattest render --help` shows its options.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
    )

    def print_version(wanted: bool) -> None:
        if wanted:
            print(f"pixattest {__version__}")
            raise typer.Exit

    option = typer.Option(
        False, "--version", callback=print_version, is_eager=True, help="Show the version."
    )

    @app.callback()
    def _take_options(version: bool = option) -> None:
        """Do nothing: the callback of the one option does it all."""

    for name in names:
        module = import_module(f"{__name__}.{name}")
        if hasattr(module, "app"):
            app.add_typer(module.app, name=name)
        else:
            app.command(name)(getattr(module, name))
    return app


def _fail(message: str, status: int) -> NoReturn:
    if "--debug" in sys.argv:
        import traceback

        traceback.print_exc()
    else:
        print(message, file=sys.stderr)
    raise SystemExit(status)
