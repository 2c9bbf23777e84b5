import { decodeRecording } from '../../audio/decoders/recording.ts';
import { resampleWork } from '../../audio/resample.ts';
import { toInt16Array } from '../../audio/samples.ts';
import { masterWav } from '../../audio/transcode.ts';
import { SoriError } from '../../base/errors.ts';
import { sha256Hex } from '../../base/sha256.ts';
import { inTurns } from '../../base/turns.ts';
import { ONE_VOICE, voiceLikeness } from '../../synthesis/reference/same-voice.ts';
import type { AddressedSpeech } from '../speech/index.ts';
import { MAX_SECONDS } from '../transcription/index.ts';
import { type AnalysisContext, placeAnalysis } from '../voices/index.ts';
import type { SpeechTranslationDependencies } from './dependencies.ts';
import { USUAL_RANGE } from './expression.ts';

const RATE = 24_000;
/** Seconds of the recording that are compared with the voice. */
const COMPARED_SECONDS = 30;

/**
 * Checks that the speaker of a recording is the one whose voice was cloned, because the consent is for this person only. Built-in voices
 * need no check.
 * @returns the likeness; `undefined` for a voice of the model.
 * @throws {SoriError} `invalid_consent` for another speaker; `unusable_reference` when there is too little speech to compare.
 */
export async function checkSpeaker(
  deps: SpeechTranslationDependencies,
  bytes: Uint8Array,
  { model, request, privacy }: AddressedSpeech,
  context: AnalysisContext,
): Promise<number | undefined> {
  if (privacy === undefined) return undefined;
  const { samples, sampleRate } = await decodeRecording(bytes, MAX_SECONDS, context.signal);
  const beginning = samples.subarray(0, COMPARED_SECONDS * sampleRate);
  const sound = await inTurns(resampleWork(beginning, sampleRate, RATE), context.signal);
  const wav = Uint8Array.from(masterWav(toInt16Array(sound)));
  const recording = { bytes: wav, sha256: await sha256Hex(wav), param: 'file' };
  const { style } = await placeAnalysis(deps, model, [recording], context).analyze(recording);
  const { clones = {} } = request;
  const scores = privacy.clones.map((id) =>
    voiceLikeness(style, clones[id], model.styleSpace, model.statistics),
  );
  const score = Math.max(...scores);
  if (score >= ONE_VOICE) return score;
  const message = `The recording does not sound like the speaker of voice: the similarity is ${score.toFixed(2)}; at least ${ONE_VOICE} is needed. A cloned voice speaks for its own speaker alone.`;
  throw new SoriError('invalid_consent', message, { param: 'file' });
}

/** Standard deviation of ln F0 of the voice that speaks; the usual one for a voice of the model. */
export function usualRangeOf({ model, request, privacy }: AddressedSpeech): number {
  const place = model.statistics.pitchRange;
  const style = privacy && request.clones?.[privacy.clones[0]];
  return style === undefined || place === undefined ? USUAL_RANGE : Math.max(0.05, style[place]);
}
