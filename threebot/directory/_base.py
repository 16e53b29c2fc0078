"""What the calls of the directory share."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from ...actors import Access, CallActor, Context, acting_node
from ...bcdb import Change, Transaction
from ...errors import InputError
from ._directory import Directory
from ._shapes import NodeEntry

__all__ = ["DirectoryCall", "NodeCall"]

T = TypeVar("T")


class DirectoryCall(CallActor):
    """The base of the calls of the directory that is kept in bcdb."""

    _access = Access.session

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        if not isinstance(context.directory, Directory):
            raise InputError("the calls of the directory are for the one that is kept in bcdb")
        self._directory = context.directory

    def _write(self, change: Change[T], reply: Callable[[T], object]) -> Future[object]:
        """Let the store run a change, and answer with what the reply makes of its outcome."""

        def whole(transaction: Transaction) -> object:
            return reply(change(transaction))

        return self._context.store.submit(whole)


class NodeCall(DirectoryCall):
    """The base of the calls by which a node keeps its own entry fresh: the host, the operator and guests may as well.

    Nodes of several years make them, each with fields of its own time: those that are not known are ignored.
    """

    _unknown = "ignore"

    def _own(self, node_id: str, *, path: str = "node_id") -> str:
        """Return the node that a caller may write.

        Raises:
            PermissionDenied: a node names another one, or the caller is a user.
        """
        return acting_node(self._caller, node_id, path=path)

    def _update(self, change: Change[NodeEntry]) -> Future[object]:
        """Let a change of a node happen, and answer with the receipt that most of these calls give."""
        return self._write(change, lambda node: self._output.type(node_id=node.node_id, updated=node.updated))
