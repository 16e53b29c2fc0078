"""Draw the states of a reservation from the transition table into ``docs/states.md``.

Run it after a change of the table::

    python docs/draw_states.py            # writes the drawing into the page
    python docs/draw_states.py --check    # exits with 1 where the page is not up to date
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from workloadmanager.rules import TABLE, NextAction, Row

PAGE = Path(__file__).with_name("states.md")
BEGIN = "<!-- drawn by docs/draw_states.py: do not edit by hand -->"
END = "<!-- end of the drawing -->"


def diagram() -> str:
    """Return the table as a state diagram in Mermaid's language."""
    arrows = (f"    {_origin(row)} --> {row.target.name} : {_label(row)}" for row in TABLE)
    final = [state for state in NextAction if not any(row.state is state for row in TABLE)]
    ends = (f"    {state.name} --> [*]" for state in final)
    return "\n".join(("```mermaid", "stateDiagram-v2", *arrows, *ends, "```"))


def table() -> str:
    """Return the table as a Markdown table; rows that differ in their state alone are one line."""
    lines: dict[tuple[str, str, str, str], list[str]] = {}
    for row in TABLE:
        target = "same" if row.target is row.state else row.target.name
        states = lines.setdefault((row.trigger, row.condition, target, row.besides), [])
        states.append(row.state.name if row.state is not None else "new")
    head = ("| from | event | condition | to | besides |", "| --- | --- | --- | --- | --- |")
    body = (
        f"| {', '.join(states)} | {trigger} | {condition} | {target} | {besides} |"
        for (trigger, condition, target, besides), states in lines.items()
    )
    return "\n".join((*head, *body))


def drawing() -> str:
    """Return what stands between the two marks of the page."""
    return f"\n{diagram()}\n\n{table()}\n"


def redraw(page: str) -> str:
    """Return a page with the drawing between its marks made anew."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"{PAGE.name} has lost the marks of the drawing:\n{BEGIN}\n{END}")
    return f"{before}{begin}\n{drawing()}\n{end}{after}"


def main(arguments: Sequence[str] = ()) -> int:
    """Write the drawing into the page, or check it; return 0 where the page is up to date."""
    page = PAGE.read_text(encoding="utf-8")
    drawn = redraw(page)
    if "--check" in arguments:
        return int(page != drawn)
    PAGE.write_text(drawn, encoding="utf-8")
    return 0


def _origin(row: Row) -> str:
    return "[*]" if row.state is None else row.state.name


def _label(row: Row) -> str:
    """Return an arrow's text; a semicolon would end the line in Mermaid."""
    return f"{row.trigger}, {row.condition}".replace(";", ",")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
