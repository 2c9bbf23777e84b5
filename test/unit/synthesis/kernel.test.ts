import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

it('is the committed binary what its source compiles to?', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sori-kernel-'));
  try {
    const out = join(folder, 'kernel.wasm');
    // The last -o wins, so that the project's own command decides everything else.
    await promisify(execFile)('npm', ['run', '--silent', 'kernel:build', '--', '-o', out]);
    const committed = await readFile('src/synthesis/vocoder/kernel/kernel.wasm');
    expect(Buffer.compare(await readFile(out), committed)).toBe(0);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
