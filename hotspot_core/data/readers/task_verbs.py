"""From a task in words, as "Open the top drawer", to an action and an object, by a table of verbs.

The table is CSV with the columns `verb,action`; that of the package is task_verbs.csv beside this file. A verb may be
several words ("pick up"). The first verb of a task counts, of those that begin at one word the longest; endings as in
"opens" and "opening" are known. The object is what follows, up to a preposition. A verb without an action leaves its
tasks out.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hotspot_core.errors import InputError

BUNDLED = Path(__file__).with_suffix(".csv")
COLUMNS = ("verb", "action")
_ARTICLES = frozenset({"a", "an", "the", "up", "some", "this", "that", "your", "its"})
# fmt: off
_OBJECT_ENDS = frozenset(
    {
        "about", "above", "across", "after", "and", "at", "away", "back", "before", "behind", "below", "beside",
        "between", "by", "down", "for", "from", "in", "inside", "into", "near", "next", "of", "off", "on", "onto",
        "out", "over", "then", "through", "to", "toward", "towards", "under", "up", "using", "with",
    }
)
# fmt: on


@dataclass(frozen=True)
class TaskAction:
    """What a task means: an action, "" for none that is to be learned, and an object, "" where none is named."""

    action: str
    object: str


@dataclass(frozen=True)
class VerbTable:
    """A table of verbs; made by `read_verbs`.

    Attributes:
        path: its file.
        actions: the words of a verb -> action.
    """

    path: Path
    actions: Mapping[tuple[str, ...], str]

    def action_of(self, task: str) -> TaskAction | None:
        """What a task means; None where no verb of the table is in it."""
        words = re.findall(r"[\w'-]+", task.lower())
        longest = max(len(verb) for verb in self.actions)
        for first in range(len(words)):
            for count in range(min(longest, len(words) - first), 0, -1):
                for base in _bases(words[first]):
                    verb = (base, *words[first + 1 : first + count])
                    if verb in self.actions:
                        return TaskAction(self.actions[verb], _object(words[first + count :]))
        return None


def read_verbs(path: str | Path | None = None) -> VerbTable:
    """Read a table of verbs.

    Args:
        path: None for the package's own.

    Raises:
        InputError: the file is missing, lacks a column or has no rows, or a verb stands in it twice.
    """
    path = BUNDLED if path is None else Path(path)
    actions: dict[tuple[str, ...], str] = {}
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            table = csv.DictReader(file, skipinitialspace=True, restval="")
            missing = [name for name in COLUMNS if name not in (table.fieldnames or ())]
            if missing:
                raise InputError(f"{path}: no column {', '.join(missing)}: the first line must be {','.join(COLUMNS)}")
            for row in table:
                verb = tuple(row["verb"].lower().split())
                if not verb or verb in actions:
                    raise InputError(f"{path}: line {table.line_num}: {'the verb stands twice' if verb else 'no verb'}")
                actions[verb] = row["action"].strip()
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or 'cannot be read'}") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path}: no CSV text: {error}") from None
    if not any(actions.values()):
        raise InputError(f"{path}: the table is empty: give lines such as open,open")
    return VerbTable(path, actions)


def _bases(word: str) -> list[str]:
    """The word itself, and what it may be a form of: opens, pushes, opening, closing, putting."""
    bases = [word]
    if word.endswith("s"):
        bases += [word[:-1], word.removesuffix("es")]
    if word.endswith("ing"):
        stem = word.removesuffix("ing")
        bases += [stem, f"{stem}e", stem[:-1] if stem[-1:] == stem[-2:-1] else stem]
    return bases


def _object(words: list[str]) -> str:
    """The words up to the first preposition, without an article before them."""
    while words and words[0] in _ARTICLES:
        words = words[1:]
    end = next((index for index, word in enumerate(words) if word in _OBJECT_ENDS), len(words))
    return " ".join(words[:end])
