/** Tiny models of all tasks other than speech and transcription, a few kilobytes each. Nothing of them was trained. */
import { DataType } from '../../../scripts/pack/onnx.ts';
import type { ModelManifest } from '../../../src/models/manifest.ts';
import type { Task } from '../../../src/models/tasks.ts';
import { Graph, writeModel } from './tiny-graph.ts';

const RATE = 16_000;

const about = (id: string, task: Task, driver: string, settings: Record<string, unknown>) => ({
  schemaVersion: 1 as const,
  id,
  version: '1.0',
  task,
  driver,
  created: 1_735_689_600,
  licence: 'CC0-1.0',
  attributions: [],
  languages: [],
  sampleRate: RATE,
  voices: [],
  settings,
});

const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

/** English words and what the tiny translator writes for them. */
const DICTIONARY: Readonly<Record<string, string>> = {
  hello: '안녕하세요',
  world: '세상',
  good: '좋은',
  day: '날',
  '.': '.',
};
const WORDS = [
  '[PAD]',
  '[UNK]',
  '</s>',
  ...new Set([...Object.keys(DICTIONARY), ...Object.values(DICTIONARY)]),
];
const END = 2;

/** A tokenizer whose tokens are whole words. */
const wordTokenizer = (words: readonly string[]) => ({
  version: '1.0',
  added_tokens: [],
  normalizer: { type: 'Lowercase' },
  pre_tokenizer: { type: 'Whitespace' },
  post_processor: null,
  decoder: { type: 'WordPiece', prefix: '##', cleanup: false },
  model: {
    type: 'WordPiece',
    unk_token: '[UNK]',
    continuing_subword_prefix: '##',
    max_input_chars_per_word: 100,
    vocab: Object.fromEntries(words.map((word, id) => [word, id])),
  },
});

/** Hidden states that are the tokens themselves. */
function echoEncoder(): Uint8Array {
  const g = new Graph();
  const states = g.node('Unsqueeze', [g.node('Cast', ['input_ids'], { to: DataType.float }), g.ints([2])]);
  return g.build(
    { input_ids: [1, 'N'], attention_mask: [1, 'N'] },
    { last_hidden_state: [states, [1, 'N', 1]] },
  );
}

/** The i-th token of a translation is the dictionary's word for the i-th of the text. */
function dictionaryDecoder(): Uint8Array {
  const g = new Graph();
  const table = WORDS.map((word) => (word in DICTIONARY ? WORDS.indexOf(DICTIONARY[word]) : END));
  const states = g.node('Squeeze', ['encoder_hidden_states', g.ints([0, 2])]);
  const words = g.node('Gather', [g.ints(table), g.node('Cast', [states], { to: DataType.int64 })]);
  const count = g.node('Gather', [g.node('Shape', ['input_ids']), g.ints([1], [])]);
  const places = g.node('Range', [g.ints([0], []), count, g.ints([1], [])]);
  const next = g.node('Unsqueeze', [g.node('Gather', [words, places]), g.ints([0])]);
  const logits = g.node('OneHot', [next, g.ints([WORDS.length], []), g.floats([0, 1])], { axis: -1 });
  return g.build(
    { input_ids: [1, 'M'], encoder_hidden_states: [1, 'N', 1], encoder_attention_mask: [1, 'N'] },
    { logits: [logits, [1, 'M', WORDS.length]] },
  );
}

/** Translates five English words into Korean, word by word. */
export async function writeTinyTranslator(folder: string, id = 'dictionary'): Promise<ModelManifest> {
  const settings = {
    encoder: 'encoder.onnx',
    decoder: 'decoder.onnx',
    tokenizer: 'tokenizer.json',
    start: END,
    end: END,
    pairs: ['en>ko'],
  };
  return await writeModel(
    folder,
    { ...about(id, 'translation', 'seq2seq', settings), languages: ['en', 'ko'], sampleRate: undefined },
    {
      'encoder.onnx': echoEncoder(),
      'decoder.onnx': dictionaryDecoder(),
      'tokenizer.json': json(wordTokenizer(WORDS)),
    },
  );
}

/** Differences of neighbouring samples, of any leading dimensions: large for high sounds. */
function differences(g: Graph, input: string, axis: number, before: string): string {
  const all = g.ints([axis]);
  const late = g.node('Slice', [input, g.ints([1]), g.ints([2 ** 40]), all]);
  const early = g.node('Slice', [input, g.ints([0]), g.ints([-1]), all]);
  return g.node('Concat', [before, g.node('Sub', [late, early])], { axis });
}

/** A speaker embedding that depends on the pitch of a hum: the direction of [level, level of the differences]. */
export async function writeTinyEmbedding(folder: string, id = 'pitch-embedding'): Promise<ModelManifest> {
  const g = new Graph();
  const mean = (value: string) => g.node('ReduceMean', [g.node('Abs', [value])], { axes: [1], keepdims: 1 });
  const steps = g.node('Mul', [mean(differences(g, 'audio', 1, g.floats([0], [1, 1]))), g.floats([2], [])]);
  const embedding = g.node('Concat', [mean('audio'), steps], { axis: 1 });
  const graph = g.build({ audio: [1, 'N'] }, { embedding: [embedding, [1, 2]] });
  return await writeModel(
    folder,
    about(id, 'speaker-embedding', 'speaker-embedding', { graph: 'model.onnx' }),
    { 'model.onnx': graph },
  );
}

