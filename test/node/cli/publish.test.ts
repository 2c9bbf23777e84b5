import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Bucket, IMMUTABLE, keys } from '../../../scripts/lib/bucket.ts';
import { openLocalBucket, seedLocalBucket } from '../../../scripts/lib/local-bucket.ts';
import { listPublished, publishModel, rollBack } from '../../../scripts/lib/publish-model.ts';
import { verifyModel } from '../../../scripts/lib/verify-model.ts';
import { openWranglerBucket } from '../../../scripts/lib/wrangler-bucket.ts';
import type { PackReport } from '../../../scripts/pack/pack-model.ts';
import { runScript } from '../../fixtures/run-script.ts';
import { packTinyModel } from '../../fixtures/tiny-model.ts';

let root: string;
/** Two versions of one model that share no stage. */
let first: string;
let second: string;
let firstReport: PackReport;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'sori-publish-'));
  first = join(root, 'first');
  second = join(root, 'second');
  firstReport = await packTinyModel(first);
  await packTinyModel(second, { version: '0.0.2', seed: 2 });
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** Copies a packed model under another version: the files are the same, the manifest is not. */
async function copyAs(from: string, to: string, version: string): Promise<void> {
  await cp(from, to, { recursive: true });
  const path = join(to, 'manifest.json');
  const manifest = JSON.parse(await readFile(path, 'utf8')) as object;
  await writeFile(path, JSON.stringify({ ...manifest, version }));
}

/** A bucket in memory that records writes, and can be set to fail. `has` is left out, as with wrangler. */
function memoryBucket(objects = new Map<string, Uint8Array>()) {
  const written: string[] = [];
  let allowed = Number.POSITIVE_INFINITY;
  const bucket: Bucket = {
    name: 'memory',
    get: async (key) => objects.get(key) ?? null,
    put: async (key, { data }) => {
      if (written.length >= allowed) throw new Error('the line is down');
      written.push(key);
      objects.set(key, data);
    },
  };
  const failAfter = (writes: number) => {
    allowed = writes;
  };
  return { bucket, objects, written, failAfter };
}

const readBucket = (bucket: Bucket) => (file: string) => bucket.get(keys.file('sori-2', file));
const currentVersion = async (bucket: Bucket) => {
  const bytes = await bucket.get(keys.manifest('sori-2'));
  return bytes && (JSON.parse(new TextDecoder().decode(bytes)) as { version: string }).version;
};

describe('publishModel', () => {
  it('writes every file, then the archived manifest and the index, and manifest.json last', async () => {
    const { bucket, written } = memoryBucket();
    const report = await publishModel(bucket, first);
    expect(report).toMatchObject({ model: 'sori-2', version: '0.0.1', skipped: 0, manifestChanged: true });
    expect(written.length).toBe(report.uploaded + 3);
    expect(written.slice(-3)).toEqual([
      `shards/sori-2/manifests/${report.manifest}.json`,
      'shards/sori-2/manifests/index.json',
      'shards/sori-2/manifest.json',
    ]);
    expect((await verifyModel(readBucket(bucket))).problems).toEqual([]);
  });

  it('uploads nothing the second time', async () => {
    const { bucket, written } = memoryBucket();
    const { uploaded } = await publishModel(bucket, first);
    written.length = 0;
    const again = await publishModel(bucket, first);
    expect(again).toMatchObject({ uploaded: 0, skipped: uploaded, manifestChanged: false });
    expect(written).toEqual([]);
  });

  it('uploads only changed files of a new version', async () => {
    const { bucket, written } = memoryBucket();
    await publishModel(bucket, first);
    written.length = 0;
    const renamed = join(root, 'renamed');
    await copyAs(first, renamed, '0.0.3');
    const report = await publishModel(bucket, renamed);
    expect(report).toMatchObject({ uploaded: 0, manifestChanged: true });
    expect(written.length).toBe(3);
    expect(await currentVersion(bucket)).toBe('0.0.3');
  });

  it('leaves the old model active and complete when it is interrupted at any point', async () => {
    const { objects } = memoryBucket();
    await publishModel(memoryBucket(objects).bucket, first);
    const count = (await publishModel(memoryBucket(new Map(objects)).bucket, second)).uploaded + 3;
    for (let writes = 0; writes < count; writes++) {
      const { bucket, failAfter } = memoryBucket(new Map(objects));
      failAfter(writes);
      await expect(publishModel(bucket, second)).rejects.toThrow('the line is down');
      expect(await currentVersion(bucket)).toBe('0.0.1');
      expect((await verifyModel(readBucket(bucket))).problems).toEqual([]);
      failAfter(Number.POSITIVE_INFINITY);
      await publishModel(bucket, second);
      expect(await currentVersion(bucket)).toBe('0.0.2');
      expect((await verifyModel(readBucket(bucket))).problems).toEqual([]);
    }
  });

  it('uploads everything again when forced', async () => {
    const { bucket, objects } = memoryBucket();
    const { uploaded } = await publishModel(bucket, first);
    objects.set(keys.file('sori-2', firstReport.manifest.knownAnswer.file), new Uint8Array(3));
    expect((await publishModel(bucket, first)).uploaded).toBe(0);
    expect((await publishModel(bucket, first, { force: true })).uploaded).toBe(uploaded);
    expect((await verifyModel(readBucket(bucket))).problems).toEqual([]);
  });

  it('refuses an invalid folder before it writes anything', async () => {
    const { bucket, written } = memoryBucket();
    const broken = join(root, 'broken');
    await cp(first, broken, { recursive: true });
    const { file } = firstReport.manifest.knownAnswer;
    await writeFile(join(broken, file), 'x');
    await expect(publishModel(bucket, broken)).rejects.toThrow(`${file} has 1 bytes`);
    expect(written).toEqual([]);
  });
});

