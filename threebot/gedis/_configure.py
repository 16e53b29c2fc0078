"""The commands ``config_…`` of the original framework, which set the formats of a session."""

from __future__ import annotations

from ...errors import InputError
from ._conversation import Conversation
from ._formats import read_format
from ._replies import OK

__all__ = ["CONFIGURE", "configure"]

CONFIGURE = b"config_"
"""What they begin with."""


def configure(conversation: Conversation, command: list[bytes]) -> bytes:
    """Set the format of payloads, of replies, or of both. Whatever else it is, the answer is OK, as it always was."""
    try:
        chosen = read_format(command[1].decode() if len(command) == 2 else "", "")
    except (InputError, UnicodeDecodeError):
        return OK
    what = command[0].lower().removeprefix(CONFIGURE)
    if what in (b"format", b"content_type"):
        conversation.content = chosen
    if what in (b"format", b"response_type"):
        conversation.response = chosen
    return OK
