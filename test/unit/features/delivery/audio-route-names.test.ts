import { describe, expect, it } from 'vitest';
import { AUDIO_FORMATS, FORMAT_INFO } from '../../../../src/audio/format.ts';
import { keyOf, META } from '../../../contract/audio/audio-store.contract.ts';
import { KEY, SHORT_BYTES, setUp } from './audio-route.setup.ts';

describe('the names of downloads', () => {
  it.each([
    ['welcome', 'welcome.mp3', 'welcome.mp3'],
    ['Welcome to the menu', 'Welcome to the menu.mp3', 'Welcome%20to%20the%20menu.mp3'],
    ['welcome.mp3', 'welcome.mp3', 'welcome.mp3'],
    ['welcome.MP3', 'welcome.mp3', 'welcome.mp3'],
    ['page.html', 'page.html.mp3', 'page.html.mp3'],
    ['ivr/main', 'ivr-main.mp3', 'ivr-main.mp3'],
    ['../../etc/passwd', 'etc-passwd.mp3', 'etc-passwd.mp3'],
    ['..', 'sori-000000000000.mp3', 'sori-000000000000.mp3'],
    ['.bashrc', 'bashrc.mp3', 'bashrc.mp3'],
    ['a"; filename="b.html', 'a-; filename=-b.html.mp3', 'a-%3B%20filename%3D-b.html.mp3'],
    ['a\r\nSet-Cookie: b', 'a-Set-Cookie- b.mp3', 'a-Set-Cookie-%20b.mp3'],
    ['a\\b|c?d*e<f>g', 'a-b-c-d-e-f-g.mp3', 'a-b-c-d-e-f-g.mp3'],
    ['100%', '100.mp3', '100.mp3'],
    ['café', 'cafe.mp3', 'caf%C3%A9.mp3'],
    ['안녕하세요', '.mp3', '%EC%95%88%EB%85%95%ED%95%98%EC%84%B8%EC%9A%94.mp3'],
    ['evil\u202e3pm.exe', 'evil-3pm.exe.mp3', 'evil-3pm.exe.mp3'],
    ["it's (new)", "it's (new).mp3", 'it%27s%20%28new%29.mp3'],
    [' . ', 'sori-000000000000.mp3', 'sori-000000000000.mp3'],
    ['x'.repeat(500), `${'x'.repeat(100)}.mp3`, `${'x'.repeat(100)}.mp3`],
  ])('%j', async (wanted, plain, encoded) => {
    const { get } = await setUp();
    const response = await get(`/audio/${KEY}.mp3?download=${encodeURIComponent(wanted)}`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('audio/mpeg');
    expect(response.headers.has('set-cookie')).toBe(false);
    const [, name, extended] = /^attachment; filename="([^"\\]*)"; filename\*=UTF-8''(\S+)$/.exec(
      response.headers.get('content-disposition')!,
    )!;
    expect(name.endsWith(plain)).toBe(true);
    expect(extended).toBe(encoded);
  });

  it('accepts unpaired surrogates and broken escapes', async () => {
    const { get } = await setUp();
    for (const query of ['download=%ED%A0%80', 'download=%', 'download=a%ff']) {
      const response = await get(`/audio/${KEY}.mp3?${query}`);
      expect(response.headers.get('content-disposition')).toMatch(/^attachment; filename="[^"]+\.mp3"/);
    }
  });
});

it.each(AUDIO_FORMATS)(
  '%s is served with its own content type, whatever its bytes look like',
  async (format) => {
    const { get, store } = await setUp();
    const page = new TextEncoder().encode('<!doctype html><script>alert(1)</script>');
    await store.putIfAbsent(`${keyOf('d')}.${format}`, page, META);
    const response = await get(`/audio/${keyOf('d')}.${format}?download=a.html`, { Accept: 'text/html' });
    expect(response.headers.get('content-type')).toBe(FORMAT_INFO[format].contentType);
    expect(response.headers.get('content-type')).toMatch(/^audio\//);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('content-security-policy')).toBe("default-src 'none'; sandbox");
    expect(response.headers.get('content-disposition')).toContain(`.${FORMAT_INFO[format].extension}"`);
  },
);

it('writes only valid tags', async () => {
  const { get, store } = await setUp();
  const voice = 'Zoë, 서리 a%b,\ud800x';
  await store.putIfAbsent(`${keyOf('e')}.mp3`, SHORT_BYTES, { ...META, model: 'my model@1', voice });
  const response = await get(`/audio/${keyOf('e')}.mp3`);
  expect(response.headers.get('cache-tag')).toBe(
    `audio:${keyOf('e')},model:my%20model@1,voice:Zo%C3%AB,voice:%EC%84%9C%EB%A6%AC%20a%25b,voice:%EF%BF%BDx`,
  );
});
