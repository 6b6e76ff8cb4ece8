"""The sentence encoder as an ONNX graph, made from its weights without torch.

BERT with 6 layers of 12 heads, then the mean over the tokens, then length one. Large weights are stored in half
precision and computed with in single precision: half the file, 2e-4 of difference at most.
"""

import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from local.models.weights import SENTENCE_ENCODER

FILE_NAME = "all-MiniLM-L6-v2-fp16-1.onnx"
"""Ends in the version of this recipe: another recipe, another file."""
_LAYERS, _HEADS, _WIDTH = 6, 12, 384
_STORED_SMALLER_FROM = 4096
"""Number of values above which a weight is worth storing in half precision."""
_MASKED = -1e4


def build_graph(cache: Path) -> Path:
    """The graph's file in `cache`, built if it is not there. Several processes may do this at once.

    Raises:
        MissingWeightsError: the weights are not installed.
    """
    destination = cache / FILE_NAME
    if destination.exists():
        return destination
    import onnx  # noqa: PLC0415 - only needed when building

    cache.mkdir(parents=True, exist_ok=True)
    model = _Graph().bert()
    handle, temporary = tempfile.mkstemp(dir=cache, prefix=FILE_NAME)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(model.SerializeToString())
            file.flush()
            os.fsync(file.fileno())
            os.fchmod(file.fileno(), 0o644)
        onnx.checker.check_model(temporary)
        Path(temporary).replace(destination)
    finally:
        Path(temporary).unlink(missing_ok=True)
    return destination


class _Graph:
    """A graph that grows node by node; values are named by strings."""

    def __init__(self) -> None:
        from safetensors.numpy import load_file  # noqa: PLC0415 - only needed when building

        self._weights: dict[str, npt.NDArray[np.float32]] = load_file(str(SENTENCE_ENCODER.locate()))
        self._nodes: list[Any] = []
        self._constants: list[Any] = []

    def bert(self) -> Any:
        """The whole model: `input_ids`, `attention_mask` (int64, texts by tokens) to `embedding` (float32, by 384)."""
        from onnx import TensorProto, helper  # noqa: PLC0415 - only needed when building

        mask = self._node("Cast", "attention_mask", to=TensorProto.FLOAT)
        masked = self._node(
            "Mul", self._node("Sub", self._scalar(1), self._unsqueeze(mask, 1, 2)), self._scalar(_MASKED)
        )
        hidden = self._embed()
        for number in range(_LAYERS):
            hidden = self._layer(hidden, masked, f"encoder.layer.{number}.")
        weights = self._unsqueeze(mask, 2)
        total = self._node("ReduceSum", self._node("Mul", hidden, weights), self._integers(1), keepdims=0)
        mean = self._node("Div", total, self._node("ReduceSum", weights, self._integers(1), keepdims=0))
        self._nodes.append(helper.make_node("LpNormalization", [mean], ["embedding"], axis=-1, p=2))
        inputs = [
            helper.make_tensor_value_info(name, TensorProto.INT64, ["texts", "tokens"])
            for name in ("input_ids", "attention_mask")
        ]
        outputs = [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["texts", _WIDTH])]
        graph = helper.make_graph(self._nodes, "all-MiniLM-L6-v2", inputs, outputs, self._constants)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)

    def _embed(self) -> str:
        shape = self._node("Shape", "input_ids")
        tokens = self._node("Slice", shape, self._integers(1), self._integers(2), self._integers(0))
        positions = self._weight("embeddings.position_embeddings.weight")
        words = self._node("Gather", self._weight("embeddings.word_embeddings.weight"), "input_ids")
        places = self._node("Slice", positions, self._integers(0), tokens, self._integers(0))
        kind = self._constant(self._weights["embeddings.token_type_embeddings.weight"][0])
        return self._normalise(self._node("Add", self._node("Add", words, places), kind), "embeddings.LayerNorm")

    def _layer(self, hidden: str, masked: str, prefix: str) -> str:
        by_head = self._integers(0, 0, _HEADS, _WIDTH // _HEADS)
        query, key, value = (
            self._node("Reshape", self._linear(hidden, f"{prefix}attention.self.{part}"), by_head)
            for part in ("query", "key", "value")
        )
        query = self._node("Transpose", query, perm=[0, 2, 1, 3])
        key = self._node("Transpose", key, perm=[0, 2, 3, 1])
        value = self._node("Transpose", value, perm=[0, 2, 1, 3])
        scores = self._node("Mul", self._node("MatMul", query, key), self._scalar((_WIDTH / _HEADS) ** -0.5))
        attention = self._node("Softmax", self._node("Add", scores, masked), axis=-1)
        heads = self._node("Transpose", self._node("MatMul", attention, value), perm=[0, 2, 1, 3])
        joined = self._linear(
            self._node("Reshape", heads, self._integers(0, 0, _WIDTH)), f"{prefix}attention.output.dense"
        )
        hidden = self._normalise(self._node("Add", joined, hidden), f"{prefix}attention.output.LayerNorm")
        wide = self._node("Gelu", self._linear(hidden, f"{prefix}intermediate.dense"))
        narrow = self._linear(wide, f"{prefix}output.dense")
        return self._normalise(self._node("Add", narrow, hidden), f"{prefix}output.LayerNorm")

    def _linear(self, value: str, name: str) -> str:
        product = self._node("MatMul", value, self._weight(f"{name}.weight", transposed=True))
        return self._node("Add", product, self._weight(f"{name}.bias"))

    def _normalise(self, value: str, name: str) -> str:
        scale, shift = self._weight(f"{name}.weight"), self._weight(f"{name}.bias")
        return self._node("LayerNormalization", value, scale, shift, axis=-1, epsilon=1e-12)

    def _unsqueeze(self, value: str, *axes: int) -> str:
        return self._node("Unsqueeze", value, self._integers(*axes))

    def _weight(self, name: str, *, transposed: bool = False) -> str:
        from onnx import TensorProto  # noqa: PLC0415 - only needed when building

        value = self._weights[name]
        if transposed:
            value = np.ascontiguousarray(value.T)
        if value.size < _STORED_SMALLER_FROM:
            return self._constant(value)
        return self._node("Cast", self._constant(value.astype(np.float16)), to=TensorProto.FLOAT)

    def _scalar(self, value: float) -> str:
        return self._constant(np.array(value, np.float32))

    def _integers(self, *values: int) -> str:
        return self._constant(np.array(values, np.int64))

    def _constant(self, value: npt.NDArray[Any]) -> str:
        from onnx import numpy_helper  # noqa: PLC0415 - only needed when building

        name = f"constant_{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(value, name))
        return name

    def _node(self, operation: str, *inputs: str, **attributes: Any) -> str:
        from onnx import helper  # noqa: PLC0415 - only needed when building

        name = f"{operation}_{len(self._nodes)}"
        self._nodes.append(helper.make_node(operation, inputs, [name], name=name, **attributes))
        return name
