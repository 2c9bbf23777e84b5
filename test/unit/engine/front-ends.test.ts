import { expect, test } from 'vitest';
import { encodeDictionary } from '../../../scripts/lexicon/encode-dictionary.ts';
import { FrontEnds } from '../../../src/engine/front-ends.ts';
import type { OpenModel } from '../../../src/engine/model-host.ts';
import { BRITISH_TABLE } from '../../../src/text/en/british/british.ts';
import { BRITISH_SYMBOLS, SYMBOLS } from '../../../src/text/symbols.ts';
import { buildTinyDictionary } from '../../fixtures/lexicon.ts';

const files: Readonly<Record<string, Uint8Array>> = {
  american: buildTinyDictionary(),
  british: encodeDictionary(new Map([['big', ['b', 'ˈɪ', 'ɡ', 'ə']]]), BRITISH_TABLE),
};

function modelWith(languages: readonly string[], phonemes: readonly string[]): OpenModel {
  const lexicons = { en: { dictionary: 'american' }, 'en-GB': { dictionary: 'british' } };
  const known = Object.entries(lexicons).filter(([tag]) => languages.includes(tag));
  const manifest = { name: 'tiny', languages, phonemes, lexicons: Object.fromEntries(known) };
  return { manifest, file: async (name: string) => files[name] } as unknown as OpenModel;
}

async function speak(model: OpenModel, tag: string): Promise<string> {
  const frontEnd = await new FrontEnds().get(model, tag);
  const [{ phonemes }] = frontEnd.analyze('big dog', { language: tag });
  return phonemes.map(({ symbol }) => symbol).join('');
}

test('British English loads its own words in addition to those of English', async () => {
  const model = modelWith(['en', 'en-GB'], [...SYMBOLS, ...BRITISH_SYMBOLS]);
  expect(await speak(model, 'en-GB')).toBe('^bˈɪɡə dˈɒɡ$');
  expect(await speak(model, 'en')).toBe('^bˈɪɡ dˈɔɡ$');
  expect(await speak(model, 'en-US')).toBe('^bˈɪɡ dˈɔɡ$');
});

test('a model without British English reads it as American English', async () => {
  expect(await speak(modelWith(['en'], SYMBOLS), 'en-GB')).toBe('^bˈɪɡ dˈɔɡ$');
  await expect(speak(modelWith(['en'], SYMBOLS), 'fr')).rejects.toMatchObject({
    code: 'unsupported_language',
  });
});
