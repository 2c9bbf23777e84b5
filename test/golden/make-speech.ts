/** Writes speech.json anew: `node test/golden/make-speech.ts`. Only with a new model, or together with a raised SYNTHESIS_REVISION. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { memoryStore } from '../../src/library/stores/memory.ts';
import { SYNTHESIS_REVISION } from '../../src/synthesis/revision.ts';
import { wasmApp } from '../support/apps/wasm-app.ts';
import { GOLDEN_BODIES, hashSpeech } from '../support/golden-speech.ts';

const app = wasmApp(memoryStore());
const speech = [];
for (const body of GOLDEN_BODIES) speech.push(await hashSpeech(app.request, body));
const golden = { revision: SYNTHESIS_REVISION, speech };
await writeFile(join(import.meta.dirname, 'speech.json'), `${JSON.stringify(golden, null, 2)}\n`);
