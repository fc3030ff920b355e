"""Checkpoints of the Hugging Face hub: from the library's cache and from a stand-in of the hub on this machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from model.hub_server import HubServer, hub_server

from hotspot_core import HotspotModel, InputError, save_model
from hotspot_core.model import hub
from hotspot_core.model.checkpoint_info import read_info, resolve_checkpoint
from hotspot_core.model.hub import HubFile, names_hub, parse_hub
from hotspot_core.model.model_card import model_card

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture(scope="module")
def checkpoint(robot: HotspotModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / "robot.safetensors"
    save_model(path, robot, {"epochs": 2, "results": {"val/kld": 1.23456}}, {"photos | mine": "CC BY 4.0"})
    return path


@pytest.fixture
def server() -> Iterator[HubServer]:
    pytest.importorskip("huggingface_hub", reason="the extra 'hub' is not installed")
    with hub_server() as running:
        yield running


def python(code: str, home: Path, server: HubServer | None = None, **variables: str) -> str:
    """What a program prints, or the message of its InputError; huggingface_hub reads the environment when imported."""
    environment = {**os.environ, "HF_HOME": str(home), "HF_TOKEN": "hf_none", **variables}
    if server is not None:
        environment["HF_ENDPOINT"] = server.endpoint
    program = f"import hotspot_core\ntry:\n    {code}\nexcept hotspot_core.InputError as error:\n    print(error)"
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def info_of(place: str, download: bool = True) -> str:
    return (
        f"from hotspot_core.model.checkpoint_info import *; print(read_info(resolve_checkpoint({place!r}, {download}))"
        ".training['epochs'])"
    )


def fill_cache(home: Path, checkpoint: Path) -> None:
    """The cache as the library lays it out, with the branch main and the tag v1 at one commit."""
    folder = home / "hub" / "models--me--doors"
    (folder / "snapshots" / COMMIT).mkdir(parents=True)
    (folder / "snapshots" / COMMIT / "model.safetensors").write_bytes(checkpoint.read_bytes())
    (folder / "refs").mkdir()
    for name in ("main", "v1"):
        (folder / "refs" / name).write_text(COMMIT)


def test_the_text_says_repository_file_and_revision() -> None:
    """Also what a path makes of it; and nothing without hf:// ever means the hub."""
    assert parse_hub("hf://me/doors") == HubFile("me/doors")
    assert parse_hub("hf://me/doors/a/b.onnx@v1") == HubFile("me/doors", "a/b.onnx", "v1")
    assert parse_hub(Path("hf://me/doors@refs/pr/1")) == HubFile("me/doors", revision="refs/pr/1")
    assert str(parse_hub("hf://me/doors@v1")) == "hf://me/doors/model.safetensors@v1"
    assert not any(names_hub(place) for place in ("me/doors", "hf:/me/doors", "default", Path("hf/me/doors")))
    for wrong, reason in (("hf://me", "names no file"), ("hf://me/doors@v1/m.onnx", "revision comes last")):
        with pytest.raises(InputError, match=reason):
            parse_hub(wrong)


