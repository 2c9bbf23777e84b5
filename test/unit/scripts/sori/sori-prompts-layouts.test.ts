import { describe, expect, it } from 'vitest';
import { LAYOUTS, planFiles, refuseSamePaths } from '../../../../scripts/sori/prompts/export/layouts.ts';
import { type Recording, recordingsOf } from '../../../../scripts/sori/prompts/recordings.ts';
import { type ReportRow, reportPage } from '../../../../scripts/sori/prompts/report/page.ts';
import { peaksOf, WAVEFORM_BARS, waveformPath } from '../../../../scripts/sori/prompts/report/waveform.ts';
import type { PromptAnswer } from '../../../../src/features/prompts/answer.ts';

const recording = (more: Partial<Recording> = {}): Recording => ({
  name: 'menu/welcome',
  locale: undefined,
  language: 'en-US',
  text: 'Welcome.',
  voice: 'hazel',
  key: 'f'.repeat(64),
  seconds: 1,
  loudness: -20,
  version: 1,
  stale: false,
  tags: [],
  formats: ['mp3'],
  ...more,
});

describe('layouts', () => {
  it.each<[string, Partial<Recording>, string]>([
    ['a region', { language: 'en-AU' }, 'en/au/hazel/menu/8000/welcome.wav'],
    ['no region', { language: 'ko' }, 'ko/ko/hazel/menu/8000/welcome.wav'],
    ['a script', { language: 'zh-Hant-TW' }, 'zh/tw/hazel/menu/8000/welcome.wav'],
    ['a region of digits', { language: 'es-419' }, 'es/419/hazel/menu/8000/welcome.wav'],
    ['no folder', { name: 'hello' }, 'en/us/hazel/8000/hello.wav'],
    ['several voices', { voice: 'hazel,clara' }, 'en/us/hazel-clara/menu/8000/welcome.wav'],
    ['a voice that is no folder', { voice: '../../../..' }, 'en/us/voice/menu/8000/welcome.wav'],
  ])('freeswitch: %s', (_, more, path) => {
    const plan = planFiles('freeswitch', 'wav');
    expect([plan.format, plan.pathOf(recording(more))]).toEqual(['wav-8k', path]);
  });

  it('asterisk: languages with underscores, its own file extensions', () => {
    const path = (format: Parameters<typeof planFiles>[1], more?: Partial<Recording>) => {
      const plan = planFiles('asterisk', format);
      return [plan.format, plan.pathOf(recording(more))];
    };
    expect(path('wav', { language: 'en-AU' })).toEqual(['wav-8k', 'sounds/en_AU/menu/welcome.wav']);
    expect(path('mulaw')).toEqual(['mulaw', 'sounds/en_US/menu/welcome.ulaw']);
    expect(path('alaw')).toEqual(['alaw', 'sounds/en_US/menu/welcome.alaw']);
    for (const format of ['mulaw-wav', 'pcm', 'opus'] as const) {
      expect(() => planFiles('asterisk', format)).toThrow(/asterisk has no/);
    }
  });

  it.each(LAYOUTS)('%s: no name leaves its folder', (layout) => {
    const { pathOf } = planFiles(layout, 'wav');
    for (const name of ['../x', 'a/../../x', '/etc/x', 'a//b', 'a/', './x', 'a\\b', 'C:x']) {
      expect(() => pathOf(recording({ name })), name).toThrow(/can't be a file/);
    }
  });

  it.each(LAYOUTS)('%s: no locale or language leaves its folder', (layout) => {
    const { pathOf } = planFiles(layout, 'wav');
    for (const tag of ['../../x', 'en-../../../x', '/etc', 'en/x', 'en\\x']) {
      expect(() => pathOf(recording({ locale: tag, language: tag })), tag).toThrow(/can't be a folder/);
    }
  });

  it('two prompts in one file are refused, also on case-insensitive disks', () => {
    expect(() => refuseSamePaths(['en-AU/a.wav', 'en-au/a.wav'])).toThrow(
      /Two prompts would be en-au\/a\.wav/,
    );
    refuseSamePaths(['a.wav', 'b.wav']);
  });
});

describe('recordings', () => {
  const audio = (key: string, voice: string) => ({
    key,
    urls: {},
    seconds: 1,
    loudness: null,
    model: 'sori-2@1',
    voice,
  });
  const prompt: PromptAnswer = {
    object: 'prompt',
    name: 'a',
    version: 3,
    digest: '',
    etag: '"x"',
    formats: ['mp3'],
    stale: true,
    urls: {},
    audio: { 'en-AU': audio('1', 'clara'), default: audio('2', 'hazel,clara'), ko: audio('3', 'mina') },
    baked_parts: 0,
    updated_at: 0,
    deleted_at: null,
    definition: { input: 'Hello.', locales: { 'en-AU': {}, ko: { input: '안녕.' } } },
  };

  it('have the texts and languages of their prompts', () => {
    const languages = new Map([['hazel', 'en-US']]);
    const told = (locale?: string) =>
      recordingsOf([prompt], languages, locale).map(({ locale, language, text, key }) => [
        locale,
        language,
        text,
        key,
      ]);
    expect(told()).toEqual([
      [undefined, 'en-US', 'Hello.', '2'],
      ['en-AU', 'en-AU', 'Hello.', '1'],
      ['ko', 'ko', '안녕.', '3'],
    ]);
    expect(told('ko')).toHaveLength(1);
    expect(recordingsOf([{ ...prompt, audio: {} }], languages)).toEqual([]);
  });
});

describe('waveforms', () => {
  it('show the peak of each part', () => {
    expect(peaksOf(Float32Array.of(0, 0.5, -1, 0.25), 2)).toEqual([0.5, 1]);
    expect(peaksOf(Float32Array.of(0.5), 3)).toEqual([0.5, 0.5, 0.5]);
    expect(peaksOf(new Float32Array(0))).toEqual(Array(WAVEFORM_BARS).fill(0));
    expect(waveformPath([0, 1])).toBe('M1 31v2M4 1v62');
    expect(waveformPath([0.5], 0.5)).toBe('M1 1v62');
  });
});

describe('the report', () => {
  const row = (more: Partial<ReportRow> = {}): ReportRow => ({
    ...recording(),
    source: 'http://localhost:8787/audio/x.mp3',
    peaks: [0.5],
    ...more,
  });
  const page = (rows: readonly ReportRow[]) =>
    reportPage({ rows, server: new URL('http://localhost:8787'), made: new Date(0) });

  it('escapes the contents of prompts', async () => {
    const hostile = `"'><script>alert(1)</script>&amp;`;
    const html = await page([
      row({
        name: hostile,
        text: hostile,
        voice: hostile,
        language: hostile,
        tags: [hostile],
        locale: hostile,
      }),
    ]);
    expect(html.match(/<script/g)).toHaveLength(1);
    expect(html).not.toContain(hostile);
    expect(html).toContain('&quot;&#39;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;amp;');
  });

  it('marks stale prompts, and those louder or quieter than the others', async () => {
    const html = await page([
      row(),
      row(),
      row({ loudness: -24 }),
      row({ stale: true }),
      row({ loudness: null }),
    ]);
    expect(html.match(/ data-check/g)).toHaveLength(2);
    expect(html).toContain('<dd>1</dd></div><div class="warn"><dt>over 3 LU off the median');
    expect(html).toContain('>−24.0\n');
    expect(html).toContain('>–\n');
  });

  it('makes requests to the server only', async () => {
    const html = await page([row()]);
    expect(
      html.match(/https?:\/\/[^"'<\s;)]+/g)?.filter((url) => !url.startsWith('http://localhost:8787')),
    ).toEqual(['http://www.w3.org/2000/svg']);
    expect(html).toContain(`default-src &#39;none&#39;`);
  });
});
