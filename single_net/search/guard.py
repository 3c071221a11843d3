"""The server's request filter: only its own page and programs on this machine are answered.

A server on 127.0.0.1 is reached by every page that a browser has open: by a form that posts to it, and by a name that
an attacker points at 127.0.0.1 (DNS rebinding). Both are recognized by their headers, which are compared with exact
lists.
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
from collections.abc import Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_SECONDS = 60.0  # for a body to arrive
_TOGETHER = 512 * 2**20  # bytes of all bodies that are held at one time
_OWN_SITES = (None, "same-origin", "none")  # Sec-Fetch-Site of programs, of the page, and of a typed address

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class _Refused(Exception):
    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class Guard:
    """ASGI middleware: exact Host and Origin, bounded bodies, and headers that keep a browser from misuse.

    Args:
        app: what is guarded.
        hosts: the values of Host that are answered, see `hosts`.
        most: bytes of a body, by path; other paths take none.
    """

    def __init__(self, app: ASGIApp, hosts: Iterable[str], most: dict[str, int]) -> None:
        self._app, self._hosts, self._most = app, frozenset(hosts), most
        self._held = 0  # bytes of bodies, until their requests are answered

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        if scope["type"] != "http":
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("Cache-Control", "no-store")
                for name, value in HEADERS.items():
                    headers[name] = value
            await send(message)

        held: list[int] = []
        try:
            self._check(scope)
            body = await self._body(scope, receive, held)
            if body is not None:  # else the client has gone
                await self._app(scope, _replay(body, receive), send_with_headers)
        except _Refused as refused:
            await _answer(send_with_headers, refused.status, str(refused))
        finally:
            self._held -= sum(held)

    def _check(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        if len(named := headers.getlist("host")) != 1 or named[0].lower() not in self._hosts:
            raise _Refused(421, "this name is not answered: open the address that the command has printed")
        origins = headers.getlist("origin")
        if origins and (len(origins) > 1 or origins[0].lower() != f"{scope['scheme']}://{named[0].lower()}"):
            raise _Refused(403, "requests of other pages are not answered")
        is_link = scope["path"] == "/" and scope["method"] == "GET" and headers.get("sec-fetch-mode") == "navigate"
        if headers.get("sec-fetch-site") not in _OWN_SITES and not is_link:
            raise _Refused(403, "requests of other pages are not answered")

    async def _body(self, scope: Scope, receive: Receive, held: list[int]) -> bytes | None:
        """The body in full; None if the client left before. The sizes of its parts go to `held`."""
        most = self._most.get(scope["path"], 0)
        said = Headers(scope=scope).get("content-length", "0")
        if not said.isdecimal() or len(said) > 15 or int(said) > most:
            raise _Refused(413, f"more than {most:,} bytes are not taken here")
        parts: list[bytes] = []
        size = 0
        try:
            async with asyncio.timeout(_SECONDS):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        return None
                    parts.append(message.get("body", b""))
                    held.append(len(parts[-1]))
                    self._held += held[-1]
                    size += held[-1]
                    if size > most:  # of a body that did not say its length
                        raise _Refused(413, f"more than {most:,} bytes are not taken here")
                    if self._held > _TOGETHER:
                        raise _Refused(503, "too many uploads at once: try again")
                    if not message.get("more_body", False):
                        return b"".join(parts)
        except TimeoutError:
            raise _Refused(408, f"the body did not arrive within {_SECONDS:.0f} seconds") from None


def _replay(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives a body that was read before."""
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


def hosts(host: str, port: int, names: Iterable[str] = ()) -> list[str]:
    """The values of the header Host under which a server is addressed.

    Args:
        host: address that it listens on.
        port: its port.
        names: further names of the machine.
    """
    known = [host, *names]
    if is_local(host):
        known += ["127.0.0.1", "localhost", "::1"]
    shown = [f"[{name}]" if ":" in name else name for name in dict.fromkeys(name.lower() for name in known)]
    return [f"{name}:{port}" for name in shown] + (shown if port == 80 else [])  # browsers leave port 80 out


def is_local(host: str) -> bool:
    """Whether only this machine reaches an address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


async def _answer(send: Send, status: int, reason: str) -> None:
    body = json.dumps({"error": reason}).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),  # the rest of a large body is not read
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
