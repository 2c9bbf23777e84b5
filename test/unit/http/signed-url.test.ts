import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  MAX_LIFETIME_SECONDS,
  parseSigningKeys,
  signQuery,
  type UrlGrant,
  verifyQuery,
} from '../../../src/http/signed-url.ts';
import { anyText } from '../../support/any-text.ts';

const PATH = '/v1/audio/speech';
const NOW = Date.parse('2026-11-21T12:00:00Z');
const EXPIRES = NOW / 1000 + 3600;
const OLD_SECRET = 'an old secret of forty characters, or so';
const NEW_SECRET = 'a new secret of forty characters, or so.';
const KEYS = new Map([
  ['k2', NEW_SECRET],
  ['k1', OLD_SECRET],
]);
const PARAMETERS = { input: 'Café & crème: 100 % (ok)!', voice: 'linda', speed: '1.5', empty: '' };

const sign = (grant: Partial<UrlGrant> = {}) =>
  signQuery(KEYS, { path: PATH, parameters: PARAMETERS, expires: EXPIRES, ...grant });
const verify = (query: string, path = PATH, now = NOW) => verifyQuery(KEYS, path, query, now);
const codeOf = async (query: string, path = PATH, now = NOW) =>
  await verify(query, path, now).then(
    () => 'ok',
    (error: { code: string }) => error.code,
  );

/** The query with one parameter's raw text replaced. */
const replaced = (query: string, name: string, change: (raw: string) => string) =>
  query.replace(new RegExp(`(^|&)${name}=([^&]*)`), (_, lead, raw) => `${lead}${name}=${change(raw)}`);

describe('signed URLs', () => {
  it('verify, and return what was signed', async () => {
    const { parameters, expires } = await verify(await sign());
    expect(Object.fromEntries(parameters)).toEqual(PARAMETERS);
    expect(expires).toBe(EXPIRES);
  });

  it('follow the documentation: HMAC-SHA256 of purpose, path and sorted, percent-encoded parameters', async () => {
    const query = `exp=${EXPIRES}&input=Caf%C3%A9%20%26%20%28ok%29%21&kid=k2&voice=linda`;
    const sig = createHmac('sha256', NEW_SECRET)
      .update(`sori-signed-url-1\n${PATH}\n${query}`)
      .digest('base64url');
    expect(await sign({ parameters: { voice: 'linda', input: 'Café & (ok)!' } })).toBe(`${query}&sig=${sig}`);
  });

  it('are signed with the first key or a named one, and every key verifies', async () => {
    expect(await sign()).toContain('kid=k2');
    const old = await sign({ keyId: 'k1' });
    expect(await codeOf(old)).toBe('ok');
    const rotated = new Map([['k2', NEW_SECRET]]);
    await expect(verifyQuery(rotated, PATH, old, NOW)).rejects.toMatchObject({ code: 'invalid_signature' });
    await expect(sign({ keyId: 'k9' })).rejects.toThrow(RangeError);
  });

  it.each(['exp', 'kid', 'sig'])('use no parameter of speech, such as %s', async (name) => {
    await expect(sign({ parameters: { [name]: '1' } })).rejects.toThrow(RangeError);
  });

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 1e21])(
    'do not expire at %s',
    async (expires) => {
      await expect(sign({ expires })).rejects.toThrow(RangeError);
    },
  );

  it('verify with any text, in any order', async () => {
    const name = anyText().filter((text) => !['exp', 'kid', 'sig', '__proto__'].includes(text));
    const text = anyText();
    await fc.assert(
      fc.asyncProperty(fc.dictionary(name, text), fc.infiniteStream(fc.nat()), async (parameters, random) => {
        const pairs = (await sign({ parameters }))
          .split('&')
          .map((pair) => ({ pair, at: random.next().value }));
        const shuffled = pairs.sort((one, other) => one.at - other.at).map(({ pair }) => pair);
        const read = await verify(shuffled.join('&'));
        expect(Object.fromEntries(read.parameters)).toEqual({ ...parameters });
      }),
    );
  });
});

