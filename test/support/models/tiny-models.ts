/** Model folders of a few kilobytes with the inputs and outputs of real models. Their outputs are fixed; nothing was trained. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataType } from '../../../scripts/pack/onnx.ts';
import type { ModelManifest } from '../../../src/models/manifest.ts';
import { Graph, writeModel } from './tiny-graph.ts';

/** Faults of a graph, for tests of refusals. */
export interface TinyFaults {
  /** An operator that no runtime supports. */
  readonly unknownOperator?: boolean;
  /** Numbers in a style, in place of 256. */
  readonly styleSize?: number;
  /** Leaves the durations out. */
  readonly noDurations?: boolean;
}

/** Tokens last 1 to 4 frames; a voice hums at a pitch of its own. */
function kokoroGraph({ unknownOperator, styleSize = 256, noDurations }: TinyFaults): Uint8Array {
  const g = new Graph();
  const frames = Array.from({ length: 178 }, (_, token) => 1 + ((token * 7) % 4));
  const usual = g.node('Squeeze', [g.node('Gather', [g.floats(frames), 'tokens']), g.ints([0])]);
  const durations = g.node('Max', [g.node('Round', [g.node('Div', [usual, 'speed'])]), g.floats([1])]);
  const samples = g.node('Mul', [g.node('ReduceSum', [durations], { keepdims: 0 }), g.floats([600], [])]);
  const count = g.node('Cast', [samples], { to: DataType.int64 });
  const time = g.node('Cast', [g.node('Range', [g.ints([0], []), count, g.ints([1], [])])], {
    to: DataType.float,
  });
  const colour = g.node('ReduceMean', ['style'], { keepdims: 0 });
  const pitch = g.node('Add', [g.node('Mul', [colour, g.floats([100], [])]), g.floats([200], [])]);
  const angle = g.node('Mul', [time, g.node('Mul', [pitch, g.floats([(2 * Math.PI) / 24_000], [])])]);
  const sound = g.node('Mul', [g.node(unknownOperator ? 'Hum' : 'Sin', [angle]), g.floats([0.3], [])]);
  return g.build(
    { tokens: [1, 'sequence_length'], style: [1, styleSize], speed: [1] },
    {
      audio: [sound, ['audio_length']],
      ...(!noDurations && { durations: [durations, ['sequence_length']] as const }),
    },
  );
}

/** Two voices, a hum each. */
export async function writeTinyKokoro(folder: string, faults: TinyFaults = {}): Promise<ModelManifest> {
  const pack = (value: number) => new Uint8Array(new Float32Array(4 * 256).fill(value).buffer);
  return await writeModel(
    folder,
    {
      schemaVersion: 1,
      id: 'kokoro',
      version: '1.0',
      task: 'speech',
      driver: 'kokoro',
      created: 1_735_689_600,
      licence: 'CC0-1.0',
      attributions: ['Made by a test.'],
      languages: ['en', 'en-GB', 'ko'],
      sampleRate: 24_000,
      voices: [
        { id: 'af_low', name: 'Low', sex: 'female', language: 'en-US', description: 'Hums low.' },
        { id: 'am_high', name: 'High', sex: 'male', language: 'en-US', description: 'Hums high.' },
      ],
      settings: { graph: 'model.onnx', voices: 'voices' },
    },
    {
      'model.onnx': kokoroGraph(faults),
      'voices/af_low.bin': pack(-0.5),
      'voices/am_high.bin': pack(0.5),
    },
  );
}

/** Tokens of the tiny Whisper: bytes, four words, special ones, timestamps. */
const WORDS = [' hello', ' world', ' good', ' day'];
const SPECIAL = [
  'endoftext',
  'startoftranscript',
  'en',
  'ko',
  'translate',
  'transcribe',
  'startoflm',
  'startofprev',
  'nospeech',
  'notimestamps',
];
const FIRST_SPECIAL = 256 + WORDS.length;
const FIRST_TIME = FIRST_SPECIAL + SPECIAL.length;
const VOCABULARY = FIRST_TIME + 1501;
const LAYERS = 2;
const HEADS = 2;
const SIZE = 4;

const special = (name: string) => FIRST_SPECIAL + SPECIAL.indexOf(name);
const time = (seconds: number) => FIRST_TIME + Math.round(seconds * 50);

/** GPT-2's table from bytes to letters, in which byte-level vocabularies are written. */
function byteLetters(): string[] {
  const plain = (byte: number) =>
    (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || (byte >= 174 && byte <= 255);
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(plain(byte) ? byte : next++));
}

