import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseHttpDate } from '../../../src/base/http-date.ts';
import { ifRange, isConditional, type Validators, weighConditions } from '../../../src/http/conditional.ts';

/** RFC 9110, section 8.8.2: the example of Last-Modified. */
const DATE = 'Tue, 15 Nov 1994 12:45:26 GMT';
const EARLIER = 'Tue, 15 Nov 1994 12:45:25 GMT';
const LATER = 'Sat, 29 Oct 2094 19:43:31 GMT';
const there: Validators = { etag: '"xyzzy"', lastModified: new Date(DATE), exactDate: true };
const weigh = (fields: Record<string, string>, validators = there) =>
  weighConditions(new Headers(fields), validators);

describe('If-None-Match (RFC 9110, section 13.1.2)', () => {
  it.each([
    ['"xyzzy"', 'not_modified'],
    ['W/"xyzzy"', 'not_modified'],
    ['"xyzzy", "r2d2xxxx", "c3piozzzz"', 'not_modified'],
    ['W/"xyzzy", W/"r2d2xxxx", W/"c3piozzzz"', 'not_modified'],
    ['"r2d2xxxx", "xyzzy"', 'not_modified'],
    ['"r2d2xxxx","xyzzy","c3piozzzz"', 'not_modified'],
    [', ,"r2d2xxxx" , , "xyzzy",', 'not_modified'],
    ['"a,b", "xyzzy"', 'not_modified'],
    ['"a\\", "xyzzy"', 'not_modified'],
    ['"ÿ", "xyzzy"', 'not_modified'],
    ['*', 'not_modified'],
    ['  *  ', 'not_modified'],
    ['"r2d2xxxx"', 'proceed'],
    ['"XYZZY"', 'proceed'],
    ['"a,xyzzy"', 'proceed'],
    ['"a b", "xyzzy"', 'proceed'],
    ['"*"', 'proceed'],
    ['""', 'proceed'],
    ['', 'proceed'],
    ['xyzzy', 'proceed'],
    ['"xyzzy', 'proceed'],
    ['xyzzy"', 'proceed'],
    ['w/"xyzzy"', 'proceed'],
    ['W/ "xyzzy"', 'proceed'],
    ['"xyzzy"x', 'proceed'],
    ['"xyzzy""', 'proceed'],
    ['*, "r2d2xxxx"', 'proceed'],
  ])('%s → %s', (value, verdict) => {
    expect(weigh({ 'If-None-Match': value })).toBe(verdict);
  });
});

describe('If-Match (section 13.1.1)', () => {
  it.each([
    ['"xyzzy"', 'proceed'],
    ['"xyzzy", "r2d2xxxx", "c3piozzzz"', 'proceed'],
    ['"r2d2xxxx","xyzzy"', 'proceed'],
    ['*', 'proceed'],
    ['W/"xyzzy"', 'precondition_failed'],
    ['"r2d2xxxx"', 'precondition_failed'],
    ['xyzzy', 'precondition_failed'],
    ['', 'precondition_failed'],
  ])('%s → %s', (value, verdict) => {
    expect(weigh({ 'If-Match': value })).toBe(verdict);
  });

  it('never matches a weak tag, since the comparison is strong', () => {
    const weak = { ...there, etag: 'W/"xyzzy"' };
    expect(weigh({ 'If-Match': 'W/"xyzzy"' }, weak)).toBe('precondition_failed');
    expect(weigh({ 'If-None-Match': '"xyzzy"' }, weak)).toBe('not_modified');
  });
});

