"""The programs that the demo over gedis runs, each in processes of its own."""

from __future__ import annotations

import sys
from dataclasses import dataclass

__all__ = ["Programs"]

_PYTHON = (sys.executable, "-P")  # nothing is imported from the folder that the demo is called in
_ENTRY = "import sys; from workloadmanager.threebot.cli import main; sys.exit(main())"


@dataclass(frozen=True, slots=True, kw_only=True)
class Programs:
    """How they are called; the demo adds their arguments.

    Attributes:
        workloadmanager: the command line.
        node: a node that only pretends, as `workloadmanager.threebot.demo._fake_node` does.
    """

    workloadmanager: tuple[str, ...] = (*_PYTHON, "-c", _ENTRY)
    node: tuple[str, ...] = (*_PYTHON, "-m", "workloadmanager.threebot.demo._fake_node")
