import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createNodeWasmBackend } from '../../../scripts/lib/wasm-backend.ts';
import { compareOutputs } from '../../../scripts/pack/measure.ts';
import { decodeModel, encodeModel } from '../../../scripts/pack/onnx.ts';
import { type PackReport, packModel } from '../../../scripts/pack/pack-model.ts';
import { sha256Hex } from '../../../src/base/sha256.ts';
import { decodeKnownAnswers } from '../../../src/shards/known-answer.ts';
import { manifestSchema } from '../../../src/shards/manifest.ts';
import { STAGES } from '../../../src/shards/stages.ts';
import { packTinyModel, writeTinyModel } from '../../fixtures/tiny-model.ts';

let root: string;
let modelDir: string;
let packed: string;
let report: PackReport;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'sori-pack-'));
  modelDir = join(root, 'model');
  packed = join(root, 'sori-2');
  await writeTinyModel(modelDir);
  report = await packModel({ modelDir, outDir: packed, shardSize: 4096 });
});
afterAll(() => rm(root, { recursive: true, force: true }));

async function contents(dir: string): Promise<Record<string, string>> {
  const entries = (await readdir(dir)).sort();
  const hashes = entries.map(async (file) => [file, await sha256Hex(await readFile(join(dir, file)))]);
  return Object.fromEntries(await Promise.all(hashes));
}

