/**
 * Speaks 34 English sentences in each voice of the shards that ship, for transcribe.py and evaluate_opinion.py:
 * `node scripts/train/sori2/evaluate/speak-shipped.ts FOLDER [--steps N] [VOICE …]`. Writes FOLDER/<voice>/<number>.wav and FOLDER/texts.tsv.
 * `--steps`: `diffusion_steps`; each sentence of each voice has a seed of its own.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createEncoder } from '../../../../src/audio/encoders/encoder.ts';
import { concatBytes } from '../../../../src/base/bytes.ts';
import { createNodeEngine } from '../../../lib/node-engine.ts';
import { plainRequest } from '../../../lib/plain-request.ts';

const SENTENCES = [
  'Thank you for calling. Your call is important to us.',
  'Would you like to hear the options again?',
  'Please bring bread, milk, apples, and a bag of rice.',
  'The meeting moved from Tuesday to Thursday afternoon.',
  'Which platform does the train to London leave from?',
  'Do you want the window seat or the aisle seat?',
  'Your order has been shipped and should arrive tomorrow.',
  'She said the water was cold, but she swam anyway.',
  'Turn left at the lights, then keep right by the church.',
  'Goodbye, and have a pleasant evening.',
  'Your parcel was delivered to the front desk this morning.',
  'Can I book a table for four at half past seven?',
  'We are sorry, but the store is closed on Sundays.',
  'How long will the repair of my phone take?',
  'The museum has paintings, old maps, coins, and a quiet garden.',
  'Press one for sales, or stay on the line.',
  'He opened the window and listened to the rain.',
  'Is this seat taken, or may I sit here?',
  'All passengers for Boston should go to gate twelve.',
  'Your password was changed ten minutes ago.',
  'The soup needs salt, pepper, and a little lemon.',
  'Good morning, and welcome to the morning news.',
  'Your table for two is ready by the window.',
  'Would you mind repeating the last part of that?',
  'We sell lamps, carpets, small tables, and a few chairs.',
  'The bridge is closed until the end of the month.',
  'When does the next ferry cross the river?',
  'Shall I call you a taxi, or will you walk home?',
  'Please hold while we connect you to a colleague.',
  'The film was longer than I had expected.',
  'Follow the path along the lake, then cross the wooden bridge.',
  'Your subscription renews on the first of April.',
  'It rained all night, and the garden is full of snails.',
  'Thank you, and see you again soon.',
];

const { positionals, values } = parseArgs({ allowPositionals: true, options: { steps: { type: 'string', default: '0' } } });
const [folder, ...named] = positionals;
if (folder === undefined) throw new Error('Usage: node scripts/train/sori2/evaluate/speak-shipped.ts FOLDER [--steps N] [VOICE …]');
const diffusionSteps = Number(values.steps);
const engine = createNodeEngine();
const { voices } = await engine.model(engine.names[0]);
const rows: string[] = [];
for (const [index, { id, language }] of voices.entries()) {
  if (named.length > 0 ? !named.includes(id) : !language.startsWith('en')) continue;
  await mkdir(join(folder, id), { recursive: true });
  for (const [number, input] of SENTENCES.entries()) {
    const seed = SENTENCES.length * index + number;
    const spoken = language.startsWith('en') ? language : 'en';
    const { chunks, totalSamples } = await engine.speak(
      plainRequest({ input, voice: { [id]: 1 }, language: spoken, diffusionSteps, seed }),
    );
    const encoder = await createEncoder('wav', { totalSamples });
    const pieces: Uint8Array[] = [];
    for await (const chunk of chunks) pieces.push(encoder.encode(chunk));
    pieces.push(encoder.finish());
    await writeFile(join(folder, id, `${number}.wav`), concatBytes(pieces));
    rows.push(`${id}\t${number}\t${input}\n`);
  }
  console.log(id);
}
await writeFile(join(folder, 'texts.tsv'), rows.join(''));
