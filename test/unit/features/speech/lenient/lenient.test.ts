import { describe, expect, it } from 'vitest';
import { createApp } from '../../../../../src/app.ts';
import { createEncoder } from '../../../../../src/audio/encoders/encoder.ts';
import { formatByName, formatNamed } from '../../../../../src/audio/format-names.ts';
import { directionsIn } from '../../../../../src/features/speech/lenient/instructions.ts';
import { parseSpeech } from '../../../../../src/features/speech/parse.ts';
import { speechRequest } from '../../../../../src/features/speech/request.ts';
import { createAudioLibrary } from '../../../../../src/library/stored-library.ts';
import { memoryStore } from '../../../../../src/library/stores/memory.ts';
import { TONE_MODEL, toneEngine } from '../../../../fixtures/tone-engine.ts';

const tone = toneEngine();
const library = createAudioLibrary({ store: memoryStore(), createEncoder });
const app = createApp({ access: 'off', engine: tone.engine, createEncoder, library });
const post = (body: object) =>
  app.request('/v1/audio/speech', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ input: 'Hello.', ...body }),
  });
const asked = async (body: object) => {
  const response = await post({ input: `Hello ${tone.requests.length}.`, ...body });
  expect(response.status, await response.clone().text()).toBe(200);
  await response.arrayBuffer();
  return tone.requests[tone.requests.length - 1];
};

describe('names of formats', () => {
  it.each([
    ['MP3', { format: 'mp3' }],
    ['mulaw-wav', { format: 'mulaw-wav' }],
    ['ulaw', { format: 'mulaw' }],
    ['g711_ulaw', { format: 'mulaw' }],
    ['ulaw_8000', { format: 'mulaw', sampleRate: 8000 }],
    ['PCMA', { format: 'alaw' }],
    ['pcm_16000', { format: 'pcm', sampleRate: 16_000 }],
    ['mp3_44100_128', { format: 'mp3', sampleRate: 44_100 }],
    ['opus_48000_32', { format: 'opus', sampleRate: 48_000 }],
    ['LINEAR16', { format: 'pcm' }],
    ['OGG_OPUS', { format: 'opus' }],
    ['audio/wav', { format: 'wav' }],
    ['audio/pcm;rate=16000', { format: 'pcm' }],
    ['pcm_s16le', { format: 'pcm' }],
    ['riff-16khz-16bit-mono-pcm', { format: 'wav', sampleRate: 16_000 }],
    ['raw-8khz-8bit-mono-mulaw', { format: 'mulaw', sampleRate: 8000 }],
    ['riff-8khz-8bit-mono-alaw', { format: 'alaw-wav', sampleRate: 8000 }],
    ['audio-24khz-48kbitrate-mono-mp3', { format: 'mp3', sampleRate: 24_000 }],
    ['ogg-24khz-16bit-mono-opus', { format: 'opus', sampleRate: 24_000 }],
    ['M4A', { format: 'm4a' }],
    ['mp4', { format: 'm4a' }],
    ['audio/mp4; codecs="mp4a.40.2"', { format: 'm4a' }],
    ['audio/x-m4a', { format: 'm4a' }],
    ['m4a_44100_128', { format: 'm4a', sampleRate: 44_100 }],
    ['video/mp4', undefined],
    ['AAC', { format: 'aac' }],
    ['aac_44100_192', { format: 'aac', sampleRate: 44_100 }],
    ['constructor', undefined],
    ['', undefined],
  ])('%s', (name, meant) => expect(formatNamed(name)).toEqual(meant));
});

describe('names of formats where no rate is taken', () => {
  it.each([
    ['audio/mp4', 'm4a'],
    ['mp3_44100_128', 'mp3'],
    ['pcm_24000', 'pcm'],
    ['ulaw_8000', 'mulaw'],
    ['pcm_16000', undefined],
    ['ulaw_16000', undefined],
    ['json', undefined],
  ])('%s', (name, format) => expect(formatByName(name)).toBe(format));
});