describe('rollBack', () => {
  let store: ReturnType<typeof memoryBucket>;
  let hashes: string[];

  beforeEach(async () => {
    store = memoryBucket();
    hashes = [];
    for (const folder of [first, second]) hashes.push((await publishModel(store.bucket, folder)).manifest);
  });

  it.each([
    ['a version', () => '0.0.1'],
    ['a hash', () => hashes[0]],
    ['the beginning of a hash', () => hashes[0].slice(0, 10)],
  ])('makes an earlier manifest active again, by %s', async (_, wanted) => {
    expect(await currentVersion(store.bucket)).toBe('0.0.2');
    await rollBack(store.bucket, 'sori-2', wanted());
    expect(await currentVersion(store.bucket)).toBe('0.0.1');
    expect(store.objects.get('shards/sori-2/manifest.json')).toEqual(
      new Uint8Array(await readFile(join(first, 'manifest.json'))),
    );
    const list = await listPublished(store.bucket, 'sori-2');
    expect(list.map(({ version, inForce }) => [version, inForce])).toEqual([
      ['0.0.1', true],
      ['0.0.2', false],
    ]);
  });

  it('refuses when a file of that manifest is missing or damaged', async () => {
    const { knownAnswer, stages } = firstReport.manifest;
    const key = keys.file('sori-2', stages.vocoder.shards[0].file);
    store.objects.set(key, new Uint8Array(stages.vocoder.shards[0].bytes));
    store.objects.delete(keys.file('sori-2', knownAnswer.file));
    const attempt = rollBack(store.bucket, 'sori-2', '0.0.1');
    await expect(attempt).rejects.toThrow(`${knownAnswer.file} is missing`);
    await expect(attempt).rejects.toThrow(/its bytes are damaged/);
    expect(await currentVersion(store.bucket)).toBe('0.0.2');
  });

  it('lists the manifests when the given one is unknown or ambiguous', async () => {
    const unknown = rollBack(store.bucket, 'sori-2', '9.9.9');
    await expect(unknown).rejects.toThrow(
      `no published manifest is "9.9.9"; there are:\n  ${hashes[0].slice(0, 12)}`,
    );
    const twin = join(root, 'twin');
    await copyAs(first, twin, '0.0.2');
    await publishModel(store.bucket, twin);
    await expect(rollBack(store.bucket, 'sori-2', '0.0.2')).rejects.toThrow(
      'more than one published manifest is "0.0.2"',
    );
  });
});

