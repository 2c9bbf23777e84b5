import { relative, resolve, sep } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { containedPath, UncontainedPath } from '../../../src/base/contained-path.ts';
import { canonicalLanguageTag, isLanguageTag, MAX_LANGUAGE_TAG } from '../../../src/base/language-tag.ts';

describe('containedPath', () => {
  it('joins a path inside the folder', () => {
    expect(containedPath('out', 'en-AU/menu/hours.wav')).toBe('out/en-AU/menu/hours.wav');
    expect(containedPath('/srv/audio', 'ab', 'abc.mp3')).toBe('/srv/audio/ab/abc.mp3');
  });

  it.each([
    '',
    '.',
    '..',
    '../x',
    'a/../../x',
    'a/..',
    '/etc/x',
    'a//b',
    'a/',
    'a\\..\\b',
    'C:x',
    'a\0b',
    './x',
  ])('refuses %j', (path) => {
    expect(() => containedPath('out', path)).toThrow(UncontainedPath);
  });

  it('never leaves the folder, for any path', () => {
    const piece = fc.oneof(fc.constantFrom('..', '.', '/', '\\', '\0', ':'), fc.string());
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (parts) => {
        let path: string;
        try {
          path = containedPath('/srv/folder', ...parts);
        } catch (error) {
          return error instanceof UncontainedPath;
        }
        return (
          !relative('/srv/folder', resolve(path)).startsWith('..') &&
          resolve(path).startsWith(`/srv/folder${sep}`)
        );
      }),
    );
  });
});

describe('language tags', () => {
  it.each([
    ['en', 'en'],
    ['EN-au', 'en-AU'],
    ['zh-hant-tw', 'zh-Hant-TW'],
    ['es-419', 'es-419'],
    ['de-CH-1996', 'de-CH-1996'],
    ['ko-KR-u-ca-dangi', 'ko-KR-u-ca-dangi'],
  ])('%s', (tag, canonical) => {
    expect(canonicalLanguageTag(tag)).toBe(canonical);
  });

  it.each([
    '',
    'en-',
    'en_US',
    'en-../../x',
    '../en',
    'en/../..',
    'e',
    'en-AU\n',
    'en AU',
    `en-x-${'a-'.repeat(40)}b`,
  ])('refuses %j', (tag) => {
    expect(isLanguageTag(tag)).toBe(false);
  });

  it('refuses tags that would be a path or are too long', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const tag = canonicalLanguageTag(text);
        return tag === undefined || (/^[A-Za-z0-9-]+$/.test(tag) && text.length <= MAX_LANGUAGE_TAG);
      }),
    );
  });
});
