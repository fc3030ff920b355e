"""The folder of a run as it grows: which blocks are done, and what came of them.

Beside the results lies the folder `.cluster` with `run.json`, what the run was asked for, and, until it has finished,
`journal.jsonl`, one line per block in the order in which they came, and overlays of videos that are not whole.
A line is written after the block's files, so that what it names is there.
"""

from __future__ import annotations

import fcntl
import io
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hotspot_core.cluster.blocks import BlockResult, Key
from hotspot_core.errors import InputError
from hotspot_core.utils.files import make_folder, write_bytes, write_errors, write_text

FOLDER, RUN, JOURNAL, FRAMES = ".cluster", "run.json", "journal.jsonl", "frames"


@dataclass(frozen=True)
class JournalEntry:
    """A block that is done.

    Attributes:
        offset: where its line begins in the journal.
        frames: how many it has.
        last: whether it is its source's last.
    """

    offset: int
    frames: int
    last: bool


class Journal:
    """See the module. To be closed, as it keeps other runs out of the folder.

    Args:
        output: folder of the run: new, empty, or that of the same run.
        settings: what the run was asked for, as JSON takes it.

    Attributes:
        entries: of the blocks that are done.
        frames: how many they have in all.
        left_out: index of a source -> why it was left out.
        summary: of a run that has finished; None before.

    Raises:
        InputError: the folder holds something else, another run is at work in it, or it cannot be written.
    """

    def __init__(self, output: Path, settings: dict[str, Any]) -> None:
        self.folder = output / FOLDER
        self._settings = settings
        self.entries: dict[Key, JournalEntry] = {}
        self._blocks: dict[int, set[int]] = {}
        self.frames = 0
        self.left_out: dict[int, str] = {}
        self.summary: dict[str, Any] | None = None
        self._begin(output)
        with write_errors(self.folder):
            self._file = (self.folder / JOURNAL).open("a+b")
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                self._file.close()
                raise InputError(f"output folder {str(output)!r}: another run is at work in it: wait for it") from error
        self._read()

    def _begin(self, output: Path) -> None:
        run = self.folder / RUN
        if not run.is_file():
            if output.is_dir() and any(path != self.folder for path in output.iterdir()):
                raise InputError(f"output folder {str(output)!r} holds other files: name a new or empty one")
            make_folder(self.folder, "output folder")
            write_text(run, json.dumps({"settings": self._settings, "summary": None}, indent=1))
            return
        try:
            content = json.loads(run.read_text(encoding="utf-8"))
            before, self.summary = content["settings"], content["summary"]
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(f"{run}: is damaged ({error}): name another output folder") from error
        changed = [name for name in self._settings if before.get(name) != self._settings[name]]
        if changed:
            raise InputError(
                f"output folder {str(output)!r} holds another run (other {', '.join(changed)}): name a new one"
            )

    def _read(self) -> None:
        self._file.seek(0)
        end = 0
        for line in self._file:
            try:
                entry = json.loads(line)
            except ValueError:
                break  # Ctrl-C or a full disk in the middle of a line, which is the last one.
            self._note(entry, end)
            end += len(line)
        self._file.truncate(end)
        self._file.seek(0, io.SEEK_END)

    def _note(self, line: dict[str, Any], offset: int) -> None:
        key = int(line["source"]), int(line["block"])
        self._blocks.setdefault(key[0], set()).add(key[1])
        self.frames += line["frames"]
        self.entries[key] = JournalEntry(offset, line["frames"], line["last"])
        self.left_out.update({int(index): reason for index, reason in line["left_out"].items()})

    def add(self, result: BlockResult) -> None:
        """A result whose files are written. One that is there already is passed over."""
        if result.key in self.entries:
            return
        line: dict[str, Any] = {
            "source": result.key[0],
            "block": result.key[1],
            "frames": result.frames,
            "last": result.last,
            "left_out": result.left_out,
            "points": result.points,
        }
        with write_errors(self.folder / JOURNAL):
            offset = self._file.tell()
            self._file.write(json.dumps(line).encode() + b"\n")
            self._file.flush()
        self._note(line, offset)

    def done(self) -> dict[int, frozenset[int]]:
        """Index of a first source -> numbers of its blocks that are done."""
        return {source: frozenset(blocks) for source, blocks in self._blocks.items()}

    def blocks(self, source: int) -> list[int]:
        """Numbers of the blocks of a source, in order, where all are done; else none."""
        numbers = sorted(self._blocks.get(source, ()))
        whole = bool(numbers) and self.entries[source, numbers[-1]].last and len(numbers) == numbers[-1] + 1
        return numbers if whole else []

    def points(self) -> Iterator[str]:
        """The lines of points.csv, block by block in the order of sources and frames."""
        for key in sorted(self.entries):
            self._file.seek(self.entries[key].offset)
            yield json.loads(self._file.readline())["points"]
        self._file.seek(0, io.SEEK_END)

    def write_frames(self, result: BlockResult) -> None:
        """Keeps the overlays of a block of a source that moves."""
        content = io.BytesIO()
        pictures = [np.frombuffer(picture, np.uint8) for _, _, picture in result.pictures]
        times = np.array([time for _, time, _ in result.pictures])
        np.savez(content, *pictures, times=times)
        write_bytes(self._frames(result.key), content.getvalue())

    def read_frames(self, source: int) -> Iterator[tuple[float, bytes]]:
        """Times and overlays of a source whose blocks are all there."""
        for block in self.blocks(source):
            if self.entries[source, block].frames:
                with np.load(self._frames((source, block))) as content:
                    for index, time in enumerate(content["times"].tolist()):
                        yield time, content[f"arr_{index}"].tobytes()

    def remove_frames(self, source: int) -> None:
        """What is needed no longer once the video is written."""
        shutil.rmtree(self.folder / FRAMES / str(source), ignore_errors=True)

    def _frames(self, key: Key) -> Path:
        return self.folder / FRAMES / str(key[0]) / f"{key[1]:08d}.npz"

    def finish(self, summary: dict[str, Any]) -> None:
        """Says that the folder is whole, and removes what only an unfinished run needs."""
        write_text(self.folder / RUN, json.dumps({"settings": self._settings, "summary": summary}, indent=1))
        with write_errors(self.folder / JOURNAL):
            self._file.truncate(0)
        shutil.rmtree(self.folder / FRAMES, ignore_errors=True)

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
