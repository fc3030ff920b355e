"""Why an image has no depth: each reason with its remedy."""

from __future__ import annotations

import pytest

from hotspot_ros.positions.depth_timing import DepthTiming

SECOND = 10**9


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, which a test sets."""
    told = [100.0]
    monkeypatch.setattr("hotspot_ros.positions.depth_timing.time.monotonic", lambda: told[0])
    return told


def test_nothing_has_come(now: list[float]) -> None:
    timing = DepthTiming(0.05, 0.2)
    assert timing.is_settled(SECOND)
    assert timing.missing(SECOND, now[0], "/depth") == "no depth image has come on /depth"


def test_the_stream_has_ended(now: list[float]) -> None:
    timing = DepthTiming(0.05, 0.2)
    timing.arrived(SECOND)
    now[0] += 7
    assert timing.is_settled(8 * SECOND)
    assert "for 7.0 s" in timing.missing(8 * SECOND, now[0], "/depth")


def test_depth_that_comes_late_is_measured(now: list[float]) -> None:
    """1. An image is given up; all that is known is that depth is behind. 2. Its depth comes 120 ms after it. 3. The
    next reason says so, and which parameter would have waited; with patience enough there is none to blame."""
    for patience, late in ((0.05, True), (0.2, False)):
        timing = DepthTiming(0.02, patience)
        timing.arrived(SECOND)
        began = now[0]
        now[0] += 0.05
        first = timing.missing(SECOND + SECOND // 10, began, "/depth")
        assert "the newest depth image on /depth is 100 ms older than the image" in first
        assert "depth_patience" in first
        now[0] += 0.07
        timing.arrived(SECOND + SECOND // 10)
        second = timing.missing(SECOND + SECOND // 5, now[0], "/depth")
        assert ("come late, the last one 120 ms after its image: set depth_patience" in second) is late


def test_stamps_that_never_meet(now: list[float]) -> None:
    """Depth is alive and on time, and its stamps are not those of images."""
    timing = DepthTiming(0.01, 0.2)
    timing.arrived(SECOND + 30 * 10**6)
    assert timing.is_settled(SECOND)
    reason = timing.missing(SECOND, now[0], "/depth")
    assert "within depth_slop (0.01 s)" in reason
    assert "30 ms newer" in reason


def test_two_clocks(now: list[float]) -> None:
    """The image has the time of day, depth that of a simulation."""
    timing = DepthTiming(0.05, 0.2)
    timing.arrived(12 * SECOND)
    assert "one clock" in timing.missing(1_700_000_000 * SECOND, now[0], "/depth")


def test_a_slow_model_does_not_silence_the_stream(now: list[float]) -> None:
    """Depth was alive when the image came; that its result took 1.5 s says nothing of the stream."""
    timing = DepthTiming(0.01, 0.2)
    timing.arrived(SECOND)
    began = now[0] + 0.1
    now[0] += 1.6
    assert "100 ms older than the image" in timing.missing(SECOND + SECOND // 10, began, "/depth")


def test_after_a_jump_back_depth_is_waited_for(now: list[float]) -> None:
    """1. The image's depth has come. 2. Images jump back: depth of later stamps does not settle it. 3. Its own does."""
    timing = DepthTiming(0.05, 0.2)
    timing.expected(8 * SECOND)
    timing.arrived(8 * SECOND)
    assert timing.is_settled(8 * SECOND)
    now[0] += 0.1
    timing.expected(SECOND)
    assert not timing.is_settled(SECOND)
    timing.arrived(SECOND)
    assert timing.is_settled(SECOND)


def test_a_pause_of_all_is_not_the_end_of_depth(now: list[float]) -> None:
    """1. Images and depth pause for 5 s: the next image's depth is waited for. 2. Images go on without depth: after a
    second it is not."""
    timing = DepthTiming(0.05, 0.2)
    timing.expected(SECOND)
    timing.arrived(SECOND)
    now[0] += 5
    timing.expected(6 * SECOND)
    assert not timing.is_settled(6 * SECOND)
    now[0] += 0.1
    timing.expected(6 * SECOND + SECOND // 10)
    assert timing.is_settled(6 * SECOND + SECOND // 10)
