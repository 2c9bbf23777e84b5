import { beforeAll, describe, expect, it } from 'vitest';
import { createNodeEngine } from '../../../scripts/lib/node-engine.ts';
import { createApp } from '../../../src/app.ts';
import { decodeRecording } from '../../../src/audio/decoders/recording.ts';
import { createEncoder } from '../../../src/audio/encoders/encoder.ts';
import { detectWatermark } from '../../../src/audio/watermark/detect.ts';
import { migrate } from '../../../src/database/migrate.ts';
import { sqliteDatabase } from '../../../src/database/sqlite.ts';
import { watermarkPayload } from '../../../src/features/delivery/private-audio.ts';
import { createAudioLibrary } from '../../../src/library/stored-library.ts';
import { memoryStore } from '../../../src/library/stores/memory.ts';

const TEXTS = [
  'The last train leaves at ten, so we have all the time in the world to walk to the station together.',
  'Nobody told me that the garden would be so quiet in the evening, when the birds have gone to sleep.',
  'My code is four, nine, two, seven, one, zero, and I agree that a computer makes a copy of my voice.',
];

describe('a voice cloned by the model itself', () => {
  let app: ReturnType<typeof createApp>;
  const clips = new Map<string, Blob[]>();

  const post = async (path: string, body: FormData | object) => {
    const form = body instanceof FormData;
    return await app.request(path, {
      method: 'POST',
      ...(!form && { headers: { 'Content-Type': 'application/json' } }),
      body: form ? body : JSON.stringify(body),
    });
  };

  beforeAll(async () => {
    const database = sqliteDatabase(':memory:');
    await migrate(database);
    const library = createAudioLibrary({ store: memoryStore(), createEncoder });
    const engine = createNodeEngine();
    app = createApp({ access: 'off', engine, createEncoder, database, library, referenceStyles: true });
    for (const voice of ['clara', 'cameron']) {
      const spoken: Blob[] = [];
      for (const input of TEXTS) {
        const answer = await post('/v1/audio/speech', {
          model: 'sori-2',
          voice,
          input,
          response_format: 'wav',
          loudness: -20,
        });
        spoken.push(await answer.blob());
      }
      clips.set(voice, spoken);
    }
  });

  const clone = async (speaker: string, reader: string) => {
    const consent = (await (await post('/v1/voices/consent', {})).json()) as { id: string };
    const [first, second] = clips.get(speaker)!;
    const form = new FormData();
    form.set('name', 'Copy');
    form.set('consent', consent.id);
    form.append('files', first, '1.wav');
    form.append('files', second, '2.wav');
    form.append('consent_recording', clips.get(reader)![2], '3.wav');
    return await post('/v1/voices', form);
  };

  const compare = async (a: Blob, b: Blob) => {
    const form = new FormData();
    form.append('files', a, 'a.wav');
    form.append('files', b, 'b.wav');
    return (await (await post('/v1/voices/compare', form)).json()) as {
      score: number;
      same_speaker: boolean;
    };
  };

  it('resembles its speaker, and its speech carries its watermark', async () => {
    const made = await clone('clara', 'clara');
    expect(made.status).toBe(201);
    const { id, provenance } = (await made.json()) as {
      id: string;
      provenance: { consent: { score: number } };
    };
    expect(provenance.consent.score).toBeGreaterThan(0.65);
    const answer = await post('/v1/audio/speech', {
      model: 'sori-2',
      voice: id,
      // More sentences than are planned at once, so that it is streamed before its length is known.
      input: `${TEXTS.join(' ')} That was long. This is the end.`,
      response_format: 'wav',
    });
    expect([answer.status, answer.headers.get('content-length')]).toEqual([200, null]);
    const wav = await answer.blob();
    const own = await compare(wav, clips.get('clara')![0]);
    const others = await compare(wav, clips.get('cameron')![0]);
    expect(own.score).toBeGreaterThan(others.score + 0.3);
    expect([own.same_speaker, others.same_speaker]).toEqual([true, false]);
    const bytes = new Uint8Array(await wav.arrayBuffer());
    const { samples, sampleRate } = await decodeRecording(bytes, 60);
    expect(detectWatermark(samples, sampleRate)).toMatchObject({
      found: true,
      payload: await watermarkPayload([id]),
    });
  });

  it('is refused where another speaker reads the consent sentence', async () => {
    const refused = await clone('clara', 'cameron');
    expect(refused.status).toBe(403);
    expect(await refused.json()).toMatchObject({ error: { code: 'invalid_consent' } });
  });
});
