import { expect, it } from 'vitest';
import { memoryStore } from '../../../src/library/stores/memory.ts';
import { SYNTHESIS_REVISION } from '../../../src/synthesis/revision.ts';
import golden from '../../golden/speech.json' with { type: 'json' };
import { wasmApp } from '../../support/apps/wasm-app.ts';
import { hashSpeech } from '../../support/golden-speech.ts';

it('the golden file has the current revision', () => {
  expect(golden.revision).toBe(SYNTHESIS_REVISION);
});

it.each(golden.speech)('in Node, $key: the recorded bytes', async (speech) => {
  // Other bytes under an old key? Raise SYNTHESIS_REVISION, then: node test/golden/make-speech.ts
  expect(await hashSpeech(wasmApp(memoryStore()).request, speech.body)).toEqual(speech);
});
