import { formatNamed } from '../../audio/format-names.ts';
import { SoriError } from '../../base/errors.ts';
import type { AskedSpeech } from '../speech/index.ts';

/** Parameters of `/v1/speak` that have an effect here. */
const USED: ReadonlySet<string> = new Set(['model', 'encoding', 'container', 'sample_rate', 'speed']);
/** Deepgram's names of our fields. */
const NAMES = { input: 'text', voice: 'model', response_format: 'encoding' };
/** Rates of encodings without a header, where a request states none. */
const DEFAULT_RATES: Readonly<Record<string, string>> = { pcm: '24000', mulaw: '8000', alaw: '8000' };
/** Voices of Aura that are men; its other voices are women. */
const MEN: ReadonlySet<string> = new Set(
  'apollo,aries,arcas,atlas,draco,hermes,hyperion,jupiter,mars,neptune,odysseus,orion,orpheus,pluto,saturn,zeus,perseus,angus,helios'.split(
    ',',
  ),
);

/**
 * Converts the parameters of Deepgram's `/v1/speak`. `model` is a voice or a model of this server; a voice of Aura means one of the same sex.
 * @param models names of this server's models.
 * @throws {SoriError} `unsupported_format`.
 */
export function parametersOf(query: URLSearchParams, models: readonly string[]): AskedSpeech {
  const name = query.get('model') ?? 'aura-2-thalia-en';
  const [, aura, language] = /^aura(?:-2)?-(\w+)-(\w{2})$/.exec(name.toLowerCase()) ?? [];
  const isModel = models.includes(name);
  const fields = {
    model: isModel ? name : undefined,
    voice: isModel ? undefined : aura === undefined ? name : MEN.has(aura) ? 'onyx' : 'nova',
    language: language === 'en' ? undefined : language,
    speed: query.get('speed') ?? undefined,
    ...formatOf(query),
  };
  return { fields, unused: [...query.keys()].filter((key) => !USED.has(key)), names: NAMES };
}

/** `encoding`, `container` and `sample_rate` as a format: raw samples are in WAV unless `container` is `none`. */
function formatOf(query: URLSearchParams): { response_format: string; sample_rate?: string } {
  const encoding = query.get('encoding')?.toLowerCase() ?? 'mp3';
  const format = formatNamed(encoding)?.format;
  const raw = format === 'pcm' || format === 'mulaw' || format === 'alaw';
  if (format === undefined || !raw) return { response_format: encoding, ...rateOf(query) };
  const container = query.get('container')?.toLowerCase() ?? 'wav';
  if (container !== 'wav' && container !== 'none') {
    const message = `container must be wav or none for ${encoding}.`;
    throw new SoriError('unsupported_format', message, { param: 'container' });
  }
  const inWav = format === 'pcm' ? 'wav' : `${format}-wav`;
  return {
    response_format: container === 'wav' ? inWav : format,
    sample_rate: query.get('sample_rate') ?? DEFAULT_RATES[format],
  };
}

function rateOf(query: URLSearchParams): { sample_rate?: string } {
  const rate = query.get('sample_rate');
  return rate === null ? {} : { sample_rate: rate };
}
