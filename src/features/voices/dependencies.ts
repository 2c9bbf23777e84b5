import type { SpeechDependencies } from '../speech/index.ts';
import type { VoiceConsent } from './consents.ts';
import type { Voices } from './voice-store.ts';

/**
 * Reads a recording.
 * @throws {SoriError} `invalid_reference` when it is damaged, of an unknown format, or longer than `maxSeconds`.
 */
export type DecodeRecording = (bytes: Uint8Array, maxSeconds: number) => Promise<DecodedRecording>;

/** A decoded recording: mono samples in [-1, 1]. */
export interface DecodedRecording {
  readonly samples: Float32Array;
  readonly sampleRate: number;
}

/** What the routes of voices need. */
export interface VoiceDependencies extends SpeechDependencies {
  /** Cloned voices; made by `createApp` where there is a database. */
  readonly voices?: Voices;
  /** How the speaker of a voice may consent to its being cloned; default `recording`. */
  readonly voiceConsent?: VoiceConsent;
  /** Reads recordings in formats other than WAV and FLAC; default: these are refused. */
  readonly decodeRecording?: DecodeRecording;
}
