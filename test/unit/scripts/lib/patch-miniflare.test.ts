import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { expect, it } from 'vitest';
import { SLOW_GROWTH } from '../../../../scripts/lib/patch-miniflare.ts';

it('the installed miniflare contains the statement that is replaced; remove the patch where it does not', async () => {
  const path = createRequire(import.meta.url).resolve('miniflare');
  expect(path).toMatch(/\/miniflare\/dist\/src\/index\.js$/);
  expect((await readFile(path, 'utf8')).split(SLOW_GROWTH)).toHaveLength(2);
});
