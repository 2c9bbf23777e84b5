import { describe, expect, it } from 'vitest';
import { createEncoder } from '../../src/audio/encoders/encoder.ts';
import { AUDIO_FORMATS } from '../../src/audio/format.ts';
import finished from '../contract/audio/audio-finished-hashes.json' with { type: 'json' };
import hashes from '../contract/audio/audio-hashes.json' with { type: 'json' };
import { encodeAll, finishedFingerprints, sha256, speechLike } from '../contract/audio/audio-signal.ts';

describe.each(AUDIO_FORMATS)('%s in workerd', (format) => {
  it('gives the same bytes as in Node', async () => {
    const bytes = await encodeAll(speechLike(24_001), format);
    expect({ length: bytes.length, sha256: await sha256(bytes) }).toEqual(hashes[format]);
  });

  it('runs many encoders at once, also when some are closed early', async () => {
    const samples = speechLike(4_800);
    const alone = await encodeAll(samples, format);
    const given = async () => {
      const encoder = await createEncoder(format, { totalSamples: samples.length });
      encoder.encode(samples.subarray(0, 2_000));
      encoder.close();
    };
    const all = await Promise.all(
      Array.from({ length: 16 }, async () => {
        await given();
        return encodeAll(samples, format);
      }),
    );
    for (const bytes of all) expect(bytes).toEqual(alone);
  });
});

it('levels and transcodes to the same bytes as in Node', async () => {
  expect(await finishedFingerprints()).toEqual(finished);
});
