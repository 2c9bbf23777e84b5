import { expect, it } from 'vitest';
import { memoryStore } from '../../../src/library/stores/memory.ts';
import { SYNTHESIS_REVISION } from '../../../src/synthesis/revision.ts';
import golden from '../../golden/speech.json' with { type: 'json' };
import { hashSpeech } from '../../support/golden-speech.ts';
import { wasmApp } from '../../support/wasm-app.ts';

it('the golden file has the current revision', () => {
  expect(golden.revision).toBe(SYNTHESIS_REVISION);
});

it.each(golden.speech)('in Node, $key: the recorded bytes', async (speech) => {
  // Other bytes under an old key? Raise SYNTHESIS_REVISION, then: node test/golden/make-speech.ts
  expect(await hashSpeech(wasmApp(memoryStore()).request, speech.body)).toEqual(speech);
});
