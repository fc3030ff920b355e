"""The server of the page: on the loopback address, for whoever has the token, and for nobody's other pages.

    GET /?token=...             the page
    GET /api/images             overview
    GET /api/images/3           marks and version of image 3
    PUT /api/images/3           new marks; 409 where the version is not the current one
    GET /api/images/3/picture   JPEG
    GET /api/images/3/guess?action=open

Images have numbers, so no request names a path. Requests of the API carry the token in the header X-Token, which pages
of other origins cannot send without a consent (CORS) that is never given.
"""

from __future__ import annotations

import errno
import hmac
import json
import re
import secrets
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from typing import Any
from urllib.parse import parse_qs, urlsplit

from hotspot_core.annotation.session import AnnotationSession, ConflictError
from hotspot_core.errors import InputError

ADDRESS = "127.0.0.1"
MAX_BODY = 1_000_000
ROUTE = re.compile(r"/api/images/(\d{1,9})(?:/(picture|guess))?")


class AnnotationServer(ThreadingHTTPServer):
    """Serves a session until `shutdown`.

    Args:
        session: what to serve.
        port: 0 for any that is free.

    Attributes:
        token: random, new for every server.
        url: of the page.

    Raises:
        InputError: the port is taken, or not allowed.
    """

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, session: AnnotationSession, port: int = 0) -> None:
        self.session = session
        self.token = secrets.token_urlsafe(32)
        try:
            super().__init__((ADDRESS, port), _Handler)
        except (OSError, OverflowError) as error:
            taken = isinstance(error, OSError) and error.errno == errno.EADDRINUSE
            reason = "is taken, perhaps by another hotspot-annotate" if taken else f"cannot be used: {error}"
            raise InputError(f"port {port} {reason}: give another one, or --port 0 for any that is free") from None
        self.hosts = tuple(f"{name}:{self.server_port}" for name in (ADDRESS, "localhost"))
        self.url = f"http://{self.hosts[0]}/?token={self.token}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that closes a connection early is no error."""


class _Handler(BaseHTTPRequestHandler):
    server: AnnotationServer
    protocol_version = "HTTP/1.1"
    server_version = "hotspot-annotate"
    sys_version = ""
    timeout = 60

    def do_GET(self) -> None:
        self._answer_safely()

    def do_PUT(self) -> None:
        self._answer_safely()

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: lines of a log would have the token."""

    def _answer_safely(self) -> None:
        try:
            self._answer()
        except ConflictError as error:
            self._send_json({"error": str(error), "current": error.current}, HTTPStatus.CONFLICT)
        except InputError as error:
            self._send_json({"error": str(error)}, HTTPStatus.UNPROCESSABLE_ENTITY)
        except IndexError:
            self._refuse(HTTPStatus.NOT_FOUND, "there is no such image")

    def _answer(self) -> None:
        target = urlsplit(self.path)
        query = parse_qs(target.query)
        if self.headers.get("Host", "") not in self.server.hosts:
            return self._refuse(HTTPStatus.FORBIDDEN, "this host is not served")
        if self.headers.get("Origin", f"http://{self.headers['Host']}") != f"http://{self.headers['Host']}":
            return self._refuse(HTTPStatus.FORBIDDEN, "other origins are not served")
        page = target.path == "/" and self.command == "GET"
        token = query.get("token", [""])[0] if page else self.headers.get("X-Token", "")
        if not hmac.compare_digest(token.encode(), self.server.token.encode()):
            return self._refuse(HTTPStatus.FORBIDDEN, "open the address that hotspot-annotate printed last")
        if page:
            return self._send_page()
        if target.path == "/api/images" and self.command == "GET":
            return self._send_json(self.server.session.overview())
        return self._answer_image(target.path, query)

    def _answer_image(self, path: str, query: dict[str, list[str]]) -> None:
        route = ROUTE.fullmatch(path)
        if route is None or (self.command == "PUT" and route[2]):
            return self._refuse(HTTPStatus.NOT_FOUND, "there is no such page")
        session, index = self.server.session, int(route[1])
        if self.command == "PUT":
            document = self._body()
            return None if document is None else self._send_json(session.save(index, json.loads(document)))
        if route[2] == "picture":
            return self._send(session.picture(index), "image/jpeg")
        if route[2] == "guess":
            return self._send_json(session.guess(index, query.get("action", [""])[0]))
        return self._send_json(session.state(index))

    def _body(self) -> bytes | None:
        """What was sent; None, and an answer, where it is too long or is no JSON."""
        length = self.headers.get("Content-Length", "")
        if not length.isascii() or not length.isdecimal() or int(length) > MAX_BODY:
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"send up to {MAX_BODY} bytes, and say how many")
            return None
        body = self.rfile.read(int(length))
        try:
            json.loads(body)
        except (ValueError, RecursionError):
            self._refuse(HTTPStatus.BAD_REQUEST, "this is no JSON")
            return None
        return body

    def _send_page(self) -> None:
        nonce = secrets.token_urlsafe(16)
        page = files("hotspot_core.annotation").joinpath("page.html").read_text("utf-8").replace("{{nonce}}", nonce)
        policy = (
            f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; img-src blob: data:; "
            "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
        self._send(page.encode(), "text/html; charset=utf-8", {"Content-Security-Policy": policy})

    def _send_json(self, document: Any, status: HTTPStatus = HTTPStatus.OK) -> None:
        self._send(json.dumps(document).encode(), "application/json", status=status)

    def _refuse(self, status: HTTPStatus, reason: str) -> None:
        """The connection ends, too: what else was sent on it is not read."""
        self.close_connection = True
        self._send(json.dumps({"error": reason}).encode(), "application/json", {"Connection": "close"}, status)

    def _send(
        self, body: bytes, kind: str, headers: dict[str, str] | None = None, status: HTTPStatus = HTTPStatus.OK
    ) -> None:
        self.send_response(status)
        fixed = {
            "Content-Type": kind,
            "Content-Length": str(len(body)),
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Cross-Origin-Opener-Policy": "same-origin",
        }
        for name, value in {**fixed, **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
