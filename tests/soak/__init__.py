"""Long campaigns, run by `make soak`."""

import os

import pytest

CAMPAIGN = pytest.mark.skipif(os.environ.get("WARIFU_SOAK") != "1", reason="a long campaign: make soak runs it")
