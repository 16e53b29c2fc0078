"""The whole command line: the nouns, the options before them, and how a run ends."""

from __future__ import annotations

import functools
import io
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from typing import Annotated

import typer
from typer.main import get_command

from ...errors import Unavailable
from ..shell import visible
from . import _bcdb, _farm, _key, _node, _reservation, _serve, _user, _workload
from ._command import command, epilog, help_alone, with_shared_options
from ._refusals import INTERRUPTED, OK, PROGRAM, REFUSED, UsageError, close_quietly, refuse, refuse_usage
from ._session import Session
from ._shared import EVERYWHERE, JSON, MANAGER, Common

__all__ = ["application", "run"]

DEBUG = "WORKLOADMANAGER_DEBUG"
EXAMPLE = """workloadmanager key new alice
workloadmanager user add alice --key alice
workloadmanager reservation register reservation.json --sign-with alice
workloadmanager reservation list --state deploy --json
workloadmanager serve
workloadmanager reservation list --connect tcp://127.0.0.1:8901"""

SHELL_EXAMPLE = """workloadmanager shell
workloadmanager shell --store shop -c 'wm.reservation_list()'
workloadmanager shell --connect tcp://127.0.0.1:8901
workloadmanager shell < script.py"""


def application() -> typer.Typer:
    """Return the command line as typer's tree of commands."""
    tree = typer.Typer(
        name=PROGRAM,
        invoke_without_command=True,
        rich_markup_mode="rich",
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    summary = "Reservations and workloads of a decentralised grid."
    tree.callback(help=summary, epilog=epilog(EXAMPLE))(with_shared_options(_begin, EVERYWHERE))
    command(tree, "demo", example="workloadmanager demo\nworkloadmanager demo --gedis", shared=())(demo)
    command(tree, "shell", example=SHELL_EXAMPLE, shared=tuple(name for name in MANAGER if name != JSON))(shell)
    _serve.declare(tree)
    for module in (_key, _user, _farm, _node, _reservation, _workload, _bcdb):
        tree.add_typer(module.group)
    return tree


@functools.cache
def _entry() -> Callable[..., object]:
    """Return what parses and runs a command line; the tree is made once a process."""
    return get_command(application()).main


def run(arguments: Sequence[str]) -> int:
    """Run the command line and return its exit status, as `workloadmanager.threebot.cli.main` does."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal without Unicode is no reason to fail
    try:
        status = _entry()(args=list(arguments), prog_name=PROGRAM, standalone_mode=False)
        sys.stdout.flush()
    except UsageError as error:
        return _usage(error, as_json="--json" in arguments)
    except (typer.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except BrokenPipeError:
        return close_quietly()
    except OSError as error:  # what commands open they report themselves: this is stdout
        close_quietly()
        return refuse(Unavailable(f"the output cannot be written: {error.strerror}"), as_json="--json" in arguments)
    except SystemExit as error:  # typer ends so after printing a completion script
        return error.code if isinstance(error.code, int) else OK
    except Exception as error:  # noqa: BLE001 - a fault of ours is one line too; the traceback is for who looks for it
        return _fault(error)
    return status if isinstance(status, int) else OK


def _usage(error: typer.BadParameter, *, as_json: bool) -> int:
    """Report a wrong call: what is wrong, and where its help is."""
    context = error.ctx
    where = PROGRAM if context is None else context.command_path
    said = error.format_message().replace("Value error, ", "")  # which newer versions of typer put before it
    message = " ".join(said.split()).rstrip(".")
    return refuse_usage(f"{message}; see {where} --help", as_json=as_json)


def _fault(error: Exception) -> int:
    if os.environ.get(DEBUG):
        traceback.print_exception(error)
    else:
        sys.stderr.write(
            f"{PROGRAM}: a fault of the program, {type(error).__name__}: {visible(str(error))}; "
            f"set {DEBUG}=1 to see where, and report it\n"
        )
    return REFUSED


def _begin(
    context: typer.Context,
    *,
    version: Annotated[  # noqa: ARG001 - its callback has done the work
        bool, typer.Option("--version", help="Show the version and end.", callback=_show_version, is_eager=True)
    ] = False,
    **options: object,
) -> None:
    context.obj = Common.of_environment().with_options(options)
    help_alone(context)


def demo(
    session: Session,  # noqa: ARG001 - every command gets one; the demo has a store and a screen of its own
    *,
    gedis: Annotated[
        bool, typer.Option("--gedis", help="Over gedis, with a server and nodes in processes, and two restarts.")
    ] = False,
    patience: Annotated[
        float | None, typer.Option(metavar="SECONDS", min=1, help="How long to wait for others, each time.")
    ] = None,
) -> None:
    """Follow one reservation through its whole life, on a store that is removed afterwards."""
    from rich.console import Console

    from ..demo import PATIENCE, run, run_over_gedis

    tell = run_over_gedis if gedis else run
    status = tell(Console(), patience=patience or PATIENCE)
    if status:
        raise typer.Exit(status)


def shell(
    session: Session,
    *,
    code: Annotated[str, typer.Option("-c", metavar="CODE", help="Run this, show its value, and end.")] = "",
) -> None:
    """Open a Python prompt with package, j, errors, signing and the models at hand.

    Where --store or --set is given, the workload manager is started as wm; with --connect, wm is a client of
    the server. Without a terminal, what stdin holds is run. On leaving, everything that was started is stopped.
    """
    from ..shell import run as run_shell

    common = session.common
    if common.server is None:
        status = run_shell(code or None, store=common.store, settings=common.read_settings())
    else:
        with session.manager() as manager:
            status = run_shell(code or None, manager=manager)
    if status:
        raise typer.Exit(status)


def _show_version(wanted: bool) -> None:  # noqa: FBT001 - typer calls it so
    if wanted:
        from importlib.metadata import version

        sys.stdout.write(f"{PROGRAM} {version(PROGRAM)}\n")
        raise typer.Exit
