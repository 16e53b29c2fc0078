"""The calls `nodes_publish_interfaces`, `nodes_set_public_iface` and `nodes_publish_wg_ports`."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from typing import Any

from ...actors import Role
from ...errors import PermissionDenied
from ._base import DirectoryCall, NodeCall
from ._shapes import Interface, PublicInterface

__all__ = ["NodesPublishInterfaces", "NodesPublishWgPorts", "NodesSetPublicIface"]


class NodesPublishInterfaces(NodeCall):
    """Write down the network interfaces of a node, all of them; a node does so at its start and when one changes.

    Errors: ``input`` for an interface without a name, or an address without its mask, all mistakes at once;
    ``not_found`` where there is no such node; ``permission`` for a node that writes about another one, and for users.

    ```in
    node_id = (S)                                   # the node
    ifaces = (LO) !tfgrid.directory.node.iface.1    # its interfaces; null for none
    ```

    ```out
    node_id = (S)   # the node
    updated = (T)   # when its entry was written, seconds since 1970
    ```
    """

    def nodes_publish_interfaces(self, *, node_id: str, ifaces: list[Interface]) -> Future[object]:
        """Answer the call, which the class describes (``docs/directory.md``)."""
        return self._update(self._directory.nodes.set_interfaces(self._own(node_id), ifaces))

    def _prepare(self, message: Mapping[str, Any]) -> Mapping[str, Any]:
        return _with_list(message, "ifaces")


class NodesPublishWgPorts(NodeCall):
    """Write down which UDP ports the wireguard tunnels of a node use, all of them.

    Errors: ``input`` for what is no port, all mistakes at once; ``not_found`` where there is no such node;
    ``permission`` for a node that writes about another one, and for users.

    ```in
    node_id = (S)   # the node
    ports = (LI)    # the ports, 1 to 65535; null for none
    ```

    ```out
    node_id = (S)   # the node
    updated = (T)   # when its entry was written, seconds since 1970
    ```
    """

    def nodes_publish_wg_ports(self, *, node_id: str, ports: list[int]) -> Future[object]:
        """Answer the call, which the class describes (``docs/directory.md``)."""
        return self._update(self._directory.nodes.set_ports(self._own(node_id), ports))

    def _prepare(self, message: Mapping[str, Any]) -> Mapping[str, Any]:
        return _with_list(message, "ports")


class NodesSetPublicIface(DirectoryCall):
    """Say how a node is connected to the internet, which its farmer decides.

    Each change gets the next version, whatever version is sent; the node makes the interface when it sees a higher
    one. Setting the same again changes nothing. An interface in which everything is empty takes it away.

    Errors: ``input`` for an interface without a master or an address, or an address that does not fit its field, all
    mistakes at once; ``not_found`` where there is no such node; ``permission`` for nodes, and for users who
    are not the farmer.

    ```in
    node_id = (S)                                           # the node
    public = (O) !tfgrid.directory.node.public_iface.1      # the public interface
    ```

    ```out
    node_id = (S)   # the node
    version = (I)   # the version that the interface has now
    ```
    """

    _unknown = "ignore"

    def nodes_set_public_iface(self, *, node_id: str, public: PublicInterface) -> Future[object]:
        """Answer the call, which the class describes (``docs/directory.md``)."""
        self._check_farmer(node_id)
        return self._write(
            self._directory.nodes.set_public_interface(node_id, public),
            lambda node: self._output.type(node_id=node.node_id, version=node.public_config.version),
        )

    def _check_farmer(self, node_id: str) -> None:
        """See that the caller may decide for the farmer of a node.

        Raises:
            PermissionDenied: it is a node, or another user.
        """
        caller = self._caller
        is_farmer = caller.role is Role.user and self._context.farmer_of(node_id) == caller.tid
        if caller.role in (Role.node, Role.user) and not is_farmer:
            raise PermissionDenied(f"this is for the farmer of the node, and this session is {caller}", path="node_id")


def _with_list(message: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return the arguments with an empty list for one that is null, as nodes write a list without entries."""
    return {**message, name: []} if name in message and message[name] is None else message