/** @param first the text of the first word's token. */
function tinyTokenizer(first = WORDS[0]): unknown {
  const letters = byteLetters();
  const spelled = (text: string) => [...text].map((letter) => letters[letter.charCodeAt(0)]).join('');
  const written = [...letters, ...[first, ...WORDS.slice(1)].map(spelled)];
  return {
    version: '1.0',
    added_tokens: SPECIAL.map((name) => ({
      id: special(name),
      content: `<|${name}|>`,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: null,
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
    post_processor: null,
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: '',
      end_of_word_suffix: '',
      fuse_unk: false,
      vocab: Object.fromEntries(written.map((token, id) => [token, id])),
      merges: [],
    },
  };
}

/** Token to the token after it: "hello world." in the language spoken, "good day." in English. */
function followers(): number[] {
  const next = new Array<number>(VOCABULARY).fill(special('endoftext'));
  const chain = (...tokens: number[]) => {
    for (const [i, token] of tokens.slice(1).entries()) next[tokens[i]] = token;
  };
  const [hello, world, good, day] = WORDS.map((_, i) => 256 + i);
  const dot = '.'.charCodeAt(0);
  chain(special('startoftranscript'), special('en'));
  chain(special('transcribe'), time(0), hello, world, dot, time(1), special('endoftext'));
  chain(special('translate'), time(0.02), good, day, dot);
  return next;
}

function whisperEncoder(): Uint8Array {
  const g = new Graph();
  const level = g.node('ReduceMean', ['audio'], { keepdims: 0 });
  const shaped = (...shape: number[]) => [g.node('Expand', [level, g.ints(shape)]), shape] as const;
  return g.build(
    { audio: [480_000] },
    { cross_keys: shaped(LAYERS, HEADS, SIZE, 1500), cross_values: shaped(LAYERS, HEADS, 1500, SIZE) },
  );
}

function whisperDecoder(): Uint8Array {
  const g = new Graph();
  const count = g.node('Shape', ['tokens']);
  const next = g.node('Gather', [g.ints(followers()), 'tokens']);
  // Where the audio is loud the first word is a little less certain, so that the encoder's output counts.
  const level = g.node('ReduceMean', ['cross_values'], { keepdims: 0 });
  const sure = g.node('Sub', [g.floats([12], []), level]);
  const hot = g.node('OneHot', [next, g.ints([VOCABULARY], []), g.floats([0, 1])], { axis: -1 });
  const logits = g.node('Mul', [hot, sure]);
  const fresh = g.node('Expand', [
    g.floats([0], []),
    g.node('Concat', [g.ints([LAYERS, HEADS]), count, g.ints([SIZE])], { axis: 0 }),
  ]);
  const grown = (old: string) => g.node('Concat', [old, fresh], { axis: 2 });
  // Token i looks at the audio around 0.1 s * i.
  const number = g.node('Squeeze', [count, g.ints([0])]);
  const rows = g.node('Unsqueeze', [
    g.node('Range', [g.ints([0], []), number, g.ints([1], [])]),
    g.ints([1]),
  ]);
  const centres = g.node('Mul', [g.node('Cast', [rows], { to: DataType.float }), g.floats([5], [])]);
  const columns = g.floats(
    Array.from({ length: 1500 }, (_, c) => c),
    [1, 1500],
  );
  const away = g.node('Sub', [columns, centres]);
  const near = g.node('Mul', [g.node('Mul', [away, away]), g.floats([-0.02], [])]);
  const attention = g.node('Unsqueeze', [g.node('Softmax', [near], { axis: -1 }), g.ints([0])]);
  const past = [LAYERS, HEADS, 'P', SIZE];
  const grownShape = [LAYERS, HEADS, 'P+N', SIZE];
  return g.build(
    {
      tokens: ['N'],
      self_keys: past,
      self_values: past,
      cross_keys: [LAYERS, HEADS, SIZE, 1500],
      cross_values: [LAYERS, HEADS, 1500, SIZE],
    },
    {
      logits: [logits, ['N', VOCABULARY]],
      new_keys: [grown('self_keys'), grownShape],
      new_values: [grown('self_values'), grownShape],
      attention: [attention, [1, 'N', 1500]],
    },
  );
}

/**
 * A model that transcribes any audio as "hello world.", and translates it as "good day.".
 * @param said text in ASCII in place of "hello".
 */
export async function writeTinyWhisper(
  folder: string,
  id = 'whisper-tiny',
  said?: string,
): Promise<ModelManifest> {
  return await writeModel(
    folder,
    {
      schemaVersion: 1,
      id,
      version: '1.0',
      task: 'transcription',
      driver: 'whisper',
      created: 1_735_689_600,
      licence: 'CC0-1.0',
      attributions: [],
      languages: ['en', 'ko'],
      sampleRate: 16_000,
      voices: [],
      settings: {
        encoder: 'encoder.onnx',
        decoder: 'decoder.onnx',
        tokenizer: 'tokenizer.json',
        layers: LAYERS,
        heads: HEADS,
        headSize: SIZE,
        vocabulary: VOCABULARY,
        alignmentHeads: 1,
        suppress: [],
        suppressAtBegin: [special('endoftext')],
      },
    },
    {
      'encoder.onnx': whisperEncoder(),
      'decoder.onnx': whisperDecoder(),
      'tokenizer.json': new TextEncoder().encode(JSON.stringify(tinyTokenizer(said && ` ${said}`))),
    },
  );
}

/** A temporary folder, removed when it is disposed of. */
export async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'sori-models-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