describe('dates (sections 13.1.3 and 13.1.4)', () => {
  it.each([
    ['If-Modified-Since', DATE, 'not_modified'],
    ['If-Modified-Since', LATER, 'not_modified'],
    ['If-Modified-Since', EARLIER, 'proceed'],
    ['If-Modified-Since', 'Tuesday, 15-Nov-94 12:45:26 GMT', 'not_modified'],
    ['If-Modified-Since', 'Tue Nov 15 12:45:26 1994', 'not_modified'],
    ['If-Modified-Since', '1994-11-15T12:45:26Z', 'proceed'],
    ['If-Modified-Since', '784903526', 'proceed'],
    ['If-Modified-Since', '', 'proceed'],
    ['If-Modified-Since', `${DATE}, ${DATE}`, 'proceed'],
    ['If-Unmodified-Since', DATE, 'proceed'],
    ['If-Unmodified-Since', LATER, 'proceed'],
    ['If-Unmodified-Since', EARLIER, 'precondition_failed'],
    ['If-Unmodified-Since', 'yesterday', 'proceed'],
  ])('%s: %s → %s', (name, value, verdict) => {
    expect(weigh({ [name]: value })).toBe(verdict);
  });

  it('are ignored for representations without a date', () => {
    const undated = { etag: '"xyzzy"' };
    expect(weigh({ 'If-Modified-Since': LATER }, undated)).toBe('proceed');
    expect(weigh({ 'If-Unmodified-Since': EARLIER }, undated)).toBe('proceed');
  });
});

describe('the order of conditions (section 13.2.2)', () => {
  const [yes, no] = ['"xyzzy"', '"other"'];
  it.each<[Record<string, string>, string, string]>([
    [{ 'If-Match': yes, 'If-Unmodified-Since': EARLIER }, 'proceed', 'If-Match over If-Unmodified-Since'],
    [{ 'If-Match': no, 'If-Unmodified-Since': LATER }, 'precondition_failed', 'the same'],
    [{ 'If-None-Match': no, 'If-Modified-Since': LATER }, 'proceed', 'If-None-Match over If-Modified-Since'],
    [{ 'If-None-Match': yes, 'If-Modified-Since': EARLIER }, 'not_modified', 'the same'],
    [{ 'If-Match': no, 'If-None-Match': yes }, 'precondition_failed', 'If-Match first'],
    [{ 'If-Match': yes, 'If-None-Match': yes }, 'not_modified', 'then If-None-Match'],
    [{ 'If-Match': yes, 'If-None-Match': no }, 'proceed', 'both hold'],
    [{ 'If-Match': yes, 'If-Modified-Since': LATER }, 'not_modified', 'If-Match, then If-Modified-Since'],
    [{ 'If-Unmodified-Since': EARLIER, 'If-None-Match': yes }, 'precondition_failed', 'dates come first too'],
    [{ 'If-Unmodified-Since': LATER, 'If-Modified-Since': LATER }, 'not_modified', 'both dates'],
    [{ 'If-None-Match': '', 'If-Modified-Since': LATER }, 'proceed', 'a field that is empty is there'],
    [{}, 'proceed', 'nothing asked'],
  ])('%j → %s (%s)', (fields, verdict) => {
    expect(weigh(fields)).toBe(verdict);
    expect(isConditional(new Headers(fields))).toBe(Object.keys(fields).length > 0);
  });

  it('If-Range alone is not a condition', () => {
    expect(isConditional(new Headers({ 'If-Range': '"xyzzy"', Range: 'bytes=0-1' }))).toBe(false);
  });
});

describe('If-Range (section 13.1.5)', () => {
  it.each([
    [null, true],
    ['"xyzzy"', true],
    [DATE, true],
    ['Tuesday, 15-Nov-94 12:45:26 GMT', true],
    ['W/"xyzzy"', false],
    ['"other"', false],
    ['"xyzzy", "other"', false],
    ['*', false],
    ['xyzzy', false],
    ['', false],
    [EARLIER, false],
    [LATER, false],
  ])('%j → %s', (value, applies) => {
    expect(ifRange(value, there)).toBe(applies);
  });

  it('accepts a date only where it proves that the bytes are the same', () => {
    expect(ifRange(DATE, { ...there, exactDate: false })).toBe(false);
    expect(ifRange(DATE, { etag: '"xyzzy"', exactDate: true })).toBe(false);
    expect(ifRange('"xyzzy"', { ...there, exactDate: false })).toBe(true);
    expect(ifRange('W/"xyzzy"', { ...there, etag: 'W/"xyzzy"' })).toBe(false);
  });
});

