/** From a trained model's folder to the folder that is served: quantized, cut into shards, described by a manifest. */
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { InferenceBackend, Tensors } from '../../src/inference/backend.ts';
import { encodeKnownAnswers, type KnownAnswer } from '../../src/shards/known-answer.ts';
import {
  MANIFEST_SCHEMA_VERSION,
  type Manifest,
  type ManifestStage,
  manifestSchema,
} from '../../src/shards/manifest.ts';
import { defaultPathOf, type StageName, stagesOf } from '../../src/shards/stages.ts';
import { createNodeWasmBackend } from '../lib/wasm-backend.ts';
import { packBatched } from './batched-stages.ts';
import { type Example, speakExample } from './example.ts';
import { externalize, type NamedFile, nameByContent } from './external-data.ts';
import { formatManifest } from './format.ts';
import { countParameters } from './graph.ts';
import { compareOutputs, openSession, runOnce } from './measure.ts';
import { type ModelDir, readModelDir } from './model-dir.ts';
import { decodeModel, type OnnxModel } from './onnx.ts';
import { halve, quantize } from './precision.ts';

/** Most bytes that the stages of the default path may take together: what the edge loads. */
export const MODEL_BUDGET = 12 * 1024 * 1024;
/**
 * Stages that are not quantized. A sampler runs the denoiser some ten times on its own output, and its style must come out the same
 * (to 1e-4) on every backend: activations rounded to 8 bits would jump by whole steps where two runtimes differ in a sum's last bit.
 */
const SCHEMES: Partial<Record<StageName, 'float16'>> = {
  style_denoiser: 'float16',
  style_encoder: 'float16',
};
/** How far the fp32 graph may be from the training framework's own answer. */
const EXPORT_TOLERANCE = 1e-3;
/** Files that packing writes and may remove. */
const OWN_FILE = /^[0-9a-f]{64}\.(onnx|bin)$/;

/** Options of packing. */
export interface PackOptions {
  /** Folder with `<stage>.onnx`, `model.json`, `known-answer.json`. */
  readonly modelDir: string;
  readonly outDir: string;
  /** Folder with `<language>.dictionary.bin` and, optionally, `<language>.fallback.bin`. */
  readonly lexiconDir?: string;
  /** Bytes; 1 MiB when not given. */
  readonly shardSize?: number;
  /** Bytes that the stages of the default path may take; {@link MODEL_BUDGET} when not given. */
  readonly budget?: number;
  readonly onProgress?: (line: string) => void;
}

/** Report of packing. */
export interface PackReport {
  readonly manifest: Manifest;
  /** Graph and shards of a stage, bytes. */
  readonly stageBytes: Readonly<Partial<Record<StageName, number>>>;
  /** Names of files that were no longer referenced and were removed. */
  readonly removed: readonly string[];
}

/**
 * Packs a model. The same input gives the same bytes on every machine; the manifest is written last.
 * @throws when the folder does not keep to the contract, a graph does not give its known answer, or the budget is exceeded.
 */
export async function packModel(options: PackOptions): Promise<PackReport> {
  const { outDir, shardSize = 1024 * 1024, budget = MODEL_BUDGET, onProgress = () => {} } = options;
  const model = await readModelDir(options.modelDir);
  const backend = createNodeWasmBackend();

  const example = await speakInFloat(backend, model);
  const files: NamedFile[] = [];
  const stages: Partial<Record<StageName, ManifestStage>> = {};
  const stageBytes: Partial<Record<StageName, number>> = {};
  const answers: Partial<Record<StageName, KnownAnswer>> = {};
  const quantized: Partial<Record<StageName, OnnxModel>> = {};
  for (const name of stagesOf({ stages: model.graphs })) {
    onProgress(`${name}: quantizing`);
    const known = model.knownAnswers[name]!.inputs;
    const packed = await packStage(backend, name, model.graphs[name]!, known, example[name]!, shardSize);
    files.push(...packed.files);
    stages[name] = packed.entry;
    stageBytes[name] = packed.files.reduce((sum, file) => sum + file.bytes, 0);
    answers[name] = packed.answer;
    quantized[name] = decodeModel(packed.files[0].data);
  }
  const total = defaultPathOf({ stages }).reduce((sum, name) => sum + stageBytes[name]!, 0);
  if (total > budget) throw new Error(`the stages take ${total} bytes; the limit is ${budget}`);

  const knownAnswer = await nameByContent(encodeKnownAnswers(answers), 'bin');
  files.push(knownAnswer);
  onProgress('batched graphs');
  const batch = await packBatched(backend, quantized, files, model.knownAnswers, example);
  files.push(...batch.files);
  const lexicons = await readLexicons(options.lexiconDir, model.description.languages);
  for (const { dictionary, fallback } of Object.values(lexicons)) {
    files.push(dictionary, ...(fallback ? [fallback] : []));
  }

  const { training, ...description } = model.description;
  const manifest = manifestSchema.parse({
    schemaVersion: MANIFEST_SCHEMA_VERSION,
    ...description,
    created: training?.date ? Date.parse(training.date) / 1000 : 0,
    stages: stages as Manifest['stages'],
    lexicons,
    knownAnswer,
    batched: batch.entry,
  } satisfies Manifest);
  const removed = await writeModel(outDir, manifest, files);
  return { manifest, stageBytes, removed };
}

