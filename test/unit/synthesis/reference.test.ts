import { describe, expect, it } from 'vitest';
import { concatFloats } from '../../../src/base/bytes.ts';
import { SoriError } from '../../../src/base/errors.ts';
import { createRandom } from '../../../src/synthesis/random.ts';
import { clippedShare } from '../../../src/synthesis/reference/clipping.ts';
import { withDelivery } from '../../../src/synthesis/reference/delivery.ts';
import { readReference } from '../../../src/synthesis/reference/read.ts';
import { analyseReference, withStatistics } from '../../../src/synthesis/reference/reference.ts';
import { notSpeech } from '../../fixtures/not-speech.ts';
import { artificialSpeech } from '../../support/artificial-speech.ts';

const RATE = 24_000;

const speech = artificialSpeech(6);

function refusal(samples: Float32Array, clipped?: number): string {
  try {
    analyseReference({ samples, clipped });
  } catch (error) {
    if (error instanceof SoriError && error.code === 'unusable_reference') return error.message;
    throw error;
  }
  return '';
}

const join = (...parts: readonly Float32Array[]) => concatFloats(parts);

describe('analyseReference', () => {
  const analysis = analyseReference({ samples: speech });
  const mel = analysis.mel.data as Float32Array;

  it('prepares speech and returns its measurements', () => {
    expect(analysis.mel.dims).toEqual([1, mel.length / 100, 100]);
    const { seconds, speechSeconds, clipped, snr, voiced } = analysis.quality;
    expect(seconds).toBe(6);
    expect(speechSeconds).toBeGreaterThan(4.5);
    expect(clipped).toBe(0);
    expect(snr).toBeGreaterThan(20);
    expect(voiced).toBeGreaterThan(0.3);
  });

  it('measures the pitch, its range and its fall', () => {
    const { pitch, pitchRange, slope } = analysis.statistics;
    expect(160 * Math.exp(pitch)).toBeGreaterThan(128);
    expect(160 * Math.exp(pitch)).toBeLessThan(140);
    expect(pitchRange).toBeGreaterThan(0.06);
    expect(pitchRange).toBeLessThan(0.12);
    // F0 falls from 150 Hz by 40 Hz in 1.5 s. The pauses between the groups are shorter than those between phrases.
    expect(slope).toBeLessThan(0.05);
  });

  it('does not depend on the level of the recording', () => {
    const quiet = analyseReference({ samples: speech.map((value) => 0.1 * value) });
    expect(quiet.mel.dims).toEqual(analysis.mel.dims);
    const away = (quiet.mel.data as Float32Array).map((value, i) => Math.abs(value - mel[i]));
    expect(Math.max(...away)).toBeLessThan(1e-3);
    for (const [name, value] of Object.entries(quiet.statistics)) {
      expect(value).toBeCloseTo(analysis.statistics[name as keyof typeof analysis.statistics], 3);
    }
  });

  it('trims silence at the ends and keeps it inside', () => {
    const silence = speech.map((value, n) => (n % 2 ? 1e-4 : -1e-4) + 0 * value).subarray(0, 4 * RATE);
    const padded = analyseReference({ samples: join(silence, speech, silence) });
    expect(Math.abs(padded.mel.dims[1] - analysis.mel.dims[1])).toBeLessThan(0.3 * 80);
    const halves = join(speech.subarray(0, 3 * RATE), silence, speech.subarray(3 * RATE));
    const paused = analyseReference({ samples: halves });
    expect(paused.mel.dims[1]).toBeGreaterThan(9 * 80);
    expect(paused.quality.speechSeconds).toBeLessThan(6.5);
  });
});

