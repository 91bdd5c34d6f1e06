"""A client that costs next to nothing: requests are bytes made beforehand, answers are counted.

Connections are kept alive. Several are served by one loop, since threads would wait for each
other more than for the server.
"""

import json
import selectors
import socket
import time
from collections.abc import Callable, Sequence
from typing import Any, Final

from ratios.dataset import COMPANY

HEAD_END: Final = b"\r\n\r\n"
LENGTH: Final = b"content-length:"


class Refused(AssertionError):
    """The server answered something else than success."""


def request(method: str, path: str, key: str, body: Any = None) -> bytes:
    """A request as it goes over the wire."""
    content = b"" if body is None else json.dumps(body).encode()
    lines = [
        f"{method} {path} HTTP/1.1",
        "Host: 127.0.0.1",
        f"Authorization: Bearer {key}",
        f"X-Company-Id: {COMPANY}",
        "Accept: application/json",
    ]
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(content)}"]
    return "\r\n".join(lines).encode() + HEAD_END + content


class Connection:
    """One connection, opened again when the server closed it for being idle."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._open()

    def _open(self) -> None:
        self.socket = socket.create_connection(("127.0.0.1", self.port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def call(self, wanted: bytes) -> bytes:
        """Send a request and give the body of its answer. Raises Refused."""
        for attempt in (1, 2):
            try:
                self.socket.sendall(wanted)
                return self.read()
            except (ConnectionError, EOFError):
                if attempt == 2:
                    raise
                self.close()
                self._open()
        raise AssertionError

    def read(self) -> bytes:
        """One answer. Raises Refused, EOFError when the server closed the connection."""
        received = b""
        while HEAD_END not in received:
            received += self._receive()
        head, _, body = received.partition(HEAD_END)
        length = _length(head)
        while len(body) < length:
            body += self._receive()
        if not head.startswith((b"HTTP/1.1 200", b"HTTP/1.1 201")):
            raise Refused((head + HEAD_END + body)[:2000].decode())
        return body

    def _receive(self) -> bytes:
        part = self.socket.recv(1 << 18)
        if not part:
            raise EOFError
        return part

    def close(self) -> None:
        self.socket.close()


def _length(head: bytes) -> int:
    lowered = head.lower()
    start = lowered.index(LENGTH) + len(LENGTH)
    return int(lowered[start:].split(b"\r\n", 1)[0])


def together(
    port: int, make: Callable[[], bytes], *, clients: int, seconds: float
) -> tuple[int, list[str]]:
    """Answers that several clients got in that time, and what was refused.

    make  gives the next request
    """
    waiting = selectors.DefaultSelector()
    refused: list[str] = []
    done = 0
    connections: Sequence[Connection] = [Connection(port) for _ in range(clients)]
    for one in connections:
        one.socket.sendall(make())
        waiting.register(one.socket, selectors.EVENT_READ, one)
    end = time.perf_counter() + seconds
    while waiting.get_map():
        for ready, _ in waiting.select(timeout=30):
            connection: Connection = ready.data
            try:
                connection.read()
                done += 1
            except Refused as answer:
                refused.append(str(answer))
            if time.perf_counter() < end:
                connection.socket.sendall(make())
            else:
                waiting.unregister(connection.socket)
                connection.close()
    waiting.close()
    return done, refused
