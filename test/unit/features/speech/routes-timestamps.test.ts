import { describe, expect, it, vi } from 'vitest';
import { createApp } from '../../../../src/app.ts';
import { createEncoder } from '../../../../src/audio/encoders/encoder.ts';
import { AUDIO_FORMATS, FORMAT_INFO } from '../../../../src/audio/format.ts';
import { type Cue, type CueUnit, cuesOf } from '../../../../src/synthesis/alignment.ts';
import { toneAlignment } from '../../../fixtures/tone-alignment.ts';
import { CHUNK, type ToneOptions, toneEngine } from '../../../fixtures/tone-engine.ts';
import { parseSrt, parseVtt } from '../../../support/captions.ts';

const BASE = { model: 'tone-1', voice: 'clara', input: 'Ab cd. Ef, gh!' };

function setUp(options: ToneOptions = {}) {
  const tone = toneEngine(options);
  const app = createApp({ access: 'off', engine: tone.engine, createEncoder });
  const post = (body: object, path = '') =>
    app.request(`/v1/audio/speech${path}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ ...BASE, ...body }),
    });
  return { ...tone, post };
}

interface SpeechJson {
  audio: string;
  duration_ms: number;
  timestamps?: Partial<Record<CueUnit, Cue[]>>;
}

const expected = (unit: CueUnit, input = BASE.input, chunks = 3) =>
  cuesOf(toneAlignment(input, chunks * CHUNK), input, unit);

describe('JSON', () => {
  it.each(AUDIO_FORMATS)('contains the same bytes as %s', async (audio_format) => {
    const { post } = setUp();
    const bare = await (await post({ response_format: audio_format })).bytes();
    const response = await post({ response_format: 'json', audio_format });
    expect(response.headers.get('content-type')).toBe('application/json');
    const { audio, ...rest } = (await response.json()) as SpeechJson;
    expect(Buffer.compare(Buffer.from(audio, 'base64'), bare)).toBe(0);
    expect(rest).toEqual({
      object: 'speech',
      model: 'tone-1@1.2.3',
      audio_format,
      content_type: FORMAT_INFO[audio_format].contentType,
      sample_rate: FORMAT_INFO[audio_format].sampleRate,
      duration_ms: 300,
      usage: { input_tokens: 14, output_tokens: 24, total_tokens: 38 },
    });
  });

  it('is streamed, as mp3 by default', async () => {
    const { post, count } = setUp({ chunks: 50 });
    const response = await post({ response_format: 'json' });
    const reader = response.body!.getReader();
    const { value } = await reader.read();
    expect(Buffer.from(value!).toString()).toMatch(
      /^\{"object":"speech",.*"audio_format":"mp3",.*"audio":"\S+$/,
    );
    expect(count.made).toBeLessThan(5);
    await reader.cancel();
  });

  it.each<[CueUnit[] | CueUnit]>([['word'], ['phoneme'], ['sentence'], [['word', 'sentence', 'word']]])(
    'tells the times of %j',
    async (timestamps) => {
      for (const lazy of [false, true]) {
        const { post } = setUp({ lazy });
        const answer = (await (await post({ response_format: 'json', timestamps })).json()) as SpeechJson;
        const units = [...new Set([timestamps].flat())];
        expect(answer.timestamps).toEqual(Object.fromEntries(units.map((unit) => [unit, expected(unit)])));
      }
    },
  );

  it('gives the times of SSML marks', async () => {
    const input = '<speak>ab <mark name="here"/>cd <mark name="end"/></speak>';
    const { post } = setUp();
    const answer = (await (
      await post({ input, response_format: 'json', timestamps: ['mark', 'word'] })
    ).json()) as SpeechJson;
    expect(answer.timestamps).toEqual({
      mark: [
        { start_ms: 150, end_ms: 150, text: 'here', span: { start: 10, end: 29 } },
        { start_ms: 300, end_ms: 300, text: 'end', span: { start: 32, end: 50 } },
      ],
      word: [
        { start_ms: 0, end_ms: 150, text: 'ab', span: { start: 7, end: 9 } },
        { start_ms: 150, end_ms: 300, text: 'cd', span: { start: 29, end: 31 } },
      ],
    });
  });

  it('fails with a status before the first audio, and breaks off afterwards', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {});
    const failing = (at: number) =>
      setUp({
        before: (index) => {
          if (index === at) throw new Error('broken');
        },
      });
    expect((await failing(0).post({ response_format: 'json', audio_format: 'pcm' })).status).toBe(500);
    const late = await failing(2).post({ response_format: 'json', audio_format: 'pcm' });
    expect(late.status).toBe(200);
    await expect(late.text()).rejects.toThrow('broken');
    log.mockRestore();
  });
});

describe('events', () => {
  const eventsOf = (text: string) =>
    text
      .trim()
      .split('\n\n')
      .map((block) => JSON.parse(block.replace(/^data: /, '')) as Record<string, never>);

  it.each([true, false])(
    'give each cue once, after its audio (planned during the stream: %s)',
    async (lazy) => {
      const { post } = setUp({ lazy, chunks: 10 });
      const input = 'One two three. Four five. Six.';
      const body = { input, stream_format: 'sse', response_format: 'pcm', timestamps: ['word', 'sentence'] };
      const events = eventsOf(await (await post(body)).text());
      expect(events.at(-1)!.type).toBe('speech.audio.done');
      const given = { word: [] as Cue[], sentence: [] as Cue[] };
      let sentMs = 0;
      let timings = 0;
      for (const { type, audio, timestamps } of events as unknown as {
        type: string;
        audio: string;
        timestamps: Partial<typeof given>;
      }[]) {
        if (type === 'speech.audio.delta') sentMs += Buffer.from(audio, 'base64').length / 48;
        if (type !== 'speech.audio.timing') continue;
        timings++;
        for (const unit of ['word', 'sentence'] as const) {
          for (const cue of timestamps[unit] ?? []) {
            expect(cue.end_ms).toBeLessThanOrEqual(sentMs);
            given[unit].push(cue);
          }
        }
      }
      expect(given).toEqual({ word: expected('word', input, 10), sentence: expected('sentence', input, 10) });
      expect(timings).toBeGreaterThan(2);
    },
  );

  it('contain no cues unless they are requested', async () => {
    const { post } = setUp();
    const text = await (await post({ stream_format: 'sse' })).text();
    expect(text).not.toContain('speech.audio.timing');
  });

  it('report the usage when the length was not known beforehand', async () => {
    const { post } = setUp({ lazy: true });
    const events = eventsOf(await (await post({ stream_format: 'sse', response_format: 'pcm' })).text());
    expect(events.at(-1)).toMatchObject({ usage: { output_tokens: 24 } });
  });
});

describe('captions', () => {
  it('are WebVTT of the sentences by default', async () => {
    const { post, count, requests } = setUp();
    const response = await post({ response_format: 'opus' }, '.vtt');
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/vtt; charset=utf-8',
      'content-disposition': 'inline; filename="speech.vtt"',
      'x-sori-model': 'tone-1@1.2.3',
      'access-control-allow-origin': '*',
    });
    const text = await response.text();
    expect(text).toBe(
      'WEBVTT\n\n1\n00:00:00.000 --> 00:00:00.150\nAb cd\n\n2\n00:00:00.150 --> 00:00:00.300\nEf, gh\n',
    );
    expect(parseVtt(text)).toHaveLength(2);
    expect(requests).toHaveLength(1);
    expect(count.made).toBe(0);
  });

  it('are SubRip', async () => {
    const { post } = setUp();
    const response = await post({ timestamps: ['word'] }, '.srt');
    expect(response.headers.get('content-type')).toBe('application/x-subrip; charset=utf-8');
    const cues = parseSrt(await response.text());
    expect(cues.map(({ text }) => text)).toEqual(expected('word').map(({ text }) => text));
    expect(cues.map(({ start, end }) => [start, end])).toEqual(
      expected('word').map(({ start_ms, end_ms }) => [Math.round(start_ms), Math.round(end_ms)]),
    );
  });

  it('show a mark until the next one', async () => {
    const input = '<speak><mark name="a"/>one <mark name="b"/>two</speak>';
    const { post } = setUp();
    const cues = parseVtt(await (await post({ input, timestamps: 'mark' }, '.vtt')).text());
    expect(cues).toEqual([
      { start: 0, end: 150, text: 'a' },
      { start: 150, end: 300, text: 'b' },
    ]);
  });

  it('free their slot, whether they succeed or fail', async () => {
    const tone = toneEngine();
    const app = createApp({ access: 'off', engine: tone.engine, createEncoder, maxSpeechRequests: 1 });
    for (const input of ['Hello.', '…', 'Hello.']) {
      const response = await app.request('/v1/audio/speech.srt', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ ...BASE, input }),
      });
      expect(response.status).toBe(input === '…' ? 400 : 200);
    }
  });
});
