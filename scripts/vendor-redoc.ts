/** `npm run docs:vendor -- <version>`: replaces the copy of Redoc that `GET /docs` loads. */
import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const FOLDER = resolve(import.meta.dirname, '../assets/docs');
/** Redoc loads its maker's logo from another host, which the page's security policy forbids. */
const LOGO = /`https:\/\/cdn\.redoc\.ly\/redoc\/logo-mini(?:-full)?\.svg`/g;

const [version] = process.argv.slice(2);
if (!/^\d+\.\d+\.\d+$/.test(version ?? '')) {
  console.error('Usage: npm run docs:vendor -- <version>, for example 3.0.1');
  process.exit(1);
}

const work = await mkdtemp(join(tmpdir(), 'redoc-'));
try {
  const { stdout } = await run('npm', ['pack', `redoc@${version}`, '--silent'], { cwd: work });
  await run('tar', ['xzf', stdout.trim()], { cwd: work });
  const bundle = await readFile(join(work, 'package/bundles/redoc.standalone.js'), 'utf8');
  if ((bundle.match(LOGO) ?? []).length === 0) throw new Error('The logo was not found: look at the bundle.');
  for (const name of await readdir(FOLDER)) await rm(join(FOLDER, name));
  await writeFile(join(FOLDER, `redoc-${version}.js`), bundle.replaceAll(LOGO, '`data:,`'));
  await copyFile(join(work, 'package/LICENSE'), join(FOLDER, 'redoc-LICENSE.txt'));
  console.log(`Wrote assets/docs/redoc-${version}.js. Set the version in src/http/docs/docs-page.ts.`);
} finally {
  await rm(work, { recursive: true });
}
