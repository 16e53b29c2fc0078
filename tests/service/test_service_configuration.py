"""The configuration file: what it may say, what the command line says instead, and every mistake with its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from workloadmanager.errors import InputError
from workloadmanager.threebot.service import ADDRESS, Configuration, read_configuration

WHOLE = """
store = "store"

[serve]
listen = ["tcp://127.0.0.1:0", "unix:///run/wm.sock"]
insecure = true
closed = false
tls_certificate = "/etc/server.pem"
tls_key = "server.key"
secrets = "~/secrets.toml"
log_format = "json"
log_level = "debug"

[limits]
maximum_connections = 20

[settings]
unknown_nodes = "declared"
unsigned_results = true

[packages]
folders = ["one", "/two"]
"""


def test_every_key_is_read(write: Any, tmp_path: Path) -> None:
    """Relative paths are counted from the folder of the file."""
    configuration, problems = read_configuration(write("serve.toml", WHOLE))
    assert problems == []
    assert configuration == Configuration(
        store=str(tmp_path / "store"),
        listen=("tcp://127.0.0.1:0", "unix:///run/wm.sock"),
        insecure=True,
        tls_certificate=Path("/etc/server.pem"),
        tls_key=tmp_path / "server.key",
        secrets=Path("~/secrets.toml").expanduser(),
        log_format="json",
        log_level="debug",
        limits={"maximum_connections": 20},
        settings={"unknown_nodes": "declared", "unsigned_results": True},
        packages=(tmp_path / "one", Path("/two")),
        places=configuration.places,
    )


def test_an_empty_file_is_the_default(write: Any) -> None:
    """This machine alone, at the known port."""
    configuration, problems = read_configuration(write("serve.toml", ""))
    assert (configuration, problems) == (Configuration(), [])
    assert configuration.listen == (ADDRESS,) == ("tcp://127.0.0.1:8901",)


def test_one_address_needs_no_list(write: Any) -> None:
    """What people write first works."""
    assert read_configuration(write("serve.toml", '[serve]\nlisten = "tcp://[::1]:0"'))[0].listen == ("tcp://[::1]:0",)


def test_the_store_in_memory_is_no_path(write: Any) -> None:
    """It is meant, wherever the file is."""
    assert read_configuration(write("serve.toml", 'store = ":memory:"'))[0].store == ":memory:"


MISTAKES = {
    "nonsense = 1": "serve.toml:1: nonsense: a configuration has nothing of this name",
    "[serv]\n": 'serve.toml:1: serv: a configuration has nothing of this name; did you mean "serve"?',
    "serve = 1": "serve.toml:1: serve: this is a table: write [serve] on a line of its own",
    "limits = 1": "serve.toml:1: limits: this is a table",
    "store = 1": "serve.toml:1: store: this is a text in quotes that is not empty, not 1",
    'store = " "': "serve.toml:1: store: this is a text in quotes that is not empty",
    "[serve]\nlisten = 8901": "serve.toml:2: serve.listen: this is a list of texts",
    "[serve]\nlisten = [8901]": "serve.toml:2: serve.listen: this is a text in quotes that is not empty, not 8901",
    "[serve]\nlisten = []": "serve.toml:2: serve.listen: without an address nobody reaches the service",
    "[serve]\nlistn = 1": 'serve.toml:2: serve.listn: there is no such key in [serve]; did you mean "listen"?',
    '[serve]\ninsecure = "yes"': "serve.toml:2: serve.insecure: this is true or false, without quotes, not 'yes'",
    "[serve]\nclosed = 1": "serve.toml:2: serve.closed: this is true or false, without quotes, not 1",
    '[serve]\nlog_format = "jsn"': "serve.toml:2: serve.log_format: this is one of text, json, not 'jsn'; did you mean",
    "[serve]\nlog_level = 3": "serve.toml:2: serve.log_level: this is one of debug, info, warning, error, not 3",
    '[serve]\nsecrets = ""': "serve.toml:2: serve.secrets: this is a text in quotes that is not empty",
    '[serve]\ntls_key = "~nobody-has-this-name/k"': "serve.toml:2: serve.tls_key: there is no home of the user",
    "[limits]\nidle_seconds = [1]": "serve.toml:2: limits.idle_seconds: this is a number, a text, true or false",
    "[settings]\nunknown_nodes = 2026-11-24": "serve.toml:2: settings.unknown_nodes: this is a number, a text",
    '[packages]\nfolders = "one"': "serve.toml:2: packages.folders: this is a list of texts",
    '[packages]\nfolder = ["one"]': "serve.toml:2: packages.folder: there is no such key in [packages]; did you",
}


@pytest.mark.parametrize(("text", "words"), MISTAKES.items(), ids=[text.replace("\n", " ") for text in MISTAKES])
def test_a_mistake_is_said_with_file_line_and_path(write: Any, text: str, words: str) -> None:
    """And with the near miss."""
    _, problems = read_configuration(write("serve.toml", text))
    (problem,) = map(str, problems)
    assert words in problem


def test_what_does_not_fit_is_left_out_and_the_rest_is_read(write: Any) -> None:
    """Every mistake is reported, also those that only the rest shows."""
    text = '[serve]\ninsecure = 1\nclosed = true\nlog_level = "x"\n[limits]\nidle_seconds = 5\n'
    configuration, problems = read_configuration(write("serve.toml", text))
    assert len(problems) == 2
    assert (configuration.closed, configuration.log_level, configuration.limits) == (True, "info", {"idle_seconds": 5})


@pytest.mark.parametrize("text", ["[serve", "listen = tcp://x", "a = 1\na = 2"])
def test_what_is_no_toml_is_refused_with_its_line(write: Any, text: str) -> None:
    """Nothing of it can be believed."""
    path = write("serve.toml", f"\n{text}\n")
    with pytest.raises(InputError, match=rf"{path}:[23]: this is not TOML"):
        read_configuration(path)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """With the system's words."""
    with pytest.raises(InputError, match="the configuration cannot be read: No such file or directory"):
        read_configuration(tmp_path / "none.toml")