describe('packModel', () => {
  it('writes a manifest that matches the schema, and every file under the hash of its bytes', async () => {
    const manifest = manifestSchema.parse(JSON.parse(await readFile(join(packed, 'manifest.json'), 'utf8')));
    expect(manifest).toEqual(report.manifest);
    const { 'manifest.json': _, ...files } = await contents(packed);
    for (const [file, hash] of Object.entries(files)) expect(file.split('.')[0]).toBe(hash);
    const { stages, knownAnswer, batched } = manifest;
    const listed = Object.values(stages)
      .flatMap(({ graph, shards }) => [graph, ...shards])
      .concat(knownAnswer);
    for (const { graph } of Object.values(batched?.stages ?? {})) listed.push(graph);
    if (batched) listed.push(batched.knownAnswer);
    expect(listed.map(({ file }) => file).sort()).toEqual(Object.keys(files));
  });

  it('makes a batched graph of every stage that all utterances use', () => {
    const { stages } = report.manifest.batched!;
    expect(Object.entries(stages).map(([name, stage]) => [name, stage.timed])).toEqual([
      ['text_encoder', ['phonemes']],
      ['prosody', ['frames']],
      ['mel_decoder', ['frames', 'f0', 'voicing', 'energy']],
      ['mel_refiner', ['x', 'mel']],
      ['vocoder', ['mel', 'f0', 'voicing']],
    ]);
  });

  it('gives the same bytes for the same input; of a changed stage it replaces only the files of that stage', async () => {
    const changed = join(root, 'changed');
    await writeTinyModel(changed);
    const graph = decodeModel(await readFile(join(changed, 'prosody.onnx')));
    const weight = graph.graph.initializer.find(({ dims }) => dims.length === 2)!;
    weight.rawData = weight.rawData!.map((byte, i) => (i % 4 === 1 ? byte ^ 0x10 : byte));
    await writeFile(join(changed, 'prosody.onnx'), encodeModel(graph));

    const out = join(root, 'updated');
    const before = (await packModel({ modelDir, outDir: out, shardSize: 4096 })).manifest;
    expect(await contents(out)).toEqual(await contents(packed));
    await writeFile(join(out, 'README.md'), 'mine');
    const { manifest: after, removed } = await packModel({ modelDir: changed, outDir: out, shardSize: 4096 });
    for (const name of STAGES.filter((stage) => stage !== 'prosody')) {
      expect(after.stages[name]?.graph).toEqual(before.stages[name]!.graph);
      expect(after.stages[name]?.shards).toEqual(before.stages[name]!.shards);
    }
    expect(after.stages.prosody.graph).not.toEqual(before.stages.prosody.graph);
    const files = Object.keys(await contents(out));
    expect(removed.length).toBeGreaterThan(0);
    for (const file of removed) expect(files).not.toContain(file);
    // Foreign files in the folder stay.
    expect(await readFile(join(out, 'README.md'), 'utf8')).toBe('mine');
  });

  it('makes graphs that give the known answers when loaded from their shards', async () => {
    const { manifest } = report;
    const answers = decodeKnownAnswers(await readFile(join(packed, manifest.knownAnswer.file)));
    const backend = createNodeWasmBackend();
    for (const name of STAGES) {
      const { graph, shards } = manifest.stages[name]!;
      const externalData = await Promise.all(
        shards.map(async ({ file }) => ({ path: file, data: await readFile(join(packed, file)) })),
      );
      const session = await backend.createSession({
        graph: await readFile(join(packed, graph.file)),
        externalData,
      });
      const { inputs, outputs } = answers[name]!;
      const errors = compareOutputs(await session.run(inputs), outputs);
      for (const { maxAbs } of Object.values(errors)) expect(maxAbs).toBe(0);
      await session.release();
    }
  });

  it('keeps quantization errors small, and reports them', () => {
    const errors = Object.values(report.manifest.stages).flatMap(({ quantization }) =>
      Object.values(quantization.error),
    );
    for (const { relativeRms } of errors) expect(relativeRms).toBeLessThan(0.02);
    expect(Math.max(...errors.map(({ maxAbs }) => maxAbs))).toBeGreaterThan(0);
  });

  it('keeps the denoiser in float, so that styles are the same everywhere', () => {
    const { scheme, error } = report.manifest.stages.style_denoiser!.quantization;
    expect(scheme).toBe('float16');
    expect(error.denoised.maxAbs).toBeLessThan(1e-3);
  });

  it('passes on what the model states about styles and emotions', async () => {
    const description = JSON.parse(await readFile(join(modelDir, 'model.json'), 'utf8'));
    const { style, emotions, refiner, languages, voices } = report.manifest;
    expect({ style, emotions, refiner, languages, voices }).toEqual({
      style: description.style,
      emotions: description.emotions,
      refiner: description.refiner,
      languages: description.languages,
      voices: description.voices,
    });
  });

  it('keeps shards within their size unless one tensor is larger, and splits a stage into several', () => {
    const { vocoder } = report.manifest.stages;
    // Matrices of 102 × 32 and 4 × 1539 in int8, a bias of 1539 in float: the last two don't fit 4096 bytes, and no shard holds two of the three.
    expect(
      vocoder.shards
        .map(({ bytes }) => bytes)
        .sort((a, b) => a - b)
        .slice(-2),
    ).toEqual([4 * 1539, 4 * 1539]);
    expect(vocoder.shards.length).toBeGreaterThan(2);
  });

  it('packs pronunciation data', async () => {
    const lexicon = await mkdtemp(join(root, 'lexicon-'));
    await writeFile(join(lexicon, 'en.dictionary.bin'), 'words');
    const out = join(root, 'speaking');
    await expect(packTinyModel(out, { lexiconDir: root })).rejects.toThrow('en.dictionary.bin is missing');
    const { manifest } = await packTinyModel(out, { lexiconDir: lexicon });
    expect(await readFile(join(out, manifest.lexicons.en.dictionary.file), 'utf8')).toBe('words');
    expect(manifest.lexicons.en.fallback).toBeUndefined();
    // `en-GB` has no dictionary of its own here.
    expect(Object.keys(manifest.lexicons)).toEqual(['en']);
  });

  it('refuses a model over its budget', async () => {
    const options = { modelDir, outDir: join(root, 'big'), budget: 10_000 };
    await expect(packModel(options)).rejects.toThrow(/the stages take \d+ bytes; the limit is 10000/);
    // Stages that are loaded on demand do not count.
    const { style_encoder, ...others } = report.stageBytes;
    const rest = Object.values(others).reduce((sum, bytes) => sum + bytes, 0);
    expect(style_encoder).toBeGreaterThan(1000);
    await packModel({ ...options, shardSize: 4096, budget: rest });
  });

  it('refuses a folder without the required files', async () => {
    const broken = join(root, 'broken');
    const options = { modelDir: broken, outDir: join(root, 'never') };
    await writeTinyModel(broken);
    const prosody = await readFile(join(broken, 'prosody.onnx'));

    await rm(join(broken, 'prosody.onnx'));
    await expect(packModel(options)).rejects.toThrow('prosody.onnx is missing');
    await writeFile(join(broken, 'prosody.onnx'), await readFile(join(broken, 'vocoder.onnx')));
    await expect(packModel(options)).rejects.toThrow(
      'prosody.onnx: inputs are mel, f0, voicing; expected frames, style',
    );
    await writeTinyModel(join(root, 'other'), { seed: 2 });
    await writeFile(join(broken, 'prosody.onnx'), await readFile(join(root, 'other', 'prosody.onnx')));
    await expect(packModel(options)).rejects.toThrow(/prosody: output \w+ differs from known-answer.json/);
    await writeFile(join(broken, 'prosody.onnx'), prosody);
    const description = await readFile(join(broken, 'model.json'), 'utf8');
    const short = JSON.parse(description);
    short.style.scale.pop();
    await writeFile(join(broken, 'model.json'), JSON.stringify(short));
    await expect(packModel(options)).rejects.toThrow('the scale has 127 style values, not 128');
    await writeFile(join(broken, 'model.json'), '{}');
    await expect(packModel(options)).rejects.toThrow('model.json');
  });
});
