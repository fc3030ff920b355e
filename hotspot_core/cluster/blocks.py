"""Blocks: what one worker predicts in one go, and what comes back of it.

A source that moves is decoded once, in order, and its frames go out in blocks; pictures go out as paths. A block is the
same whenever and wherever it is made anew, so that one that is lost with its worker is simply made again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from hotspot_core.errors import InputError
from hotspot_core.media.source import Frame, Source

# A block ends with whichever it reaches first.
MAX_FRAMES, MAX_BYTES = 16, 8 * 2**20

# (index of its first source, its number among that source's blocks); the order of the results.
Key = tuple[int, int]


@dataclass(frozen=True)
class WorkItem:
    """What one reader makes blocks of: several pictures, or one source that moves.

    Attributes:
        first: the first source's index in the run; the others follow it.
        sources: pictures, or a single one that moves.
        seconds: of a source that moves, from its start; None for all.
        done: numbers of blocks whose results are there already.
    """

    first: int
    sources: tuple[Source, ...]
    seconds: float | None = None
    done: frozenset[int] = frozenset()


@dataclass(frozen=True)
class FrameBlock:
    """What a worker gets.

    Attributes:
        key: see `Key`.
        sources: pictures that the worker reads; empty where `frames` are.
        frames: of one source that moves.
        failure: why no more frames of the source can be read; empty where it goes on or has come to its end.
        warnings: what was passed over on the way.
        last: whether the source has no further block.
    """

    key: Key
    sources: tuple[Source, ...] = ()
    frames: tuple[Frame, ...] = ()
    failure: str = ""
    warnings: tuple[str, ...] = ()
    last: bool = True


@dataclass(frozen=True)
class BlockResult:
    """What comes back.

    Attributes:
        key: the block's.
        frames: how many were predicted.
        points: their lines of points.csv.
        pictures: of each frame the source's index, its time, and the overlay as a JPEG.
        left_out: index of a source -> why it cannot be read, or not to its end.
        warnings, last: the block's.
    """

    key: Key
    frames: int = 0
    points: str = ""
    pictures: tuple[tuple[int, float, bytes], ...] = ()
    left_out: dict[int, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    last: bool = True


def work_items(sources: Sequence[Source], seconds: float | None, done: dict[int, frozenset[int]]) -> list[WorkItem]:
    """The sources as work, in their order.

    Args:
        seconds: as for `WorkItem`.
        done: index of a first source -> numbers of its blocks whose results are there.
    """
    items: list[WorkItem] = []
    for index, source in enumerate(sources):
        here = absolute(source)
        before = items[-1] if items else None
        if before and not (source.moves or before.sources[0].moves) and len(before.sources) < MAX_FRAMES:
            items[-1] = replace(before, sources=(*before.sources, here))
        else:
            items.append(WorkItem(index, (here,), seconds, done.get(index, frozenset())))
    return items


def blocks_of(item: WorkItem) -> Iterator[FrameBlock]:
    """The blocks of an item, but those that are done."""
    blocks = _moving(item) if item.sources[0].moves else iter([FrameBlock((item.first, 0), item.sources)])
    return (block for block in blocks if block.key[1] not in item.done)


def _moving(item: WorkItem) -> Iterator[FrameBlock]:
    number, frames, size, failure = 0, list[Frame](), 0, ""
    warnings: list[str] = []
    try:
        for frame in limited(item.sources[0], item.seconds, warnings):
            if frames and (len(frames) == MAX_FRAMES or size + frame.image.nbytes > MAX_BYTES):
                yield FrameBlock((item.first, number), (), tuple(frames), "", tuple(warnings), last=False)
                number, size = number + 1, 0
                frames.clear()
                warnings.clear()
            frames.append(frame)
            size += frame.image.nbytes
    except InputError as error:
        failure = str(error)
    yield FrameBlock((item.first, number), (), tuple(frames), failure, tuple(warnings))


def limited(source: Source, seconds: float | None, warnings: list[str]) -> Iterator[Frame]:
    """The frames of a source before a time; `warnings` gets what is passed over."""
    for frame in source.frames(warnings.append):
        if seconds is not None and frame.time >= seconds:
            return
        yield frame


def absolute(source: Source) -> Source:
    """The same source for a process in another folder."""
    values = {each.name: getattr(source, each.name) for each in fields(source)}
    return replace(source, **{name: _absolute(value) for name, value in values.items()})


def _absolute(value: Any) -> Any:
    if isinstance(value, Path):
        return value.absolute()
    return tuple(map(_absolute, value)) if isinstance(value, tuple) else value
