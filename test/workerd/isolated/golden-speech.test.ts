import { env, exports } from 'cloudflare:workers';
import { beforeAll, expect, it } from 'vitest';
import golden from '../../golden/speech.json' with { type: 'json' };
import { hashSpeech } from '../../support/golden-speech.ts';
import { bucketOf, seedModel } from '../seed.ts';

beforeAll(() => seedModel(bucketOf(env), { name: 'sori-2', from: 'embedded' }));

const worker = (exports as unknown as { default: Fetcher }).default;

it.each(golden.speech)('in workerd, $key: the same bytes as in Node', async (speech) => {
  const request = (path: string, init: RequestInit) => worker.fetch(`http://localhost${path}`, init);
  expect(await hashSpeech(request, speech.body)).toEqual(speech);
});
