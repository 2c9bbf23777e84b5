import { describe, expect, it } from 'vitest';
import { compand, toAlaw, toMulaw } from '../../../src/audio/encoders/g711.ts';
import { ffmpegDecode } from '../../contract/audio/audio-ffmpeg.ts';

/** Every 16-bit sample. */
const all = Int16Array.from({ length: 65_536 }, (_, i) => i - 32_768);
const allCodes = Uint8Array.from({ length: 256 }, (_, i) => i);

/** `ulaw_compress` of ITU-T G.191, step by step. */
function referenceMulaw(sample: number): number {
  let absolute = sample < 0 ? (~sample >> 2) + 33 : (sample >> 2) + 33;
  if (absolute > 0x1fff) absolute = 0x1fff;
  let segment = 1;
  for (let i = absolute >> 6; i !== 0; i >>= 1) segment++;
  const high = 8 - segment;
  const low = 15 - ((absolute >> segment) & 15);
  const code = (high << 4) | low;
  return sample >= 0 ? code | 0x80 : code;
}

/** `alaw_compress` of ITU-T G.191, step by step. */
function referenceAlaw(sample: number): number {
  let value = sample < 0 ? ~sample >> 4 : sample >> 4;
  if (value > 15) {
    let exponent = 1;
    while (value > 31) {
      value >>= 1;
      exponent++;
    }
    value = value - 16 + (exponent << 4);
  }
  return (sample >= 0 ? value | 0x80 : value) ^ 0x55;
}

describe.each([
  { law: 'mulaw', encode: toMulaw, reference: referenceMulaw, zero: 0xff },
  { law: 'alaw', encode: toAlaw, reference: referenceAlaw, zero: 0xd5 },
] as const)('$law', ({ law, encode, reference, zero }) => {
  const expanded = ffmpegDecode(allCodes, ['-f', law, '-ar', '8000', '-ac', '1']);

  it('codes each of the 65536 samples as ITU-T’s reference does', () => {
    const expected = Uint8Array.from(all, reference);
    expect(Uint8Array.from(all, encode)).toEqual(expected);
    expect(compand(all, law)).toEqual(expected);
  });

  it('codes silence as telephone networks do', () => {
    expect(encode(0)).toBe(zero);
  });

  it('expands every code as ffmpeg does', () => {
    const codes = compand(expanded, law);
    // Mu-law has two zeros; the negative one is never sent.
    const expected = allCodes.map((code) => (law === 'mulaw' && code === 0x7f ? 0xff : code));
    expect(codes).toEqual(expected);
  });

  it('has an error of at most half a step of the segment, up to the overload point', () => {
    const codes = compand(all, law);
    const overload = law === 'mulaw' ? 32_636 : 32_768;
    const wrong = [...all].filter((sample, i) => {
      const error = Math.abs(expanded[codes[i]] - sample);
      return Math.abs(sample) < overload && error > Math.max(8, (Math.abs(sample) + 132) / 32);
    });
    expect(wrong).toEqual([]);
  });
});
