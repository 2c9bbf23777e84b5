import { SoriError } from '../../errors.ts';
import type { Manifest } from '../../shards/manifest.ts';

/** What a voice gives to the pipeline. */
export interface VoiceStyle {
  /** Style vector [1, S]: acoustic half, then prosodic half. */
  readonly style: Float32Array;
  /** Factor on log-F0's deviation from the utterance mean. */
  readonly pitchRange: number;
}

/**
 * Looks up a voice of the model.
 * @throws {SoriError} `unknown_voice`, naming the voices that there are.
 */
export function resolveVoice(manifest: Manifest, id: string): VoiceStyle {
  const voice = manifest.voices.find((candidate) => candidate.id === id);
  if (!voice) {
    const known = manifest.voices.map((candidate) => candidate.id).join(', ');
    throw new SoriError('unknown_voice', `Unknown voice '${id}'. Model '${manifest.name}' has: ${known}.`, {
      param: 'voice',
    });
  }
  return { style: Float32Array.from(voice.style), pitchRange: voice.pitchRange };
}