describe('forgery', () => {
  const other = (raw: string) => `${raw}x`;

  const refused: Record<string, (query: string) => string | Promise<string>> = {
    'nothing at all': () => '',
    'an unsigned query': (query) => query.replace(/&sig=.*/, ''),
    'input changed': (query) => replaced(query, 'input', other),
    'voice changed': (query) => replaced(query, 'voice', () => 'kathleen'),
    'speed changed': (query) => replaced(query, 'speed', () => '1.50'),
    'an empty parameter filled': (query) => replaced(query, 'empty', other),
    'exp later by a second': (query) => replaced(query, 'exp', (raw) => String(Number(raw) + 1)),
    'exp written otherwise': (query) => replaced(query, 'exp', (raw) => `0${raw}`),
    'exp with a space': (query) => replaced(query, 'exp', (raw) => `+${raw}`),
    'exp empty': (query) => replaced(query, 'exp', () => ''),
    'exp left out': (query) => query.replace(/exp=\d+&/, ''),
    'kid of another key': (query) => replaced(query, 'kid', () => 'k1'),
    'kid of no key': (query) => replaced(query, 'kid', () => 'k3'),
    "kid of an object's inheritance": (query) => replaced(query, 'kid', () => 'constructor'),
    'kid empty': (query) => replaced(query, 'kid', () => ''),
    'kid left out': (query) => query.replace(/kid=k2&/, ''),
    'sig empty': (query) => replaced(query, 'sig', () => ''),
    'sig cut by a character': (query) => query.slice(0, -1),
    'sig cut to half': (query) => replaced(query, 'sig', (raw) => raw.slice(0, 22)),
    'sig longer': (query) => `${query}A`,
    'sig padded': (query) => `${query}%3D`,
    'sig in lower case': (query) => replaced(query, 'sig', (raw) => raw.toLowerCase()),
    'sig of zeros': (query) => replaced(query, 'sig', () => 'A'.repeat(43)),
    'sig with a space at its end': (query) => `${query}+`,
    'sig of the same bytes, spelled otherwise': (query) => {
      const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
      return query.slice(0, -1) + alphabet[alphabet.indexOf(query.at(-1)!) + 1];
    },
    'sig of another secret': async () =>
      await signQuery(new Map([['k2', 'x'.repeat(40)]]), {
        path: PATH,
        parameters: PARAMETERS,
        expires: EXPIRES,
      }),
    'sig of another input': async (query) => {
      const theirs = await sign({ parameters: { ...PARAMETERS, input: 'No.' } });
      return replaced(query, 'sig', () => theirs.split('sig=')[1]);
    },
    'a parameter added': (query) => `pitch=12&${query}`,
    'a parameter added behind the signature': (query) => `${query}&pitch=12`,
    'an empty parameter added': (query) => `${query}&x`,
    'a parameter left out': (query) => query.replace(/speed=[^&]*&/, ''),
    'an empty parameter left out': (query) => query.replace(/empty=&/, ''),
    'a parameter renamed': (query) => query.replace('speed=', 'pitch='),
    'a name in upper case': (query) => query.replace('voice=', 'VOICE='),
    'values exchanged': (query) => query.replace('=linda', '=1.5').replace('speed=1.5', 'speed=linda'),
    'a boundary moved into a value': (query) => query.replace('&voice=linda', '%26voice%3Dlinda'),
    'a parameter twice, the same': (query) => `${query}&voice=linda`,
    'a parameter twice, another': (query) => `voice=kathleen&${query}`,
    'a parameter twice, spelled otherwise': (query) => `${query}&%76oice=linda`,
    'exp twice': (query) => `${query}&exp=${EXPIRES + 999}`,
    'sig twice': (query) => `${query}&sig=${'A'.repeat(43)}`,
    'kid twice': (query) => `kid=k1&${query}`,
    'an accent taken apart (NFD)': (query) => query.replace('%C3%A9', 'e%CC%81'),
    'an encoding encoded again': (query) => replaced(query, 'input', (raw) => raw.replaceAll('%', '%25')),
    'a plus for a plus': (query) => replaced(query, 'input', (raw) => raw.replace('%20', '%2B')),
    'a NUL at the end of a value': (query) => replaced(query, 'voice', (raw) => `${raw}%00`),
    'letters of another script': (query) => replaced(query, 'voice', () => 'l%D1%96nda'),
  };

  it.each(Object.entries(refused))('%s', async (_, forge) => {
    expect(await codeOf(await forge(await sign()))).toBe('invalid_signature');
  });

  it.each(['/v1/audio/speech/', '/v1/audio/speech.vtt', '/V1/audio/speech', '/audio/speech', ''])(
    'another path: %s',
    async (path) => {
      expect(await codeOf(await sign(), path)).toBe('invalid_signature');
    },
  );

  const same: Record<string, (query: string) => string> = {
    'a question mark before it': (query) => `?${query}`,
    'another order': (query) => query.split('&').reverse().join('&'),
    'a space as plus': (query) => query.replaceAll('%20', '+'),
    'lower-case hexadecimal digits': (query) => query.replace(/%../g, (code) => code.toLowerCase()),
    'fewer characters encoded': (query) => query.replace('%21', '!').replace('%28', '(').replace('%29', ')'),
    'more characters encoded': (query) => query.replace('voice=linda', '%76oice=l%69nda'),
    'characters as they are': (query) => query.replace('%C3%A9', 'é'),
    'an empty value without its sign': (query) => query.replace('empty=', 'empty'),
    'empty pairs': (query) => `&${query.replaceAll('&', '&&')}&`,
  };

  it.each(Object.entries(same))('the same URL in another notation: %s', async (_, respell) => {
    const query = await sign();
    expect(respell(query)).not.toBe(query);
    const { parameters } = await verify(respell(query));
    expect(Object.fromEntries(parameters)).toEqual(PARAMETERS);
  });
});

