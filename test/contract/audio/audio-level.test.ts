import { describe, expect, it } from 'vitest';
import { createEncoder } from '../../../src/audio/encoders/encoder.ts';
import { level } from '../../../src/audio/level.ts';
import { integratedLoudness } from '../../../src/audio/loudness.ts';
import { toInt16Array } from '../../../src/audio/samples.ts';
import { masterWav, transcode } from '../../../src/audio/transcode.ts';
import { truePeak } from '../../../src/audio/true-peak.ts';
import { ffmpegLoudness } from './audio-ffmpeg.ts';
import finished from './audio-finished-hashes.json' with { type: 'json' };
import { finishedFingerprints, speechLike } from './audio-signal.ts';

/** A voice that calls out once: louder than -19 LUFS, the limiter is at work there. */
const samples = toInt16Array(
  speechLike(6 * 24_000).map((sample, i) => sample * (i > 48_000 && i < 57_600 ? 3 : 1)),
);

it('measures loudness and true peak as ffmpeg does', () => {
  const theirs = ffmpegLoudness(masterWav(samples));
  expect(Math.abs(integratedLoudness(samples, 24_000) - theirs.loudness)).toBeLessThan(0.1);
  expect(Math.abs(20 * Math.log10(truePeak(samples)) - theirs.truePeak)).toBeLessThan(0.1);
});

describe.each([-30, -23, -18, -17])('at %d LUFS', (target) => {
  it('the master has the requested loudness, and true peaks below -1 dBTP', async () => {
    const found = ffmpegLoudness(masterWav(await level(samples, 24_000, target)));
    expect(Math.abs(found.loudness - target)).toBeLessThan(0.3);
    expect(found.truePeak).toBeLessThanOrEqual(-1);
  });

  it.each(['wav-8k', 'mulaw-wav', 'alaw-wav', 'mulaw', 'alaw'] as const)('%s too', async (format) => {
    const master = { samples, long: false, telephonyLoudness: target };
    const raw = format === 'mulaw' || format === 'alaw' ? ['-f', format, '-ar', '8000', '-ac', '1'] : [];
    const found = ffmpegLoudness(await transcode(createEncoder, master, format), raw);
    expect(Math.abs(found.loudness - target)).toBeLessThan(0.3);
    // The coarse steps of G.711 at full scale come after the limiter.
    expect(found.truePeak).toBeLessThanOrEqual(format === 'wav-8k' ? -1 : -0.8);
  });
});

it('gives the recorded bytes, as on every platform', async () => {
  expect(await finishedFingerprints()).toEqual(finished);
});
