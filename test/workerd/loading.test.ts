import { beforeEach, describe, expect, it } from 'vitest';
import { sha256Hex } from '../../src/base/sha256.ts';
import { createModelHost } from '../../src/engine/model-host.ts';
import type { GraphSource, InferenceBackend } from '../../src/inference/backend.ts';
import { checkKnownAnswer } from '../../src/inference/known-answer.ts';
import { createWasmBackend } from '../../src/inference/wasm.ts';
import { decodeKnownAnswers } from '../../src/shards/known-answer.ts';
import { createModelLoader } from '../../src/shards/loader.ts';
import type { Manifest } from '../../src/shards/manifest.ts';
import { r2Source } from '../../src/shards/sources/r2.ts';
import { isOnDemand, STAGES, type StageName } from '../../src/shards/stages.ts';
import { countingSource } from '../support/counting-source.ts';
import { bucketOf, readModelFile, seedModel } from './seed.ts';

/** The tiny model has all stages. */
const DEFAULT_PATH = STAGES.filter((stage) => !isOnDemand(stage));

const bucket = bucketOf();
let manifest: Manifest;
beforeEach(async () => {
  manifest = await seedModel(bucket);
});

/** A host as the Worker builds it, which counts reads and sessions. Manifests are read again at each request. */
function countedHost() {
  const source = countingSource(r2Source(bucket));
  const wasm = createWasmBackend();
  const created: GraphSource[] = [];
  const backend: InferenceBackend = {
    ...wasm,
    createSession(graph) {
      created.push(graph);
      return wasm.createSession(graph);
    },
  };
  const loader = createModelLoader({ source, manifestTtlMs: 0 });
  return { source, created, host: createModelHost({ loader, backend }) };
}

type Host = ReturnType<typeof countedHost>['host'];

/** Opens a model and checks the known answer of a stage. */
async function runStage(host: Host, stage: StageName, model = 'sori-2') {
  const { runner, manifest: opened, file } = await host.open(model);
  const { inputs, outputs } = decodeKnownAnswers(await file(opened.knownAnswer))[stage]!;
  checkKnownAnswer(await runner.run(stage, inputs), outputs);
}

async function flipByte(key: string) {
  const bytes = new Uint8Array(await (await bucket.get(key))!.arrayBuffer());
  bytes[bytes.length >> 1] ^= 1;
  await bucket.put(key, bytes);
}

