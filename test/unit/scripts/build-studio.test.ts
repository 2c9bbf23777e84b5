import { beforeAll, expect, it } from 'vitest';
import { type BuiltFiles, buildStudio } from '../../../scripts/lib/build-studio.ts';
import { staticFile } from '../../../src/origin/static-files.ts';

/** Budget of the page's scripts in bytes. */
const BUDGET = 150_000;
/** Cloudflare's limit for a static file. */
const LARGEST = 25 * 1024 * 1024;

let built: BuiltFiles;
beforeAll(async () => {
  built = await buildStudio();
});

const read = async (name: string, init?: RequestInit) =>
  await staticFile(new Request(`http://localhost/studio/${name}`, init));

/** A script and those that it imports. */
async function withImports(name: string, seen = new Set<string>()): Promise<Set<string>> {
  if (seen.has(name)) return seen;
  seen.add(name);
  const text = (await (await read(name))?.text()) ?? '';
  for (const [, imported] of text.matchAll(/\b(?:from|import)\s*"\.\/([\w-]+\.js)"/g)) {
    await withImports(imported, seen);
  }
  return seen;
}

it('the scripts of the page are within their budget', async () => {
  const names = new Set<string>();
  for (const entry of ['app.js', 'analysis.js', 'recorder.js', 'offline.js']) await withImports(entry, names);
  const bytes = [...names].reduce((sum, name) => sum + (built.get(name) ?? Number.NaN), 0);
  expect(bytes).toBeGreaterThan(10_000);
  expect(bytes).toBeLessThan(BUDGET);
});

it('no file is too large for Cloudflare', () => {
  expect([...built].filter(([, bytes]) => bytes > LARGEST)).toEqual([]);
});

it('an origin serves the files, and browsers revalidate them', async () => {
  const response = await read('app.js');
  expect(response?.headers.get('content-type')).toContain('javascript');
  expect(response?.headers.get('cache-control')).toBe('public, no-cache');
  const again = await read('app.js', { headers: { 'If-None-Match': response!.headers.get('etag')! } });
  expect(again?.status).toBe(304);
  expect(await read('nothing.js')).toBeUndefined();
});
