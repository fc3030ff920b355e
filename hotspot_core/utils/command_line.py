"""What the commands `python -m hotspot_core.<verb>` share: help with examples, and one line on bad input."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from hotspot_core.errors import InputError


def parser(verb: str, description: str, examples: str) -> argparse.ArgumentParser:
    """An argument parser whose help ends with examples."""
    return argparse.ArgumentParser(
        prog=f"python -m hotspot_core.{verb}",
        description=description,
        epilog=f"examples:\n{examples}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def run(command: Callable[[list[str] | None], None], arguments: list[str] | None = None) -> int:
    """Runs a command; its exit status is 2, after one line on the standard error output, where its input is bad."""
    try:
        command(arguments)
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return 0
