/** Checks a packed model in any storage: manifest, every file's bytes, every graph's references. */
import { sha256Hex } from '../../src/base/sha256.ts';
import { decodeKnownAnswers, type KnownAnswers } from '../../src/shards/known-answer.ts';
import {
  type FileRef,
  MANIFEST_SCHEMA_VERSION,
  type Manifest,
  manifestSchema,
} from '../../src/shards/manifest.ts';
import { type StageName, stagesOf } from '../../src/shards/stages.ts';
import { decodeModel, type TensorProto } from '../pack/onnx.ts';
import { inParallel } from './in-parallel.ts';

/** Something wrong with one file. */
export interface Problem {
  readonly file: string;
  readonly problem: string;
}

/** Result of a verification. `problems` is empty for a sound model. */
export interface VerifyReport {
  readonly manifest: Manifest | undefined;
  readonly files: number;
  readonly bytes: number;
  readonly problems: readonly Problem[];
}

/** Reads a file of the model by name; `null` when there is none. */
export type ReadFile = (file: string) => Promise<Uint8Array | null>;

const MANIFEST = 'manifest.json';

/** Every file that a manifest names, each once. */
export function filesOf(manifest: Manifest): FileRef[] {
  const stages = Object.values(manifest.stages).flatMap(({ graph, shards }) => [graph, ...shards]);
  const lexicons = Object.values(manifest.lexicons).flatMap(({ dictionary, fallback }) =>
    fallback ? [dictionary, fallback] : [dictionary],
  );
  const { batched } = manifest;
  const forServers = batched
    ? [...Object.values(batched.stages).map(({ graph }) => graph), batched.knownAnswer]
    : [];
  const all = [...stages, ...lexicons, manifest.knownAnswer, ...forServers];
  return [...new Map(all.map((ref) => [ref.file, ref])).values()];
}

/**
 * Reads a manifest.
 * @returns the manifest, or one line with the fault.
 */
export function parseManifest(bytes: Uint8Array): Manifest | string {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes));
  } catch {
    return 'is not JSON';
  }
  const version = (json as { schemaVersion?: unknown } | null)?.schemaVersion;
  if (typeof version === 'number' && version > MANIFEST_SCHEMA_VERSION)
    return `has schema version ${version}; this program reads up to ${MANIFEST_SCHEMA_VERSION}`;
  const result = manifestSchema.safeParse(json);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  return `${issue.path.join('.')}: ${issue.message}`;
}

/** Checks a model by reading all of its files. */
export async function verifyModel(read: ReadFile): Promise<VerifyReport> {
  const bytes = await read(MANIFEST);
  if (!bytes) return failure('is missing');
  return await verifyManifest(bytes, read);
}

/** Checks the files of a given manifest. */
export async function verifyManifest(bytes: Uint8Array, read: ReadFile): Promise<VerifyReport> {
  const manifest = parseManifest(bytes);
  if (typeof manifest === 'string') return failure(manifest);
  const problems: Problem[] = [];
  const graphs = new Map<string, Uint8Array>();
  const graphFiles = new Set(Object.values(manifest.stages).map(({ graph }) => graph.file));
  const files = filesOf(manifest);
  await inParallel(files, 4, async (ref) => {
    const data = await read(ref.file);
    const problem = await checkFile(ref, data);
    if (problem) problems.push({ file: ref.file, problem });
    else if (graphFiles.has(ref.file)) graphs.set(ref.file, data!);
    else if (ref.file === manifest.knownAnswer.file) problems.push(...checkKnownAnswers(manifest, data!));
  });
  for (const name of stagesOf(manifest)) {
    const graph = graphs.get(manifest.stages[name]!.graph.file);
    if (graph) problems.push(...checkGraph(manifest, name, graph));
  }
  const total = files.reduce((sum, ref) => sum + ref.bytes, 0);
  return { manifest, files: files.length, bytes: total, problems: problems.sort(byFile) };
}

function byFile(a: Problem, b: Problem): number {
  return a.file < b.file ? -1 : a.file > b.file ? 1 : 0;
}

function failure(problem: string): VerifyReport {
  return { manifest: undefined, files: 0, bytes: 0, problems: [{ file: MANIFEST, problem }] };
}

/** Every stage must have a known answer: without one a server could not check its results. */
function checkKnownAnswers(manifest: Manifest, data: Uint8Array): Problem[] {
  const { file } = manifest.knownAnswer;
  let answers: KnownAnswers;
  try {
    answers = decodeKnownAnswers(data);
  } catch (error) {
    return [{ file, problem: `is not a valid file of known answers: ${(error as Error).message}` }];
  }
  return stagesOf(manifest)
    .filter((name) => !answers[name])
    .map((name) => ({
      file,
      problem: `has no answer for ${name}`,
    }));
}

async function checkFile(ref: FileRef, data: Uint8Array | null): Promise<string | undefined> {
  if (ref.file.split('.')[0] !== ref.sha256)
    return `is listed with another SHA-256 (${ref.sha256}) than its name says`;
  if (!data) return 'is missing';
  if (data.byteLength !== ref.bytes) return `has ${data.byteLength} bytes, not ${ref.bytes}`;
  const hash = await sha256Hex(data);
  return hash === ref.sha256 ? undefined : `has SHA-256 ${hash}: its bytes are damaged`;
}

function checkGraph(manifest: Manifest, name: StageName, bytes: Uint8Array): Problem[] {
  const { graph, shards, inputs, outputs } = manifest.stages[name]!;
  const sizes = new Map(shards.map(({ file, bytes }) => [file, bytes]));
  const problems: Problem[] = [];
  const complain = (problem: string) => problems.push({ file: graph.file, problem: `${name}: ${problem}` });
  let model: ReturnType<typeof decodeModel>;
  try {
    model = decodeModel(bytes);
  } catch (error) {
    complain((error as Error).message);
    return problems;
  }
  const has = (list: readonly { name: string }[]) => list.map((value) => value.name).join();
  if (has(model.graph.input) !== inputs.join()) complain('inputs differ from the manifest');
  if (has(model.graph.output) !== outputs.join()) complain('outputs differ from the manifest');
  const used = new Set<string>();
  for (const tensor of model.graph.initializer.filter((t) => t.dataLocation === 1)) {
    const { location, end } = place(tensor);
    used.add(location);
    const size = sizes.get(location);
    if (size === undefined)
      complain(`weight ${tensor.name} lies in ${location}, which the manifest does not list`);
    else if (!(end <= size))
      complain(`weight ${tensor.name} ends at byte ${end} of ${location}, which has ${size}`);
  }
  for (const { file } of shards)
    if (!used.has(file)) complain(`no weight lies in ${file}, which the manifest lists`);
  return problems;
}

function place(tensor: TensorProto): { location: string; end: number } {
  const {
    location = '',
    offset = '0',
    length = '',
  } = Object.fromEntries((tensor.externalData ?? []).map(({ key, value }) => [key, value]));
  return { location, end: Number(offset) + Number(length) };
}
