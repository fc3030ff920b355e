#!/usr/bin/env bash
# MPEG-TS: a backward seek lands after the time that was asked for, and late in the file on nothing at all.
#
# Guess:   container.seek(t), which PyAV documents as going to the key frame at or before t, does so in every container,
#          or raises.
# Happens: a transport stream has no index of key frames. The seek finds the packet at t, key frame or not, and the
#          decoder then waits for the next key frame. At .5 s of a recording with a key frame each second the first
#          frame is the one at 1 s; in the last second there is no frame at all. No exception; MP4 is as guessed.
# Hurt:    who reads clips of .ts and .m2ts recordings "from the key frame before, then decode up to the start": the
#          clip begins up to a group of pictures late, or is empty, at plausible time stamps.
# Seen:    PyAV 18.1.0 (FFmpeg 8), H.264.
# Source:  PyAV's documentation of InputContainer.seek.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet av==18.1.0 numpy==2.4.6
venv/bin/python - <<'PY'
import av
import numpy as np

print("PyAV", av.__version__, "libavformat", av.library_versions["libavformat"])


def written(path):
    """Four seconds with a key frame at each full second."""
    with av.open(path, "w") as container:
        stream = container.add_stream("libx264", rate=24)
        stream.width, stream.height, stream.pix_fmt = 128, 96, "yuv420p"
        stream.options = {"x264-params": "keyint=24:min-keyint=24:scenecut=0:bframes=3"}
        for number in range(96):
            image = np.full((96, 128, 3), number * 2, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        container.mux(stream.encode())
    return path


def first_frame(path, seconds):
    with av.open(path) as container:
        stream = container.streams.video[0]
        container.seek(round(seconds / stream.time_base) + stream.start_time, stream=stream, backward=True)
        for frame in container.decode(stream):
            return round(float((frame.pts - stream.start_time) * stream.time_base), 2)
    return None


found = {}
for path in (written("recording.mp4"), written("recording.ts")):
    found[path] = [first_frame(path, seconds) for seconds in (0.5, 1.5, 3.5)]
    print(path, "seek to .5, 1.5, 3.5 s: first frame at", found[path])
assert found["recording.mp4"] == [0, 1, 3]
first, second, last = found["recording.ts"]
assert first > 0.5 and second > 1.5 and last is None, "MPEG-TS seeks to the key frame before"
PY