def test_a_file_of_the_name_of_a_repository_is_a_file(
    checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """owner/name is read where it is a file; where it is none, the message tells how the hub's is written."""
    monkeypatch.chdir(tmp_path)
    Path("me").mkdir()
    Path("me/doors").write_bytes(checkpoint.read_bytes())
    assert read_info("me/doors").training["epochs"] == 2
    with pytest.raises(InputError, match=r"'me/windows' does not exist.*hf://me/windows"):
        resolve_checkpoint("me/windows")


def test_the_cache_suffices_without_a_network(checkpoint: Path, tmp_path: Path) -> None:
    """1. Offline, and 2. where the network is not asked for, although there is one, files of the cache are read, by
    branch, tag and commit. 3. What is not there is one line that says why."""
    pytest.importorskip("huggingface_hub", reason="the extra 'hub' is not installed")
    fill_cache(tmp_path, checkpoint)
    nowhere: dict[str, Any] = {"HF_ENDPOINT": "http://127.0.0.1:9"}
    for revision in ("", "@v1", f"@{COMMIT}"):
        assert python(info_of(f"hf://me/doors{revision}"), tmp_path, HF_HUB_OFFLINE="1", **nowhere) == "2"
    assert python(info_of("hf://me/doors", download=False), tmp_path, **nowhere) == "2"
    for place in ("hf://me/doors@v2", "hf://me/windows"):
        for download, offline in ((True, "1"), (False, "0")):
            said = python(info_of(place, download), tmp_path, HF_HUB_OFFLINE=offline, **nowhere)
            assert "not in the cache, and the network may not be used" in said
            assert "\n" not in said


@pytest.mark.slow
def test_a_hub_that_cannot_be_reached_is_said(tmp_path: Path) -> None:
    """Not in the cache, and the network asked for."""
    pytest.importorskip("huggingface_hub", reason="the extra 'hub' is not installed")
    said = python(info_of("hf://me/doors"), tmp_path, HF_ENDPOINT="http://127.0.0.1:9")
    assert "not in the cache, and the hub cannot be reached" in said
    assert "\n" not in said


def test_a_checkpoint_goes_to_the_hub_and_comes_back(checkpoint: Path, tmp_path: Path, server: HubServer) -> None:
    """1. The command makes the repository, and writes file and card. 2. The same file comes back, and then lies in the
    cache: without a network it still loads. 3. Wrong names are one line each, and say which part is wrong."""
    command = [sys.executable, "-m", "hotspot_core.share", str(checkpoint), "hf://me/doors"]
    environment = {**os.environ, "HF_ENDPOINT": server.endpoint, "HF_HOME": str(tmp_path), "HF_TOKEN": "hf_none"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{server.endpoint}/me/doors/commit/")
    files = server.files["me/doors"]["main"]
    assert files["model.safetensors"] == checkpoint.read_bytes()
    assert "HotspotPredictor('hf://me/doors')" in files["README.md"].decode()
    assert python(info_of("hf://me/doors"), tmp_path, server) == "2"
    assert python(info_of("hf://me/doors"), tmp_path, HF_HUB_OFFLINE="1") == "2"
    for place, reason in (
        ("hf://me/doors/other.onnx", "has no file 'other.onnx'"),
        ("hf://me/doors@v7", "has no revision 'v7'"),
        ("hf://me/windows", "no such repository, or it is private"),
    ):
        said = python(info_of(place), tmp_path, server)
        assert reason in said
        assert "\n" not in said


def test_models_are_saved_to_the_hub(checkpoint: Path, tmp_path: Path, server: HubServer) -> None:
    """1. `save_model` takes a place of the hub, with a file and a branch that is made. 2. `load_model` reads it. 3. A
    card of somebody's own stays, ours is written anew."""
    place = "hf://me/doors/nets/a.safetensors@trial"
    load = f"m = hotspot_core.load_model({str(checkpoint)!r}, 'cpu')"
    save = f"{load}; hotspot_core.save_model({place!r}, m, {{'epochs': 5}})"
    python(save, tmp_path, server)
    assert "| val/kld" not in server.files["me/doors"]["trial"]["README.md"].decode()
    assert python(f"print(len(hotspot_core.load_model({place!r}, 'cpu').actions))", tmp_path, server) == "7"
    share = f"from hotspot_core.model.hub_upload import *; upload_checkpoint({str(checkpoint)!r}, {place!r})"
    python(share, tmp_path, server)
    assert "| val/kld | 1.235 |" in server.files["me/doors"]["trial"]["README.md"].decode()
    server.files["me/doors"]["trial"]["README.md"] = b"# My own"
    python(share, tmp_path, server)
    assert server.files["me/doors"]["trial"]["README.md"] == b"# My own"


def test_a_card_says_what_the_checkpoint_says(checkpoint: Path) -> None:
    """Actions, data with licenses, numbers and the hash; no table is torn by a bar in a name."""
    info = read_info(checkpoint)
    card = model_card(info, "hf://me/doors")
    for part in (*info.actions, "| photos \\| mine | CC BY 4.0 |", "| val/kld | 1.235 |", info.sha256):
        assert part in card
    assert json.dumps("---") not in card
    bundled = model_card(read_info(), "hf://me/default")
    assert "| DROID stills | CC BY 4.0, Khazatsky et al. 2024 |" in bundled


def test_without_the_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """One line."""
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    hub.cached_file.cache_clear()
    with pytest.raises(InputError, match=r"needs the package huggingface_hub: pip install 'hotspot_core\[hub\]'"):
        resolve_checkpoint("hf://me/doors")
