"""The teacher's durations, F0 and energy of many lines, without their audio (15 times faster than with it): `tune-NNNN.npz` of 250 lines each.

A second run goes on where the first stopped. The model is a cut of the float graph, made on the first run. A line's voice follows from its number alone.
"""

import argparse
import random
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from teacher import pack, voice_pack

OUTPUTS = ["/encoder/Round_output_0", "/encoder/F0_proj/Conv_output_0", "/encoder/N_proj/Conv_output_0"]
MAIN = ["af_heart", "af_sarah", "af_river", "am_michael", "am_puck", "am_echo"]
CHUNK = 250


def cut(model: Path, out: Path) -> None:
    """Only the nodes that OUTPUTS need."""
    graph = onnx.load(str(model)).graph
    maker = {name: node for node in graph.node for name in node.output}
    needed, stack = set(), list(OUTPUTS)
    while stack:
        name = stack.pop()
        if name in maker and name not in needed:
            needed.add(name)
            stack += maker[name].input
    nodes = [node for node in graph.node if needed & set(node.output)]
    used = {name for node in nodes for name in node.input}
    part = onnx.helper.make_graph(nodes, "tune", [i for i in graph.input if i.name in used], [o for o in graph.output if o.name in OUTPUTS], [t for t in graph.initializer if t.name in used])
    whole = onnx.load(str(model), load_external_data=False)
    onnx.save(onnx.helper.make_model(part, opset_imports=whole.opset_import, ir_version=whole.ir_version), str(out))


def plan(index: int, english: list[str]) -> tuple[dict[str, float], float]:
    """Mixture of voices (the tune's half) and speed of a line: 60 % one of the six main voices, 25 % another English one, 15 % a blend of two."""
    r = random.Random(index * 6151 + 29)
    speed = r.choice([0.85, 0.92, 1.1, 1.2]) if r.random() < 0.1 else 1.0
    kind = r.random()
    if kind < 0.6:
        return {r.choice(MAIN): 1.0}, speed
    if kind < 0.85:
        return {r.choice(english): 1.0}, speed
    a, b = r.sample([n for n in english if n[1] == r.choice("fm")], 2)
    weight = round(r.random(), 3)
    return {a: weight, b: round(1 - weight, 3)}, speed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True, help="the float graph (dequantize.py)")
    parser.add_argument("--voices", type=Path, required=True)
    parser.add_argument("--texts", type=Path, required=True)
    parser.add_argument("--phonemes", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    a = parser.parse_args()
    a.out.mkdir(parents=True, exist_ok=True)
    part = a.out / "tune.onnx"
    if not part.exists():
        cut(a.model, part)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 1, 3
    session = onnxruntime.InferenceSession(str(part), options, providers=["CPUExecutionProvider"])
    packs = {f.stem: voice_pack(f) for f in sorted(a.voices.glob("*.bin"))}
    english = sorted(n for n in packs if n[0] in "ab")
    texts, symbols = [l.split("\t") for l in a.texts.read_text().splitlines()], a.phonemes.read_text().splitlines()
    assert len(texts) == len(symbols)
    for first in range(0, len(texts), CHUNK):
        path = a.out / f"tune-{first // CHUNK:04d}.npz"
        if path.exists():
            continue
        rows = dict(ids=[], kinds=[], texts=[], tune=[], speed=[], symbols=[], frames=[], f0=[], energy=[], sizes=[])
        for index in range(first, min(first + CHUNK, len(texts))):
            line = symbols[index].split(" ") if symbols[index] else []
            if not line or len(line) > 250:
                continue
            mixture, speed = plan(index, english)
            ids, owner = pack(line)
            style = sum(packs[n] * w for n, w in mixture.items())[min(len(ids) - 2, 510) - 1][None].astype(np.float32)
            durations, f0, energy = session.run(OUTPUTS, dict(tokens=ids[None].astype(np.int64), style=style, speed=np.array([speed], np.float32)))
            frames = np.zeros(len(line), np.int64)
            np.add.at(frames, owner, np.maximum(1, durations.reshape(-1)).astype(int) * 2)
            assert frames.sum() == f0.size == energy.size
            rows["ids"].append(texts[index][0]), rows["kinds"].append(texts[index][1]), rows["texts"].append(texts[index][3]), rows["speed"].append(speed)
            rows["tune"].append(" ".join(f"{n}:{w}" for n, w in mixture.items()))
            rows["symbols"] += line
            rows["frames"].append(frames.astype(np.uint16)), rows["f0"].append(f0.reshape(-1).astype(np.float16)), rows["energy"].append(energy.reshape(-1).astype(np.float16))
            rows["sizes"].append((len(line), f0.size))
        joined = {k: np.concatenate(v) if k in ("frames", "f0", "energy") else np.array(v) for k, v in rows.items()}
        np.savez_compressed(path, **joined)
        print(path.name, len(rows["ids"]), flush=True)


if __name__ == "__main__":
    main()
