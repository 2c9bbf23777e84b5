import { freeArrays } from '../base/free.ts';
import { shiftBounds } from '../base/shift-bounds.ts';
import type { Manifest } from '../shards/manifest.ts';
import { spreadControls } from './acoustic/controls.ts';
import { headEnd, tailStart } from './acoustic/joins.ts';
import { MelPieces } from './acoustic/mel-pieces.ts';
import { shapePitch } from './acoustic/pitch.ts';
import { firstFrames, predictProsody } from './acoustic/prosody.ts';
import { refineMel } from './acoustic/refine.ts';
import type { SpeechFrames } from './frames.ts';
import type { PlannedUtterance, SynthesisOptions } from './plan.ts';
import { createRandom } from './random.ts';
import type { StageRunner } from './stages.ts';
import { row } from './tensors.ts';
import { vocode, vocoderOptions } from './vocoder/vocoder.ts';
import { type Finish, finishWaveform, type SampleRange } from './waveform/finish.ts';

/** Options of {@link renderUtterance}. */
export interface RenderOptions
  extends Pick<SynthesisOptions, 'controls' | 'refineSteps' | 'signal' | 'onFrames'> {
  /** Sample of the whole at which the utterance begins. */
  readonly startSample: number;
}

/**
 * The waveform of one planned utterance, the silences before, in and after it included. Afterwards the plan can't be rendered again, since its
 * hidden vectors are freed.
 * @returns mono samples in [-1, 1].
 * @throws {InferenceError} or {@link SoriError} from the stage runner; the signal's reason.
 */
export async function* renderUtterance(
  manifest: Manifest,
  stages: StageRunner,
  planned: PlannedUtterance,
  options: RenderOptions,
): AsyncGenerator<Float32Array> {
  const { hop, mels, soundLead } = manifest;
  const { utterance, speaker, lengths, seed } = planned;
  const { signal } = options;
  const style = row(planned.style);
  const { hidden } = planned;
  const whole =
    planned.prosody ??
    (await predictProsody(stages, { hidden, lengths: planned.prosodyFrames, style }, signal));
  freeArrays(hidden.data);
  const total = lengths.frames.reduce((sum, count) => sum + count, 0);
  const prosody = firstFrames(whole, total);
  const { frames, energy } = prosody;
  const voicing = prosody.voicing.data as Float32Array;
  const asked = { ...options.controls, energy: options.controls.energy + planned.level };
  const audible = shiftBounds(lengths.frames, soundLead);
  const controls = spreadControls(utterance.phonemes, audible, asked, planned.contours);
  const f0 = shapePitch(prosody.f0.data as Float32Array, voicing, speaker.voice.pitchRange, controls);
  const input = { frames, f0: row(f0), voicing: prosody.voicing, energy, style };
  const pieces = new MelPieces(stages, input, mels, signal);
  // The refiner and tools take the whole.
  if (options.refineSteps > 0 || options.onFrames) await pieces.until(f0.length);
  const mel = await refineMel(stages, pieces.mel, style, {
    model: manifest,
    steps: options.refineSteps,
    emotion: speaker.style.emotion,
    random: createRandom(seed),
    signal,
  });
  const ready = (frame: number) => pieces.until(frame);
  const waveform = vocode(stages, { mel, f0, voicing, ready }, vocoderOptions(manifest, seed, signal));
  const pauses = pausesOf(planned, audible, manifest);
  if (options.onFrames) {
    const whole = { f0, voicing, energy: energy.data as Float32Array, mel: mel.data as Float32Array };
    for (const part of cutFrames(whole, pauses.silences, options.startSample, hop)) options.onFrames(part);
  }
  yield* finishWaveform(waveform, { gain: controls.gain, hop, ...pauses });
  freeArrays(frames.data, pieces.mel.data, mel.data);
}

/** Frames between the silences, and where they come to lie. */
function cutFrames(
  { f0, voicing, energy, mel }: Omit<SpeechFrames, 'firstFrame'>,
  silences: Finish['silences'],
  startSample: number,
  hop: number,
): SpeechFrames[] {
  const bands = mel.length / f0.length;
  const parts: SpeechFrames[] = [];
  let from = 0;
  let shift = startSample;
  for (const { at, samples } of [
    ...silences.filter(({ samples }) => samples > 0),
    { at: f0.length * hop, samples: 0 },
  ]) {
    const to = Math.round(at / hop);
    if (to > from) {
      parts.push({
        firstFrame: Math.round(shift / hop) + from,
        f0: f0.slice(from, to),
        voicing: voicing.slice(from, to),
        energy: energy.slice(from, to),
        mel: mel.slice(from * bands, to * bands),
      });
    }
    from = to;
    shift += samples;
  }
  return parts;
}

/**
 * Where the waveform must be silent, and where silence is inserted.
 * @param audible frames in which each symbol is audible [P].
 */
function pausesOf(
  planned: PlannedUtterance,
  audible: readonly number[],
  { hop, soundLead }: Pick<Manifest, 'hop' | 'soundLead'>,
): Pick<Finish, 'gates' | 'silences'> {
  const { utterance, lengths, lead, trail } = planned;
  const { silences } = lengths;
  const starts = [0];
  for (const count of audible) starts.push(starts[starts.length - 1] + count);
  const total = starts[starts.length - 1];
  const sample = (symbol: number) => starts[symbol] * hop;
  // `soundLead` is a mean: some sounds begin a frame before it.
  const margin = soundLead > 0 ? hop : 0;
  const soundStart = (symbol: number) => Math.max(0, sample(symbol) - margin);

  const gates: SampleRange[] = [];
  const inserted = [{ at: 0, samples: lead }];
  for (const [p, { pauseMs }] of utterance.phonemes.entries()) {
    const isBreak = pauseMs !== undefined && p < audible.length - 2;
    if (!isBreak && silences[p] === 0) continue;
    const range = { start: sample(p), end: Math.max(sample(p), soundStart(p + 1)) };
    if (range.end > range.start) gates.push(range);
    inserted.push({ at: Math.floor((range.start + range.end) / 2), samples: silences[p] });
  }
  if (planned.afterBreak) gates.push({ start: 0, end: soundStart(headEnd(utterance)) });
  if (planned.beforeBreak) gates.push({ start: sample(tailStart(utterance)), end: total * hop });
  inserted.push({ at: total * hop, samples: trail });
  return { gates, silences: inserted };
}
