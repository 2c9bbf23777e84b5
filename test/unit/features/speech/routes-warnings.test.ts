import { describe, expect, it, vi } from 'vitest';
import { type AppDependencies, createApp } from '../../../../src/app.ts';
import { createEncoder } from '../../../../src/audio/encoders/encoder.ts';
import { ignoredHeader } from '../../../../src/features/speech/ignored.ts';
import { createAudioLibrary } from '../../../../src/library/stored-library.ts';
import { memoryStore } from '../../../../src/library/stores/memory.ts';
import type { Warning } from '../../../../src/text/warnings.ts';
import { type ToneOptions, toneEngine } from '../../../fixtures/tone-engine.ts';

vi.spyOn(console, 'error').mockImplementation(() => {});

const WARNING: Warning = {
  code: 'unknown_voice',
  message: "Unknown voice 'Joanna'. The voice of the request speaks.",
  param: 'input',
  position: { offset: 28, line: 2, column: 5 },
};
const BASE = { model: 'tone-1', voice: 'clara', input: 'Hello.' };

function setUp(options: ToneOptions = {}, more: Partial<AppDependencies> = {}) {
  const tone = toneEngine({ warnings: () => [WARNING], ...options });
  const app = createApp({ access: 'off', engine: tone.engine, createEncoder, ...more });
  const post = (body: object = {}, path = '/v1/audio/speech') =>
    app.request(path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ ...BASE, ...body }),
    });
  return { ...tone, app, post };
}

describe('warnings', () => {
  it('are listed in a header of audio, events and captions', async () => {
    const { post } = setUp();
    for (const response of [
      await post(),
      await post({ stream_format: 'sse' }),
      await post({}, '/v1/audio/speech.vtt'),
    ]) {
      expect(response.status).toBe(200);
      expect(response.headers.get('X-Sori-Ignored')).toBe('unknown_voice;line=2;column=5');
      await response.text();
    }
  });

  it('are complete in JSON', async () => {
    const { post } = setUp();
    const answer = (await (await post({ response_format: 'json' })).json()) as { warnings: unknown };
    expect(answer.warnings).toEqual([WARNING]);
  });

  it('are absent without a cause', async () => {
    const { post } = setUp({ warnings: () => [] });
    const response = await post({ response_format: 'json' });
    expect(response.headers.has('X-Sori-Ignored')).toBe(false);
    expect(await response.json()).not.toHaveProperty('warnings');
  });

  it('include fields without effect', async () => {
    const { post } = setUp({ warnings: () => [] });
    const prose = await post({ instructions: 'Speak like a pirate.' });
    expect(prose.headers.get('X-Sori-Ignored')).toBe('ignored_parameter;param="instructions"');
    const known = await post({ instructions: 'Cheerful.' });
    expect(known.headers.get('X-Sori-Ignored')).toBe('approximated;param="instructions"');
    const fields = await post({ user: 'u1', lang_code: 'a', stream: null, sample_rate: 44_100 });
    expect(fields.headers.get('X-Sori-Ignored')).toBe(
      'ignored_parameter;param="user", ignored_parameter;param="lang_code", ignored_parameter;param="sample_rate"',
    );
  });

  it('are returned with stored audio too', async () => {
    const library = createAudioLibrary({ store: memoryStore(), createEncoder });
    const { post, app, count } = setUp({}, { library });
    const first = await post();
    await first.arrayBuffer();
    const second = await post();
    expect(second.headers.get('X-Cache')).toMatch(/^(?:hit|coalesced)$/);
    expect(second.headers.get('X-Sori-Ignored')).toBe('unknown_voice;line=2;column=5');
    const json = (await (await post({ response_format: 'json' })).json()) as { warnings: unknown };
    expect(json.warnings).toEqual([WARNING]);
    expect(count.spoken).toBe(1);
    const stored = await app.request(second.headers.get('Content-Location')!);
    expect(stored.headers.get('X-Sori-Ignored')).toBe('unknown_voice;line=2;column=5');
  });

  it('are left to the engine in strict mode, whose audio is stored separately', async () => {
    const library = createAudioLibrary({ store: memoryStore(), createEncoder });
    const { post, requests } = setUp({}, { library });
    await (await post()).arrayBuffer();
    await (await post({ strict: true })).arrayBuffer();
    expect(requests.map(({ strict }) => strict)).toEqual([undefined, true]);
    const wrong = await post({ strict: 'yes' });
    expect(wrong.status).toBe(400);
    expect(await wrong.json()).toMatchObject({ error: { param: 'strict' } });
  });
});

describe('the header', () => {
  it('is limited in length, and counts the warnings that it leaves out', () => {
    const many = Array.from({ length: 21 }, (_, i) => ({
      ...WARNING,
      code: 'unsupported_language' as const,
      position: { offset: i, line: 1000 + i, column: 1000 },
    }));
    const value = ignoredHeader(many)!;
    expect(value.length).toBeLessThanOrEqual(700);
    const items = value.split(', ');
    expect(items.at(-1)).toBe(`more_warnings;count=${many.length - items.length + 1}`);
  });
});
