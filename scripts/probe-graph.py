"""Writes src/inference/probe-graph.ts: a tiny ONNX graph with a known answer, for checking a runtime at start-up.

It holds one of each kind of operation that sori-2's stages lean on: embedding lookup by int64, dense layer, dynamically
quantized dense layer, depthwise convolution, normalization, sigmoid. Its weights are external data in two files, as
a packed stage's are. The answer comes from ONNX's own reference implementation, not from any runtime under test.

    pip install onnx numpy && python scripts/probe-graph.py
"""
import base64
import pathlib
import textwrap

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

CHANNELS, HIDDEN, FRAMES = 8, 16, 5
rng = np.random.default_rng(20261121)
files: dict[str, bytearray] = {"a.bin": bytearray(), "b.bin": bytearray()}


def f32(*shape: int, scale: float = 0.5) -> np.ndarray:
    return (rng.standard_normal(shape) * scale).astype(np.float32)


weights = {
    "embedding": f32(3, CHANNELS),
    "dense": f32(CHANNELS, HIDDEN),
    "gain": 1 + f32(HIDDEN, scale=0.1),
    "bias": f32(HIDDEN, scale=0.1),
    "kernel": f32(HIDDEN, 1, 3),
    "quantized": rng.integers(0, 256, (HIDDEN, 4)).astype(np.uint8),
    "zero": np.array(128, np.uint8),
    "scale": np.array(0.01, np.float32),
    "axis": np.array([1], np.int64),
}


def initializer(name: str, array: np.ndarray) -> TensorProto:
    tensor = numpy_helper.from_array(array, name)
    if array.size < 16:
        return tensor
    location = "a.bin" if name in ("embedding", "dense") else "b.bin"
    data = array.tobytes()
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in (("location", location), ("offset", len(files[location])), ("length", len(data))):
        entry = tensor.external_data.add()
        entry.key, entry.value = key, str(value)
    files[location] += data
    return tensor


nodes = [
    helper.make_node("Gather", ["embedding", "language"], ["row"], axis=0),
    helper.make_node("Unsqueeze", ["row", "axis"], ["rows"]),
    helper.make_node("Add", ["x", "rows"], ["sum"]),
    helper.make_node("MatMul", ["sum", "dense"], ["h"]),
    helper.make_node("LayerNormalization", ["h", "gain", "bias"], ["n"], axis=-1),
    helper.make_node("Transpose", ["n"], ["nt"], perm=[0, 2, 1]),
    helper.make_node("Conv", ["nt", "kernel"], ["c"], group=HIDDEN, pads=[1, 1], kernel_shape=[3]),
    helper.make_node("Transpose", ["c"], ["ct"], perm=[0, 2, 1]),
    helper.make_node("Sigmoid", ["ct"], ["s"]),
    helper.make_node("DynamicQuantizeLinear", ["s"], ["q", "qs", "qz"]),
    helper.make_node("MatMulInteger", ["q", "quantized", "qz", "zero"], ["i"]),
    helper.make_node("Cast", ["i"], ["if"], to=TensorProto.FLOAT),
    helper.make_node("Mul", ["qs", "scale"], ["qss"]),
    helper.make_node("Mul", ["if", "qss"], ["y"]),
]


def model(inline: bool) -> onnx.ModelProto:
    make = (lambda n, a: numpy_helper.from_array(a, n)) if inline else initializer
    graph = helper.make_graph(
        nodes,
        "probe",
        [
            helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, "T", CHANNELS]),
            helper.make_tensor_value_info("language", TensorProto.INT64, [1]),
        ],
        [
            helper.make_tensor_value_info("h", TensorProto.FLOAT, [1, "T", HIDDEN]),
            helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, "T", 4]),
        ],
        [make(n, a) for n, a in weights.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


x = np.round(f32(1, FRAMES, CHANNELS, scale=1.0), 3)
h, y = ReferenceEvaluator(model(inline=True)).run(None, {"x": x, "language": np.array([2], np.int64)})
graph = model(inline=False).SerializeToString()


def text(data: bytes) -> str:
    lines = textwrap.wrap(base64.b64encode(data).decode(), 100)
    return "\n".join(f"  '{line}'{' +' if i + 1 < len(lines) else ''}" for i, line in enumerate(lines))


def numbers(array: np.ndarray) -> str:
    return ", ".join(f"{v:.6g}" for v in array.flatten())


out = f"""// Written by scripts/probe-graph.py; change that, not this.

/** The probe's `.onnx` file, base64. */
export const PROBE_GRAPH =
{text(graph)};

/** The probe's weights by external-data file name, base64. */
export const PROBE_WEIGHTS = {{
  'a.bin':
{text(bytes(files["a.bin"]))},
  'b.bin':
{text(bytes(files["b.bin"]))},
}};

/** Input `x`, [1, {FRAMES}, {CHANNELS}]. */
export const PROBE_X = [{numbers(x)}];
/** Input `language`, [1]. */
export const PROBE_LANGUAGE = 2;
/** Output `h`, [1, {FRAMES}, {HIDDEN}], by ONNX's reference implementation. */
export const PROBE_H = [{numbers(h)}];
/** Output `y`, [1, {FRAMES}, 4], by ONNX's reference implementation. */
export const PROBE_Y = [{numbers(y)}];
"""
path = pathlib.Path(__file__).resolve().parent.parent / "src" / "inference" / "probe-graph.ts"
path.write_text(out)
print(path, len(graph), {k: len(v) for k, v in files.items()}, "y", y.flatten()[:4])
