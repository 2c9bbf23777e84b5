import { inTurns } from '../base/turns.ts';
import type { Manifest } from '../shards/manifest.ts';
import { rateOf } from '../synthesis/plan.ts';
import { resolveSpeakers, type Speaker } from '../synthesis/speaker.ts';
import { resolveStyleOptions, type UnusedField, unusedStyleFields } from '../synthesis/style/options.ts';
import { voiceNamed } from '../synthesis/style/voice.ts';
import type { FrontEnd } from '../text/frontend.ts';
import type { Utterance } from '../text/types.ts';
import { type Warning, Warnings } from '../text/warnings.ts';
import type { SpeechRequest } from './engine.ts';

/** Phonemes in one pass of the acoustic model at normal speed: about 15 s of speech, which bounds its memory. */
const MAX_PHONEMES = 220;

/** The utterances of a request and the speaker of each. */
export interface SpokenText {
  readonly utterances: readonly Utterance[];
  readonly speakers: readonly Speaker[];
  readonly warnings: readonly Warning[];
}

/**
 * Checks the voice and style of a request against the manifest. The voices that its markup names are checked when the text is read.
 *
 * @throws {SoriError} for an unknown voice, an invalid style or mix, with the field.
 */
export function checkSpeaker(manifest: Manifest, request: SpeechRequest): void {
  resolveSpeakers(manifest, [], speakerOf(request));
}

/** Converts the text of a request to utterances, and resolves the speaker of each. Fields without effect become warnings. */
export async function readText(
  frontEnd: FrontEnd,
  manifest: Manifest,
  request: SpeechRequest,
  signal: AbortSignal | undefined,
): Promise<SpokenText> {
  const { utterances, warnings } = await analyze(frontEnd, manifest, request, signal);
  const speakers = resolveSpeakers(manifest, utterances, speakerOf(request), warnings);
  for (const { param, needsSteps } of unusedFields(manifest, request, speakers)) {
    const message = needsSteps
      ? `${param} has no effect without a sampled style: set diffusion_steps to 1 or more.`
      : `The model '${manifest.name}' does not support ${param}: it has no effect.`;
    warnings.field(param, message);
  }
  return { utterances, speakers, warnings: warnings.list() };
}

/** Fields of a request that have no effect with this model. */
function unusedFields(
  manifest: Manifest,
  request: SpeechRequest,
  speakers: readonly Speaker[],
): UnusedField[] {
  const { refineSteps = 0 } = request;
  const refines = manifest.refiner === undefined && refineSteps > 0;
  const fields = unusedStyleFields(manifest, request, samplesStyles(manifest, speakers));
  return refines ? [...fields, { param: 'refine_steps', needsSteps: false }] : fields;
}

/** Whether any utterance has a sampled style. */
export function samplesStyles(manifest: Manifest, speakers: readonly Speaker[]): boolean {
  return speakers.some(({ style }) => resolveStyleOptions(manifest, style).steps > 0);
}

/** Converts text to utterances. Slower speech gets shorter utterances, because memory depends on the duration. */
async function analyze(
  frontEnd: FrontEnd,
  manifest: Manifest,
  request: SpeechRequest,
  signal: AbortSignal | undefined,
) {
  const voiceLanguage = (voice: string) => voiceNamed(manifest, voice)?.language;
  const { input, language, unreadable, pronunciations, speed, strict } = request;
  const cutFor = async (rate: number) => {
    const warnings = new Warnings({ text: input, strict });
    const maxPhonemes = Math.round(MAX_PHONEMES * Math.min(1, rate * 2));
    const options = { language, voiceLanguage, unreadable, pronunciations, maxPhonemes, warnings };
    return { utterances: await inTurns(frontEnd.analysis(input, options), signal), warnings };
  };
  const first = await cutFor(speed);
  const rates = first.utterances.flatMap(({ phonemes }) => phonemes.map((one) => rateOf(one, speed)));
  const slowest = rates.reduce((least, rate) => Math.min(least, rate), speed);
  return slowest < Math.min(0.5, speed) ? await cutFor(slowest) : first;
}

function speakerOf(request: SpeechRequest) {
  const { voice, style, clones, language, emotion, alpha, beta } = request;
  const { diffusionSteps, embeddingScale, sampler, continuity } = request;
  const options = { emotion, alpha, beta, diffusionSteps, embeddingScale, sampler, continuity };
  return { voice, reference: style, clones, language, ...options };
}
