import { describe, expect, it } from 'vitest';
import type { SoriError } from '../../../../src/base/errors.ts';
import { parseJob } from '../../../../src/features/jobs/request.ts';
import { parsePrompt } from '../../../../src/features/prompts/faults.ts';
import { parseMessage } from '../../../../src/features/prompts/templates/message.ts';
import { parseSpeech } from '../../../../src/features/speech/parse.ts';

const SPEECH = { model: 'sori-2', voice: 'hazel', input: 'Hello.' };

/** Invalid tags that begin with a language that models speak. */
const HOSTILE = ['en-../../../x', 'en/../..', 'en-', 'en_AU', 'en-AU\r\nx: y', `en-${'a'.repeat(9)}`];

/** Every request that stores a language or locale. */
const WAYS: readonly [what: string, param: string, parse: (language: string) => unknown][] = [
  ['a speech request', 'language', (language) => parseSpeech({ ...SPEECH, language })],
  ['a prompt', 'language', (language) => parsePrompt({ input: 'Hello.', voice: 'hazel', language })],
  [
    'a prompt’s locale',
    'locales',
    (tag) => parsePrompt({ input: 'Hello.', voice: 'hazel', locales: { [tag]: {} } }),
  ],
  [
    'a language in a prompt’s locale',
    'locales.en-AU.language',
    (language) => parsePrompt({ input: 'Hello.', voice: 'hazel', locales: { 'en-AU': { language } } }),
  ],
  ['a job', 'request.language', (language) => parseJob({ kind: 'speech', request: { ...SPEECH, language } })],
  ['a template', 'locale', (locale) => parseMessage('Hello.', locale)],
];

describe.each(WAYS)('the language of %s', (_, param, parse) => {
  it.each(HOSTILE)('refuses %j', (tag) => {
    let thrown: SoriError | undefined;
    try {
      parse(tag);
    } catch (error) {
      thrown = error as SoriError;
    }
    expect(thrown?.code).toBe('invalid_value');
    expect(thrown?.param).toContain(param);
  });

  it('is a BCP 47 tag', () => {
    expect(() => parse('en-AU')).not.toThrow();
  });
});
