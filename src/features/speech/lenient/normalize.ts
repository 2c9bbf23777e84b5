import { isTelephony } from '../../../audio/format.ts';
import { formatNamed, ratesOf, takesSampleRate } from '../../../audio/format-names.ts';
import { SoriError } from '../../../base/errors.ts';
import type { Warning } from '../../../text/warnings.ts';

/** A body whose fields are written as the schema expects them. */
export interface Normalized {
  readonly body: unknown;
  /** Fields without effect. */
  readonly warnings: readonly Warning[];
}

/** Details of the schema that {@link normalize} uses. */
export interface KnownFields {
  readonly all: ReadonlySet<string>;
  readonly numbers: ReadonlySet<string>;
}

/** Fields whose values are words of a fixed list. */
const WORDS: ReadonlySet<string> = new Set([
  'audio_format',
  'input_type',
  'loudness',
  'response_format',
  'stream_format',
  'timestamps',
  'unreadable',
]);
const SWITCHES: ReadonlySet<string> = new Set(['strict', 'degrade']);
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/**
 * Rewrites what other clients send to the form that the schema expects: `null` is an absent field, numbers and switches may be strings,
 * words of a list have any case, and formats have the names of other services. Nothing is rejected here but a rate that a format
 * without a header cannot have, because the audio would play at a wrong speed.
 * @throws {SoriError} `unsupported_format`.
 */
export function normalize(given: unknown, { all, numbers }: KnownFields): Normalized {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    return { body: given, warnings: [] };
  const body: Record<string, unknown> = {};
  const warnings: Warning[] = [];
  for (const [name, value] of Object.entries(given)) {
    if (!all.has(name)) {
      if (value !== null && value !== undefined)
        warnings.push(ignored(name, 'This field is not known and has no effect.'));
      continue;
    }
    // `input` is required, so null is an error of its type.
    if (value === undefined || (value === null && name !== 'input')) continue;
    body[name] = readable(name, value, numbers);
  }
  settleFormat(body, warnings);
  return { body, warnings };
}

/** A warning of a field that has no effect. */
export function ignored(param: string, message: string): Warning {
  return { code: 'ignored_parameter', message, param: param.slice(0, 64) };
}

function readable(name: string, value: unknown, numbers: ReadonlySet<string>): unknown {
  if (Array.isArray(value) && WORDS.has(name)) return value.map((one) => readable(name, one, numbers));
  if (typeof value !== 'string') return value;
  const text = value.trim();
  if (numbers.has(name) && NUMBER.test(text)) return Number(text);
  if (SWITCHES.has(name) && /^(?:true|false)$/i.test(text)) return text.toLowerCase() === 'true';
  return WORDS.has(name) ? text.toLowerCase() : value;
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
