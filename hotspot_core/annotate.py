"""`python -m hotspot_core.annotate`: mark where actions happen on photos of your own, in a browser.

It prints the address of a page on this computer and serves it until Ctrl-C. Every click is saved at once to an
annotation file, which training, teaching and evaluation take; started again, it goes on where you left off.
"""

from __future__ import annotations

import argparse
import sys
import webbrowser
from pathlib import Path

from hotspot_core.annotation.document import AnnotationDocument
from hotspot_core.annotation.guess import ModelGuess
from hotspot_core.annotation.server import AnnotationServer
from hotspot_core.annotation.session import AnnotationSession
from hotspot_core.annotation.video_frames import video_frames
from hotspot_core.errors import InputError, check_number
from hotspot_core.utils import command_line

EXAMPLES = """\
  python -m hotspot_core.annotate photos/ --actions open,press          # writes photos/annotations.json
  python -m hotspot_core.annotate photos/                               # goes on with it
  python -m hotspot_core.annotate photos/ --actions lift --add-actions
  python -m hotspot_core.annotate kitchen.mp4 --fps 1 --actions open    # frames go to kitchen_frames/
"""
PORT = 8642


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    result = command_line.parser("annotate", __doc__ or "", EXAMPLES)
    add = result.add_argument
    add("folder", type=Path, help="with images, also in subfolders; or a video")
    add("--actions", type=command_line.comma_list, default=[], help="by comma (default: all of the file)")
    add("--add-actions", action="store_true", help="put actions that the file does not have yet into it")
    add("--output", type=Path, help="annotation file to write and go on with (default: FOLDER/annotations.json)")
    add("--checkpoint", default="default", help="model for guesses (default: the bundled one)")
    add("--fps", type=float, default=1.0, help="frames per second of a video (default %(default)s)")
    add("--port", type=int, default=PORT, help="0 for any that is free (default %(default)s)")
    add("--open", action="store_true", help="open the page in the browser")
    return result


def main(args: list[str] | None = None) -> None:
    """The command."""
    options = parser().parse_args(args)
    check_number("--fps", options.fps, 0, above=True)
    check_number("--port", options.port, 0, 65535, whole=True)
    session = open_session(options)
    with AnnotationServer(session, options.port) as server:
        print(f"{len(session.images)} images, marks go to {session.document.path}; Ctrl-C ends", flush=True)
        print(server.url, flush=True)
        if options.open:
            webbrowser.open(server.url)
        try:
            server.serve_forever()
        finally:
            counts = ", ".join(f"{number} {name}" for name, number in session.counts().items())
            print(f"\n{session.document.path}: {counts}", file=sys.stderr)


def open_session(options: argparse.Namespace) -> AnnotationSession:
    """The images and the annotation file that the options name."""
    folder: Path = options.folder
    if folder.is_file():
        folder = video_frames(folder, options.fps)
    if not folder.is_dir():
        raise InputError(f"folder {str(folder)!r} does not exist: give a folder of images, or a video")
    path = options.output or folder / "annotations.json"
    document = AnnotationDocument(path, options.actions, add_actions=options.add_actions)
    return AnnotationSession(folder, document, ModelGuess(options.checkpoint))


if __name__ == "__main__":
    sys.exit(command_line.run(main))
