"""Whom we may connect to, and whether anybody is there: asked before a driver is, so that all engines'
networks fail alike and nobody reaches what is not meant for customers."""

import socket
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from ...domain.view_connections import Connection
from ...domain.view_problems import SourceLost, SourceRefused
from .engines import CONNECT_SECONDS


def reach(connection: Connection, forbidden: Sequence[str]) -> None:
    """Resolve the host and open its port once; raises SourceRefused or SourceLost."""
    if not connection.host:
        return
    for address in _addresses(connection):
        if any(_plain(address) in ip_network(network) for network in forbidden):
            raise SourceRefused("view_host_forbidden", host=connection.place, view="", cause=address)
    try:
        socket.create_connection((connection.host, connection.port), CONNECT_SECONDS).close()
    except OSError as error:
        raise SourceLost(
            "view_host_unreachable", host=connection.place, view="", cause=_said(error)
        ) from error


def _addresses(connection: Connection) -> list[str]:
    try:
        found = socket.getaddrinfo(connection.host, connection.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        problem = SourceLost if getattr(error, "errno", None) == socket.EAI_AGAIN else SourceRefused
        raise problem("view_host_unknown", host=connection.place, view="", cause=_said(error)) from error
    return [str(one[4][0]).partition("%")[0] for one in found]


def _plain(address: str) -> IPv4Address | IPv6Address:
    """Take an IPv4 address that is written as an IPv6 one for what it is."""
    found = ip_address(address)
    return getattr(found, "ipv4_mapped", None) or found


def _said(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error)
