import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readFolder } from '../../../../scripts/lib/publish-model.ts';
import { type Problem, verifyModel } from '../../../../scripts/lib/verify-model.ts';
import { decodeModel, encodeModel } from '../../../../scripts/pack/onnx.ts';
import { sha256Hex } from '../../../../src/base/sha256.ts';
import { decodeKnownAnswers, encodeKnownAnswers } from '../../../../src/shards/known-answer.ts';
import type { Manifest } from '../../../../src/shards/manifest.ts';
import { runScript } from '../../../fixtures/run-script.ts';
import { packTinyModel } from '../../../fixtures/tiny-model.ts';

let root: string;
let sound: string;
let manifest: Manifest;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'sori-verify-'));
  sound = join(root, 'sori-2');
  ({ manifest } = await packTinyModel(sound));
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** Verifies a copy of the model after a change. */
async function problemsAfter(damage: (folder: string) => Promise<void>): Promise<readonly Problem[]> {
  const folder = await mkdtemp(join(root, 'damaged-'));
  await cp(sound, folder, { recursive: true });
  await damage(folder);
  return (await verifyModel(readFolder(folder))).problems;
}

function editManifest(edit: (manifest: Manifest) => void) {
  return async (folder: string) => {
    const copy = structuredClone(manifest);
    edit(copy);
    await writeFile(join(folder, 'manifest.json'), JSON.stringify(copy));
  };
}

it('accepts a packed model', async () => {
  const report = await verifyModel(readFolder(sound));
  expect(report.problems).toEqual([]);
  expect(report.manifest).toEqual(manifest);
  expect(report.files).toBeGreaterThan(10);
});

it('finds a flipped byte, a truncated file and a missing file, each by its name', async () => {
  const [first, second] = manifest.stages.vocoder.shards;
  const third = manifest.stages.prosody.graph;
  const problems = await problemsAfter(async (folder) => {
    const data = await readFile(join(folder, first.file));
    data[100] ^= 1;
    await writeFile(join(folder, first.file), data);
    await writeFile(join(folder, second.file), 'short');
    await rm(join(folder, third.file));
  });
  expect(problems.length).toBe(3);
  const problemOf = (file: string) => problems.find((problem) => problem.file === file)?.problem;
  expect(problemOf(first.file)).toMatch(/^has SHA-256 [0-9a-f]{64}: its bytes are damaged$/);
  expect(problemOf(second.file)).toBe(`has 5 bytes, not ${second.bytes}`);
  expect(problemOf(third.file)).toBe('is missing');
});

it.each<[string, (folder: string) => Promise<void>, string]>([
  ['no manifest', (folder) => rm(join(folder, 'manifest.json')), 'is missing'],
  ['a manifest cut short', (folder) => writeFile(join(folder, 'manifest.json'), '{"schema'), 'is not JSON'],
  [
    'a newer layout',
    (folder) => writeFile(join(folder, 'manifest.json'), '{"schemaVersion": 4}'),
    'has schema version 4; this program reads up to 3',
  ],
  ['a field of the wrong kind', editManifest((m) => Object.assign(m, { hop: 240 })), 'hop: Invalid input'],
  [
    'a voice of another size',
    editManifest((m) => m.voices[1].style.pop()),
    'voices.1.style: voice clara has 127 style values, not 128',
  ],
  [
    'emotions that do not begin with neutral',
    editManifest((m) => m.emotions.reverse()),
    'emotions.0: the first emotion must be neutral',
  ],
  [
    'a statistic outside its half of the style vector',
    editManifest((m) => Object.assign(m.style.statistics, { tilt: 64 })),
    'style.statistics.tilt: tilt must lie in [0, 64)',
  ],
  [
    'two statistics in one place',
    editManifest((m) => Object.assign(m.style.statistics, { slope: m.style.statistics.pitch })),
    'style.statistics.slope: dimension 64 has two meanings',
  ],
  ['a mean of another size', editManifest((m) => m.style.mean.push(0)), 'the mean has 129 style values'],
])('finds %s', async (_, damage, expected) => {
  const problems = await problemsAfter(damage);
  expect(problems.length).toBe(1);
  expect(problems[0].file).toBe('manifest.json');
  expect(problems[0].problem).toContain(expected);
});

it('finds a graph whose weights the manifest does not list, and a shard that no graph reads', async () => {
  const [first, ...rest] = manifest.stages.vocoder.shards;
  const [other] = manifest.stages.prosody.shards;
  const problems = await problemsAfter(
    editManifest((m) => {
      m.stages.vocoder.shards = [...rest, other];
    }),
  );
  const { file } = manifest.stages.vocoder.graph;
  expect(problems.map((problem) => problem.file)).toEqual([file, file]);
  expect(problems[0].problem).toContain(`lies in ${first.file}, which the manifest does not list`);
  expect(problems[1].problem).toBe(`vocoder: no weight lies in ${other.file}, which the manifest lists`);
});

it('finds a weight beyond the end of its shard, and inputs that differ from the manifest', async () => {
  const problems = await problemsAfter(async (folder) => {
    const stage = manifest.stages.vocoder;
    const model = decodeModel(await readFile(join(folder, stage.graph.file)));
    const weight = model.graph.initializer.find(({ dataLocation }) => dataLocation === 1)!;
    weight.externalData!.find(({ key }) => key === 'offset')!.value = '64';
    const data = encodeModel(model);
    const sha256 = await sha256Hex(data);
    const graph = { file: `${sha256}.onnx`, bytes: data.byteLength, sha256 };
    await writeFile(join(folder, graph.file), data);
    await editManifest((m) => {
      m.stages.vocoder = { ...stage, graph, inputs: ['mel', 'f0'] };
    })(folder);
  });
  expect(problems.map(({ problem }) => problem)).toEqual([
    'vocoder: inputs differ from the manifest',
    expect.stringMatching(/^vocoder: weight \S+ ends at byte \d+ of \S+, which has \d+$/),
  ]);
});

it('finds a stage without a known answer', async () => {
  const problems = await problemsAfter(async (folder) => {
    const answers = decodeKnownAnswers(await readFile(join(folder, manifest.knownAnswer.file)));
    const data = encodeKnownAnswers({ ...answers, style_encoder: undefined });
    const sha256 = await sha256Hex(data);
    const knownAnswer = { file: `${sha256}.bin`, bytes: data.byteLength, sha256 };
    await writeFile(join(folder, knownAnswer.file), data);
    await editManifest((m) => Object.assign(m, { knownAnswer }))(folder);
  });
  expect(problems.map(({ problem }) => problem)).toEqual(['has no answer for style_encoder']);
});

it('works on the command line: exit code, list, JSON', async () => {
  const good = await runScript('verify.ts', [sound]);
  expect(good).toMatchObject({ code: 0, stderr: '' });
  expect(good.stdout).toMatch(/: sori-2 0\.0\.1 is valid \(\d+ files, [\d.]+ KiB\)\n$/);

  const damaged = join(root, 'cli');
  await cp(sound, damaged, { recursive: true });
  await rm(join(damaged, manifest.knownAnswer.file));
  const bad = await runScript('verify.ts', [damaged]);
  expect(bad.code).toBe(1);
  expect(bad.stderr).toBe(`${manifest.knownAnswer.file} is missing\n${damaged}: 1 problem\n`);

  const json = await runScript('verify.ts', [damaged, '--json']);
  expect(json.code).toBe(1);
  expect(JSON.parse(json.stdout)).toMatchObject({
    where: damaged,
    ok: false,
    model: 'sori-2 0.0.1',
    problems: [{ file: manifest.knownAnswer.file, problem: 'is missing' }],
  });
});
