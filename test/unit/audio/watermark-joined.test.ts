import { expect, it } from 'vitest';
import type { AppDependencies } from '../../../src/app.ts';
import { createEncoder } from '../../../src/audio/encoders/encoder.ts';
import { resample } from '../../../src/audio/resample.ts';
import { toFloat32Array, toInt16Array } from '../../../src/audio/samples.ts';
import { readMasterWav } from '../../../src/audio/transcode.ts';
import { detectWatermark } from '../../../src/audio/watermark/detect.ts';
import { embedWatermark } from '../../../src/audio/watermark/embed.ts';
import { marked, watermarkPayload } from '../../../src/features/delivery/private-audio.ts';
import { memoryOutputs } from '../../../src/features/jobs/outputs/memory.ts';
import {
  type JoinPlan,
  joinLong,
  joinStep,
  joinStored,
  type MeasuredPieces,
} from '../../../src/features/jobs/speech/join.ts';
import type { SpeechBody } from '../../../src/features/speech/schema.ts';
import type { Voices } from '../../../src/features/voices/voice-store.ts';
import type { AudioMeta } from '../../../src/library/store.ts';
import { createAudioLibrary } from '../../../src/library/stored-library.ts';
import { memoryStore } from '../../../src/library/stores/memory.ts';
import { speechLike } from '../../contract/audio/audio-signal.ts';

const RATE = 24_000;
const CLONE = 'vce_00000000000000000000000000';
const TURNS = 8;
const SIGNAL = new AbortController().signal;
const payload = await watermarkPayload([CLONE]);
const speech = toInt16Array(speechLike(TURNS * RATE));
/** Turns of about a second, in different places of the pattern. Those of the clone are marked, those of the other speaker are not. */
const turns = Array.from({ length: TURNS }, (_, i) => speech.subarray(i * RATE, (i + 1) * RATE - 1337 * i));

/** Resamples to the rate of telephony. */
const onThePhone = (samples: Int16Array) => resample(toFloat32Array(samples), RATE, 8000);

/** A library with the turns in it, and the dependencies of joining. */
async function setUp() {
  const library = createAudioLibrary({ store: memoryStore(), createEncoder });
  const voices = { track: async () => {}, isTracked: async () => true } as unknown as Voices;
  const deps = { library, voices } as unknown as AppDependencies;
  const spoken: { key: string; meta: AudioMeta }[] = [];
  for (const [i, turn] of turns.entries()) {
    const own = i % 2 === 0;
    const samples = own ? await marked(turn, { owner: 'key_1', clones: [CLONE] }) : turn;
    const meta: AudioMeta = {
      model: 'sori-2@2.0.0',
      voice: own ? CLONE : 'clara',
      samples: samples.length,
      long: false,
      characters: 20,
      telephonyLoudness: null,
      loudness: -20,
      ...(own && { owner: 'key_1' }),
    };
    const key = String(i).repeat(64);
    await library.admit(key, { samples, meta }, []);
    spoken.push({ key, meta });
  }
  return { deps, library, spoken };
}

it('parts marked with their later positions join to one continuously marked recording', () => {
  const whole = new Int16Array(turns.reduce((sum, turn) => sum + turn.length, 0));
  let at = 0;
  for (const turn of turns) {
    whole.set(embedWatermark(turn, payload, { at }), at);
    at += turn.length;
  }
  expect(detectWatermark(onThePhone(whole), 8000)).toMatchObject({ found: true, payload });
});

it('a mark that begins elsewhere in the pattern is found as the same mark', () => {
  for (const at of [1, 513, 100_003]) {
    expect(detectWatermark(toFloat32Array(embedWatermark(speech, payload, { at })), RATE)).toMatchObject({
      payload,
    });
  }
  expect(embedWatermark(speech, payload, { at: 48 * 512 })).toEqual(embedWatermark(speech, payload));
});

it('detects the mark of a dialogue of short turns over the telephone', async () => {
  const { deps, library, spoken } = await setUp();
  const parts = spoken.map(({ key }) => ({ key, pauseMs: 300 }));
  const { key } = await joinStored(deps, parts, 'off', 'wav', SIGNAL);
  const { samples } = (await library.master(key))!;
  expect(detectWatermark(onThePhone(samples), 8000)).toMatchObject({ found: true, payload });
});

it('also in a long dialogue, which is joined part by part', async () => {
  const { deps, library, spoken } = await setUp();
  // Its number of characters makes it a long recording.
  const body = { input: 'a'.repeat(800), speed: 1 } as SpeechBody;
  const pieces = spoken.map(() => ({ body, pauseMs: 300 }));
  const plan: JoinPlan = { pieces, format: 'wav', spoken };
  const context = { outputs: memoryOutputs(), job: 'job_1', signal: SIGNAL };
  const measured = (await joinStep(deps, plan, undefined, 0, context)) as unknown as MeasuredPieces;
  const { key, meta } = await joinLong(deps, plan, measured, context);
  expect(meta).toMatchObject({ owner: 'key_1', voice: `clara,${CLONE}` });
  const wav = await new Response((await library.open(key, 'wav'))!.body).bytes();
  expect(detectWatermark(onThePhone(readMasterWav(wav)), 8000)).toMatchObject({ found: true, payload });
});
