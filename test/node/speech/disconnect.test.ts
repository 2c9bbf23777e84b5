import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { convertV4MiniflareOptions, Miniflare } from 'miniflare';
import { expect, it } from 'vitest';
import { startDevServer } from '../../../scripts/lib/dev-server.ts';
import { CHUNK } from '../../fixtures/tone-engine.ts';

const ENTRY = resolve(import.meta.dirname, '../../fixtures/tone-worker.ts');
const WRANGLER = resolve(import.meta.dirname, '../../../node_modules/wrangler/bin/wrangler.js');
const FIELDS = [
  { response_format: 'mp3' },
  { response_format: 'pcm' },
  { response_format: 'mp3', stream_format: 'sse' },
];

interface Count {
  spoken: number;
  made: number;
  ended: number;
  aborted: number;
}

const countOf = async (url: URL) => (await (await fetch(new URL('/count', url))).json()) as Count;

/** Asks for speech over a bare socket, takes the first 100 kB and cuts the connection. */
function readAndLeave(url: URL, fields: object): Promise<void> {
  const body = JSON.stringify({ model: 'tts-1', voice: 'alloy', input: 'Hello.', ...fields });
  const request = [
    'POST /v1/audio/speech HTTP/1.1',
    `Host: ${url.host}`,
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
    '',
    body,
  ].join('\r\n');
  return new Promise((done, fail) => {
    let taken = 0;
    const socket = connect(Number(url.port), url.hostname, () => socket.write(request));
    socket.on('data', (data) => {
      if (taken === 0 && !data.toString('latin1').startsWith('HTTP/1.1 200'))
        fail(new Error(data.toString()));
      taken += data.length;
      if (taken < 100_000) return;
      socket.destroy();
      done();
    });
    socket.on('error', fail);
  });
}

/** What wrangler has bundled. */
async function modulesIn(folder: string) {
  const names = (await readdir(folder)).filter((name) => /\.(?:js|wasm)$/.test(name));
  // workerd takes the first module as the entry.
  names.sort((a, b) => Number(a.endsWith('.wasm')) - Number(b.endsWith('.wasm')));
  return await Promise.all(
    names.map(async (name) => ({
      type: name.endsWith('.wasm') ? ('CompiledWasm' as const) : ('ESModule' as const),
      path: join(folder, name),
      contents: await readFile(join(folder, name)),
    })),
  );
}

/** Disconnects once for each response format. Each time the only slot must become free and the synthesis must stop. */
async function expectWorkToStop(url: URL): Promise<void> {
  for (const [index, fields] of FIELDS.entries()) {
    await readAndLeave(url, fields);
    const all = index + 1;
    await expect
      .poll(() => countOf(url), { timeout: 60_000 })
      .toMatchObject({ spoken: all, ended: all, aborted: all });
    const { made } = await countOf(url);
    // An hour of audio was asked for; what was made fits the buffers of sockets on the way.
    expect(made * CHUNK * 4).toBeLessThan(all * 40_000_000);
    expect((await countOf(url)).made).toBe(made);
  }
}

it('a closed connection stops the work in workerd', async () => {
  const out = await mkdtemp(join(tmpdir(), 'sori-tone-'));
  const args = [WRANGLER, 'deploy', '--dry-run', '--outdir', out, ENTRY];
  await promisify(execFile)(process.execPath, args, {
    env: { ...process.env, WRANGLER_SEND_METRICS: 'false' },
  });
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      modules: await modulesIn(out),
      modulesRoot: out,
      compatibilityDate: '2026-10-01',
      compatibilityFlags: ['enable_request_signal'],
      // The timeout is so long that only the end of the connection can stop it.
      bindings: { STALL_MS: '3600000' },
      cf: false,
    }),
  );
  try {
    await expectWorkToStop(await miniflare.ready);
  } finally {
    await miniflare.dispose();
    await rm(out, { recursive: true, force: true });
  }
});

it('a client that stops reading is detected behind a proxy that does not forward the disconnect, as wrangler’s', async () => {
  await using server = await startDevServer({ port: 0, entrypoint: ENTRY, logLevel: 'error' });
  await expectWorkToStop(server.url);
});