describe('refuses a recording, with the measured and the required value', () => {
  it('when it is too short or too long', () => {
    expect(refusal(speech.subarray(0, 2 * RATE))).toMatch(
      /too short: it holds [12]\.\d s of speech; 3 s are needed/,
    );
    expect(refusal(new Float32Array(61 * RATE))).toMatch(/too long: 61\.0 s; send 60 s at most/);
    expect(refusal(new Float32Array(0))).toMatch(/silent/);
    expect(refusal(new Float32Array(100))).toMatch(/silent/);
  });

  it('when it is silent', () => {
    expect(refusal(new Float32Array(5 * RATE))).toMatch(/digital silence; speech of -55 dBFS or more/);
    expect(refusal(speech.map((value) => value / 3000))).toMatch(/loud passages reach -\d+ dBFS/);
  });

  it('when it is clipped, also when its level was lowered afterwards', () => {
    const clipped = speech.map((value) => Math.max(-1, Math.min(1, 12 * value)));
    expect(refusal(clipped)).toMatch(/clipped: [\d.]+ % of its samples are at full scale; at most 0\.3 %/);
    expect(refusal(clipped.map((value) => 0.4 * value))).toMatch(/clipped/);
    expect(refusal(speech, 0.02)).toMatch(/clipped: 2\.0 %/);
  });

  it('when noise covers it', () => {
    const random = createRandom(2);
    expect(refusal(speech.map((value) => value + 0.06 * random.gaussian()))).toMatch(/too noisy|not speech/);
  });

  it.each([
    'tone of 220 Hz',
    'hum of 50 Hz',
    'digits dialled',
    'white noise',
    'steam engine',
    'low siren',
    'metronome',
    'tune, flute, 0.22 s a beat',
    'plucked tune',
    'bowed tune with wide vibrato',
    'piano chords',
    'drums',
    'fast band',
  ])('when it is not speech: %s', (name) => {
    const sound = notSpeech().find((candidate) => candidate.name === name)!;
    expect(refusal(sound.make())).toMatch(/is not speech|or not speech|too short/);
  });
});

describe('clippedShare', () => {
  it('counts samples at full scale and flat tops, not smooth peaks', () => {
    expect(clippedShare(new Float32Array(100))).toBe(0);
    expect(clippedShare(Float32Array.of(0, 1, 1, 0, -1, 0.5, 0, 0, 0, 0))).toBeCloseTo(0.3, 6);
    const tone = Float32Array.from(
      { length: RATE },
      (_, n) => 0.5 * Math.sin((2 * Math.PI * 100 * n) / RATE),
    );
    expect(clippedShare(tone)).toBe(0);
    expect(clippedShare(tone.map((value) => Math.max(-0.4, Math.min(0.4, value))))).toBeGreaterThan(0.3);
  });
});

it('readReference resamples to 24 kHz and measures clipping before that', async () => {
  const rate = 48_000;
  const bytes = Buffer.alloc(44 + 2 * rate);
  bytes.write('RIFF', 0, 'latin1');
  bytes.writeUInt32LE(bytes.length - 8, 4);
  bytes.write('WAVEfmt ', 8, 'latin1');
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(1, 22);
  bytes.writeUInt32LE(rate, 24);
  bytes.writeUInt32LE(2 * rate, 28);
  bytes.writeUInt16LE(2, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write('data', 36, 'latin1');
  bytes.writeUInt32LE(2 * rate, 40);
  for (let n = 0; n < rate; n++) {
    const value = 2 * Math.sin((2 * Math.PI * 200 * n) / rate);
    bytes.writeInt16LE(Math.round(32_767 * Math.max(-1, Math.min(1, value))), 44 + 2 * n);
  }
  const { samples, clipped } = await readReference(bytes);
  expect(samples.length).toBe(RATE);
  expect(Math.abs(clipped! - 2 / 3)).toBeLessThan(0.02);
  await expect(readReference(Buffer.from('no sound'))).rejects.toThrow(SoriError);
  await expect(readReference(new Uint8Array(20_000_000))).rejects.toThrow(/20\.0 MB; at most 17\.3 MB/);
});

it('withStatistics writes the measured dimensions only', () => {
  const style = new Float32Array(8).fill(9);
  const statistics = { pitch: 1, pitchRange: 2, slope: 3, energyRange: 4, tilt: 5 };
  const places = { tilt: 0, pitch: 4, pitchRange: 5, slope: 6, energyRange: 7 };
  expect([...withStatistics(style, statistics, places)]).toEqual([5, 9, 9, 9, 1, 2, 3, 4]);
  expect([...style]).toEqual([9, 9, 9, 9, 9, 9, 9, 9]);
});

it('withDelivery takes pace, pauses, slope and breathiness from the recording and keeps the rest', () => {
  const style = Float32Array.of(0, 1, 2, 3, 4, 5, 6);
  const reader = [10, 11, 12, 13, 14, 15, 16];
  const places = { slope: 1, rate: 2, pauses: 4, breathiness: 6 };
  expect([...withDelivery(style, reader, places)]).toEqual([0, 11, 12, 3, 14, 5, 16]);
  expect(style[6]).toBe(6);
});
