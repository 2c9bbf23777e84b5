import { jsonFaultAt } from '../../../base/json-fault.ts';
import type { Score } from '../../../synthesis/singing/score.ts';
import { readDs } from './ds.ts';
import { badScore } from './fault.ts';
import { readJsonScore } from './json.ts';
import { SCORE_LIMITS } from './limits.ts';
import { isMidi, readMidi } from './midi.ts';
import { decodeXml, isArchive, readArchive } from './musicxml/archive.ts';
import { readMusicXml } from './musicxml/musicxml.ts';
import { readUstx } from './ustx.ts';

/** Formats of score files, and the endings of their names. */
export const SCORE_FORMATS = {
  json: ['json'],
  musicxml: ['musicxml', 'xml', 'mxl'],
  midi: ['mid', 'midi', 'kar'],
  ds: ['ds'],
  ustx: ['ustx'],
} as const;

/** A name in {@link SCORE_FORMATS}. */
export type ScoreFormat = keyof typeof SCORE_FORMATS;

/** The format of a file, by its name. */
export function scoreFormatOf(name: string): ScoreFormat | undefined {
  const ending = name.toLowerCase().split('.').at(-1) ?? '';
  const formats = Object.keys(SCORE_FORMATS) as ScoreFormat[];
  return formats.find((format) => (SCORE_FORMATS[format] as readonly string[]).includes(ending));
}

/**
 * Reads a score file.
 * @param format format of the file; default: detected from its first bytes.
 * @throws {SoriError} `invalid_score`, with the place of the first fault.
 */
export function readScore(bytes: Uint8Array, format: ScoreFormat = detect(bytes)): Score {
  if (bytes.length > SCORE_LIMITS.bytes) {
    throw badScore(undefined, `the file is larger than ${SCORE_LIMITS.bytes / 1024 / 1024} MiB`);
  }
  if (format === 'midi') return readMidi(bytes);
  if (format === 'musicxml') return readMusicXml(isArchive(bytes) ? readArchive(bytes) : decodeXml(bytes));
  const text = new TextDecoder().decode(bytes);
  if (format === 'ustx') return readUstx(text);
  const value = parseJson(text);
  return format === 'ds' || isDs(value) ? readDs(value) : readJsonScore(value);
}

function detect(bytes: Uint8Array): ScoreFormat {
  if (isMidi(bytes)) return 'midi';
  if (isArchive(bytes)) return 'musicxml';
  const start = decodeXml(bytes.subarray(0, 4096))
    .replace(/^\uFEFF/, '')
    .trimStart();
  if (start.startsWith('<')) return 'musicxml';
  if (/^[[{]/.test(start)) return 'json';
  if (/^(?:ustx_version|name|bpm|resolution|voice_parts)\s*:/m.test(start)) return 'ustx';
  throw badScore(
    undefined,
    'the file is none of: MusicXML, MIDI, DiffSinger .ds, OpenUtau .ustx, JSON score',
  );
}

function isDs(value: unknown): boolean {
  const first: unknown = Array.isArray(value) ? value[0] : value;
  return typeof first === 'object' && first !== null && 'note_seq' in first;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const position = jsonFaultAt(text);
    const line = text.slice(0, position).split('\n').length;
    const [found] = text.slice(position, position + 12).split('\n');
    const reason = position < text.length ? `unexpected ${JSON.stringify(found)}` : 'it ends too early';
    throw badScore(`line ${line}`, `this is not valid JSON (${reason})`, cause);
  }
}