describe('instructions', () => {
  it.each([
    ['Cheerful and slightly slow.', { emotion: { happy: 0.7 }, speed: 0.894 }],
    ['Speak VERY quickly, with a deep voice', { speed: 1.398, pitch: -2 }],
    ['Don’t sound sad. Be calm.', { emotion: { calm: 0.7 } }],
    ['happy but nervous', { emotion: { happy: 0.5, fearful: 0.5 } }],
    ['Whisper', { energy: -6 }],
    ['a lively, monotone', { pitch_range: 0.7 }],
    ['밝게, 조금 천천히 말해 주세요', { emotion: { happy: 0.7 }, speed: 0.894 }],
    ['slowness, unhappy, saddle', undefined],
    ['Speak like a pirate.', undefined],
  ])('%s', (text, meant) => expect(directionsIn(text)).toEqual(meant));

  it('emotion weights sum to 1 at most', () => {
    const { emotion } = directionsIn('very happy, sad, angry, scared, surprised and calm')!;
    expect(Object.keys(emotion!)).toHaveLength(6);
    expect(Object.values(emotion!).reduce((a, b) => a + b)).toBeLessThanOrEqual(1);
  });

  it('give way to explicit fields, and to what the model supports', async () => {
    expect(await asked({ instructions: 'slow, happy and loud', speed: 1.5 })).toMatchObject({
      speed: 1.5,
      energy: 4,
      emotion: { happy: 0.7 },
    });
    expect((await asked({ instructions: 'happy', emotion: 'sad' })).emotion).toEqual({ sad: 1 });
    expect((await asked({ instructions: 'angry' })).emotion).toBeUndefined();
  });

  it('set no emotion without steps where the sampler speaks the emotions', async () => {
    const body = { instructions: 'happy', diffusion_steps: 0 };
    expect((await asked(body)).emotion).toEqual({ happy: 0.7 });
    const parsed = parseSpeech({ input: 'Hello.', voice: 'hazel', ...body });
    const options = { exactLength: false, encodeReference: async () => new Float32Array() };
    const bySampler = { ...TONE_MODEL, samplesStyles: true, samplesEmotions: true };
    expect((await speechRequest(bySampler, parsed, options)).emotion).toBeUndefined();
  });
});

describe('bodies of other clients', () => {
  it('may leave out model and voice', async () => {
    expect(await asked({})).toMatchObject({ model: 'tone-1', voice: { hazel: 1 } });
    expect(await asked({ model: null, voice: null })).toMatchObject({ model: 'tone-1' });
  });

  it.each(['tts-1-1106', 'gpt-4o-mini-tts', 'GPT-4o-mini-TTS', 'TONE-1'])('model %s', async (model) => {
    expect((await asked({ model })).model).toBe('tone-1');
  });

  it('accept any case, null, and numbers for texts', async () => {
    const body = {
      voice: 'Hazel(2)+CLARA(1)',
      emotion: { Happy: 0.5 },
      speed: '1.5',
      seed: '7',
      pitch: '-2',
      language: null,
      strict: 'false',
      stream_format: 'Audio',
      loudness: 'OFF',
    };
    expect(await asked(body)).toMatchObject({
      voice: { hazel: 2 / 3, clara: 1 / 3 },
      emotion: { happy: 0.5 },
      speed: 1.5,
      seed: 7,
      pitch: -2,
    });
  });
});

describe('sample_rate', () => {
  const samples = 3 * 2400;
  it.each([
    ['pcm_16000', undefined, 16_000],
    ['pcm', 44_100, 44_100],
    ['PCM', '8000', 8000],
    ['raw-22khz-16bit-mono-pcm', undefined, 22_050],
  ])('%s %s', async (response_format, sample_rate, rate) => {
    const response = await post({ response_format, sample_rate });
    const bytes = Buffer.from(await response.arrayBuffer());
    expect(response.headers.get('content-type')).toBe(`audio/pcm;rate=${rate}`);
    expect(response.headers.get('content-length')).toBe(String(bytes.length));
    expect(bytes.length).toBe(Math.ceil((samples * rate) / 24_000) * 2);
    expect(response.headers.has('content-location')).toBe(false);
    // The tone keeps its pitch of 220 Hz.
    let crossings = 0;
    for (let at = 2; at < bytes.length; at += 2)
      if (bytes.readInt16LE(at - 2) < 0 && bytes.readInt16LE(at) >= 0) crossings++;
    expect(crossings).toBeGreaterThanOrEqual(65);
    expect(crossings).toBeLessThanOrEqual(67);
  });

  it('wav states it in its header', async () => {
    const bytes = Buffer.from(
      await (await post({ response_format: 'wav', sample_rate: 16_000 })).arrayBuffer(),
    );
    expect(bytes.readUInt32LE(24)).toBe(16_000);
    expect(bytes.readUInt32LE(4) + 8).toBe(bytes.length);
    expect(bytes.length).toBe(44 + (samples * 2 * 16) / 24);
  });

  it('is applied in JSON and events', async () => {
    const json = (await (
      await post({ response_format: 'json', audio_format: 'pcm_8000', timestamps: 'word' })
    ).json()) as Record<string, unknown>;
    expect(json).toMatchObject({ sample_rate: 8000, audio_format: 'pcm', duration_ms: 300 });
    expect(Buffer.from(json.audio as string, 'base64').length).toBe(4800);
    const events = await (
      await post({ response_format: 'pcm', sample_rate: 8000, stream_format: 'sse' })
    ).text();
    const deltas = [...events.matchAll(/"speech.audio.delta","audio":"([^"]+)"/g)];
    expect(Buffer.concat(deltas.map(([, audio]) => Buffer.from(audio, 'base64'))).length).toBe(4800);
  });

  it('equal to that of the format returns the stored audio', async () => {
    const response = await post({ response_format: 'pcm', sample_rate: 24_000 });
    expect(response.headers.get('content-location')).toMatch(/\.pcm$/);
    expect((await post({ response_format: 'ulaw', sample_rate: 8000 })).headers.get('content-type')).toBe(
      'audio/basic',
    );
  });
});
