import type { HostedModels } from '../../models/hosted-models.ts';
import type { SpeechDependencies } from '../speech/index.ts';

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

/** What the routes that use other makers' models need. */
export interface HearingDependencies extends SpeechDependencies {
  /** Models of other makers on this machine; default: none. */
  readonly hosted?: Pick<HostedModels, 'list' | 'refresh' | 'run'>;
  /** Reads recordings in formats other than WAV and FLAC; default: these are refused. */
  readonly decodeRecording?: DecodeRecording;
}
