"""The table of every method, in small: all of it is made, reported and written into the page, and nothing twice."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from evaluation.squares import square_images

pytest.importorskip("lightning", reason="the extra 'train' is not installed")

from hotspot_core.baselines.untrained import TITLES
from hotspot_core.errors import InputError
from hotspot_core.evaluation.hotspots import READ_OUTS
from hotspot_core.experiments import table
from hotspot_core.media.images import read_image

PAGE = "".join(f"<!-- {name} begin -->\nstale text\n<!-- {name} end -->\n" for name in ("synthetic", "doors"))


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_table_is_made_and_not_made_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """1. The smallest table, with two of the networks and with doors: every method is scored on seen and novel objects
    and on the doors, where nobody demonstrates anything for Demo2Vec, and where the bundled model stands, too. 2. The
    page has both tables and the pictures. 3. Once more: the same numbers, and neither data nor networks are made anew.
    """
    for name, value in (("CLIPS", 60), ("LABELED_IMAGES", 4), ("TEST_IMAGES", 2), ("STEPS", 2)):
        monkeypatch.setattr(table, f"MIN_{name}", value)
    monkeypatch.setattr(table, "SIZE", 96)
    (tmp_path / "docs").mkdir()
    page = tmp_path / "docs" / "results.md"
    page.write_text(PAGE)
    doors = square_images(tmp_path / "doors", count=2).path
    config = table.TableConfig(
        tmp_path / "table", fraction=0.001, docs=page, doors=doors, networks=("mlnet", "demo2vec"), progress=False
    )
    drawn, photos = table.make_table(config, "the command")
    networks = [f"{name}-style, trained here" for name in ("MLNet", "Demo2Vec")]
    names = [*TITLES.values(), *READ_OUTS.values(), "Interaction hotspots (keypoints)", *networks]
    for comparison in drawn.comparisons:
        assert [row.name for row in comparison.rows] == names
    assert {row.name for row in photos.comparisons[0].rows} == {*names[:-1], "Interaction hotspots (bundled)"}
    text = page.read_text()
    assert "stale text" not in text
    assert text.count("Made by `the command`") == 2
    for name in ("seen", "novel"):
        assert f"results_{name}.jpg" in text
        assert read_image(page.with_name(f"results_{name}.jpg")).shape[0] == 30 + 150 * (1 + len(names))
    parts = [path for path in config.output.iterdir() if path.name not in ("report", "doors")]
    assert not [path for path in parts if "partial" in path.name]
    files = [file for path in parts for file in (path.rglob("*") if path.is_dir() else [path]) if file.is_file()]
    made = {file: file.stat().st_mtime_ns for file in files}
    assert len([file for file in made if file.suffix == ".safetensors"]) >= 3 + 2
    again, _ = table.make_table(config, "the command")
    assert made == {file: file.stat().st_mtime_ns for file in files}
    for before, after in zip(drawn.comparisons, again.comparisons, strict=True):
        numbers = [[row.evaluation.as_json()["items"] for row in one.rows] for one in (before, after)]
        assert json.dumps(numbers[0]) == json.dumps(numbers[1])


def test_wrong_settings_are_named(tmp_path: Path) -> None:
    """Before any work: a fraction of nothing, doors that are not there, an unknown network."""
    with pytest.raises(InputError, match="--fraction 0: give a number above 0"):
        table.TableConfig(fraction=0)
    with pytest.raises(InputError, match=r"--doors .*none\.json: no such file"):
        table.TableConfig(doors=tmp_path / "none.json")
    with pytest.raises(InputError, match="unknown network 'mlnett': did you mean 'mlnet'"):
        table.TableConfig(networks=["mlnett"])