describe('a model in R2', () => {
  it('gives its known answers at every stage', async () => {
    const { host, source } = countedHost();
    await host.verify('sori-2');
    expect(host.size.sessions).toBe(DEFAULT_PATH.length);
    const reads = source.reads.length;
    await host.verify('sori-2');
    expect(source.reads.slice(reads).map(({ key }) => key)).toEqual(['sori-2/manifest.json']);
  });

  it('refuses a flipped byte after a second read, and works when the shard is corrected', async () => {
    const { host, source } = countedHost();
    const { file } = manifest.stages.vocoder.shards[1];
    await flipByte(`shards/sori-2/${file}`);

    await expect(runStage(host, 'vocoder')).rejects.toMatchObject({
      code: 'model_unavailable',
      message: expect.stringContaining('SHA-256 differs'),
    });
    const attempts = source.reads.filter(({ key }) => key === `sori-2/${file}`);
    expect(attempts.map(({ fresh }) => fresh)).toEqual([false, true]);
    await expect(runStage(host, 'vocoder')).rejects.toMatchObject({ code: 'model_unavailable' });
    await runStage(host, 'prosody');

    await bucket.put(`shards/sori-2/${file}`, (await readModelFile(file))!);
    await runStage(host, 'vocoder');
  });

  it('refuses a flipped byte in a graph, and in the file of known answers', async () => {
    const { host } = countedHost();
    await flipByte(`shards/sori-2/${manifest.stages.prosody.graph.file}`);
    await expect(runStage(host, 'prosody')).rejects.toMatchObject({ code: 'model_unavailable' });
    await flipByte(`shards/sori-2/${manifest.knownAnswer.file}`);
    await expect(host.verify('sori-2')).rejects.toMatchObject({ code: 'model_unavailable' });
  });

  it('names the missing or truncated shard, and works when it is there', async () => {
    const { host, source } = countedHost();
    const { file, bytes } = manifest.stages.mel_decoder.shards[0];
    await bucket.delete(`shards/sori-2/${file}`);
    await expect(runStage(host, 'mel_decoder')).rejects.toMatchObject({
      code: 'model_unavailable',
      message: expect.stringContaining(`${file} is missing`),
    });
    expect(source.count(`sori-2/${file}`)).toBe(2);

    const whole = (await readModelFile(file))!;
    await bucket.put(`shards/sori-2/${file}`, whole.subarray(0, bytes - 1));
    await expect(runStage(host, 'mel_decoder')).rejects.toMatchObject({
      message: expect.stringContaining(`has ${bytes - 1} bytes instead of ${bytes}`),
    });
    await bucket.put(`shards/sori-2/${file}`, whole);
    await runStage(host, 'mel_decoder');
  });

  it('refuses a manifest of a newer layout, and works when an older one is restored', async () => {
    const { host } = countedHost();
    await runStage(host, 'prosody');
    const newer = { ...manifest, schemaVersion: 4, stages: { somewhere: 'else' } };
    await bucket.put('shards/sori-2/manifest.json', JSON.stringify(newer));
    await expect(host.open('sori-2')).rejects.toMatchObject({
      code: 'model_unavailable',
      message: expect.stringContaining('layout 4, newer than 3'),
    });
    await seedModel(bucket);
    await runStage(host, 'prosody');
  });

  it('reports a missing manifest as an unknown model, and reads no path outside the models', async () => {
    const { host, source } = countedHost();
    await expect(host.open('sori-9')).rejects.toMatchObject({ code: 'unknown_model', param: 'model' });
    await expect(host.open('../sori-2')).rejects.toMatchObject({ code: 'unknown_model' });
    expect(source.reads.map(({ key }) => key)).toEqual(['sori-9/manifest.json']);
  });

  it('reports a graph that is not ONNX', async () => {
    const { host } = countedHost();
    const notAGraph = new TextEncoder().encode('this is not ONNX');
    const sha256 = await sha256Hex(notAGraph);
    const graph = { file: `${sha256}.onnx`, bytes: notAGraph.byteLength, sha256 };
    const broken = {
      ...manifest,
      stages: { ...manifest.stages, prosody: { ...manifest.stages.prosody, graph } },
    };
    await bucket.put(`shards/sori-2/${graph.file}`, notAGraph);
    await bucket.put('shards/sori-2/manifest.json', JSON.stringify(broken));
    await expect(runStage(host, 'prosody')).rejects.toMatchObject({
      code: 'model_unavailable',
      message: expect.stringContaining('the runtime refuses its stage prosody'),
    });
    await runStage(host, 'vocoder');
    await seedModel(bucket);
    await runStage(host, 'prosody');
  });

  it('serves two models side by side', async () => {
    const { host } = countedHost();
    await seedModel(bucket, { name: 'other', seed: 2 });
    await Promise.all(STAGES.flatMap((stage) => [runStage(host, stage), runStage(host, stage, 'other')]));
    expect(host.size.sessions).toBe(2 * DEFAULT_PATH.length);
  });

  it('loads once for 32 concurrent first requests', async () => {
    const { host, source, created } = countedHost();
    await Promise.all(Array.from({ length: 32 }, () => runStage(host, 'text_encoder')));
    const { graph, shards } = manifest.stages.text_encoder;
    for (const { file } of [graph, ...shards, manifest.knownAnswer])
      expect(source.count(`sori-2/${file}`)).toBe(1);
    expect(source.count('sori-2/manifest.json')).toBe(1);
    expect(created.length).toBe(1);
  });

  it('uses a new version without a restart, and loads only changed files', async () => {
    const { host, created } = countedHost();
    await host.verify('sori-2');
    const before = await host.open('sori-2');
    const next = await seedModel(bucket, { name: 'sori-2', seed: 3 });
    const mixed = { ...next, version: '0.0.2', stages: { ...next.stages, prosody: manifest.stages.prosody } };
    await bucket.put('shards/sori-2/manifest.json', JSON.stringify(mixed));

    const after = await host.open('sori-2');
    expect(after.manifest.version).toBe('0.0.2');
    expect(before.manifest.version).toBe('0.0.1');
    created.length = 0;
    await after.preload(DEFAULT_PATH);
    expect(created.length).toBe(DEFAULT_PATH.length - 1);
  });
});
