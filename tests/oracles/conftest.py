"""What is loaded stays loaded: each replication collects garbage first, and need not look at the libraries again."""

from __future__ import annotations

import gc

import pytest


@pytest.fixture(scope="session", autouse=True)
def _frozen():
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()
