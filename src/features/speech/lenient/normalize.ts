import { isTelephony } from '../../../audio/format.ts';
import { formatNamed, ratesOf, takesSampleRate } from '../../../audio/format-names.ts';
import { SoriError } from '../../../base/errors.ts';
import { lenient, refuseUnknown, unknownFields } from '../../../http/bodies/lenient.ts';
import type { Warning } from '../../../text/warnings.ts';
import { speechSchema } from '../schema.ts';

/** A body whose fields are written as the schema expects them. */
export interface Normalized {
  readonly body: unknown;
  /** Fields without effect. */
  readonly warnings: readonly Warning[];
}

const KNOWN: ReadonlySet<string> = new Set(Object.keys(speechSchema.shape));

/**
 * Rewrites what other clients send to the form that the schema expects, as {@link lenient} does, and formats by the names of other services.
 * Unknown fields are left out with a warning.
 * @throws {SoriError} `unsupported_format` for a rate that a format without a header can't have, because it would play at a wrong speed;
 *   `invalid_value` for unknown fields with `strict`.
 */
export function normalize(given: unknown): Normalized {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    return { body: given, warnings: [] };
  const read = lenient(speechSchema, given) as Readonly<Record<string, unknown>>;
  const unknown = unknownFields(read, KNOWN);
  if (read.strict === true) refuseUnknown(unknown);
  const warnings = unknown.map(unknownField);
  const body = Object.fromEntries(
    Object.entries(read).filter(([name, value]) => KNOWN.has(name) && value !== undefined),
  );
  settleFormat(body, warnings);
  return { body, warnings };
}

/** A warning of a field that is not known. */
export function unknownField(name: string): Warning {
  return ignored(name, 'This field is not known and has no effect.');
}

/** A warning of a field that has no effect. */
export function ignored(param: string, message: string): Warning {
  return { code: 'ignored_parameter', message, param: param.slice(0, 64) };
}

/** Resolves the names of formats, and `sample_rate` where the format has that rate anyway or cannot have another. */
function settleFormat(body: Record<string, unknown>, warnings: Warning[]): void {
  const param = body.response_format === 'json' ? 'audio_format' : 'response_format';
  const named = typeof body[param] === 'string' ? formatNamed(body[param]) : undefined;
  if (named) {
    body[param] = named.format;
    if (named.sampleRate !== undefined) body.sample_rate ??= named.sampleRate;
  }
  const rate = body.sample_rate;
  if (typeof rate !== 'number') return;
  const format = named?.format ?? (body[param] === undefined ? 'mp3' : undefined);
  // The schema rejects an unknown format.
  if (format === undefined) return;
  if (ratesOf(format).includes(rate)) {
    delete body.sample_rate;
  } else if (!takesSampleRate(format)) {
    if (isTelephony(format)) {
      const message = `${format} is at 8000 samples a second, not ${rate}: use pcm or wav for other rates.`;
      throw new SoriError('unsupported_format', message, { param: 'sample_rate' });
    }
    delete body.sample_rate;
    const message = `${format} is at ${ratesOf(format).join(' or ')} samples a second; pcm and wav take other rates.`;
    warnings.push(ignored('sample_rate', message));
  }
}
