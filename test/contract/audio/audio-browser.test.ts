import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { build } from 'esbuild';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createEncoder } from '../../../src/audio/encoders/encoder.ts';
import { launchBrowser } from '../../support/launch-browser.ts';
import { snr } from './audio-ffmpeg.ts';
import finished from './audio-finished-hashes.json' with { type: 'json' };
import hashes from './audio-hashes.json' with { type: 'json' };
import { speechLike } from './audio-signal.ts';

/** The page's script: encodes the reference signals and leaves the fingerprints for the test. */
const script = `
  import { encodedFingerprints, finishedFingerprints } from './audio-signal.ts';
  globalThis.fingerprints = (async () => [await encodedFingerprints(), await finishedFingerprints()])();
`;

let server: Server;
let browser: Browser;

beforeAll(async () => {
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
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  server?.closeAllConnections();
  server?.close();
});

it('Chromium plays M4A, and starts it at the first sample', async () => {
  const signal = speechLike(50_003);
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  for (const totalSamples of [signal.length, undefined]) {
    const encoder = await createEncoder('m4a', { totalSamples });
    const file = Buffer.concat([encoder.encode(signal), encoder.finish()]).toString('base64');
    const played = await page.evaluate<Played>(`(${playWhole})('${file}')`);
    expect(played.ended).toBe(true);
    // The player counts the frame of silence that it skips.
    expect(played.duration).toBeCloseTo((signal.length + 1024) / 24_000, 6);
    expect(played.samples.length).toBe(signal.length);
    expect(snr(signal, played.samples)).toBeGreaterThan(15);
  }
});

interface Played {
  readonly ended: boolean;
  readonly duration: number;
  readonly samples: number[];
}

/** Plays a file to its end at four times the speed, and decodes it. Runs in the page. */
const playWhole = `async (base64) => {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const audio = new Audio(URL.createObjectURL(new Blob([bytes], { type: 'audio/mp4' })));
  audio.muted = true;
  audio.playbackRate = 4;
  await new Promise((resolve, reject) => {
    audio.onended = resolve;
    audio.onerror = () => reject(new Error(audio.error.message));
    audio.play().catch(reject);
  });
  const decoded = await new OfflineAudioContext(1, 1, 24_000).decodeAudioData(bytes.buffer);
  return { ended: audio.ended, duration: audio.duration, samples: Array.from(decoded.getChannelData(0)) };
}`;

it('gives the same bytes in a browser as in Node and workerd', async () => {
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  await page.waitForFunction('globalThis.fingerprints');
  expect(await page.evaluate('globalThis.fingerprints')).toEqual([hashes, finished]);
});
