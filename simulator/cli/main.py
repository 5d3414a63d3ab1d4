"""The command `backorder`: it imports its verbs on demand and returns an exit status."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from io import StringIO
from pathlib import Path
from traceback import clear_frames
from typing import Any

import click
from click.shell_completion import CompletionItem

from simulator.cli.plugins import OPTION
from simulator.foundation.collector import keep_memory, settled_import, stay_quiet
from simulator.foundation.errors import RunError, UserError, is_out_of_memory, nearest, short, visible
from simulator.foundation.streams import READABLE, standing_streams, unfailing_stderr

FOLDERS = ("files", "verbs", "studies")
ORDER = (
    "new",
    "validate",
    "run",
    "compare",
    "check",
    "sweep",
    "optimise",
    "recommend",
    "stress",
    "report",
    "items",
    "results",
    "trace",
)
"""Order of the verbs in `--help`; others follow by name."""


def _found() -> dict[str, str]:
    """Each verb with its short help: a file in one of the folders, and the first line of its docstring.

    Files are read as text, because importing all commands to print their names would take half a second.
    """
    files = [path for folder in FOLDERS for path in (Path(__file__).parent / folder).glob("[!_]*.py")]
    short = {path.stem: path.read_text(encoding="utf-8").partition("\n")[0].strip('"') for path in files}
    rank = {verb: place for place, verb in enumerate(ORDER)}
    return dict(sorted(short.items(), key=lambda found: (rank.get(found[0], len(ORDER)), found[0])))


VERBS = _found()
"""Short help by verb. A verb is the object `command` in the module of its name."""

DISTRIBUTION = "backorder-simulator"
INTERRUPTED = 130
TIMED_OUT = 124
LESS_MEMORY = "finished replications are kept. Use fewer --workers, a shorter horizon or fewer orders."


SPARE = 4 << 20
"""Bytes that are kept for the last message."""


class Verbs(click.Group):
    """A group that imports a verb only when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        package = next(f for f in FOLDERS if (Path(__file__).parent / f / f"{cmd_name}.py").is_file())
        found: click.Command = settled_import(f"simulator.cli.{package}.{cmd_name}").command
        if OPTION not in found.params:
            found.params.append(OPTION)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(VERBS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        word = args[0]
        if word not in VERBS and not word.startswith("-") and not ctx.resilient_parsing:
            raise click.UsageError(f"No such command {word!r}{nearest(word, VERBS)}; commands: {', '.join(VERBS)}", ctx)
        if ctx.resilient_parsing and len(args) > 1 and args[-1].startswith("-"):
            args = args[:-1]  # its value is being completed; without one, click would not read the arguments either
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as stopped:  # otherwise click prints a blank line
            raise click.Abort from stopped

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        verbs = [CompletionItem(verb, help=said) for verb, said in VERBS.items() if verb.startswith(incomplete)]
        return verbs + click.Command.shell_complete(self, ctx, incomplete)


def _version(ctx: click.Context, _param: click.Parameter, asked: bool) -> None:
    if asked and not ctx.resilient_parsing:
        from importlib.metadata import PackageNotFoundError, version

        try:
            click.echo(f"backorder {version(DISTRIBUTION)}")
        except PackageNotFoundError:
            click.echo("backorder (not installed)")
        ctx.exit()


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show the version.")
def backorder() -> None:
    """Simulate backorders: items that are sold and paid for but not in stock.

    \b
    Start with:
      backorder new my-shop
      backorder run my-shop.yaml
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """The entry point: run the command and exit with its status (0, 1, 2, 75, 124, 130, 143)."""
    if arguments is None:  # the process is the command's own
        stay_quiet()
        keep_memory()
        # Pydantic would look for plug-ins in all installed packages and import them. Only --plugin allows that.
        os.environ["PYDANTIC_DISABLE_PLUGINS"] = "__all__"
        # NumPy's linear algebra would start a thread for each core, which wait in a loop for work that never comes.
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a terminal that cannot show ± gets +/-
            stream.reconfigure(errors=READABLE)
    with standing_streams(), unfailing_stderr():
        status = _status(arguments)
    sys.exit(status)


def _status(arguments: Sequence[str] | None) -> int:
    try:
        with _spare_memory():
            found: Any = backorder.main(arguments, prog_name="backorder", standalone_mode=False)
            if sys.stdout is not None:
                sys.stdout.flush()
    except click.ClickException as error:
        error.show(shown := StringIO())
        _complain(shown.getvalue().removesuffix("\n"))
        return error.exit_code
    except (UserError, RunError) as error:
        _complain(str(error))
        return error.exit_code
    except (click.Abort, KeyboardInterrupt) as stopped:  # click wraps the cause
        status: int = getattr(stopped.__cause__ or stopped, "exit_code", INTERRUPTED)
        why = "Stopped" if status != TIMED_OUT else "Stopped: time limit reached"
        echoed = "\n" * (status == INTERRUPTED and sys.stderr.isatty())  # the terminal has printed ^C on this line
        click.echo(
            f"{echoed}{why}. Run the same command again to resume after the last finished replication.", err=True
        )
        return status
    except (BrokenPipeError, SystemExit):  # the reader closed the pipe; click raises SystemExit then
        _hush()
        return 0
    except Exception as error:
        if is_out_of_memory(error):
            where = f" {note[0]}" if (note := getattr(error, "__notes__", None)) else ""
            try:
                _complain(f"Out of memory{where}; {LESS_MEMORY}")
            except MemoryError:
                clear_frames(error.__traceback__)  # which hold the memory
                _complain(f"Out of memory; {LESS_MEMORY}")
            _leave_at_once(RunError.exit_code)
            return RunError.exit_code
        if not isinstance(error, OSError):
            raise
        if error.filename is None:
            _hush()
        _complain(f"backorder: {error.filename or 'output'}: {error.strerror}")
        return UserError.exit_code
    return found if isinstance(found, int) else 0


@contextmanager
def _spare_memory() -> Iterator[None]:
    """Hold memory during the block that is free afterwards, so that a message can be shown when there is no other."""
    spare = [bytearray(SPARE)]
    try:
        yield
    finally:
        spare.clear()


def _complain(text: str) -> None:
    click.echo(visible(short(text), "\n"), err=True)


def _leave_at_once(status: int) -> None:
    """Exit without freeing millions of objects one by one, unless workers have to be waited for.

    That takes a minute for some gigabytes, and may itself need memory (a deeper stack) that there is not.
    """
    multiprocessing = sys.modules.get("multiprocessing")
    if multiprocessing is None or not multiprocessing.active_children():
        if (util := sys.modules.get("multiprocessing.util")) is not None:
            with suppress(Exception):
                util._run_finalizers(0)  # gives back the semaphores of a pool, about which its tracker would complain
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError, AttributeError):
                stream.flush()
        os._exit(status)


def _hush() -> None:
    """Discard buffered output; otherwise Python reports an error when it exits."""
    if sys.stdout is not None:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
