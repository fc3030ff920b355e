"""A bag with hotspots beside its topics, read back with the definitions that it holds itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from media import bags
from rosbags.highlevel import AnyReader

from hotspot_core import HotspotModel, InputError, save_model
from hotspot_core.inference.prediction_run import PredictionConfig, PredictionRun
from hotspot_core.media.bag_writer import DEFINITIONS

TOPIC = "/camera/image_raw"


@pytest.fixture
def config(robot: HotspotModel, tmp_path: Path) -> dict[str, Any]:
    """A run on a bag of four images, with texts between them, and a text in the end."""
    save_model(tmp_path / "robot.safetensors", robot, {"epochs": 1})
    messages = []
    for k in range(4):
        picture = np.random.default_rng(k).integers(0, 256, (48, 64, 3), dtype=np.uint8)
        messages += [(TOPIC, 0.1 * k, bags.image(picture, bags.stamp(0.1 * k)))]
        messages += [("/words", 0.1 * k + 0.05, bags.text(f"after {k}"))]
    bag = bags.write_bag(tmp_path / "drive", messages, "sqlite3")
    return {"inputs": [str(bag)], "output": tmp_path / "out", "model": tmp_path / "robot.safetensors"}


def read(path: Path) -> list[tuple[str, int, Any]]:
    """Topic, time of recording and message, with the definitions of the bag itself."""
    with AnyReader([path]) as reader:
        return [(c.topic, time, reader.deserialize(data, c.msgtype)) for c, time, data in reader.messages()]


@pytest.mark.parametrize("name", ["result", "result.mcap"])
def test_results_lie_beside_the_original_topics(config: dict[str, Any], tmp_path: Path, name: str) -> None:
    """1. Every message of the original is there, byte for byte and at its time. 2. Each image has hotspots, points and
    overlay of its time and header. 3. The points are those of points.csv. 4. Nothing else is left in the folder."""
    target = tmp_path / name
    PredictionRun(PredictionConfig(**config, output_bag=target)).run()
    with AnyReader([tmp_path / "drive"]) as before, AnyReader([target]) as after:
        topics = (TOPIC, "/words")
        original, copied = (
            [(c.topic, time, bytes(data)) for c, time, data in reader.messages() if c.topic in topics]
            for reader in (before, after)
        )
    assert copied == original
    found = read(target)
    images = {time: message for topic, time, message in found if topic == TOPIC}
    for topic in ("/hotspots", "/hotspots/points", "/hotspots/overlay/compressed"):
        results = {time: message for each, time, message in found if each == topic}
        assert {time: message.header for time, message in results.items()} == {
            time: message.header for time, message in images.items()
        }
    rows = (tmp_path / "out" / "points.csv").read_text().splitlines()[1:]
    points = [point for topic, _, message in found if topic == "/hotspots/points" for point in message.points]
    assert [f"{p.x:.1f},{p.y:.1f}" for p in points] == [",".join(row.split(",")[6:8]) for row in rows]
    hotspots = next(message for topic, _, message in found if topic == "/hotspots")
    assert (hotspots.image_width, hotspots.image_height, hotspots.position_frame) == (64, 48, "camera_optical_frame")
    heatmap = hotspots.hotspots[0].heatmap
    assert heatmap.data.view(np.float32).max() == pytest.approx(1)
    assert not list(tmp_path.glob(".partial*"))


def test_with_a_limit_of_time_the_bag_ends_there(config: dict[str, Any], tmp_path: Path) -> None:
    PredictionRun(PredictionConfig(**config, output_bag=tmp_path / "short.mcap", seconds=0.15)).run()
    assert [topic for topic, _, _ in read(tmp_path / "short.mcap")].count(TOPIC) == 2
    assert max(time for _, time, _ in read(tmp_path / "short.mcap")) < bags.START + 0.15e9


def test_an_interrupted_run_leaves_no_bag(config: dict[str, Any], tmp_path: Path) -> None:
    run = PredictionRun(PredictionConfig(**config, output_bag=tmp_path / "result.mcap"))
    with pytest.raises(KeyboardInterrupt):
        run.run(lambda source, drawn, done: done < 2)
    assert not [path.name for path in tmp_path.iterdir() if "result" in path.name]


def test_bags_that_cannot_be_written_are_refused_before_the_run(config: dict[str, Any], tmp_path: Path) -> None:
    """One that exists, one of two bags, and one whose input has hotspots already."""
    (tmp_path / "there").mkdir()
    with pytest.raises(InputError, match="exists already"):
        PredictionRun(PredictionConfig(**config, output_bag=tmp_path / "there"))
    two = {**config, "inputs": config["inputs"] * 2}
    with pytest.raises(InputError, match="a single bag"):
        PredictionRun(PredictionConfig(**two, output_bag=tmp_path / "result"))
    PredictionRun(PredictionConfig(**config, output_bag=tmp_path / "result")).run()
    again = {**config, "inputs": [str(tmp_path / "result")]}
    with pytest.raises(InputError, match="has topic /hotspots already"):
        PredictionRun(PredictionConfig(**again, output_bag=tmp_path / "again", topic=TOPIC)).run()
    assert not (tmp_path / "again").exists()


def test_definitions_are_those_of_the_node() -> None:
    folder = Path(__file__).parents[3] / "msg"
    for path in DEFINITIONS.glob("*.msg"):
        assert path.read_bytes() == (folder / path.name).read_bytes()
