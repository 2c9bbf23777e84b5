import { z } from 'zod';
import { SoriError } from '../base/errors.ts';
import { MANIFEST_SCHEMA_VERSION, type Manifest, manifestSchema } from './manifest.ts';

/** Names that a model may have; safe as a folder's name. */
export const MODEL_NAME = /^[a-z0-9][a-z0-9.-]*$/;

const versionOnly = z.object({ schemaVersion: z.number() });

/**
 * Parses `manifest.json`.
 * @param model the name under which it was found.
 * @throws {SoriError} `model_unavailable`: not JSON, of a newer layout than this code supports, not valid, or of another model.
 */
export function parseManifest(model: string, bytes: Uint8Array): Manifest {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes));
  } catch (cause) {
    throw refused(model, 'is not JSON', cause);
  }
  const version = versionOnly.safeParse(json);
  if (version.success && version.data.schemaVersion > MANIFEST_SCHEMA_VERSION) {
    const { schemaVersion } = version.data;
    throw refused(
      model,
      `has layout ${schemaVersion}, newer than ${MANIFEST_SCHEMA_VERSION}: update Sori to use it`,
    );
  }
  const parsed = manifestSchema.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw refused(
      model,
      `is not valid at ${issue.path.join('.') || 'its root'}: ${issue.message}`,
      parsed.error,
    );
  }
  if (parsed.data.name !== model) throw refused(model, `is that of '${parsed.data.name}'`);
  return parsed.data;
}

function refused(model: string, what: string, cause?: unknown): SoriError {
  return new SoriError('model_unavailable', `The manifest of model '${model}' ${what}.`, { cause });
}