describe('conditions with any text', () => {
  const etags = fc
    .tuple(fc.boolean(), fc.stringMatching(/^[!#-~]{0,12}$/))
    .map(([weak, text]) => `${weak ? 'W/' : ''}"${text}"`);
  const opaque = (tag: string) => tag.replace(/^W\//, '');

  it('match exactly when the tag is in the list', () => {
    fc.assert(
      fc.property(fc.array(etags), etags, fc.constantFrom(',', ', ', ' ,\t', ',,'), (list, etag, comma) => {
        const verdict = weigh({ 'If-None-Match': list.join(comma) }, { etag });
        const among = list.some((tag) => opaque(tag) === opaque(etag));
        expect(verdict).toBe(among ? 'not_modified' : 'proceed');
        const matched = weigh({ 'If-Match': list.join(comma) }, { etag }) === 'proceed';
        expect(matched).toBe(!etag.startsWith('W/') && list.includes(etag));
      }),
    );
  });

  it('are parsed quickly, also when long and invalid', () => {
    const nonsense = fc.constantFrom('"', ',', ' ', 'W/', 'W/"', '""', '" "', ', ');
    fc.assert(
      fc.property(nonsense, (piece) => {
        expect(['proceed', 'not_modified']).toContain(weigh({ 'If-None-Match': piece.repeat(20_000) }));
        expect(ifRange(piece.repeat(20_000), there)).toBe(false);
      }),
    );
  });
});

describe('HTTP dates (RFC 9110, section 5.6.7)', () => {
  const example = Date.UTC(1994, 10, 6, 8, 49, 37);
  const now = Date.UTC(2026, 10, 21);

  it.each([
    ['Sun, 06 Nov 1994 08:49:37 GMT', example],
    ['Sunday, 06-Nov-94 08:49:37 GMT', example],
    ['Sun Nov  6 08:49:37 1994', example],
    ['Sun Nov 16 08:49:37 1994', example + 10 * 86_400_000],
    ['Thu, 29 Feb 2024 00:00:00 GMT', Date.UTC(2024, 1, 29)],
    ['Sat, 31 Dec 2016 23:59:60 GMT', Date.UTC(2017, 0, 1)],
    ['Mon, 01 Jan 0001 00:00:00 GMT', Date.parse('0001-01-01T00:00:00Z')],
    ['Friday, 01-Jan-99 00:00:00 GMT', Date.UTC(1999, 0, 1)],
    ['Friday, 01-Jan-76 00:00:00 GMT', Date.UTC(2076, 0, 1)],
    ['Friday, 01-Jan-77 00:00:00 GMT', Date.UTC(1977, 0, 1)],
  ])('%s', (text, time) => {
    expect(parseHttpDate(text, now)).toBe(time);
  });

  it.each([
    '',
    'now',
    '0',
    'Sun, 06 Nov 1994 08:49:37',
    'Sun, 06 Nov 1994 08:49:37 UTC',
    'Sun, 06 Nov 1994 08:49:37 +0000',
    'sun, 06 nov 1994 08:49:37 gmt',
    'Sun, 6 Nov 1994 08:49:37 GMT',
    'Sun, 06 Nov 94 08:49:37 GMT',
    'Sun, 06-Nov-1994 08:49:37 GMT',
    'Sun 06 Nov 1994 08:49:37 GMT',
    'Sun, 30 Feb 1994 08:49:37 GMT',
    'Sun, 00 Nov 1994 08:49:37 GMT',
    'Sun, 06 Nov 1994 24:00:00 GMT',
    'Sun, 06 Nov 1994 08:60:37 GMT',
    'Sun, 06 Nov 1994 08:49:61 GMT',
    '1994-11-06T08:49:37Z',
    'Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT',
  ])('%j is not a date', (text) => {
    expect(parseHttpDate(text, now)).toBeUndefined();
  });

  it('parses the output of toUTCString', () => {
    const range = { min: new Date('0001-01-01'), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true };
    fc.assert(
      fc.property(fc.date(range), (date) => {
        const whole = Math.floor(date.getTime() / 1000) * 1000;
        expect(parseHttpDate(date.toUTCString())).toBe(whole);
      }),
    );
  });
});
