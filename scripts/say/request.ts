import { readFile } from 'node:fs/promises';
import { text as readAll } from 'node:stream/consumers';
import { checkSpeech } from '../../src/features/speech/conflicts.ts';
import { parseSpeech } from '../../src/features/speech/parse.ts';
import type { SpeechBody } from '../../src/features/speech/schema.ts';
import { isLongText } from '../../src/sdk/long-speech.ts';
import { userPath } from '../lib/user-path.ts';
import { UsageError } from '../sori/failures.ts';
import { DEFAULT_VOICE, type SayFlags } from './options.ts';

/** A request as the server would get it. */
export interface SayRequest {
  readonly body: SpeechBody;
  /** Whether it is spoken piece by piece, because it is longer than a request may be. */
  readonly long: boolean;
}

/**
 * Reads the text and the options.
 * @throws {SoriError} as the server would; {UsageError} when options contradict each other.
 */
export async function readRequest(text: string | undefined, flags: SayFlags): Promise<SayRequest> {
  if (flags.ssml !== undefined && text !== undefined)
    throw new UsageError('give a text or --ssml, not both.');
  if (flags.reference !== undefined && flags.style !== undefined)
    throw new UsageError('give --style or --reference, not both.');
  const piped = text === undefined || text === '-';
  const input = flags.ssml
    ? await readFile(userPath(flags.ssml), 'utf8')
    : piped
      ? await readAll(process.stdin)
      : text;
  const long = flags.inputType !== 'phonemes' && isLongText(input);
  const body = parseSpeech({
    model: flags.model,
    input: long ? 'x' : input,
    voice: flags.voice ?? (flags.style || flags.reference ? undefined : DEFAULT_VOICE),
    language: flags.language,
    input_type: flags.inputType,
    pronunciations: flags.pronounce,
    style: flags.reference === undefined ? flags.style : 'data:',
    emotion: flags.emotion,
    alpha: flags.alpha,
    beta: flags.beta,
    diffusion_steps: flags.diffusionSteps,
    embedding_scale: flags.embeddingScale,
    seed: flags.seed,
    refine_steps: flags.refineSteps,
    speed: flags.speed,
    pitch: flags.pitch,
    pitch_range: flags.pitchRange,
    energy: flags.energy,
    pauses: flags.pauses,
    timestamps: flags.timestamps,
  });
  checkSpeech(body);
  return { body: long ? { ...body, input } : body, long };
}
