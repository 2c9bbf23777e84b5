import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { expect, it } from 'vitest';

/** From the top down; a file may import from its own layer and from those below. Folders of one row don't know each other. */
const LAYERS = [
  ['worker.ts', 'origin.ts'],
  ['origin'],
  ['app.ts'],
  ['routes'],
  ['engine', 'delivery', 'auth', 'jobs', 'voices'],
  ['pipeline'],
  ['inference', 'shards', 'audio', 'database'],
  ['errors.ts', 'canonical-json.ts', 'housekeeping.ts', 'rounds.ts'],
];

/** What a row's folders may know of each other after all: types of the formats and tensors that they exchange. */
const SIDEWAYS = new Set(['shards → inference', 'inference → shards']);

const SOURCE = join(import.meta.dirname, '../../../src');

const layerOf = (folder: string) => LAYERS.findIndex((names) => names.includes(folder));
const top = (path: string) => relative(SOURCE, path).split('/')[0];

const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !name.includes('kernel/assembly') && !name.endsWith('.d.ts'))
  .map((name) => join(SOURCE, name));

const imports = files.flatMap((file) =>
  [...readFileSync(file, 'utf8').matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map(([, path]) => ({
    file,
    target: normalize(join(dirname(file), path)),
  })),
);

it('imports point down', () => {
  expect(imports.length).toBeGreaterThan(100);
  const wrong = imports.filter(({ file, target }) => {
    if (!target.startsWith(SOURCE)) return false;
    const [from, to] = [top(file), top(target)];
    if (from === to || SIDEWAYS.has(`${from} → ${to}`)) return false;
    expect(layerOf(from), `${from} has no layer`).toBeGreaterThanOrEqual(0);
    expect(layerOf(to), `${to} has no layer`).toBeGreaterThanOrEqual(0);
    return layerOf(to) <= layerOf(from);
  });
  expect(wrong.map(({ file, target }) => `${relative(SOURCE, file)} → ${relative(SOURCE, target)}`)).toEqual(
    [],
  );
});

it('the pipeline knows no HTTP and no platform, the routes no ONNX', () => {
  const mentions = (folder: string, pattern: RegExp) =>
    files
      .filter((file) => top(file) === folder && pattern.test(readFileSync(file, 'utf8')))
      .map((file) => relative(SOURCE, file));
  expect(mentions('routes', /onnxruntime|inference\//)).toEqual([]);
  expect(mentions('pipeline', /'hono|@cloudflare|cloudflare:|R2Bucket/)).toEqual([]);
  // Drivers of the kernel are named for their platform.
  expect(mentions('pipeline', /'node:/)).toEqual(['pipeline/vocoder/kernel/node.ts']);
});
