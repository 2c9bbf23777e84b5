import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, join, resolve } from 'node:path';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import type { Portable } from './portable.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const CHROMIUM = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';

/** Has Chromium speak; `undefined` where there is none. */
export async function speakInBrowser(): Promise<Portable | undefined> {
  if (!existsSync(CHROMIUM)) return undefined;
  const { outputFiles } = await build({
    entryPoints: [join(ROOT, 'scripts/bench/edge/portable.page.ts')],
    bundle: true,
    format: 'esm',
    target: 'es2022',
    write: false,
    logLevel: 'error',
  });
  const server = createServer(async (request, response) => {
    const [type, body] = await answer(request.url ?? '/', outputFiles[0].contents);
    response.writeHead(body ? 200 : 404, { 'content-type': type }).end(body);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await page.waitForFunction('globalThis.speak');
    return (await page.evaluate('globalThis.speak()')) as Portable;
  } finally {
    await browser.close();
    server.closeAllConnections();
    server.close();
  }
}

async function answer(url: string, script: Uint8Array): Promise<[string, Uint8Array | undefined]> {
  const [, folder, ...rest] = url.split('/');
  const file = basename(rest.at(-1) ?? '');
  switch (folder) {
    case '':
      return ['text/html', Buffer.from('<!doctype html><script type="module" src="/page.js"></script>')];
    case 'page.js':
      return ['text/javascript', script];
    case 'kernel.wasm':
      return ['application/wasm', await fileAt('src/synthesis/vocoder/kernel/kernel.wasm')];
    case 'stack.wasm':
      return ['application/wasm', await fileAt('src/inference/stack/kernel/stack.wasm')];
    case 'ort':
      return ['application/wasm', await fileAt('node_modules/onnxruntime-web/dist', file)];
    case 'models':
      return ['application/octet-stream', await fileAt('shards', basename(rest[0] ?? ''), file)];
    default:
      return ['text/plain', undefined];
  }
}

function fileAt(...path: string[]): Promise<Uint8Array | undefined> {
  return readFile(join(ROOT, ...path)).catch(() => undefined);
}