describe('expiry', () => {
  it('is exact to the second', async () => {
    const query = await sign();
    expect(await codeOf(query, PATH, EXPIRES * 1000 - 1)).toBe('ok');
    expect(await codeOf(query, PATH, EXPIRES * 1000)).toBe('expired_signature');
  });

  it('is reported only where the signature is valid', async () => {
    const query = replaced(await sign(), 'voice', () => 'kathleen');
    expect(await codeOf(query, PATH, EXPIRES * 1000 + 1)).toBe('invalid_signature');
  });

  it('is at most ten years ahead, so that an expiry in milliseconds is refused', async () => {
    expect(await codeOf(await sign({ expires: NOW / 1000 + MAX_LIFETIME_SECONDS }))).toBe('ok');
    expect(await codeOf(await sign({ expires: NOW / 1000 + MAX_LIFETIME_SECONDS + 1 }))).toBe(
      'invalid_signature',
    );
  });
});

describe('SIGNING_KEYS', () => {
  it('is a list, the first of which signs', () => {
    expect([...parseSigningKeys(`k2:${NEW_SECRET.replaceAll(',', ';')}, k1:a:b${'c'.repeat(40)}`)!]).toEqual([
      ['k2', NEW_SECRET.replaceAll(',', ';')],
      ['k1', `a:b${'c'.repeat(40)}`],
    ]);
    for (const none of [undefined, '', ' ']) expect(parseSigningKeys(none)).toBeUndefined();
  });

  it.each([
    ['without an id', 'x'.repeat(40)],
    ['with an empty id', `:${'x'.repeat(40)}`],
    ['with a wrong id', `k 1:${'x'.repeat(40)}`],
    ['with a short secret', `k1:${'x'.repeat(31)}`],
    ['with an id twice', `k1:${'x'.repeat(32)},k1:${'y'.repeat(32)}`],
    ['that ends with a comma', `k1:${'x'.repeat(32)},`],
  ])('is refused %s, without its secret in the error', (_, text) => {
    expect(() => parseSigningKeys(text)).toThrow(/^SIGNING_KEYS, key \d: (?!.*x{9})/);
  });
});
