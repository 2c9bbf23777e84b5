import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';

const WRANGLER = resolve(import.meta.dirname, '../../node_modules/wrangler/bin/wrangler.js');
const env = { ...process.env, WRANGLER_SEND_METRICS: 'false', CI: '1' };

it('npm run deploy would upload at most 5 MB, gzipped', async () => {
  const { scripts } = JSON.parse(await readFile('package.json', 'utf8'));
  expect(scripts.deploy).toBe('wrangler deploy');
  const out = await mkdtemp(join(tmpdir(), 'sori-deploy-'));
  try {
    const args = [WRANGLER, 'deploy', '--dry-run', '--outdir', out];
    const { stdout } = await promisify(execFile)(process.execPath, args, { env });
    expect(stdout).toMatch(/env\.BUCKET \(sori\)\s+R2 Bucket/);
    const [, kibibytes] = stdout.match(/gzip: ([\d.]+) KiB/) ?? [];
    expect(Number(kibibytes) * 1024).toBeLessThanOrEqual(5_000_000);

    // wrangler's own figure, checked: the script and its WebAssembly modules, without the source map.
    const files = (await readdir(out)).filter((name) => /\.(js|wasm)$/.test(name));
    expect(files.filter((name) => name.endsWith('.wasm')).length).toBeGreaterThan(1);
    const sizes = await Promise.all(
      files.map(async (name) => gzipSync(await readFile(join(out, name))).length),
    );
    expect(sizes.reduce((sum, size) => sum + size)).toBeLessThanOrEqual(5_000_000);
  } finally {
    await rm(out, { recursive: true, force: true });
  }
});
