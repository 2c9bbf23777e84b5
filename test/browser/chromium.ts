import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, join, resolve } from 'node:path';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser } from '../support/launch-browser.ts';
import { tinyModel } from '../support/models/model-files.ts';

const root = resolve(import.meta.dirname, '../..');
// Chromium's own software Vulkan: with it the WebGPU path runs on machines without a GPU.
const softwareVulkan = '/usr/lib/chromium/vk_swiftshader_icd.json';

/** A browser at a page of the test server. */
export interface Opened {
  readonly page: Page;
  close(): Promise<void>;
}

/**
 * Starts Chromium at `inference.page.ts`, served on this machine together with the models and onnxruntime-web's files.
 * @throws when there is no Chromium; nothing is downloaded.
 */
export async function openPage(): Promise<Opened> {
  const server = await serve(await bundle());
  let browser: Browser | undefined;
  const close = async () => {
    await browser?.close();
    server.closeAllConnections();
    server.close();
  };
  try {
    browser = await launchBrowser(
      [
        '--disable-gpu-sandbox',
        '--enable-unsafe-webgpu',
        '--use-webgpu-adapter=swiftshader',
        '--enable-features=Vulkan',
      ],
      existsSync(softwareVulkan) ? { VK_ICD_FILENAMES: softwareVulkan } : {},
    );
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await page.waitForFunction('globalThis.sori');
    return { page, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function bundle(): Promise<Uint8Array> {
  const { outputFiles } = await build({
    entryPoints: [join(root, 'test/browser/inference.page.ts')],
    bundle: true,
    format: 'esm',
    target: 'es2022',
    write: false,
    logLevel: 'error',
  });
  return outputFiles[0].contents;
}

async function serve(script: Uint8Array): Promise<Server> {
  const server = createServer(async (request, response) => {
    const [, folder, ...rest] = (request.url ?? '/').split('/');
    const file = basename(rest.at(-1) ?? '');
    let body: Uint8Array | undefined;
    let type = 'application/octet-stream';
    if (folder === '')
      [body, type] = [
        Buffer.from('<!doctype html><script type="module" src="/page.js"></script>'),
        'text/html',
      ];
    else if (folder === 'page.js') [body, type] = [script, 'text/javascript'];
    else if (folder === 'ort')
      [body, type] = [await fileAt('node_modules/onnxruntime-web/dist', file), 'application/wasm'];
    else if (folder === 'models' && rest[0] === 'tiny') body = (await tinyModel('tiny', 1)).get(file);
    else if (folder === 'models') body = await fileAt('shards', basename(rest[0] ?? ''), file);
    response.writeHead(body ? 200 : 404, { 'content-type': type }).end(body);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return server;
}

function fileAt(...path: string[]): Promise<Uint8Array | undefined> {
  return readFile(join(root, ...path)).catch(() => undefined);
}
