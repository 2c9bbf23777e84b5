import { expect, it } from 'vitest';
import { infoFrame } from '../../../src/audio/encoders/mp3.ts';
import { lsbFirstCrc16 } from '../../../src/base/crc.ts';
import { encodeAll, speechLike } from '../../contract/audio/audio-signal.ts';

it('states frame and byte counts in the Info frame that match the file', async () => {
  for (const length of [0, 1, 575, 576, 577, 1_152, 12_345, 24_000]) {
    const file = await encodeAll(speechLike(length), 'mp3');
    const view = new DataView(file.buffer);
    const frames = file.length / 240;
    expect(Number.isInteger(frames)).toBe(true);
    for (let i = 0; i < frames; i++) expect(view.getUint32(240 * i)).toBe(0xfff3_94c4);
    expect(String.fromCharCode(...file.subarray(13, 17))).toBe('Info');
    expect(view.getUint32(13 + 8)).toBe(frames - 1);
    expect(view.getUint32(13 + 12)).toBe(file.length);
    const delays = view.getUint32(13 + 120 + 20) & 0xff_ffff;
    expect((frames - 1) * 576 - (delays >> 12) - (delays & 0xfff)).toBe(length);
  }
});

it('protects the Info frame with the CRC that LAME computes', () => {
  // The check value of CRC-16/ARC.
  expect(lsbFirstCrc16(new TextEncoder().encode('123456789'))).toBe(0xbb3d);
  const frame = infoFrame(24_000);
  expect(new DataView(frame.buffer).getUint16(13 + 154)).toBe(lsbFirstCrc16(frame.subarray(0, 13 + 154)));
});

it('has a seek table that rises evenly to the end', () => {
  const table = [...infoFrame(24_000).subarray(13 + 16, 13 + 116)];
  expect(table).toHaveLength(100);
  table.forEach((value, percent) => {
    expect(Math.abs(value - percent * 2.56)).toBeLessThan(1);
  });
});
