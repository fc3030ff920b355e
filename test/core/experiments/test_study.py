"""The study of the method's parts, in small: every row on every set, and nothing trained twice."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest.importorskip("lightning", reason="the extra 'train' is not installed")

from hotspot_core.data.rendered import __main__ as rendered
from hotspot_core.errors import InputError
from hotspot_core.evaluation.comparison import METRICS
from hotspot_core.experiments import study


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_study_scores_every_row_and_goes_on_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """1. A study of one epoch on two dozen clips: each row has every metric on seen and novel objects. 2. With another
    seed added, it trains that seed only, and reports both."""
    monkeypatch.setattr(study, "SIZE", 64)
    arguments = ["--output", str(tmp_path), "--clips", "24", "--images", "2", "--epochs", "1", "--seeds"]
    study.main([*arguments, "0"])
    scores = json.loads((tmp_path / "scores.json").read_text())["scores"]
    assert set(scores) == set(study.SETS)
    for rows in scores.values():
        assert {"Uniform", "Center bias", "Spectral residual", *study.ROWS} == set(rows)
        assert all(set(values) == set(METRICS) for values in rows.values())
    trained = {path: path.stat().st_mtime_ns for path in tmp_path.glob("seed_0/*/model.safetensors")}
    assert len(trained) == len(study.MODELS)
    study.main([*arguments, "0", "1"])
    assert trained == {path: path.stat().st_mtime_ns for path in tmp_path.glob("seed_0/*/model.safetensors")}
    again = json.loads((tmp_path / "scores.json").read_text())["scores"]["seen objects"]
    assert again["Hotspots"]["kld"][0] == pytest.approx(scores["seen objects"]["Hotspots"]["kld"][0])
    assert len(again["Hotspots"]["kld"]) == 2


def test_clips_of_a_folder_need_sets_to_score_on() -> None:
    with pytest.raises(InputError, match="no test images; name some with --sets"):
        study._named_files(None, Path("clips"))
    with pytest.raises(InputError, match="give NAME=FILE"):
        study._named_files(["val.json"], None)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_rendered_clips_are_studied_with_and_without_their_places(tmp_path: Path) -> None:
    """A folder with annotated inactive images gives two rows more; every row is scored on the named set."""
    pytest.importorskip("mujoco", reason="the extra 'render' is not installed")
    data = tmp_path / "data"
    rendered.main(
        [str(data), "--stills", "0", "--val-stills", "4", "--clips", "12", "--clip-size", "64", "--size", "96x96"]
    )
    study.main(
        [
            "--output",
            str(tmp_path),
            "--data",
            str(data),
            "--sets",
            f"val={data / 'val.json'}",
            "--epochs",
            "1",
            "--seeds",
            "0",
        ]
    )
    scores = json.loads((tmp_path / "scores.json").read_text())["scores"]["val"]
    assert {*study.ROWS, *study.ROWS_WITH_PLACES} <= set(scores)
