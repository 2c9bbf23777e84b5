/**
 * Records what the SSML documents in `ssml/` do in addition to their words: `node test/golden/make-ssml.ts`. Look through the differences
 * before they are committed. `reads`, the text that each sounds like, is written by hand and not changed.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createFrontEnd } from '../../src/text/frontend.ts';
import { SYMBOLS } from '../../src/text/symbols.ts';
import { buildDictionary } from '../fixtures/lexicon.ts';
import { SSML_FOLDER, speakDocument, ssmlDocuments } from '../fixtures/ssml-documents.ts';

const frontEnd = createFrontEnd({ dictionary: buildDictionary(), phonemes: SYMBOLS });
for (const [vendor, documents] of ssmlDocuments()) {
  const expected = Object.fromEntries(
    [...documents].map(
      ([
        file,
        {
          xml,
          expected: { reads },
        },
      ]) => {
        return [file, { reads, ...speakDocument(frontEnd, xml).effects }];
      },
    ),
  );
  writeFileSync(join(SSML_FOLDER, vendor, 'expected.json'), `${JSON.stringify(expected, undefined, 2)}\n`);
  console.log(`${vendor}: ${documents.size} documents`);
}
