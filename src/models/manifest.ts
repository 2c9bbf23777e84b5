import { z } from 'zod';
import { TASKS } from './tasks.ts';

/** Name of the file that describes a model folder. */
export const MANIFEST_FILE = 'model.json';

const relativePath = z
  .string()
  .min(1)
  .regex(/^[\w.@+-]+(?:\/[\w.@+-]+)*$/, 'must be a path below the folder, with / between its parts')
  .refine((path) => !path.split('/').some((part) => /^\.+$/.test(part)), 'must not leave the folder');

const modelFile = z.object({
  path: relativePath,
  bytes: z.number().int().nonnegative(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 hex digits'),
});

const modelVoice = z.object({
  id: z.string().regex(/^[a-z0-9][a-z0-9_-]*$/),
  name: z.string().min(1),
  sex: z.enum(['female', 'male', 'neutral']),
  /** BCP 47. */
  language: z.string().min(2),
  description: z.string().default(''),
});

/** `model.json`: all that is known of a model before any of its weights is read. */
export const modelManifestSchema = z
  .object({
    schemaVersion: z.literal(1),
    /** Name of the model in requests. */
    id: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'must be lower-case letters, digits, . _ and -'),
    version: z.string().min(1),
    task: z.enum(TASKS),
    /** Code that runs it: see `drivers/index.ts`. */
    driver: z.string().min(1),
    /** Seconds since the epoch. */
    created: z.number().int().nonnegative(),
    /** SPDX identifier, or the licence's name. */
    licence: z.string().min(1),
    attributions: z.array(z.string()).default([]),
    /** Page of the hub, with the commit, from which it was downloaded. */
    source: z.string().optional(),
    /** BCP 47 or ISO 639-1: languages that it speaks or writes down. */
    languages: z.array(z.string().min(2)).default([]),
    /** Hz of the audio that goes in or comes out. */
    sampleRate: z.number().int().min(8000).max(48_000).optional(),
    voices: z.array(modelVoice).default([]),
    /** Bytes that the process grows by when it is loaded; measured by `sori models add`. */
    memoryBytes: z.number().int().positive().optional(),
    files: z.array(modelFile).min(1),
    /** Settings of the driver, which validates them. */
    settings: z.record(z.string(), z.unknown()).default({}),
  })
  .superRefine(({ files, voices, task, sampleRate }, context) => {
    const twice = (names: readonly string[]) => names.find((name, i) => names.indexOf(name) !== i);
    const file = twice(files.map(({ path }) => path));
    if (file !== undefined)
      context.addIssue({ code: 'custom', path: ['files'], message: `lists ${file} twice` });
    const voice = twice(voices.map(({ id }) => id));
    if (voice !== undefined)
      context.addIssue({ code: 'custom', path: ['voices'], message: `lists ${voice} twice` });
    if (task !== 'translation' && sampleRate === undefined)
      context.addIssue({ code: 'custom', path: ['sampleRate'], message: `is required for ${task}` });
  });

/** Whether `model.json` may list this path. */
export function isModelPath(path: string): boolean {
  return relativePath.safeParse(path).success;
}

/** A parsed `model.json`. */
export type ModelManifest = z.infer<typeof modelManifestSchema>;
/** A file of a model. */
export type ModelFile = z.infer<typeof modelFile>;
/** A voice of a speech model. */
export type ModelVoice = z.infer<typeof modelVoice>;

/** A fault of a model folder, in one line. */
export class ModelFault extends Error {
  override readonly name = 'ModelFault';
}

/**
 * Parses the text of a `model.json`.
 * @throws {ModelFault} which names the first field at fault.
 */
export function parseModelManifest(text: string): ModelManifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new ModelFault(`${MANIFEST_FILE} is not JSON: ${(cause as Error).message}`, { cause });
  }
  const { data, error } = modelManifestSchema.safeParse(value);
  if (data) return data;
  throw new ModelFault(`${MANIFEST_FILE}: ${describeIssue(error)}`);
}

/** The first issue of a zod error as one line: `voices.0.id must be …`. */
export function describeIssue({ issues: [issue] }: z.ZodError): string {
  const path = issue.path.join('.');
  return path === '' ? issue.message : `${path} ${issue.message.replace(/^Invalid input: /, '')}`;
}

/** Bytes of memory that a loaded model takes: as measured, or the size of its files. */
export function memoryOf({ memoryBytes, files }: ModelManifest): number {
  return memoryBytes ?? files.reduce((sum, { bytes }) => sum + bytes, 0);
}
