"""Recordings of ROS 2 without ROS: every storage and compression, times and stamps, and bags that cannot be read."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import lz4.frame
import numpy as np
import pytest
from media import bags

from hotspot_core import InputError
from hotspot_core.media.bag import names_bag, split_topic
from hotspot_core.media.sources import Frame, open_source

TOPIC, TIMES = "/camera/image_raw", (0.5, 0.6, 0.9, 1.0)


def pictures(count: int = len(TIMES)) -> list[np.ndarray]:
    return list(np.random.default_rng(1).integers(0, 256, (count, 30, 40, 3), dtype=np.uint8))


def camera_bag(path: Path, storage: str = "mcap", compression: str | None = None, png: bool = False) -> Path:
    """Four images; a text of another topic comes half a second before the first one."""
    make = bags.compressed if png else bags.image
    images = [(TOPIC, t, make(p, bags.stamp(t))) for t, p in zip(TIMES, pictures(), strict=True)]
    return bags.write_bag(path, [("/words", 0.0, bags.text("begin")), *images], storage, compression)


def check(frames: list[Frame]) -> None:
    assert [frame.time for frame in frames] == pytest.approx(TIMES)
    assert [frame.stamp for frame in frames] == [bags.stamp(t) for t in TIMES]
    for frame, expected in zip(frames, pictures(), strict=True):
        np.testing.assert_array_equal(frame.image, expected)


@pytest.mark.parametrize("png", [False, True])
@pytest.mark.parametrize(
    ("storage", "compression"),
    [("mcap", None), ("mcap", "storage"), ("sqlite3", None), ("sqlite3", "message"), ("sqlite3", "file")],
)
def test_storages_and_compressions(tmp_path: Path, storage: str, compression: str | None, png: bool) -> None:
    """The pixels, the times since the bag's first message, and the stamps of the headers; twice, as a loop reads."""
    source = open_source(str(camera_bag(tmp_path / "drive", storage, compression, png)))
    assert (source.name, source.length, source.ends) == ("drive", 4, True)
    check(list(source.frames()))
    check(list(source.frames()))


def test_a_file_and_its_topic(tmp_path: Path) -> None:
    file = next(camera_bag(tmp_path / "drive").glob("*.mcap"))
    check(list(open_source(f"{file}#{TOPIC}").frames()))
    check(list(open_source(f"{file}#camera/image_raw").frames()))
    assert split_topic(f"{file}#{TOPIC}") == (file, TOPIC)
    assert not names_bag(tmp_path / "clip.mp4")


def test_mcap_with_lz4(tmp_path: Path) -> None:
    """The chunk of a file that was written without compression is compressed as other recorders do it."""
    folder = camera_bag(tmp_path / "drive")
    file = next(folder.glob("*.mcap"))
    file.write_bytes(with_lz4(file.read_bytes()))
    check(list(open_source(str(file)).frames()))


def with_lz4(data: bytes) -> bytes:
    """An MCAP of uncompressed chunks with its chunks in LZ4, and without a summary, which the format allows."""
    place, out = 8, data[:8]
    while place < len(data) - 8:
        code, size = data[place], int.from_bytes(data[place + 1 : place + 9], "little")
        body = data[place + 9 : place + 9 + size]
        place += 9 + size
        if code == 0x06:
            packed = lz4.frame.compress(body[40:])
            body = body[:28] + (3).to_bytes(4, "little") + b"lz4" + len(packed).to_bytes(8, "little") + packed
        if code in (0x01, 0x06, 0x0F):
            out += bytes([code]) + len(body).to_bytes(8, "little") + body
    return out + b"\x02" + (20).to_bytes(8, "little") + bytes(20) + data[:8]


def test_a_limit_of_frames_per_second(tmp_path: Path) -> None:
    source = open_source(str(camera_bag(tmp_path / "drive")), fps=4)
    assert [frame.number for frame in source.frames()] == [0, 2]


def test_a_bag_without_definitions_of_its_types(tmp_path: Path) -> None:
    """As ROS 2 Humble writes SQLite: without the table of definitions."""
    folder = camera_bag(tmp_path / "drive", "sqlite3")
    with sqlite3.connect(next(folder.glob("*.db3"))) as database:
        database.execute("DELETE FROM message_definitions")
    check(list(open_source(str(folder)).frames()))


def test_an_image_that_cannot_be_decoded_is_passed_over(tmp_path: Path) -> None:
    """1. Too few data, and another size: each reason is told once. 2. Without anybody to tell, it is an error."""
    broken, other = bags.image(pictures()[0], 1), bags.image(np.zeros((8, 8, 3), np.uint8), 1)
    broken.data = broken.data[:100]
    contents = [broken, bags.image(pictures()[0], 1), broken, other]
    messages = [(TOPIC, 0.1 * k, content) for k, content in enumerate(contents)]
    source = open_source(str(bags.write_bag(tmp_path / "drive", messages)))
    told: list[str] = []
    assert [frame.number for frame in source.frames(told.append)] == [1]
    assert len(told) == 2
    assert "100 bytes" in told[0]
    assert "another size" in told[1]
    with pytest.raises(InputError, match="100 bytes"):
        list(source.frames())


def test_topics_that_are_not_there(tmp_path: Path) -> None:
    """An error lists the topics that could have been meant."""
    bag = str(camera_bag(tmp_path / "drive"))
    with pytest.raises(InputError, match=f"no images on topic '/camera/color': choose one of {TOPIC}"):
        open_source(bag, topic="/camera/color")
    with pytest.raises(InputError, match="no images on topic '/words'"):
        open_source(bag, topic="/words")
    words = str(bags.write_bag(tmp_path / "words", [("/words", 0.0, bags.text("a"))]))
    with pytest.raises(InputError, match=r"no topic with images .* its topics: /words \(std_msgs/msg/String\)"):
        open_source(words)
    two = [(name, 0.0, bags.image(pictures()[0], 0)) for name in ("/left", "/right")]
    with pytest.raises(InputError, match="several topics with images: choose one of /left, /right"):
        open_source(str(bags.write_bag(tmp_path / "two", two)))


def test_files_that_are_no_whole_bags(tmp_path: Path) -> None:
    """Cut at every eighth of its length, empty, of another kind, without metadata: one line with a remedy each."""
    folder = camera_bag(tmp_path / "drive")
    data = next(folder.glob("*.mcap")).read_bytes()
    file = tmp_path / "cut.mcap"
    for part in [b"", b"no bag", *(data[: len(data) * k // 8] for k in range(1, 8))]:
        file.write_bytes(part)
        with pytest.raises(InputError, match=r"cut.mcap' cannot be read: .*mcap recover") as caught:
            list(open_source(str(file)).frames())
        assert "\n" not in str(caught.value)
    (folder / "metadata.yaml").unlink()
    with pytest.raises(InputError, match="ros2 bag reindex"):
        open_source(str(folder))
    with pytest.raises(InputError, match="does not exist"):
        open_source(str(tmp_path / "gone.mcap"))
    (tmp_path / "text.db3").write_text("no database")
    with pytest.raises(InputError, match=r"text.db3' cannot be read"):
        open_source(str(tmp_path / "text.db3"))