describe("wrangler's local R2", () => {
  it('is seeded once, repaired where a file is missing, and updated by a changed manifest', async () => {
    const persistTo = join(root, 'seeded');
    const seeded = await seedLocalBucket({ persistTo, folder: first });
    expect(seeded).toMatchObject({ skipped: 0, manifestChanged: true });
    expect(await seedLocalBucket({ persistTo, folder: first })).toMatchObject({
      uploaded: 0,
      manifestChanged: false,
    });
    {
      await using bucket = await openLocalBucket({ persistTo });
      expect((await verifyModel(readBucket(bucket))).problems).toEqual([]);
      const { file } = firstReport.manifest.knownAnswer;
      await bucket.put(keys.file('sori-2', file), { data: new Uint8Array(1) }, IMMUTABLE);
    }
    expect(await seedLocalBucket({ persistTo, folder: first })).toMatchObject({ uploaded: 1 });
    expect(await seedLocalBucket({ persistTo, folder: second })).toMatchObject({ manifestChanged: true });
    await using bucket = await openLocalBucket({ persistTo });
    expect(await currentVersion(bucket)).toBe('0.0.2');
  });

  it('is the same that the wrangler command reads and writes, byte for byte', async () => {
    const persistTo = join(root, 'shared');
    const flags = ['--local', '--persist-to', persistTo];
    const wrangler = openWranglerBucket({ bucketName: 'sori', flags });
    const data = Uint8Array.from({ length: 70_000 }, (_, i) => i * 7);
    const path = join(root, 'object.bin');
    await writeFile(path, data);
    expect(await wrangler.get('shards/a.bin')).toBeNull();
    await wrangler.put('shards/a.bin', { data, path }, IMMUTABLE);
    await wrangler.put('shards/b.bin', { data }, IMMUTABLE);
    {
      await using local = await openLocalBucket({ persistTo });
      expect(await local.get('shards/a.bin')).toEqual(data);
      expect(await local.get('shards/b.bin')).toEqual(data);
      expect(await local.has!('shards/a.bin', data.length)).toBe(true);
      await local.put('shards/c.bin', { data }, IMMUTABLE);
    }
    expect(new Uint8Array((await wrangler.get('shards/c.bin'))!)).toEqual(data);
  });

  it("reports wrangler's own message when it fails", async () => {
    const wrangler = openWranglerBucket({ bucketName: 'Not A Bucket', flags: ['--local'] });
    await expect(wrangler.get('shards/a.bin')).rejects.toThrow(/The bucket name "Not A Bucket" is invalid/);
  });
});

describe('shards:publish', () => {
  it('publishes locally, lists, rolls back and verifies on the command line', async () => {
    const local = ['--local', '--persist-to', join(root, 'cli')];
    const published = await runScript('publish.ts', [...local, '--folder', first]);
    expect(published).toMatchObject({ code: 0, stderr: '' });
    expect(published.stdout).toMatch(/^\[1\/\d+\] shards\/sori-2\/[0-9a-f]{64}\.\w+ [\d.]+ KiB$/m);
    expect(published.stdout).toMatch(/local R2 bucket sori: \d+ files .* uploaded, 0 were already there/);
    await runScript('publish.ts', [...local, '--folder', second]);
    const back = await runScript('publish.ts', [...local, '--rollback', '0.0.1']);
    expect(back.stdout).toContain('shards/sori-2/manifest.json: sori-2 0.0.1 is now active');
    const list = await runScript('publish.ts', [...local, '--list']);
    expect(list.stdout).toMatch(/^\* [0-9a-f]{12} {2}0\.0\.1 .*\n {2}[0-9a-f]{12} {2}0\.0\.2 /);
    const verified = await runScript('verify.ts', ['--bucket', ...local]);
    expect(verified.stdout).toContain('local R2 bucket sori, shards/sori-2: sori-2 0.0.1 is valid');
  });

  it('prints the exact wrangler commands in a dry run, in the order of a real one', async () => {
    const { code, stdout } = await runScript('publish.ts', ['--dry-run', '--remote', '--folder', first]);
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toBe(
      'npx wrangler r2 object get sori/shards/sori-2/manifests/index.json --pipe --remote',
    );
    const { file } = firstReport.manifest.stages.text_encoder.graph;
    expect(lines[1]).toBe(
      `npx wrangler r2 object put sori/shards/sori-2/${file} --file ${join(first, file)} ` +
        "--content-type application/octet-stream --cache-control 'public, max-age=31536000, immutable' --remote",
    );
    expect(lines.at(-2)).toBe(
      `npx wrangler r2 object put sori/shards/sori-2/manifest.json --file ${join(first, 'manifest.json')} ` +
        '--content-type application/json --cache-control no-cache --remote',
    );
    expect(lines.at(-1)).toMatch(
      /^# dry run: \d+ files, [\d.]+ KiB; files that the index lists would be left/,
    );
    const puts = lines.filter((line) => line.includes(' object put '));
    expect(puts.length).toBe(Number(/\d+/.exec(lines.at(-1)!)![0]) + 3);
  });

  it('prints errors without a stack', async () => {
    const missing = await runScript('publish.ts', ['--dry-run', '--folder', join(root, 'nowhere')]);
    expect(missing.code).toBe(1);
    expect(missing.stderr).toBe(
      `shards:publish: the model in ${join(root, 'nowhere')} is not valid:\n  manifest.json is missing\n`,
    );
    const both = await runScript('publish.ts', ['--local', '--remote']);
    expect(both.code).toBe(1);
    expect(both.stderr).toContain("option '--remote' cannot be used with option '--local'");
  });
});
