"""Texts that name something behind a network."""

from __future__ import annotations

import re


def without_password(place: str) -> str:
    """A URL as it may be shown."""
    return re.sub(r"(://[^/@:]*):[^/@]*@", r"\1:***@", place)


def is_url(text: str) -> bool:
    """Whether a text is a URL rather than a path."""
    scheme, separator, _ = text.partition("://")
    return bool(separator) and len(scheme) > 1 and scheme.replace("+", "").replace("-", "").isalnum()
