import { AUDIO_FORMATS, type AudioFormatId, isTelephony } from './format.ts';

/** Rates of `sample_rate`, in samples per second. */
export const SAMPLE_RATES = [8000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000] as const;

/** Meaning of a vendor's format name. */
export interface NamedFormat {
  readonly format: AudioFormatId;
  /** Samples per second, where the name states them. */
  readonly sampleRate?: number;
}

/** Codec names of other services. A rate may follow a name: `pcm_16000`, `mp3_44100_128`. */
const CODECS: Readonly<Record<string, AudioFormatId>> = {
  mp3: 'mp3',
  mpeg: 'mp3',
  mpga: 'mp3',
  opus: 'opus',
  ogg: 'opus',
  oga: 'opus',
  ogg_opus: 'opus',
  opus_ogg: 'opus',
  aac: 'aac',
  adts: 'aac',
  aacp: 'aac',
  m4a: 'm4a',
  x_m4a: 'm4a',
  mp4: 'm4a',
  mp4a: 'm4a',
  mpeg4: 'm4a',
  mpeg4_aac: 'm4a',
  flac: 'flac',
  wav: 'wav',
  wave: 'wav',
  x_wav: 'wav',
  riff: 'wav',
  pcm: 'pcm',
  raw: 'pcm',
  l16: 'pcm',
  linear16: 'pcm',
  s16le: 'pcm',
  pcm16: 'pcm',
  pcm_s16le: 'pcm',
  pcm_16bit: 'pcm',
  mulaw: 'mulaw',
  mu_law: 'mulaw',
  ulaw: 'mulaw',
  u_law: 'mulaw',
  pcmu: 'mulaw',
  basic: 'mulaw',
  g711u: 'mulaw',
  g711_ulaw: 'mulaw',
  g711_mulaw: 'mulaw',
  pcm_mulaw: 'mulaw',
  alaw: 'alaw',
  a_law: 'alaw',
  pcma: 'alaw',
  g711a: 'alaw',
  g711_alaw: 'alaw',
  pcm_alaw: 'alaw',
};

/** Azure: `riff-24khz-16bit-mono-pcm`, `audio-24khz-48kbitrate-mono-mp3`, `raw-8khz-8bit-mono-mulaw`. */
const AZURE = /^(audio|riff|raw|ogg)_(\d{1,2})khz_\w+_mono_(mp3|pcm|opus|mulaw|alaw)$/;
const IN_WAV: Readonly<Record<string, AudioFormatId>> = { pcm: 'wav', mulaw: 'mulaw-wav', alaw: 'alaw-wav' };
/** Rates that Azure rounds to kHz. */
const ROUNDED: Readonly<Record<string, number>> = { 11: 11_025, 22: 22_050, 44: 44_100 };

/**
 * Reads a format's name in any case, as other services write it: `MP3`, `pcm_16000`, `mp3_44100_128`, `g711_ulaw`, `audio/wav`,
 * `riff-16khz-16bit-mono-pcm`. A bit rate in a name is not looked at.
 * @returns `undefined` for a name that means none of our formats.
 */
export function formatNamed(name: string): NamedFormat | undefined {
  const plain = name.trim().toLowerCase();
  const own = AUDIO_FORMATS.find((format) => format === plain);
  if (own !== undefined) return { format: own };
  const key = plain
    .replace(/^audio\//, '')
    .replace(/\s*;.*$/, '')
    .replaceAll(/[\s-]/g, '_');
  const azure = AZURE.exec(key);
  if (azure) {
    const [, container, khz, codec] = azure;
    const format = (container === 'riff' ? IN_WAV : CODECS)[codec];
    return format && { format, sampleRate: ROUNDED[khz] ?? Number(khz) * 1000 };
  }
  const [, codec, rate] = /^(\w+?)(?:_(\d{4,6})(?:_\d{2,3}k?)?)?$/.exec(key) ?? [];
  if (codec === undefined || !Object.hasOwn(CODECS, codec)) return undefined;
  return { format: CODECS[codec], ...(rate !== undefined && { sampleRate: Number(rate) }) };
}

/** Formats at any of {@link SAMPLE_RATES}. */
export function takesSampleRate(format: string): format is 'pcm' | 'wav' {
  return format === 'pcm' || format === 'wav';
}

/**
 * The rate that a format has and that cannot be changed. Opus decoders run at 48 kHz or at the rate of the encoder's input.
 * @returns the rates that need no warning.
 */
export function ratesOf(format: AudioFormatId): readonly number[] {
  if (isTelephony(format)) return [8000];
  return format === 'opus' ? [24_000, 48_000] : [24_000];
}

/**
 * A format by any name of {@link formatNamed}, for where no `sample_rate` is taken.
 * @returns `undefined` also for a name with a rate at which the format is not written there, such as `pcm_16000`.
 */
export function formatByName(name: string): AudioFormatId | undefined {
  const named = formatNamed(name);
  if (named?.sampleRate === undefined) return named?.format;
  const { format, sampleRate } = named;
  const fits = ratesOf(format).includes(sampleRate);
  // Players read the rate of the other formats from the file.
  return fits || !(takesSampleRate(format) || isTelephony(format)) ? format : undefined;
}
