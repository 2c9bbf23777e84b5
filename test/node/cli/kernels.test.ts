import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

it.each([
  ['kernel:build', 'src/synthesis/vocoder/kernel/kernel.wasm'],
  ['stack:build', 'src/inference/stack/kernel/stack.wasm'],
])('%s compiles to the committed binary', async (script, binary) => {
  const folder = await mkdtemp(join(tmpdir(), 'sori-kernel-'));
  try {
    const out = join(folder, 'kernel.wasm');
    // The last -o is used, so everything else comes from the npm script.
    await promisify(execFile)('npm', ['run', '--silent', script, '--', '-o', out]);
    const committed = await readFile(binary);
    expect(Buffer.compare(await readFile(out), committed)).toBe(0);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