def test_the_command_line_wins_over_the_file(write: Any) -> None:
    """Value for value; what was not said stays."""
    configuration, _ = read_configuration(write("serve.toml", WHOLE))
    said = configuration.with_options(
        {"listen": ("tcp://[::1]:0",), "store": "/other", "log_level": None, "tls_key": None, "insecure": False}
    )
    assert (said.listen, said.store) == (("tcp://[::1]:0",), "/other")
    assert (said.log_level, said.insecure) == ("debug", True)
    assert "listen" not in said.places
    assert "log_level" in said.places


def test_settings_of_the_command_line_join_those_of_the_file(write: Any) -> None:
    """Name for name."""
    configuration, _ = read_configuration(write("serve.toml", WHOLE))
    said = configuration.with_options({"settings": {"unknown_nodes": "refuse", "maximum_signers": 3}})
    assert said.settings == {"unknown_nodes": "refuse", "unsigned_results": True, "maximum_signers": 3}
    assert "settings.unknown_nodes" not in said.places
    assert "settings.unsigned_results" in said.places


def test_closed_on_the_command_line_takes_the_place_of_insecure_in_the_file(write: Any) -> None:
    """The two are one choice."""
    configuration, _ = read_configuration(write("serve.toml", "[serve]\ninsecure = true"))
    said = configuration.with_options({"closed": True, "insecure": False})
    assert (said.closed, said.insecure) == (True, False)


def test_an_empty_text_on_the_command_line_was_said(write: Any) -> None:
    """A variable that is not set in a script must not lead to another store."""
    configuration, _ = read_configuration(write("serve.toml", WHOLE))
    assert configuration.with_options({"store": ""}).store == ""
