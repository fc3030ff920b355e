"""Blocks and the folder of a run, without a cluster."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from media.recordings import write_image

from hotspot_core import InputError
from hotspot_core.cluster import blocks, connection
from hotspot_core.cluster.blocks import BlockResult, WorkItem, blocks_of, work_items
from hotspot_core.cluster.journal import Journal
from hotspot_core.cluster.run import ClusterRun
from hotspot_core.hotspots.strip import Strip, strip_places
from hotspot_core.inference.prediction_run import PredictionConfig
from hotspot_core.media.source import Frame, Source, Warn
from hotspot_core.media.sources import PictureSource

SETTINGS = {"actions": ["open"]}


class CountingSource(Source):
    """Forty frames of 2 MB, of which none can be read after `stop`."""

    stop = 40

    def frames(self, warn: Warn | None = None):  # type: ignore[no-untyped-def]
        for number in range(40):
            if number == self.stop:
                raise InputError("damaged")
            yield Frame(f"f{number}", number, number / 10, np.full((1024, 683, 3), number, np.uint8))


class DamagedSource(CountingSource):
    stop = 5


def result(source: int, block: int, last: bool = True) -> BlockResult:
    return BlockResult(
        (source, block), 2, f"a,{source},{block}\r\n", ((source, 0.5, b"x\0"), (source, 1.0, b"y")), last=last
    )


def test_blocks_are_small_and_the_same_whenever_they_are_made() -> None:
    """1. Every frame is in one block, of at most 8 MiB. 2. Those that are done are not made, the others stay the same.
    3. Where a source ends early, or is limited, the last block says it."""
    item = WorkItem(3, (CountingSource(name="c"),))
    made = list(blocks_of(item))
    assert [frame.number for block in made for frame in block.frames] == list(range(40))
    assert max(sum(frame.image.nbytes for frame in block.frames) for block in made) <= blocks.MAX_BYTES
    assert [block.key for block in made] == [(3, number) for number in range(len(made))]
    assert [block.last for block in made] == [False] * (len(made) - 1) + [True]
    again = list(blocks_of(replace(item, done=frozenset({0, 2}))))
    kept = [block for block in made if block.key[1] not in (0, 2)]
    assert [[f.number for f in b.frames] for b in again] == [[f.number for f in b.frames] for b in kept]
    assert sum(len(block.frames) for block in blocks_of(replace(item, seconds=1.0))) == 10
    *_, last = blocks_of(WorkItem(0, (DamagedSource(name="d"),)))
    assert (last.failure, last.last, last.frames[-1].number) == ("damaged", True, 4)


def test_pictures_go_by_sixteens_and_by_absolute_paths() -> None:
    """A source that moves, between them, is an item of its own."""
    pictures = [PictureSource(name=f"p{n}", length=1, paths=(Path(f"p{n}.jpg"),)) for n in range(20)]
    items = work_items([*pictures, CountingSource(name="c"), pictures[0]], None, {20: frozenset({1})})
    assert [(item.first, len(item.sources)) for item in items] == [(0, 16), (16, 4), (20, 1), (21, 1)]
    assert items[2].done == {1}
    first = items[0].sources[0]
    assert isinstance(first, PictureSource)
    assert first.paths == (Path.cwd() / "p0.jpg",)


def test_a_journal_goes_on_where_it_ended(tmp_path: Path) -> None:
    """1. Results come in any order, one of them twice. 2. A line that was cut is forgotten, all others are there.
    3. Points are in the order of sources and blocks, frames as they were given. 4. The end is kept, the rest goes."""
    output = tmp_path / "out"
    with Journal(output, SETTINGS) as journal:
        for each in (result(1, 1), result(0, 0), result(1, 0, last=False), result(0, 0)):
            journal.write_frames(each)
            journal.add(each)
    with (output / ".cluster" / "journal.jsonl").open("ab") as file:
        file.write(b'{"source": 7, "block"')
    with Journal(output, SETTINGS) as journal:
        assert journal.frames == 6
        assert journal.done() == {0: {0}, 1: {0, 1}}
        assert (journal.blocks(1), journal.blocks(7)) == ([0, 1], [])
        assert list(journal.points()) == ["a,0,0\r\n", "a,1,0\r\n", "a,1,1\r\n"]
        assert list(journal.read_frames(1)) == [(0.5, b"x\0"), (1.0, b"y")] * 2
        journal.add(result(7, 0, last=False))
        assert list(journal.points())[-1] == "a,7,0\r\n"
        assert not journal.blocks(7)
        journal.finish({"frames": 8})
    with Journal(output, SETTINGS) as journal:
        assert journal.summary == {"frames": 8}
    assert sorted(path.name for path in (output / ".cluster").iterdir()) == ["journal.jsonl", "run.json"]


def test_a_folder_is_of_one_run(tmp_path: Path) -> None:
    """Other settings, other files, a damaged description, and a run that is still at work: one line each."""
    with Journal(tmp_path / "out", SETTINGS), pytest.raises(InputError, match="another run is at work in it"):
        Journal(tmp_path / "out", SETTINGS)
    with pytest.raises(InputError, match=r"holds another run \(other actions\): name a new one"):
        Journal(tmp_path / "out", {"actions": ["pull"]})
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "points.csv").touch()
    with pytest.raises(InputError, match="holds other files: name a new or empty one"):
        Journal(tmp_path / "other", SETTINGS)
    (tmp_path / "out" / ".cluster" / "run.json").write_text("{")
    with pytest.raises(InputError, match=r"run\.json: is damaged"):
        Journal(tmp_path / "out", SETTINGS)


@pytest.mark.parametrize("count", [1, 2, 7, 8, 15, 16, 17, 31, 32, 33, 100, 1000])
def test_the_frames_of_a_strip_are_known_from_their_number(count: int) -> None:
    """The same that a strip keeps which sees one after another."""
    strip = Strip()
    for number in range(count):
        strip.add(number, number)  # type: ignore[arg-type]
    assert [image for image, _ in strip.spread()] == strip_places(count)


def test_wrong_addresses_are_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """1. No address, nobody there. 2. Ray is not installed: said before anything is written."""
    pytest.importorskip("ray", reason="the extra 'ray' is not installed")
    for address, reason in (
        ("here", "give host:port"),
        ("ray://head:10001", "give host:port"),
        ("127.0.0.1:9", "no cluster answers there"),
        ("127.0.0.1:99999", "no cluster answers there"),
    ):
        with pytest.raises(InputError, match=reason), connection.connected(address):
            pass
    write_image(tmp_path / "a.png", np.zeros((40, 40, 3), np.uint8))
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(InputError, match=r"needs ray: pip install 'hotspot_core\[ray\]'"):
        ClusterRun(PredictionConfig([str(tmp_path / "a.png")], tmp_path / "out"))
    assert not (tmp_path / "out").exists()
