"""The authors' checkpoints become ours: keys, shapes, maps."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pytest
import torch
from media.recordings import write_image
from torch import Tensor

from hotspot_core import HotspotModel, InputError, convert, interaction_hotspots, load_model
from hotspot_core.model.authors_checkpoint import build_converted_model, convert_state
from hotspot_core.model.checkpoint import DEFAULT_CHECKPOINT, read_info
from hotspot_core.utils.command_line import run


def authors_state(model: HotspotModel) -> dict[str, Tensor]:
    """The state of a model of the preset `paper` under the authors' names, written out from their layout."""
    named = dict(model.state_dict())
    theirs: dict[str, Tensor] = {}
    for name, value in named.items():
        head, _, tail = name.partition(".")
        if head == "backbone":
            part, index, rest = tail.split(".", 2)
            layer = {"stem": {"0": "conv1", "1": "bn1"}, "stages": {str(i): f"layer{i + 1}" for i in range(4)}}
            theirs[f"backbone.rnet.{layer[part][index]}.{rest}"] = value
        elif head == "anticipation":
            block, kind, rest = tail.split(".", 2)
            theirs[f"project.{3 * int(block) + (kind == 'normalization')}.{rest}"] = value
        elif "lstm" in name:
            theirs[f"rnn.{name.rpartition('.')[2]}"] = value
        elif "linear" in name:
            theirs[f"fc.{name.rpartition('.')[2]}"] = value
        else:
            theirs[{"initial_hidden": "h0", "initial_cell": "c0"}[tail]] = value[None, None]
    return theirs


def save_authors_file(path: Path, model: HotspotModel) -> Path:
    torch.save({"net": authors_state(model), "args": argparse.Namespace(dset="opra", lr=1e-4), "epoch": 20}, path)
    return path


def test_converted_model_gives_the_same_maps(paper: HotspotModel, tmp_path: Path) -> None:
    """1. A file in the authors' layout. 2. Convert by command. 3. The loaded model has every tensor, OPRA's actions,
    its provenance, and the maps and logits of the model that the file was made from."""
    source = save_authors_file(tmp_path / "opra.pth", paper)
    destination = tmp_path / "opra.safetensors"
    convert.main([str(source), str(destination)])
    converted = load_model(destination, "cpu")
    assert converted.actions == ("hold", "touch", "rotate", "push", "pull", "pick up", "put down")
    assert converted.config.dilation == "first_block"
    for name, value in paper.state_dict().items():
        assert torch.equal(converted.state_dict()[name], value), name
    info = read_info(destination)
    assert info.trained
    assert info.training["epoch"] == 20
    assert info.training["args"] == {"dset": "opra", "lr": "0.0001"}
    images = torch.randn(1, 3, 64, 64)
    before, after = interaction_hotspots(paper, images, ["lift"]), interaction_hotspots(converted, images, ["put down"])
    torch.testing.assert_close(after.maps, before.maps, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(after.logits, before.logits, rtol=1e-4, atol=1e-5)


def test_authors_key_names(paper: HotspotModel) -> None:
    """The layout that the test above writes has the names and shapes of the released files."""
    theirs = authors_state(paper)
    assert theirs["h0"].shape == theirs["c0"].shape == (1, 1, 2048)
    assert theirs["project.3.weight"].shape == (2048, 2048, 3, 3)
    assert theirs["rnn.weight_ih_l0"].shape == (8192, 2048)
    assert theirs["fc.weight"].shape == (7, 2048)
    assert theirs["backbone.rnet.layer4.2.conv3.weight"].shape == (2048, 512, 1, 1)
    assert theirs["backbone.rnet.layer1.0.downsample.0.weight"].shape == (256, 64, 1, 1)
    assert not any(name.startswith("backbone.rnet.fc") for name in theirs)


def test_unusable_sources_are_named(paper: HotspotModel, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Missing, damaged, foreign and malicious files, a wrong number of actions and a missing tensor: one line each,
    exit status 2, no advice to run what is in the file, nothing written."""
    destination = tmp_path / "out.safetensors"
    truncated = tmp_path / "truncated.pth"
    truncated.write_bytes(b"PK\x03\x04 not a checkpoint")
    foreign = tmp_path / "foreign.pth"
    torch.save({"state_dict": {}}, foreign)
    malicious = tmp_path / "malicious.pth"
    torch.save({"net": {}, "args": Path("/")}, malicious)
    cut = tmp_path / "cut.safetensors"
    cut.write_bytes(DEFAULT_CHECKPOINT.read_bytes()[:5000])
    picture = write_image(tmp_path / "photo.png", np.zeros((8, 8, 3), np.uint8))
    for source, reason in (
        (tmp_path / "missing.pth", "No such file or directory; give a whole file"),
        (truncated, "it is damaged or of another kind; give a whole file"),
        (cut, "it is damaged or of another kind; give a whole file"),
        (picture, "it is damaged or of another kind; give a whole file"),
        (foreign, "it has no state under 'net'; give their .pth file"),
        (malicious, "it holds other things than tensors, which are not run, or is damaged; give a whole file"),
    ):
        assert run(convert.main, [str(source), str(destination)]) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert line.startswith("error:")
        assert source.name in line
        assert reason in line
        assert "weights_only" not in line
    state = authors_state(paper)
    with pytest.raises(InputError, match="has 7 actions, 2 are named"):
        build_converted_model(state, ("open", "close"))
    del state["rnn.weight_hh_l0"]
    with pytest.raises(InputError, match=r"classifier\.lstm\.weight_hh_l0"):
        build_converted_model(state, paper.actions)
    with pytest.raises(InputError, match="does not belong"):
        convert_state({"encoder.weight": torch.zeros(1)})
    assert not destination.exists()