/** Low hums are the first speaker's, high ones the second's; ten frames a second. */
export async function writeTinySegmentation(
  folder: string,
  id = 'pitch-segmentation',
): Promise<ModelManifest> {
  const g = new Graph();
  const frame = { kernel_shape: [RATE / 10], strides: [RATE / 10] };
  const level = (value: string) => g.node('AveragePool', [g.node('Abs', [value])], frame);
  const energy = level('input_values');
  const steps = g.node('Mul', [
    level(differences(g, 'input_values', 2, g.floats([0], [1, 1, 1]))),
    g.floats([2], []),
  ]);
  const silence = g.node('Add', [g.node('Mul', [energy, g.floats([0], [])]), g.floats([0.05], [])]);
  const scores = g.node('Concat', [silence, g.node('Sub', [energy, steps]), steps], { axis: 1 });
  const logits = g.node('Transpose', [scores], { perm: [0, 2, 1] });
  const graph = g.build({ input_values: [1, 1, 'N'] }, { logits: [logits, [1, 'F', 3]] });
  const settings = { graph: 'model.onnx', classes: [[], [0], [1]], windowSeconds: 10 };
  return await writeModel(folder, about(id, 'segmentation', 'speaker-segmentation', settings), {
    'model.onnx': graph,
  });
}

/** Separates low from high sounds with a moving average. */
export async function writeTinySeparation(folder: string, id = 'pitch-separation'): Promise<ModelManifest> {
  const g = new Graph();
  const row = g.node('Unsqueeze', ['mix', g.ints([1])]);
  const low = g.node('AveragePool', [row], { kernel_shape: [11], strides: [1], pads: [5, 5] });
  const sources = g.node('Concat', [low, g.node('Sub', [row, low])], { axis: 1 });
  const graph = g.build({ mix: [1, 'N'] }, { sources: [sources, [1, 2, 'N']] });
  return await writeModel(folder, about(id, 'separation', 'speaker-separation', { graph: 'model.onnx' }), {
    'model.onnx': graph,
  });
}

/** A profile of a middle-aged man for every speaker, more certain for louder audio. */
export async function writeTinyProfile(folder: string, id = 'profile'): Promise<ModelManifest> {
  const g = new Graph();
  const level = g.node('ReduceMean', [g.node('Abs', ['audio'])], { axes: [1], keepdims: 1 });
  const scores = (weights: readonly number[]) =>
    g.node('Mul', [level, g.floats(weights, [1, weights.length])]);
  const graph = g.build(
    { audio: [1, 'N'] },
    { sex: [scores([0, 9]), [1, 2]], age_band: [scores([0, 9, 1]), [1, 3]] },
  );
  const settings = {
    graph: 'model.onnx',
    outputs: { sex: ['female', 'male'], age_band: ['child', 'adult', 'senior'] },
    errorRates: { sex: 0.08, age_band: 0.3 },
  };
  return await writeModel(folder, about(id, 'speaker-profile', 'speaker-profile', settings), {
    'model.onnx': graph,
  });
}

const CODEBOOKS = 2;
const CODES = 8;
/** Samples of a frame of codes. */
const HOP = 320;

/** Scores of codes grow with the step and the prompt; random draws decide among them. */
function codesDecoder(): Uint8Array {
  const g = new Graph();
  const audible = g.node('ReduceMean', ['encoder_hidden_states'], { keepdims: 0 });
  const ids = g.node('Cast', ['input_ids'], { to: DataType.float });
  const wave = g.node('Sin', [g.node('Add', [ids, audible])]);
  const codes = g.floats(
    Array.from({ length: CODES }, (_, i) => Math.cos(i)),
    [1, 1, CODES],
  ); // prettier-ignore
  const logits = g.node('Mul', [g.node('Unsqueeze', [wave, g.ints([2])]), codes]);
  return g.build(
    { input_ids: ['K', 'M'], encoder_hidden_states: [1, 'N', 1], encoder_attention_mask: [1, 'N'] },
    { logits: [logits, ['K', 'M', CODES]] },
  );
}

/** Each code is a level that its frame keeps. */
function codesToSound(): Uint8Array {
  const g = new Graph();
  const codes = g.node('Cast', ['audio_codes'], { to: DataType.float });
  const levels = g.node('ReduceMean', [codes], { axes: [1, 2], keepdims: 0 });
  const frames = g.node('Expand', [
    g.node('Unsqueeze', [levels, g.ints([2])]),
    g.node('Concat', [g.node('Shape', [levels]), g.ints([HOP])], { axis: 0 }),
  ]);
  const sound = g.node('Reshape', [g.node('Mul', [frames, g.floats([0.05], [])]), g.ints([1, 1, -1])]);
  return g.build({ audio_codes: [1, 1, CODEBOOKS, 'F'] }, { audio_values: [sound, [1, 1, 'S']] });
}

/** Makes up to two seconds of noise of the shape of MusicGen's. */
export async function writeTinyMusicgen(folder: string, id = 'musicgen-tiny'): Promise<ModelManifest> {
  const settings = {
    textEncoder: 'text_encoder.onnx',
    decoder: 'decoder.onnx',
    codec: 'codec.onnx',
    tokenizer: 'tokenizer.json',
    end: END,
    codebooks: CODEBOOKS,
    codebookSize: CODES,
    frameRate: RATE / HOP,
    maxSeconds: 2,
  };
  return await writeModel(
    folder,
    { ...about(id, 'generation', 'musicgen', settings), licence: 'CC-BY-NC-4.0' },
    {
      'text_encoder.onnx': echoEncoder(),
      'decoder.onnx': codesDecoder(),
      'codec.onnx': codesToSound(),
      'tokenizer.json': json(wordTokenizer(WORDS)),
    },
  );
}
