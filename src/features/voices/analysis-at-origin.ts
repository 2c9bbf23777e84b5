import { z } from 'zod';
import { toFloat32Array } from '../../audio/samples.ts';
import { readMasterWav } from '../../audio/transcode.ts';
import { SoriError } from '../../base/errors.ts';
import type { ModelInfo } from '../../engine/engine.ts';
import { CLONING_ANSWER_MS } from '../../placement/cloning/engine.ts';
import { estimateCost } from '../../placement/cost.ts';
import { faultOf } from '../../placement/origin-error.ts';
import type { OriginPool } from '../../placement/origin-pool.ts';
import { decodeStyleId } from '../../synthesis/reference/style-id.ts';
import { workOfRecordings } from '../speech/index.ts';
import type { AnalysisContext } from './analysis-context.ts';
import type { AnalyzeRecording } from './recordings.ts';

/** ms until an origin must answer, in addition to the estimated work. */
const ANSWER_MS = 15_000;
/** Longest recording in seconds. */
const MOST_SECONDS = 60;

const answered = z.object({ id: z.string(), seconds: z.number(), audio: z.base64().optional() });

/**
 * Analyzes recordings at an origin by its `POST /v1/styles`, which stores nothing. It returns a style and, if requested, the audio;
 * its errors are passed on.
 */
export function analyzeAtOrigin(
  pool: OriginPool,
  model: ModelInfo,
  context: AnalysisContext,
): AnalyzeRecording {
  const { caller, requestId, signal, keepAlive } = context;
  // Twice: a recording is analyzed whole and in halves.
  const loadMs = model.servedBy === 'origin' ? CLONING_ANSWER_MS : ANSWER_MS;
  const answerMs = loadMs + 2 * estimateCost(workOfRecordings(MOST_SECONDS)).cpuMs;
  return async ({ bytes, sha256, param }, { oneSpeaker = false, samples = false } = {}) => {
    const query = new URLSearchParams({
      model: model.id,
      ...(oneSpeaker && { one_speaker: 'true' }),
      ...(samples && { include: 'audio' }),
    });
    const request = new Request(`http://origin/v1/styles?${query}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/octet-stream', 'x-request-id': requestId },
      body: bytes,
    });
    const accepts = (type: string) => type.startsWith('application/json');
    const response = await pool.forward(request, {
      signal,
      caller,
      answerMs,
      accepts,
      repeatable: true,
      keepAlive,
    });
    if (!response.ok) throw about(param, await faultOf(response));
    const read = answered.safeParse(await response.json().catch(() => undefined));
    if (!read.success || (samples && read.data.audio === undefined))
      throw failed('says nothing of the style');
    const { id, seconds, audio } = read.data;
    return {
      sha256,
      seconds,
      style: styleIn(id, model),
      ...(samples && audio !== undefined && { samples: samplesIn(audio) }),
    };
  };
}

function styleIn(id: string, { styleSpace }: ModelInfo): Float32Array {
  try {
    return decodeStyleId(id, styleSpace);
  } catch (cause) {
    throw failed('has another version of the model than this server', cause);
  }
}

function samplesIn(audio: string): Float32Array {
  const bytes = Uint8Array.from(atob(audio), (character) => character.charCodeAt(0));
  try {
    return toFloat32Array(readMasterWav(bytes));
  } catch (cause) {
    throw failed('sends no sound that can be read', cause);
  }
}

/** Replaces the origin's field name by the caller's. */
function about(param: string, fault: SoriError): SoriError {
  if (fault.param !== 'file') return fault;
  return new SoriError(fault.code, fault.message, { param, cause: fault });
}

function failed(what: string, cause?: unknown): SoriError {
  return new SoriError('origin_failed', `The origin that analyzes recordings ${what}.`, { cause });
}
