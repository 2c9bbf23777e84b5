import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { createEncoder } from '../../../src/audio/encoders/encoder.ts';
import { integratedLoudness, LoudnessMeter } from '../../../src/audio/loudness.ts';
import { toFloat32Array } from '../../../src/audio/samples.ts';
import {
  isStretchFormat,
  openStretch,
  STRETCH_CODECS,
  STRETCH_UNIT,
  type StretchFormat,
} from '../../../src/audio/stretch.ts';
import { concatBytes } from '../../../src/base/bytes.ts';

const FORMATS = Object.keys(STRETCH_UNIT) as StretchFormat[];
const TAGS = { generator: 'Sori', model: 'm@1', voice: 'vce_a', time: '2026-01-01T00:00:00.000Z' };

/** Something like speech: tones that come and go over noise. */
function signal(length: number): Int16Array {
  let seed = 1;
  let noise = 0;
  return Int16Array.from({ length }, (_, i) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    noise = 0.9 * noise + 0.1 * (seed / 2 ** 30 - 1);
    const tone = Math.sin(i * 0.05 + 3 * Math.sin(i / 4000)) * Math.max(0, Math.sin(i / 3000));
    return 9000 * tone + 6000 * noise;
  });
}

describe.each(FORMATS)('stretches of %s', (format) => {
  it.each([undefined, TAGS])(
    'are the bytes of the whole, each by an encoder of its own (tags: %s)',
    async (tags) => {
      const samples = signal(100_003);
      const totalSamples = samples.length;
      const encoder = await createEncoder(format, tags ? { totalSamples, tags } : { totalSamples });
      const whole = concatBytes([encoder.encode(toFloat32Array(samples)), encoder.finish()]);

      const unit = STRETCH_UNIT[format];
      const cuts = [0, unit, 5 * unit, 5 * unit, 8 * unit, totalSamples];
      const pieces: Uint8Array[] = [];
      let state: Uint8Array | undefined;
      for (let i = 0; i + 1 < cuts.length; i++) {
        const stretch = await openStretch(format, { totalSamples, tags }, cuts[i], state);
        // Another encoder runs in between, to show that they share no state.
        const other = await openStretch(format, { totalSamples: unit }, 0);
        const middle = Math.floor((cuts[i] + cuts[i + 1]) / 2) | 1;
        pieces.push(stretch.encode(samples.subarray(cuts[i], Math.min(middle, cuts[i + 1]))));
        other.encode(signal(unit));
        pieces.push(stretch.encode(samples.subarray(Math.min(middle, cuts[i + 1]), cuts[i + 1])));
        other.finish();
        other.close();
        if (i + 2 === cuts.length) pieces.push(stretch.finish());
        else state = stretch.state().slice();
        stretch.close();
      }
      const joined = concatBytes(pieces);
      expect(joined.length).toBe(whole.length);
      expect(joined).toEqual(whole);
    },
  );

  it('begin at a frame boundary, with the samples before it', async () => {
    await expect(openStretch(format, { totalSamples: 10_000 }, 100)).rejects.toThrow(RangeError);
    await expect(openStretch(format, { totalSamples: 10_000 }, STRETCH_UNIT[format])).rejects.toThrow(
      RangeError,
    );
  });
});

it('only formats whose encoder has state are encoded in stretches', () => {
  expect(isStretchFormat('opus')).toBe(true);
  expect(isStretchFormat('wav')).toBe(false);
  expect(isStretchFormat('mulaw')).toBe(false);
});

it('every codec with state is covered', async () => {
  const { dependencies, devDependencies } = JSON.parse(await readFile('package.json', 'utf8'));
  const versions = { ...devDependencies, ...dependencies };
  const lame = createHash('sha256').update(await readFile('src/audio/codecs/mp3.wasm'));
  const now = [`@evan/opus ${versions['@evan/opus']}`, `LAME ${lame.digest('hex').slice(0, 8)}`];
  const crate = await readFile('src/audio/codecs/aac/Cargo.toml', 'utf8');
  now.push(`rusty_aac ${/rusty_aac = \{ version = "=([\d.]+)"/.exec(crate)?.[1]}`);
  expect(STRETCH_CODECS).toBe(now.join(', '));
});

it.each([0, 1000, 2400, 9599, 9600, 9601, 50_001])(
  'loudness of %d samples in pieces is that of the whole',
  (length) => {
    const samples = signal(length);
    const meter = new LoudnessMeter(24_000);
    for (let at = 0; at < length; at += 777) meter.push(samples.subarray(at, at + 777));
    expect(meter.loudness()).toBe(integratedLoudness(samples, 24_000));
  },
);
