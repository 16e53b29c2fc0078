"""One service in this process: its signals, what it sets for itself, and how it ends."""

from __future__ import annotations

import gc
import resource
import signal
import sys
from collections.abc import Iterator

import pykka
import pytest

from workloadmanager.errors import Unavailable
from workloadmanager.threebot.service import Configuration, Ready, check, serve
from workloadmanager.threebot.service._process import SPARE_FILES, raise_file_limit, tuned  # no doorway: its own
from workloadmanager.threebot.service._signals import stop_requests

HERE = Configuration(store=":memory:", listen=("tcp://127.0.0.1:0",))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_is_a_request_and_the_next_one_is_the_systems(number: signal.Signals) -> None:
    """Nothing of ours stands between the second one and the end."""
    before = [signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGINT)]
    with stop_requests() as requests:
        signal.raise_signal(number)
        assert requests.wait(lambda: True) is number
        assert [signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGINT)] == [signal.SIG_DFL] * 2
    assert [signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGINT)] == before


def test_waiting_ends_where_there_is_nothing_to_stop() -> None:
    """A service whose server ended by itself does not stay for ever."""
    with stop_requests() as requests:
        assert requests.wait(lambda: False) is None


def test_a_service_serves_until_it_is_asked_to_stop(caplog: pytest.LogCaptureFixture) -> None:
    """It says where it answers, while it does, and leaves the process as it was."""
    seen: list[Ready] = []
    interval, thresholds = sys.getswitchinterval(), gc.get_threshold()

    def announce(ready: Ready) -> None:
        seen.append(ready)
        assert sys.getswitchinterval() == pytest.approx(1e-4)
        signal.raise_signal(signal.SIGTERM)

    with caplog.at_level("INFO"):
        serve(check(HERE), announce)
    (ready,) = seen
    ((address, is_open),) = ready.addresses
    assert (ready.store, address.host, is_open) == (":memory:", "127.0.0.1", True)
    assert address.port
    assert (sys.getswitchinterval(), gc.get_threshold(), gc.get_freeze_count()) == (interval, thresholds, 0)
    assert "stops, as SIGTERM asks for it" in caplog.text


def test_a_service_that_is_stopped_from_inside_ends_with_an_error() -> None:
    """Whoever watches it starts it again."""

    def stop_everything(_: Ready) -> None:
        pykka.ActorRegistry.stop_all()

    with pytest.raises(Unavailable, match="ended by itself"):
        serve(check(HERE), stop_everything)


def test_an_address_for_everybody_that_is_open_is_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    """`--insecure` says what it means in the log."""
    configuration = Configuration(store=":memory:", listen=("tcp://0.0.0.0:0", "tcp://127.0.0.1:0"), insecure=True)
    serve(check(configuration), lambda _: signal.raise_signal(signal.SIGINT))
    (warning,) = [record for record in caplog.records if record.levelname == "WARNING"]
    assert "is open: whoever reaches it may read everything" in warning.getMessage()
    assert "127.0.0.1" not in warning.getMessage()


@pytest.fixture
def file_limit() -> Iterator[int]:
    """A limit of 100 open files, which may be raised; afterwards it is as it was."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (100, hard))
    yield hard
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_the_limit_of_open_files_is_raised_to_what_is_needed(file_limit: int) -> None:
    """Not further: programs that are started inherit it."""
    assert file_limit == resource.RLIM_INFINITY or file_limit > 300
    assert raise_file_limit(200) == 200 + SPARE_FILES
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == 200 + SPARE_FILES
    assert raise_file_limit(10) == 200 + SPARE_FILES


def test_the_limit_of_open_files_is_raised_as_far_as_the_system_allows(file_limit: int) -> None:
    """A service with fewer connections is better than none."""
    if file_limit != resource.RLIM_INFINITY:
        assert raise_file_limit(file_limit) == file_limit


def test_the_interpreter_is_afterwards_as_it_was() -> None:
    """A program that serves for a while goes on as before."""
    before = (sys.getswitchinterval(), gc.get_threshold())
    with tuned():
        assert gc.get_threshold()[0] == 50_000
    assert (sys.getswitchinterval(), gc.get_threshold()) == before
