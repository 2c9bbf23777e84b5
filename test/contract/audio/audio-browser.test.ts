import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { build } from 'esbuild';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import finished from './audio-finished-hashes.json' with { type: 'json' };
import hashes from './audio-hashes.json' with { type: 'json' };

const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';

/** The page's script: encodes the reference signals and leaves the fingerprints for the test. */
const script = `
  import { encodedFingerprints, finishedFingerprints } from './audio-signal.ts';
  globalThis.fingerprints = (async () => [await encodedFingerprints(), await finishedFingerprints()])();
`;

let server: Server;
let browser: Browser;

beforeAll(async () => {
  if (!existsSync(executablePath)) {
    throw new Error(`no Chromium at ${executablePath}: install it, or set CHROMIUM_PATH`);
  }
  const { outputFiles } = await build({
    stdin: { contents: script, resolveDir: import.meta.dirname, loader: 'ts' },
    bundle: true,
    format: 'esm',
    target: 'es2022',
    write: false,
  });
  const files: Record<string, [type: string, body: Uint8Array]> = {
    '/': ['text/html', Buffer.from('<!doctype html><script type="module" src="/page.js"></script>')],
    '/page.js': ['text/javascript', outputFiles[0].contents],
    '/opus.wasm': ['application/wasm', await readFile('src/audio/codecs/opus.wasm')],
    '/aac.wasm': ['application/wasm', await readFile('src/audio/codecs/aac.wasm')],
    '/mp3.wasm': ['application/wasm', await readFile('src/audio/codecs/mp3.wasm')],
  };
  server = createServer((request, response) => {
    const file = files[request.url ?? ''];
    response.writeHead(file ? 200 : 404, { 'content-type': file?.[0] ?? 'text/plain' }).end(file?.[1]);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-background-networking'],
  });
});

afterAll(async () => {
  await browser?.close();
  server?.closeAllConnections();
  server?.close();
});

it('gives the same bytes in a browser as in Node and workerd', async () => {
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  await page.waitForFunction('globalThis.fingerprints');
  expect(await page.evaluate('globalThis.fingerprints')).toEqual([hashes, finished]);
});
