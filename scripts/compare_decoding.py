"""Compares our reading of clips with FFmpeg's own decoding: every start, in many containers and codecs.

    python scripts/compare_decoding.py [--table docs/notes/video.md]

Needs the program `ffmpeg` (Debian: apt install ffmpeg), which the library itself does without. For every format it
writes a recording of numbered frames, lets ffmpeg decode all of it with its times, and reads three frames from each of
these times on, and from between them: the frames have to be those that ffmpeg shows at these times. With --table, the
rows go to the file, between its marks.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from bisect import bisect_right
from pathlib import Path

import av
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "test" / "core"))

from media.formats import FORMATS, Format, number_of, write_format

from hotspot_core.media.video import read_frames

FPS, COUNT = 7.0, 3
# Mean difference in levels that other interpolation of the colors makes.
TOLERANCE = 3.0
BEGIN, END = "<!-- compare_decoding: begin -->", "<!-- compare_decoding: end -->"


def ffmpegs_frames(path: Path, size: tuple[int, int]) -> tuple[np.ndarray, list[float]]:
    """All frames (T, H, W, 3) as ffmpeg decodes them, and their times in seconds."""
    command = ["ffmpeg", "-hide_banner", "-i", str(path), "-fps_mode", "passthrough", "-vf", "showinfo"]
    done = subprocess.run([*command, "-f", "rawvideo", "-pix_fmt", "rgb24", "-"], capture_output=True, check=True)
    times = [float(time) for time in re.findall(r"pts_time:\s*([-\d.]+)", done.stderr.decode(errors="replace"))]
    return np.frombuffer(done.stdout, np.uint8).reshape(-1, *size, 3), times


def compare(path: Path, wanted: Format) -> tuple[int, int, str]:
    """Number of starts, how many of them differ, and what the first difference is."""
    frames, times = ffmpegs_frames(path, wanted.size)
    if wanted.untimed:
        # FFmpeg counts from the decoder's delay on.
        times = [number / wanted.rate for number in range(len(times))]
    starts = sorted({round(time + part / wanted.rate, 4) for time in times for part in (0, 0.4)})
    wrong = []
    for start in starts:
        got = read_frames(path, start, None, FPS, COUNT)
        shown = [start + k / FPS for k in range(COUNT)]
        expected = [bisect_right(times, time + 1e-3) - 1 for time in shown if time < times[-1] + 1 / wanted.rate - 1e-3]
        numbers = [number_of(frame) for frame in got]
        far = [
            np.abs(frame.astype(int) - frames[index]).mean() > TOLERANCE
            for frame, index in zip(got, expected, strict=False)
        ]
        if len(got) != len(expected) or any(far):
            wrong.append(f"{start:.3f} s: {numbers}, ffmpeg {[number_of(frames[index]) for index in expected]}")
    return len(starts), len(wrong), wrong[0] if wrong else ""


def main() -> int:
    """The command; exit status 1 where something differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--table", type=Path, help="file whose table is renewed")
    parser.add_argument("--only", default="", help="formats with this in their name")
    options = parser.parse_args()
    rows, failed = [], False
    with tempfile.TemporaryDirectory() as folder:
        for index, (name, wanted) in enumerate(FORMATS.items()):
            if options.only not in name:
                continue
            path = Path(folder) / f"{index}.{wanted.suffix}"
            write_format(path, wanted)
            starts, wrong, first = compare(path, wanted)
            failed |= wrong > 0
            print(f"{name:36} {starts} starts, {wrong} differ {first}", flush=True)
            rows.append(f"| {name}{' *' if wanted.untimed else ''} | {wanted.suffix} | {starts} | {starts - wrong} |")
    if options.table:
        version = subprocess.run(["ffmpeg", "-version"], capture_output=True, text=True, check=True).stdout.split()[2]
        libraries = ".".join(map(str, av.library_versions["libavcodec"]))
        lines = [
            BEGIN,
            f"PyAV {av.__version__} (libavcodec {libraries}) against ffmpeg {version}:",
            "",
            "| container and codec | file | starts | the same as ffmpeg |",
            "|---|---|---|---|",
            *rows,
            END,
        ]
        text = options.table.read_text()
        before, after = text.partition(BEGIN)[0], text.partition(END)[2]
        options.table.write_text(before + "\n".join(lines) + after)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
