import { base64 } from '../../base/base64.ts';
import { SoriError } from '../../base/errors.ts';
import { readLimited } from '../../http/bodies/body.ts';
import { readForm } from '../../http/bodies/form-body.ts';
import { readJsonBody } from '../../http/bodies/json-body.ts';
import type { Receiving } from '../../http/bodies/upload-room.ts';
import type { Score } from '../../synthesis/singing/score.ts';
import type { SingingDependencies } from './dependencies.ts';
import { bytesOf, parseSinging } from './request.ts';
import type { SingingBody } from './schema.ts';
import { readJsonScore } from './score/json.ts';
import { readScore, scoreFormatOf } from './score/read.ts';

/** Largest body, in bytes: a score, and some minutes of accompaniment. */
export const MAX_SINGING_BYTES = 16 * 1024 * 1024;

const FORM_TYPE = /^multipart\/form-data\s*;/i;
/** Fields of a form that are JSON: all that is not text. */
const JSON_FIELDS = new Set(['score', 'voice', 'emotion', 'pronunciations', 'timestamps']);
const TEXT_FIELDS = new Set(['model', 'style', 'language', 'response_format', 'audio_format']);

/** A request that was read. */
export interface ReadSinging {
  readonly body: SingingBody;
  readonly score: Score;
  /** The body as it came, for an origin. */
  readonly raw: Uint8Array<ArrayBuffer>;
}

/**
 * Reads a request to sing: JSON, or a form with the files `score` and `accompaniment` and the other fields as text. The model is not needed.
 * @throws {SoriError} `unsupported_media_type`, `body_too_large`, `queue_full`, `upload_too_slow`, `invalid_json`, `invalid_score`, and what {@link parseSinging} throws.
 */
export async function readSinging(request: Request, { uploads }: SingingDependencies): Promise<ReadSinging> {
  const read = (receiving?: Receiving) => readLimited(request, MAX_SINGING_BYTES, receiving);
  const raw = await (uploads ? uploads.during(request, read) : read());
  const type = request.headers.get('content-type')?.trim() ?? '';
  const again = new Request(request.url, { method: 'POST', headers: { 'Content-Type': type }, body: raw });
  if (FORM_TYPE.test(type)) return { ...(await readSingingForm(again)), raw };
  const body = parseSinging(await readJsonBody(again, MAX_SINGING_BYTES));
  return { body, score: scoreOf(body), raw };
}

async function readSingingForm(request: Request): Promise<Omit<ReadSinging, 'raw'>> {
  const form = await readForm(request, MAX_SINGING_BYTES);
  const fields: Record<string, unknown> = {};
  for (const name of form.names) {
    const text = form.text(name);
    if (text !== undefined) fields[name] = fieldOf(name, text);
  }
  const [accompaniment] = form.files('accompaniment');
  if (accompaniment) fields.accompaniment = await dataUrl(accompaniment);
  const body = parseSinging(fields);
  const [file] = form.files('score');
  if (!file) return { body, score: scoreOf(body) };
  if (body.score !== undefined || body.score_file !== undefined) throw twoScores();
  const name = 'name' in file && typeof file.name === 'string' ? file.name : '';
  const bytes = new Uint8Array(await file.arrayBuffer());
  return { body, score: readScore(bytes, scoreFormatOf(name)) };
}

/** A text field as the JSON body would have it. */
function fieldOf(name: string, text: string): unknown {
  if (TEXT_FIELDS.has(name)) return text;
  if (!JSON_FIELDS.has(name)) return text !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
  if (!/^[[{"]/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new SoriError('invalid_json', `The field ${name} is not valid JSON.`, { param: name, cause });
  }
}

async function dataUrl(file: Blob): Promise<string> {
  return `data:audio/wav;base64,${base64(new Uint8Array(await file.arrayBuffer()))}`;
}

/**
 * The score of a JSON body.
 * @throws {SoriError} `invalid_score`, `missing_required_parameter`, `conflicting_parameters`.
 */
export function scoreOf({ score, score_file }: SingingBody): Score {
  if (score !== undefined && score_file !== undefined) throw twoScores();
  if (score_file) return readScore(bytesOf(score_file.data, 'score_file'), score_file.format);
  if (score !== undefined) return readJsonScore(score);
  throw new SoriError('missing_required_parameter', 'score or score_file is required.', { param: 'score' });
}

function twoScores(): SoriError {
  return new SoriError('conflicting_parameters', 'Give one score: score or score_file.', {
    param: 'score_file',
  });
}
