import type { Tensor, Tensors } from '../../../src/inference/backend.ts';
import type { Manifest } from '../../../src/shards/manifest.ts';
import type { SynthesisOptions } from '../../../src/synthesis/plan.ts';
import type { StageRunner } from '../../../src/synthesis/stages.ts';
import type { Phoneme, Utterance } from '../../../src/text/types.ts';
import { TINY_PHONEMES } from '../../fixtures/tiny-phonemes.ts';

const STYLE = 8;

/** The part of a manifest that synthesis uses. The style sampler is off, so styles are those of the voices. */
export const toneManifest = {
  name: 'tone-1',
  sampleRate: 24000,
  hop: 300,
  fft: 1024,
  mels: 100,
  soundLead: 0,
  styleSize: STYLE,
  phonemes: TINY_PHONEMES,
  languages: ['en', 'en-AU'],
  emotions: ['neutral', 'happy'],
  style: {
    mean: new Array(STYLE).fill(0),
    scale: new Array(STYLE).fill(1),
    sampler: {
      sigmaData: 1,
      sigmaMin: 0.01,
      sigmaMax: 5,
      rho: 7,
      continuity: 0.5,
      defaults: { steps: 0, alpha: 0, beta: 0, embeddingScale: 1 },
      emotionDefaults: { steps: 2, alpha: 0.5, beta: 0.5, embeddingScale: 1 },
    },
    statistics: {
      tilt: 0,
      pitch: 1,
      pitchRange: 2,
      slope: 3,
      rate: 4,
      pauses: 5,
      energyRange: 6,
      breathiness: 7,
    },
  },
  refiner: { sigma: 0, defaultSteps: 0, emotionFrom: 0, emotionUntil: 1 },
  vocoder: { contextFrames: 0, rounds: 0, modulationBands: 2 },
  voices: [
    { id: 'ann', language: 'en-US', style: new Array(STYLE).fill(0), pitchRange: 1 },
    { id: 'bob', language: 'en-AU', style: [0, 0, 0, 0, 0.1, 0, 0, 0], pitchRange: 1 },
  ],
} as unknown as Manifest;

/** Frames that the tone model predicts, by symbol; 7 for all others. */
export const TONE_FRAMES: Readonly<Record<string, number>> = {
  '^': 5,
  $: 4,
  ' ': 0,
  ',': 20,
  '.': 2,
  '?': 3,
};

/**
 * A model whose answers are known: every symbol has its length, F0 wavers about 150 Hz, and all frames are equally loud, those of pauses
 * too. So silence in its speech is made by the code under test. It records its calls.
 */
export function toneStages(level = -3) {
  const asked: { stage: string; inputs: Readonly<Record<string, Tensor>> }[] = [];
  const runner: StageRunner = {
    async run(stage, inputs): Promise<Tensors> {
      asked.push({ stage, inputs: structuredClone(inputs) });
      if (stage === 'text_encoder') {
        const ids = Array.from(inputs.phonemes.data as BigInt64Array, Number);
        const frames = ids.map((id) => TONE_FRAMES[TINY_PHONEMES[id]] ?? 7);
        return {
          hidden: floats(ids, [1, ids.length, 1]),
          log_durations: floats(frames.map(Math.log1p), [1, ids.length]),
        };
      }
      if (stage === 'style_denoiser') return { denoised: structuredClone(inputs.x) };
      const count = (inputs.frames ?? inputs.mel).dims[1];
      const curve = (value: (t: number) => number) =>
        floats(
          Array.from({ length: count }, (_, t) => value(t)),
          [1, count],
        );
      const rows = (size: number, value: number) =>
        floats(new Array(count * size).fill(value), [1, count, size]);
      if (stage === 'prosody') {
        return {
          f0: curve((t) => 150 * Math.exp(0.2 * Math.sin(t / 6))),
          voicing: curve(() => 1),
          energy: curve(() => 0),
        };
      }
      if (stage === 'mel_decoder') return { mel: rows(100, 0) };
      return {
        harmonic: rows(513, level),
        noise: rows(513, -14),
        real: rows(513, 1),
        imaginary: rows(513, 0),
        modulation: rows(8, 0),
      };
    },
  };
  return { asked, runner };
}

function floats(values: readonly number[], dims: number[]): Tensor {
  return { type: 'float32', data: Float32Array.from(values), dims };
}

/** One sentence's phonemes: symbols, or phonemes with what markup asks of them. */
export type Symbols = readonly (string | (Partial<Phoneme> & { readonly symbol: string }))[];

/** Utterances of sentences; each symbol takes one character of a made-up text, sentences a space between them. */
export function sentences(...list: readonly Symbols[]): Utterance[] {
  let at = 0;
  return list.map((symbols, sentence) => {
    const start = at;
    const body = symbols.map((symbol): Phoneme => {
      const span = { start: at, end: ++at };
      return typeof symbol === 'string' ? { symbol, span } : { span, ...symbol };
    });
    const edge = (symbol: string, place: number): Phoneme => ({ symbol, span: { start: place, end: place } });
    const utterance = {
      phonemes: [edge('^', start), ...body, edge('$', at)],
      span: { start, end: at },
      sentence,
    };
    at++;
    return utterance;
  });
}

/** Neutral options. */
export function plainOptions(
  utterances: readonly Utterance[],
  changes: Partial<SynthesisOptions> = {},
): SynthesisOptions {
  const speaker = {
    voice: { style: new Float32Array(STYLE), pitchRange: 1 },
    language: 0,
    style: {},
  };
  return {
    speakers: utterances.map(() => speaker),
    input: ' '.repeat(10_000),
    speed: 1,
    controls: { pitch: 0, pitchRange: 1, energy: 0, pauses: 1 },
    seed: 1,
    refineSteps: 0,
    ...changes,
  };
}
