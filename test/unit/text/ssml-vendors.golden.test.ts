import { beforeAll, describe, expect, test } from 'vitest';
import { createFrontEnd, type FrontEnd } from '../../../src/text/frontend.ts';
import { SYMBOLS } from '../../../src/text/symbols.ts';
import { buildDictionary } from '../../fixtures/lexicon.ts';
import { speakDocument, ssmlDocuments, wordsOf } from '../../fixtures/ssml-documents.ts';

let frontEnd: FrontEnd;

beforeAll(() => {
  frontEnd = createFrontEnd({ dictionary: buildDictionary(), phonemes: SYMBOLS });
});

for (const [vendor, documents] of ssmlDocuments()) {
  describe(vendor, () => {
    test.each([...documents])('%s', (_, { xml, expected: { reads, ...effects } }) => {
      const spoken = speakDocument(frontEnd, xml);
      expect(wordsOf(spoken.utterances)).toBe(wordsOf(frontEnd.analyze(reads)));
      expect(spoken.effects).toEqual(effects);
    });
  });
}
