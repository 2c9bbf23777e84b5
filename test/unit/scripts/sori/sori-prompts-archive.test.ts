import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { folderArchive, zipArchive } from '../../../../scripts/sori/prompts/export/archive.ts';

const OUTSIDE = ['../outside.wav', 'en/../../outside.wav', '/outside.wav', 'en\\..\\..\\outside.wav'];
const bytes = Uint8Array.of(1, 2, 3);

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sori-archive-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('archives', () => {
  it.each(OUTSIDE)('a folder refuses the file name %j', async (name) => {
    const archive = folderArchive(join(folder, 'out'));
    await expect(archive.add(name, bytes)).rejects.toThrow(/leads out of its folder/);
    expect(existsSync(join(folder, 'outside.wav'))).toBe(false);
  });

  it.each(OUTSIDE)('a ZIP file refuses the entry name %j', async (name) => {
    const path = join(folder, 'out.zip');
    const archive = zipArchive(path);
    await archive.add('en/inside.wav', bytes);
    await expect(archive.add(name, bytes)).rejects.toThrow(/leads out of its folder/);
    await archive.finish();
    expect(Object.keys(unzipSync(await readFile(path)))).toEqual(['en/inside.wav']);
    expect(await readdir(folder)).toEqual(['out.zip']);
  });
});
