import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { documentation } from '../../support/documentation.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const pages = documentation();
const textOf = (path: string) => pages.find((page) => page.path === path)!.text;

/** The anchor that GitHub gives to a heading. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .trim()
    .replaceAll(' ', '-');

it('the README has at most 10 KB', () => {
  expect(Buffer.byteLength(textOf('README.md'))).toBeLessThanOrEqual(10_000);
});

it.each([
  ['README.md', 'docs/'],
  ['docs/README.md', ''],
])('%s links every page', (index, folder) => {
  const names = pages.map(({ path }) => path.replace(/^docs\//, '')).filter((name) => name !== 'README.md');
  expect(names.filter((name) => !textOf(index).includes(`](${folder}${name})`))).toEqual([]);
});

it.each(pages)('the links of $path resolve', ({ path, text }) => {
  const prose = text.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '');
  const broken = [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link]) => link)
    .filter((link) => !/^https?:/.test(link))
    .filter((link) => {
      const [file, anchor] = link.split('#');
      const target = file === '' ? path : normalize(join(dirname(path), file));
      if (!existsSync(join(ROOT, target))) return true;
      if (anchor === undefined) return false;
      const headings = [...readFileSync(join(ROOT, target), 'utf8').matchAll(/^#+ (.+)$/gm)];
      return !headings.some(([, heading]) => anchorOf(heading) === anchor);
    });
  expect(broken).toEqual([]);
});

it('states a reason for every package', () => {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const packages = textOf('docs/contributing.md').split('## Packages')[1];
  const names = Object.keys({ ...dependencies, ...devDependencies });
  expect(names.filter((name) => !packages.includes(name))).toEqual([]);
});

it('names only files that exist', () => {
  const named = pages.flatMap(({ path, text }) =>
    [...text.matchAll(/`((?:src|scripts|test|assets|shards)\/[\w./-]+)`/g)].map(([, name]) => ({
      path,
      name,
    })),
  );
  expect(named.filter(({ name }) => !existsSync(join(ROOT, name)))).toEqual([]);
});
