#!/usr/bin/env bash
# MPEG program streams: after a seek, frames carry time stamps that no packet has.
#
# Guess:   a frame's time stamp does not depend on where reading began; where it is unknown, it is None.
# Happens: packets of a program stream share time stamps: not every picture has one of its own. After a seek the first
#          ones are inferred, wrongly with B-frames: the same frames come two frames too early or too late, at times
#          between two frames, until the stream's next stamp. Nothing marks them, and frames do not come as None.
# Hurt:    who cuts clips out of DVD, VOB and camcorder files by time: labels and pictures are a tenth of a second
#          apart, by an amount that depends on where the clip starts.
# Seen:    PyAV 18.1.0 (FFmpeg 8), MPEG-2 with two B-frames in a program stream.
# Source:  ISO/IEC 13818-1, 2.4.3.7 (time stamps are optional).
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet av==18.1.0 numpy==2.4.6
venv/bin/python - <<'PY'
import av
import numpy as np

RATE = 24
print("PyAV", av.__version__, "libavformat", av.library_versions["libavformat"])


def picture(number):
    """The frame number in eight squares, lowest bit first."""
    image = np.full((96, 128, 3), 100, np.uint8)
    for bit in range(8):
        image[:32, 16 * bit : 16 * bit + 16] = 220 if number >> bit & 1 else 20
    return image


def number_of(frame):
    gray = frame.to_ndarray(format="gray")
    return sum(1 << bit for bit in range(8) if gray[8:24, 16 * bit + 4 : 16 * bit + 12].mean() > 120)


def written(path, codec, container_format, options):
    with av.open(path, "w", format=container_format) as container:
        stream = container.add_stream(codec, rate=RATE)
        stream.width, stream.height, stream.pix_fmt, stream.options = 128, 96, "yuv420p", {"threads": "1", **options}
        for number in range(96):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture(number), format="rgb24")))
        container.mux(stream.encode())
    return path


def read(path, seconds):
    """(the number seen in the picture, the number by its time stamp) of each frame after a seek."""
    with av.open(path) as container:
        stream = container.streams.video[0]
        if seconds:
            container.seek(round(seconds / stream.time_base) + stream.start_time, stream=stream)
        return [
            (number_of(frame), round(float((frame.pts - stream.start_time) * stream.time_base) * RATE, 2))
            for frame in container.decode(stream)
        ]


path = written("recording.mpg", "mpeg2video", "vob", {"g": "12", "bf": "2"})
worst = {}
for seconds in (0, 0.5, 1, 2, 2.5):
    frames = read(path, seconds)
    wrong = [stamp - number for number, stamp in frames if abs(stamp - number) > 0.1]
    worst[seconds] = max(wrong, key=abs, default=0)
    print(f"from {seconds} s: picture, stamp = {frames[:3]}; {len(wrong)} frames wrong, by {worst[seconds]:+} frames")
assert worst[0] == 0, "the recording itself has wrong time stamps"
assert any(abs(error) >= 1 for error in worst.values()), "time stamps after a seek are right"
PY
