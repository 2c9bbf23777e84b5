import type { Tensor } from '../../inference/backend.ts';
import type { Manifest } from '../../shards/manifest.ts';
import { decibels } from '../acoustic/controls.ts';
import { expandFrames } from '../acoustic/frames.ts';
import { PROSODY_CONTEXT } from '../acoustic/prosody.ts';
import { createRandom, deriveSeed } from '../random.ts';
import type { StageRunner } from '../stages.ts';
import type { StyleOptions } from '../style/options.ts';
import { createStyleSampler } from '../style/style.ts';
import type { VoiceStyle } from '../style/voice.ts';
import { row } from '../tensors.ts';
import { vocode, vocoderOptions } from '../vocoder/vocoder.ts';
import { finishWaveform, type SampleRange } from '../waveform/finish.ts';
import type { Expression } from './expression.ts';
import { evenLevels } from './levels.ts';
import { lowerToneRemover, networkPitch } from './network-pitch.ts';
import type { SungPhrase } from './phrase.ts';
import { type PitchTarget, pitchCurve } from './pitch-curve.ts';
import { type FrameCurves, spokenLengths, stretchCurves } from './spoken.ts';
import { expandSung } from './sustain.ts';
import { type PhraseTiming, type SungSymbol, symbolsOf, symbolsOfFrames, timePhrase } from './timing.ts';
import { sungVoicing } from './voicing.ts';
import { runWindowed } from './windows.ts';

/** Windows of the frame-rate networks. Contexts are at least their receptive fields; that of sori-2's mel decoder has 15 frames. */
const PROSODY_WINDOWS = { size: 160, context: PROSODY_CONTEXT };
const MEL_WINDOWS = { size: 160, context: 16 };

/** Numbers of the noise streams that a phrase draws. */
const JITTER_NOISE = 0x4a;

/** The voice of a phrase, and its options. */
export interface Singer {
  readonly voice: VoiceStyle;
  /** Index in the manifest's `languages`. */
  readonly language: number;
  readonly style: StyleOptions;
  readonly expression: Expression;
  /** Level in dB at a second of the audio. */
  readonly level: (seconds: number) => number;
  /** Changes the pitch in Hz at a second of the audio, after all expression: bends and stated curves. */
  readonly pitch: (seconds: number, hz: number) => number;
}

/** A phrase that is timed. */
export interface PlannedPhrase {
  readonly phrase: SungPhrase;
  readonly symbols: readonly SungSymbol[];
  readonly timing: PhraseTiming;
  readonly style: Float32Array;
  /** dB that the emotion adds. */
  readonly level: number;
  readonly hidden: Tensor;
  /** Frames that the duration model gives each symbol. */
  readonly predicted: Float64Array;
  readonly seed: number;
}

/**
 * Decides when each symbol of a phrase is sung.
 * @param earliest seconds before which the phrase can't begin.
 * @throws {InferenceError} or {@link SoriError} from the stage runner; the signal's reason.
 */
export async function planPhrase(
  manifest: Manifest,
  stages: StageRunner,
  phrase: SungPhrase,
  { voice, language, style: options }: Singer,
  {
    seed,
    earliest,
    signal,
  }: { readonly seed: number; readonly earliest: number; readonly signal?: AbortSignal },
): Promise<PlannedPhrase> {
  const symbols = symbolsOf(phrase);
  const table = new Map(manifest.phonemes.map((symbol, id) => [symbol, id]));
  const ids = BigInt64Array.from(symbols, ({ symbol }) => BigInt(table.get(symbol) ?? 0));
  const { style, level } = await createStyleSampler(manifest, stages).style({
    voice,
    phonemeIds: ids,
    options: phrase.emotion ? { ...options, emotion: phrase.emotion } : options,
    seed,
    signal,
  });
  const { hidden, log_durations } = await stages.run(
    'text_encoder',
    {
      phonemes: { type: 'int64', data: ids, dims: [1, ids.length] },
      language: { type: 'int64', data: BigInt64Array.of(BigInt(language)), dims: [1] },
      style: row(style),
    },
    signal,
  );
  const frameRate = manifest.sampleRate / manifest.hop;
  const predicted = Float64Array.from(log_durations.data as Float32Array, (value) =>
    Math.min(40, Math.max(1, Math.expm1(value))),
  );
  const lengths = predicted.map((frames) => frames / frameRate);
  const timing = timePhrase(phrase, symbols, lengths, {
    earliest,
    frameRate,
    soundLead: manifest.soundLead,
  });
  return { phrase, symbols, timing, style, level, hidden, predicted, seed };
}

