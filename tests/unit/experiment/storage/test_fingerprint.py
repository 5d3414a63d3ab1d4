"""What a fingerprint covers: the code of the layers that can change the values of a replication."""

import tomllib
from pathlib import Path

from simulator.experiment.storage.fingerprint import WITHOUT_SAY

ROOT = Path(__file__).resolve().parents[4]


def test_the_code_digest_leaves_out_every_layer_above_the_kernel():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["id"] == "layers")
    above = {package for layer in layers[: layers.index("kernel")] for package in layer.split(" | ")}
    assert above == WITHOUT_SAY
