"""What a help text costs: the command line loads neither the store nor the cryptography before it needs them."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("lmdb", "nacl", "msgpack", "pykka", "ptpython", "prompt_toolkit")

# The doorways above load the whole package for whoever imports it; they are put aside to see the command line alone.
ALONE = """
import importlib.util, sys, types
for name in ("workloadmanager", "workloadmanager.threebot"):
    spec = importlib.util.find_spec("workloadmanager") if name == "workloadmanager" else None
    place = spec.submodule_search_locations[0] if spec else f"{place}/threebot"
    module = types.ModuleType(name)
    module.__path__ = [place]
    sys.modules[name] = module
from workloadmanager.threebot.cli import main
status = main(sys.argv[1:])
print(*(name for name in %r if name in sys.modules), file=sys.stderr)
sys.exit(status)
"""


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [("--help",), ("reservation", "sign", "--help")], ids=" ".join)
def test_a_help_text_loads_nothing_heavy(arguments: tuple[str, ...]) -> None:
    """Neither the store, nor keys, nor actors, nor the prompt."""
    finished = subprocess.run(
        [sys.executable, "-c", ALONE % (HEAVY,), *arguments], capture_output=True, text=True, check=False
    )
    assert (finished.returncode, finished.stderr.strip()) == (0, "")
    assert "Usage: workloadmanager" in finished.stdout
