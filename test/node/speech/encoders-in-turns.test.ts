import { afterEach, describe, expect, it, vi } from 'vitest';
import { createEncoder } from '../../../src/audio/encoders/encoder.ts';
import { ENCODED_AT_ONCE, encodeInTurns, finishInTurns } from '../../../src/audio/encoders/in-turns.ts';
import { AUDIO_FORMATS, type AudioEncoder, type AudioFormatId } from '../../../src/audio/format.ts';
import { transcode } from '../../../src/audio/transcode.ts';
import { encodeSpeech } from '../../../src/features/speech/answer/bodies.ts';
import { encodeAll, speechLike } from '../../contract/audio/audio-signal.ts';

// In the node project each test file has its own modules, so no encoder of another file uses LAME.

/** Bytes of a frame of MP3, which holds 576 samples. */
const MP3_FRAME_BYTES = 240;
/** Most bytes of MP3 that one turn may make: its own second, and half a second of samples that waited. */
const MP3_BYTES_IN_A_TURN = MP3_FRAME_BYTES * (2 * Math.ceil(ENCODED_AT_ONCE / 576) + 3);

const speech = speechLike(5 * ENCODED_AT_ONCE + 100);
const open: AudioEncoder[] = [];
afterEach(() => {
  for (const encoder of open.splice(0)) encoder.close();
});

async function opened(format: AudioFormatId, totalSamples?: number): Promise<AudioEncoder> {
  const encoder = await createEncoder(format, { totalSamples });
  open.push(encoder);
  return encoder;
}

/** Takes all places in which LAME works, so that the next encoders only collect samples. */
async function busyLame(): Promise<void> {
  for (let i = 0; i < 16; i++) (await opened('mp3')).encode(speechLike(576));
}

async function* chunks(...given: Float32Array[]) {
  yield* given;
}

/** The number of turns of the event loop that pass while something is done. */
async function turnsDuring(run: () => Promise<void>): Promise<number> {
  const immediate = vi.spyOn(globalThis, 'setImmediate');
  await run();
  const { length } = immediate.mock.calls;
  immediate.mockRestore();
  return length;
}

describe.each(AUDIO_FORMATS)('%s', (format) => {
  it('is encoded a second in a turn of the event loop, to the same bytes', async () => {
    const encoder = await opened(format, speech.length);
    const bytes: Uint8Array[] = [];
    const turns = await turnsDuring(async () => {
      for await (const part of encodeInTurns(encoder, speech)) {
        expect(part.samples).toBeLessThanOrEqual(ENCODED_AT_ONCE);
        bytes.push(part.bytes);
      }
    });
    for await (const rest of finishInTurns(encoder)) bytes.push(rest);
    expect(turns).toBe(5);
    expect(Buffer.concat(bytes)).toEqual(Buffer.from(await encodeAll(speech, format)));
  });
});

describe('MP3 that waited for a place in LAME', () => {
  it('is encoded half a second in a turn when the speech ends', async () => {
    const expected = await encodeAll(speech, 'mp3');
    await busyLame();
    const encoder = await opened('mp3', speech.length);
    const progress = { samples: 0 };
    const pieces: Uint8Array[] = [];
    const turns = await turnsDuring(async () => {
      for await (const piece of encodeSpeech({ chunks: chunks(speech) }, encoder, progress))
        pieces.push(piece);
    });
    expect(Buffer.concat(pieces)).toEqual(Buffer.from(expected));
    expect(progress.samples).toBe(speech.length);
    // Five for the chunk, and five for what LAME then encodes.
    expect(turns).toBeGreaterThanOrEqual(10);
    for (const { length } of pieces) expect(length).toBeLessThanOrEqual(MP3_BYTES_IN_A_TURN);
  });

  it('catches up by half a second with each further piece of speech', async () => {
    await busyLame();
    const encoder = await opened('mp3', 2 * speech.length);
    expect(encoder.encode(speech)).toHaveLength(MP3_FRAME_BYTES);
    for (const other of open.splice(0, 16)) other.close();
    const piece = encoder.encode(speech.subarray(0, 1152));
    expect(piece.length).toBeGreaterThan(0);
    expect(piece.length).toBeLessThanOrEqual(MP3_BYTES_IN_A_TURN);
  });

  it('is encoded half a second in a turn when a recording is transcoded', async () => {
    await busyLame();
    const samples = Int16Array.from(speech, (sample) => sample * 32_767);
    const master = { samples, long: false, telephonyLoudness: null };
    const turns = await turnsDuring(async () => {
      await transcode(createEncoder, master, 'mp3');
    });
    expect(turns).toBeGreaterThanOrEqual(10);
  });
});
