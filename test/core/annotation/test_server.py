"""Who is served, and with what: plain HTTP against the real server."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from annotation.folders import marks, open_session, photo_folder

from hotspot_core.annotation.server import AnnotationServer
from hotspot_core.errors import InputError


@pytest.fixture
def server(tmp_path: Path) -> Iterator[AnnotationServer]:
    (tmp_path / "secret.txt").write_text("secret")
    with AnnotationServer(open_session(photo_folder(tmp_path / "photos"))) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def ask(
    server: AnnotationServer, path: str, method: str = "GET", body: Any = None, **headers: str
) -> tuple[int, bytes, http.client.HTTPMessage]:
    """Status, body and headers; the token is sent unless `headers` has another."""
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
    try:
        sent = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        all_headers = {"X-Token": server.token, **{name.replace("_", "-"): value for name, value in headers.items()}}
        connection.request(method, path, sent, all_headers)
        answer = connection.getresponse()
        return answer.status, answer.read(), answer.headers
    finally:
        connection.close()


def test_a_point_is_saved_over_http(server: AnnotationServer) -> None:
    """The overview, a state, a picture; a PUT is in the file when it is answered; an old version is a 409."""
    overview = json.loads(ask(server, "/api/images")[1])
    assert [image["name"] for image in overview["images"]] == ["a.png", "b.jpg", "sub/c.png"]
    status, picture, headers = ask(server, "/api/images/1/picture")
    assert (status, headers["Content-Type"]) == (200, "image/jpeg")
    assert cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR).shape == (60, 80, 3)
    sent = {"version": 0, "marks": marks({"open": [[3, 4]]})}
    status, body, _ = ask(server, "/api/images/1", "PUT", sent)
    assert (status, json.loads(body)["version"]) == (200, 1)
    (entry,) = json.loads(server.session.document.path.read_text())["images"]
    assert (entry["image"], entry["points"]) == ("b.jpg", [[3.0, 4.0]])
    status, body, _ = ask(server, "/api/images/1", "PUT", sent)
    assert status == 409
    assert json.loads(body)["current"]["version"] == 1


@pytest.mark.parametrize("path", ["/api/images", "/api/images/0", "/api/images/0/picture", "/?token=", "/"])
@pytest.mark.parametrize("token", ["", "guessed", "ü"])
def test_nothing_is_served_without_the_token(server: AnnotationServer, path: str, token: str) -> None:
    status, body, _ = ask(server, path, X_Token=token)
    assert status == 403
    assert "hotspot-annotate printed" in json.loads(body)["error"]


@pytest.mark.parametrize(
    "headers",
    [{"Host": "evil.example"}, {"Host": "127.0.0.1"}, {"Origin": "http://evil.example"}, {"Origin": "null"}],
)
def test_other_hosts_and_origins_are_refused(server: AnnotationServer, headers: dict[str, str]) -> None:
    """A name that was rebound to this address, and pages of other origins, even with the token."""
    assert ask(server, "/api/images", **headers)[0] == 403
    assert ask(server, "/api/images/0", "PUT", {"version": 0, "marks": marks()}, **headers)[0] == 403
    assert not server.session.document.path.exists()


def test_localhost_is_this_host(server: AnnotationServer) -> None:
    """As over a forwarded port."""
    host = f"localhost:{server.server_port}"
    assert ask(server, "/api/images", Host=host, Origin=f"http://{host}")[0] == 200


def test_the_page_brings_all_that_it_needs(server: AnnotationServer) -> None:
    """It needs the token; its policy allows no other source; no answer allows another origin (CORS) to read it."""
    status, page, headers = ask(server, f"/?token={server.token}", X_Token="")
    assert status == 200
    assert b"http://" not in page
    assert b"https://" not in page
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    nonce = headers["Content-Security-Policy"].partition("'nonce-")[2].partition("'")[0]
    assert page.count(f'nonce="{nonce}"'.encode()) == 2
    for path in ("/", f"/?token={server.token}", "/api/images", "/api/images/0/picture"):
        names = {name.lower() for name in ask(server, path, Origin=f"http://127.0.0.1:{server.server_port}")[2]}
        assert not [name for name in names if name.startswith("access-control")]
    assert ask(server, "/api/images", "OPTIONS")[0] == 501


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/secret.txt",
        "/api/images/../../secret.txt",
        "/api/images/%2e%2e%2fsecret.txt",
        "/api/images/-1",
        "/api/images/3",
        "/api/images/999999999/picture",
        "/api/images/0/picture/../../../secret.txt",
        "/annotations.json",
    ],
)
def test_no_other_path_can_be_read(server: AnnotationServer, path: str) -> None:
    status, body, _ = ask(server, path)
    assert status == 404
    assert b"secret" not in body


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"{", {}, 400),
        pytest.param(b"[" * 100_000, {}, 400, id="deeply nested"),
        (b"{}", {}, 422),
        ({"version": 0, "marks": {"points": 1}}, {}, 422),
        (b"x", {"Content_Length": "1000001"}, 413),
        (b"x", {"Content_Length": "-1"}, 413),
    ],
)
def test_wrong_bodies_are_refused(server: AnnotationServer, body: Any, headers: dict[str, str], status: int) -> None:
    """And the next request is served."""
    assert ask(server, "/api/images/0", "PUT", body, **headers)[0] == status
    assert ask(server, "/api/images/0")[0] == 200


def test_a_taken_port_is_one_line(server: AnnotationServer) -> None:
    with pytest.raises(InputError, match=f"port {server.server_port} is taken"):
        AnnotationServer(server.session, server.server_port)
