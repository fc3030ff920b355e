"""What the commands `python -m hotspot_core.<verb>` share: help with examples, and one line on bad input."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from hotspot_core.errors import InputError, OutOfMemoryError


def parser(verb: str, description: str, examples: str) -> argparse.ArgumentParser:
    """An argument parser whose help ends with examples."""
    return argparse.ArgumentParser(
        prog=f"python -m hotspot_core.{verb}",
        description=description,
        epilog=f"examples:\n{examples}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def run(command: Callable[[list[str] | None], None], arguments: list[str] | None = None) -> int:
    """Runs a command.

    Returns:
        Its exit status: 0; 2 where its input is bad and 1 where memory has run out, each after one line on the
        standard error output; 130 after Ctrl-C.
    """
    try:
        command(arguments)
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except (OutOfMemoryError, MemoryError) as error:
        print(f"error: {str(error) or 'out of memory'}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0
