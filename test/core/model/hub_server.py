"""A server that speaks as much of the Hugging Face hub as uploads and downloads need."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote


class HubServer(ThreadingHTTPServer):
    """Keeps repositories in memory.

    Attributes:
        files: repository -> branch -> file -> contents.
        requests: method and path of all that was asked.
    """

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files: dict[str, dict[str, dict[str, bytes]]] = {}
        self.requests: list[str] = []

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


@contextmanager
def hub_server() -> Iterator[HubServer]:
    server = HubServer()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    server: HubServer
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def _answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _json(self, content: object) -> None:
        self._answer(200, json.dumps(content).encode(), Content_Type="application/json")

    def _missing(self, what: str) -> None:
        self._answer(404, b"{}", X_Error_Code=f"{what}NotFound", X_Error_Message=f"{what} not found")

    def do_HEAD(self) -> None:
        self._file()

    def do_GET(self) -> None:
        self._file()

    def _file(self) -> None:
        self.server.requests.append(f"{self.command} {self.path}")
        owner, name, *rest = unquote(self.path.partition("?")[0]).strip("/").split("/")
        revision, *parts = rest[1:] or ["main"]
        branches = self.server.files.get(f"{owner}/{name}")
        if branches is None:
            self._missing("Repo")
        elif revision not in branches and revision not in map(_commit, branches.values()):
            self._missing("Revision")
        else:
            commits = {_commit(files): files for files in branches.values()}
            files = branches[revision] if revision in branches else commits[revision]
            content = files.get("/".join(parts))
            if content is None:
                self._answer(404, b"", X_Error_Code="EntryNotFound", X_Repo_Commit=_commit(files))
            else:
                etag = f'"{hashlib.sha1(content).hexdigest()}"'
                self._answer(200, content, ETag=etag, X_Repo_Commit=_commit(files))

    def do_POST(self) -> None:
        self.server.requests.append(f"POST {self.path}")
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts = unquote(self.path.partition("?")[0]).strip("/").split("/")
        if parts[-1] == "create":
            asked = json.loads(body)
            name = f"{asked.get('organization') or 'me'}/{asked['name']}"
            self.server.files.setdefault(name, {"main": {}})
            self._json({"url": f"{self.server.endpoint}/{name}"})
            return
        if parts[-1] == "validate-yaml":
            self._json({"errors": [], "warnings": []})
            return
        branches = self.server.files[f"{parts[2]}/{parts[3]}"]
        if parts[4] == "branch":
            branches.setdefault(parts[5], dict(branches["main"]))
            self._answer(201)
        elif parts[4] == "preupload":
            files = [
                {"path": each["path"], "uploadMode": "regular", "shouldIgnore": False, "oid": None}
                for each in json.loads(body)["files"]
            ]
            self._json({"files": files})
        elif parts[4] == "commit":
            for line in body.splitlines():
                entry = json.loads(line)
                if entry["key"] == "file":
                    branches[parts[5]][entry["value"]["path"]] = base64.b64decode(entry["value"]["content"])
            commit = _commit(branches[parts[5]])
            self._json(
                {"commitOid": commit, "commitUrl": f"{self.server.endpoint}/{parts[2]}/{parts[3]}/commit/{commit}"}
            )
        else:
            self._missing("Entry")


def _commit(files: dict[str, bytes]) -> str:
    return hashlib.sha1(b"".join(name.encode() + content for name, content in sorted(files.items()))).hexdigest()
