/** `npm run package`: builds the npm package into `build/package`, and packs it. */
import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { buildPackage } from './lib/build-package.ts';

const BUILD = resolve(import.meta.dirname, '../build');

await buildPackage(join(BUILD, 'package'));
const { stdout } = await promisify(execFile)('npm', ['pack', './package', '--json', '--silent'], {
  cwd: BUILD,
});
const packed: unknown = JSON.parse(stdout);
const [{ filename }] = Object.values(packed as Record<string, { filename: string }>);
const { size } = await stat(join(BUILD, filename));
console.log(`build/${filename}: ${(size / 1e6).toFixed(1)} MB`);