/** Sample of the audio at which a planned phrase begins. */
export function firstSample({ timing }: PlannedPhrase, sampleRate: number): number {
  return Math.round(timing.origin * sampleRate);
}

/**
 * The waveform of a planned phrase.
 * @returns mono samples in [-1, 1], chunk by chunk.
 * @throws {InferenceError} or {@link SoriError} from the stage runner; the signal's reason.
 */
export async function* renderPhrase(
  manifest: Manifest,
  stages: StageRunner,
  planned: PlannedPhrase,
  singer: Singer,
  signal?: AbortSignal,
): AsyncGenerator<Float32Array> {
  const { hop, sampleRate } = manifest;
  const { symbols, timing, predicted, seed } = planned;
  const style = row(planned.style);
  const frames = expandSung(planned.hidden, symbols, timing.frames, predicted);
  const total = frames.dims[1];
  const curves = await curvesOf(planned, stages, signal);
  const voicing = voicingOf(planned, curves.voicing);
  const { energy } = curves;
  const seconds = (frame: number) => timing.origin + ((frame + 0.5) * hop) / sampleRate;
  const random = createRandom(deriveSeed(seed, JITTER_NOISE));
  const curve = pitchCurve(
    targetsOf(planned, sampleRate / hop),
    total,
    sampleRate / hop,
    singer.expression,
    random,
  );
  const f0 = curve.map((hz, t) => singer.pitch(seconds(t), hz));
  const networkF0 = networkPitch(f0);
  const { mel } = await runWindowed(
    stages,
    'mel_decoder',
    { timed: { frames, f0: row(networkF0), voicing: row(voicing), energy: row(energy) }, whole: { style } },
    MEL_WINDOWS,
    signal,
  );
  const sizes = { bins: manifest.fft / 2 + 1, bands: manifest.mels, sampleRate };
  const shape = lowerToneRemover({ f0, networkF0, voicing }, sizes);
  const options = vocoderOptions(manifest, seed, signal);
  // Consonants need to be matched to the mel. More than one round raises noise between the harmonics of a steady note.
  const context = { ...options, shape: { ...options.shape, rounds: 1, followsPitch: true } };
  const even = evenLevels({ data: mel.data as Float32Array, bands: manifest.mels }, symbols, timing.audible);
  const gain = even.map((level, t) => decibels(level + singer.level(seconds(t)) + planned.level));
  const gates: SampleRange[] = timing.rests.map(({ from, to }) => ({ start: from * hop, end: to * hop }));
  yield* finishWaveform(vocode(stages, { mel, f0, networkF0, shape, voicing }, context), {
    gain,
    hop,
    gates,
    silences: [],
  });
}

/** Energy and voicing of the phrase, as speech has them and stretched to what is sung. */
async function curvesOf(
  { hidden, predicted, style, symbols, timing }: PlannedPhrase,
  stages: StageRunner,
  signal?: AbortSignal,
): Promise<FrameCurves> {
  const lengths = spokenLengths(predicted);
  const frames = expandFrames(hidden, lengths);
  const inputs = { timed: { frames }, whole: { style: row(style) } };
  const { energy, voicing } = await runWindowed(stages, 'prosody', inputs, PROSODY_WINDOWS, signal);
  const spoken = { energy: energy.data as Float32Array, voicing: voicing.data as Float32Array };
  return stretchCurves(spoken, symbols, lengths, timing.frames);
}

function voicingOf({ symbols, timing }: PlannedPhrase, model: Float32Array): Float32Array {
  const audible = symbolsOfFrames(timing.audible);
  return model.map((voicing, t) => {
    const { symbol, kind } = symbols[audible[t]];
    return kind === 'edge' || kind === 'boundary'
      ? voicing
      : sungVoicing(symbol, kind === 'nucleus', voicing);
  });
}

/** The notes of a phrase in its frames. */
function targetsOf({ phrase, symbols, timing }: PlannedPhrase, frameRate: number): PitchTarget[] {
  return phrase.syllables.flatMap(({ notes }, s) => {
    const consonants = symbols.reduce((sum, { syllable, kind }, p) => {
      const before = (syllable === s && kind === 'onset') || (syllable === s - 1 && kind === 'coda');
      return before ? sum + timing.frames[p] : sum;
    }, 0);
    return notes.map(({ start, pitch, vibrato }, i) => ({
      from: i === 0 ? timing.vowels[s] : (start - timing.origin) * frameRate,
      pitch,
      vibrato,
      consonants: i === 0 ? consonants : 0,
    }));
  });
}
