"""``workloadmanager serve``: the workload manager as a service, for nodes and other processes."""

from __future__ import annotations

import logging
import os
import shlex
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ...errors import WorkloadManagerError
from ..shell import Line, Style, visible
from ._command import command
from ._refusals import REFUSED
from ._session import Session
from ._shared import JSON, SETTINGS, STORE

if TYPE_CHECKING:
    from ...errors import Problem
    from ..gedis import Address
    from ..service import Configuration, Ready

__all__ = ["LogFormat", "LogLevel", "declare"]

EXAMPLE = """workloadmanager serve
workloadmanager serve --listen tcp://127.0.0.1:8901 --listen unix:///run/workloadmanager/gedis.sock
workloadmanager serve --config /etc/workloadmanager/serve.toml --check-config"""

TRY = "tfgrid.workloads.workload_manager.reservation_list '{}'"
ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - what is meant by it here is this machine

EASIEST = ("tcp", "unix", "tls")
"""The schemes by how little redis-cli has to be told."""

logger = logging.getLogger(__name__)


class LogFormat(StrEnum):
    """The forms of the log."""

    text = "text"
    json = "json"


class LogLevel(StrEnum):
    """The least that is logged."""

    debug = "debug"
    info = "info"
    warning = "warning"
    error = "error"


def _option(help_text: str, metavar: str, variable: str) -> Any:  # noqa: ANN401 - typer's options have no public type
    """Return an option with a value; a variable may give the value instead."""
    named = f"WORKLOADMANAGER_{variable}"
    return typer.Option(metavar=metavar, help=help_text, envvar=named, show_envvar=False, show_default=False)


Listen = Annotated[
    list[str] | None,
    _option(
        "Where to listen, as tcp://127.0.0.1:8901, tls://[::]:8902 or unix:///run/wm.sock; may be given again.",
        "ADDRESS",
        "LISTEN",
    ),
]
Config = Annotated[str | None, _option("The configuration file, TOML.", "FILE", "CONFIG")]
Insecure = Annotated[
    bool, typer.Option("--insecure", help="Let sessions that did not log in read and poll at every address.")
]
Closed = Annotated[
    bool, typer.Option("--closed", help="Let only those read and poll who logged in, also on this machine.")
]
Secrets = Annotated[str | None, _option("The secrets to log in with, TOML that only you can read.", "FILE", "SECRETS")]
Certificate = Annotated[str | None, _option("The certificate for tls:// addresses, PEM.", "FILE", "TLS_CERTIFICATE")]
CertificateKey = Annotated[str | None, _option("The certificate's key, PEM.", "FILE", "TLS_KEY")]
Format = Annotated[LogFormat | None, _option("text for people, or json.", "FORMAT", "LOG_FORMAT")]
Level = Annotated[
    LogLevel | None, _option("The least that is logged: debug, info, warning or error.", "LEVEL", "LOG_LEVEL")
]
Check = Annotated[
    bool, typer.Option("--check-config", help="Say whether a start would take all this, and start nothing.")
]


def declare(tree: typer.Typer) -> None:
    """Add the command to the command line."""
    command(tree, "serve", example=EXAMPLE, shared=(STORE, SETTINGS, JSON))(serve)


def serve(
    session: Session,
    *,
    listen: Listen = None,
    config: Config = None,
    insecure: Insecure = False,
    closed: Closed = False,
    secrets: Secrets = None,
    tls_certificate: Certificate = None,
    tls_key: CertificateKey = None,
    log_format: Format = None,
    log_level: Level = None,
    check_config: Check = False,
) -> None:
    """Serve the workload manager to nodes and other processes, over the Redis protocol.

    It listens on this machine alone unless an address says otherwise. SIGTERM or Ctrl-C stops it in order; a
    second one ends it on the spot. The log goes to stderr.
    """
    from ..service import check, logging_to
    from ..service import serve as run_service

    said = {
        "listen": tuple(listen or ()),
        "insecure": insecure,
        "closed": closed,
        "secrets": _path(secrets),
        "tls_certificate": _path(tls_certificate),
        "tls_key": _path(tls_key),
        "log_format": log_format,
        "log_level": log_level,
        "store": session.common.store,
        "settings": session.common.read_settings(),
    }
    configuration, problems = _configuration(config, said)
    if check_config:
        check(configuration, problems)
        session.output.said({"fine": True}, "The configuration is fine.")
        return
    with logging_to(form=configuration.log_format, level=configuration.log_level):
        try:
            run_service(check(configuration, problems), lambda ready: _announce(session, ready))
        except WorkloadManagerError as error:
            if configuration.log_format != LogFormat.json:
                raise
            logger.error("%s", error, extra={"error": error.as_dict()})
            raise typer.Exit(REFUSED) from error


def _configuration(config: str | None, said: dict[str, Any]) -> tuple[Configuration, list[Problem]]:
    """Return what the service is told, and the mistakes that are known already."""
    from ..service import Configuration, read_configuration

    path = _path(config)
    configuration, problems = (Configuration(), []) if path is None else read_configuration(path)
    return configuration.with_options(said), problems


def _path(text: str | None) -> Path | None:
    if text is None:
        return None
    try:
        return Path(text).expanduser()
    except RuntimeError:  # nobody has such a home; then there is no such file either
        return Path(text)


def _announce(session: Session, ready: Ready) -> None:
    """Say where the service answers, and what to type next."""
    listed = [{"address": str(address), "open": is_open} for address, is_open in ready.addresses]
    document = {"addresses": listed, "store": ready.store, "process": os.getpid()}
    session.output.result(document, _lines(ready))
    session.output.flush()


def _lines(ready: Ready) -> list[Line]:
    lines: list[Line] = [[(Style.HEADING, f"Serving {visible(ready.store)}")]]
    for address, is_open in ready.addresses:
        how = "open: no login is needed to read and poll" if is_open else "closed: log in to read and poll"
        lines.append([(Style.TEXT, "  "), (Style.NAME, str(address)), (Style.DIM, f"  {how}")])
    first = min((address for address, _ in ready.addresses), key=lambda address: EASIEST.index(address.scheme))
    lines.append([(Style.DIM, "Next  "), (Style.TEXT, f"redis-cli {_redis_cli(first)} {TRY}")])
    lines.append([(Style.DIM, "      "), (Style.TEXT, f"workloadmanager reservation list --connect {_reached(first)}")])
    lines.append([(Style.DIM, "Stop  "), (Style.TEXT, f"Ctrl-C, or kill {os.getpid()}")])
    return lines


def _redis_cli(address: Address) -> str:
    """Return the options with which redis-cli reaches an address from this machine."""
    if address.scheme == "unix":
        return f"-s {shlex.quote(address.path)}"
    host = ANYWHERE.get(address.host, address.host)
    named = "" if host == "127.0.0.1" else f"-h {host} "
    return f"{'--tls ' if address.scheme == 'tls' else ''}{named}-p {address.port}"


def _reached(address: Address) -> str:
    """Return an address as a client on this machine names it."""
    host = ANYWHERE.get(address.host)
    return str(address if host is None else type(address)(address.scheme, host, address.port))