/** Runs the fp32 graphs: first against the training framework's own answers, then for the example. */
async function speakInFloat(backend: InferenceBackend, model: ModelDir): Promise<Example> {
  return await speakExample(async (name, inputs) => {
    const { graphs, knownAnswers } = model;
    const session = await openSession(backend, graphs[name]!);
    try {
      const known = knownAnswers[name]!;
      const differences = compareOutputs(await session.run(known.inputs), known.outputs);
      for (const [output, { relativeRms }] of Object.entries(differences)) {
        if (relativeRms > EXPORT_TOLERANCE)
          throw new Error(`${name}: output ${output} differs from known-answer.json by ${relativeRms}`);
      }
      return await session.run(inputs);
    } finally {
      await session.release();
    }
  }, model);
}

async function packStage(
  backend: InferenceBackend,
  name: StageName,
  original: OnnxModel,
  known: Tensors,
  example: KnownAnswer,
  shardSize: number,
) {
  const scheme = SCHEMES[name] ?? 'int8-dynamic';
  const quantized = await (scheme === 'float16' ? halve(original) : quantize(backend, original, example));
  const { graph, shards } = await externalize(quantized, shardSize);
  const error = compareOutputs(await runOnce(backend, quantized, example.inputs), example.outputs);
  const entry: ManifestStage = {
    graph,
    shards: [...shards],
    inputs: original.graph.input.map((value) => value.name),
    outputs: original.graph.output.map((value) => value.name),
    parameters: countParameters(original),
    quantization: { scheme, error },
  };
  const answer = { inputs: known, outputs: await runOnce(backend, quantized, known) };
  return { entry, files: [graph, ...shards], answer };
}

async function readLexicons(dir: string | undefined, languages: readonly string[]) {
  const lexicons: Record<string, { dictionary: NamedFile; fallback?: NamedFile }> = {};
  if (!dir) return lexicons;
  for (const language of languages) {
    const dictionary = await readIfThere(join(dir, `${language}.dictionary.bin`));
    // Korean is read by rules. An accent without words of its own speaks those of its language.
    if (!dictionary && language.split('-')[0] === 'ko') continue;
    if (!dictionary && languages.includes(language.split('-')[0]) && language.includes('-')) continue;
    if (!dictionary) throw new Error(`${join(dir, `${language}.dictionary.bin`)} is missing`);
    const fallback = await readIfThere(join(dir, `${language}.fallback.bin`));
    lexicons[language] = { dictionary: await nameByContent(dictionary, 'bin') };
    if (fallback) lexicons[language].fallback = await nameByContent(fallback, 'bin');
  }
  return lexicons;
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Writes what is missing, then the manifest by rename, then removes what the manifest no longer names. */
async function writeModel(
  outDir: string,
  manifest: Manifest,
  files: readonly NamedFile[],
): Promise<string[]> {
  await mkdir(outDir, { recursive: true });
  for (const { file, bytes, data } of files) {
    const path = join(outDir, file);
    const there = await stat(path).catch(() => undefined);
    if (there?.size !== bytes) await writeFile(path, data);
  }
  const temporary = join(outDir, 'manifest.json.new');
  await writeFile(temporary, formatManifest(manifest));
  await rename(temporary, join(outDir, 'manifest.json'));

  const wanted = new Set(files.map(({ file }) => file));
  const removed = (await readdir(outDir)).filter((file) => OWN_FILE.test(file) && !wanted.has(file)).sort();
  for (const file of removed) await rm(join(outDir, file));
  return removed;
}
