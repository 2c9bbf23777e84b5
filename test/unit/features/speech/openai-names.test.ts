import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { findVoice } from '../../../../src/features/speech/index.ts';
import { OPENAI_VOICES, openAiNamesOf } from '../../../../src/features/speech/voices/openai-names.ts';
import { TONE_MODEL } from '../../../fixtures/tone-engine.ts';

const { voices } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../../shards/sori-2/manifest.json'), 'utf8'),
) as Pick<typeof TONE_MODEL, 'voices'>;
const model = { ...TONE_MODEL, voices };

it('OpenAI’s names mean voices of the embedded model; fable is a British man', () => {
  const meant = (name: string) => {
    const { sex, language } = findVoice(model, name)!;
    return `${sex} ${language}`;
  };
  expect(Object.fromEntries(Object.keys(OPENAI_VOICES).map((name) => [name, meant(name)]))).toEqual({
    alloy: 'female en-US',
    ash: 'male en-US',
    ballad: 'male en-US',
    cedar: 'male en-US',
    coral: 'female en-US',
    echo: 'male en-US',
    fable: 'male en-GB',
    marin: 'female en-US',
    nova: 'female en-US',
    onyx: 'male en-US',
    sage: 'female en-US',
    shimmer: 'female en-US',
    verse: 'male en-US',
  });
  expect(openAiNamesOf(model, findVoice(model, 'Fable')!)).toEqual(['fable']);
});
