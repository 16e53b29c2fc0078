"""How a command is declared: a function of a session and its own options, and an example for its help."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from typing import Concatenate, ParamSpec

import typer

from ...errors import WorkloadManagerError
from ._refusals import USAGE, UsageError, close_quietly, refuse
from ._session import Session
from ._shared import CONNECT, JSON, LOGIN, MANAGER, PARAMETERS, ROLE, STORE, Common

__all__ = ["command", "epilog", "help_alone", "noun", "with_shared_options"]

P = ParamSpec("P")
Command = Callable[Concatenate[Session, P], None]


def noun(name: str, summary: str, *, shared: tuple[str, ...] = MANAGER) -> typer.Typer:
    """Return a noun of the command line, to which its verbs are added.

    Arguments:
        name: the noun.
        summary: the sentence that its help begins with.
        shared: the shared options that may stand between the noun and its verb.
    """
    group = typer.Typer(name=name, invoke_without_command=True)

    def collect(context: typer.Context, **options: object) -> None:
        context.obj = context.obj.with_options(options)
        help_alone(context)

    group.callback(help=summary)(with_shared_options(collect, shared))
    return group


def command(
    group: typer.Typer, name: str, *, example: str, shared: tuple[str, ...] = MANAGER
) -> Callable[[Command[P]], Command[P]]:
    """Declare a command: its function gets a session, then its own arguments and options.

    Arguments:
        group: the noun, or the whole command line.
        name: the verb.
        example: how it is called, one line or several; shown at the end of its help.
        shared: which of the shared options it understands.

    Returns:
        A decorator. It leaves the function as it is; the docstring becomes the help.
    """

    def declare(function: Command[P]) -> Command[P]:
        group.command(name, help=_help(function), epilog=epilog(example))(_entry(function, shared))
        return function

    return declare


def with_shared_options(function: Callable[..., None], shared: tuple[str, ...]) -> Callable[..., None]:
    """Return a function that typer reads with the shared options behind its own.

    Arguments:
        function: takes the context, or what is made of it, then what typer has parsed, by name.
        shared: the names of the shared options.
    """
    context = inspect.Parameter("context", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context)
    _, *own = inspect.signature(function, eval_str=True).parameters.values()
    own = [parameter for parameter in own if parameter.kind is not inspect.Parameter.VAR_KEYWORD]
    parameters = [context, *own, *(PARAMETERS[name] for name in shared)]

    def shown(*arguments: object, **options: object) -> None:
        function(*arguments, **options)

    shown.__name__, shown.__doc__ = function.__name__, function.__doc__
    shown.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # functions take it, their type does not say so
    shown.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return shown


def help_alone(context: typer.Context) -> None:
    """Show the help of a noun, or of everything, that stands without what should follow, and end as after a wrong call.

    Raises:
        Exit: nothing follows.
    """
    if context.invoked_subcommand is None:
        sys.stdout.write(context.get_help())
        raise typer.Exit(USAGE)


def epilog(example: str) -> str:
    """Return the end of a help text: the example, each line as it is typed."""
    return "[bold]Example[/bold]\n\n" + "\n".join(f"  {line}" for line in example.splitlines())


def _help(function: Callable[..., None]) -> str:
    """Return the docstring of a command as its help: each paragraph a line, which the terminal breaks."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in (inspect.getdoc(function) or "").split("\n\n"))


def _entry(function: Callable[..., None], shared: tuple[str, ...]) -> Callable[..., None]:
    """Return what typer calls: it makes the session, runs the command and reports what was refused."""

    def enter(context: typer.Context, **options: object) -> None:
        common: Common = context.obj.with_options({name: options.pop(name) for name in shared})
        _refuse_json(context, common, shared)
        _refuse_contradiction(context, common, shared)
        session = Session(common)
        try:
            function(session, **options)
            session.output.flush()
        except WorkloadManagerError as error:
            if isinstance(error.__cause__, BrokenPipeError):
                raise typer.Exit(close_quietly()) from error
            raise typer.Exit(refuse(error, as_json=common.as_json)) from error
        except BrokenPipeError as error:
            raise typer.Exit(close_quietly()) from error

    enter.__signature__ = inspect.signature(function, eval_str=True)  # type: ignore[attr-defined]  # as above
    enter.__name__, enter.__doc__ = function.__name__, function.__doc__
    return with_shared_options(enter, shared)


def _refuse_json(context: typer.Context, common: Common, shared: tuple[str, ...]) -> None:
    """Refuse ``--json`` before a command that has no document to write.

    The other shared options say where things are, as the environment does, and may stand before any command.

    Raises:
        UsageError: it stands there.
    """
    if common.as_json and JSON not in shared:
        raise UsageError(f"{context.command_path} does not take --json", ctx=context)


def _refuse_contradiction(context: typer.Context, common: Common, shared: tuple[str, ...]) -> None:
    """Refuse what leads to a server and to a store at once, and a server before a command that needs the store itself.

    Raises:
        UsageError: it stands there.
    """
    if CONNECT in shared:
        if common.contradiction:
            raise UsageError(common.contradiction, ctx=context)
    elif STORE in shared and (said := {CONNECT, ROLE, LOGIN} & common.said):
        raise UsageError(
            f"{context.command_path} works on the store itself, and does not take --{min(said)}", ctx=context
        )
