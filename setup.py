"""For tools that still ask for it; what the library is and needs stands in pyproject.toml."""

from setuptools import setup

setup()
