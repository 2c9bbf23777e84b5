import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ORIGIN_ADMIN_HASH,
  ORIGIN_ADMIN_KEY,
  type RunningOrigin,
  runOrigin,
} from '../support/servers/running-origin.ts';
import { type RunningServer, runServer, serverFolder } from '../support/servers/running-server.ts';
import { httpContract } from './http.contract.ts';
import { openaiContract } from './openai.contract.ts';

let folder: Awaited<ReturnType<typeof serverFolder>>;
let edge: RunningServer;
let origin: RunningOrigin;

beforeAll(async () => {
  folder = await serverFolder();
  edge = await runServer(folder.path, {
    args: ['--auth', '--no-watch'],
    env: { ADMIN_KEY_SHA256: ORIGIN_ADMIN_HASH },
  });
  origin = await runOrigin(folder.path, {
    REFERENCE_STYLES: 'on',
    SIGNING_KEYS: `k1:${'s'.repeat(40)}`,
  });
});
afterAll(async () => {
  await edge?.stop();
  await origin?.[Symbol.asyncDispose]();
  await folder?.[Symbol.asyncDispose]();
});

const edgeUnderTest = () => ({ url: edge.url, adminKey: ORIGIN_ADMIN_KEY });
describe('the edge', () => httpContract(edgeUnderTest));
describe('the official client of OpenAI with the edge', () => openaiContract(edgeUnderTest));
describe('an origin', () => httpContract(() => ({ url: origin.url, adminKey: ORIGIN_ADMIN_KEY })));

it('both return the same OpenAPI document', async () => {
  const [ofEdge, ofOrigin] = await Promise.all(
    [edge, origin].map(async ({ url }) => await (await fetch(new URL('/openapi.json', url))).text()),
  );
  expect(ofOrigin).toBe(ofEdge);
  expect(ofEdge.length).toBeGreaterThan(10_000);
});
