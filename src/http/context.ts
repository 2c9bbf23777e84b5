import type { RequestIdVariables } from 'hono/request-id';
import type { AudioEncoder, AudioFormatId, EncoderOptions } from '../audio/format.ts';
import type { Database } from '../database/database.ts';
import type { SpeechEngine } from '../engine/engine.ts';
import type { Jobs } from '../features/jobs/jobs.ts';
import type { Webhooks } from '../features/jobs/webhooks/webhooks.ts';
import type { EdgePlacement } from '../features/speech/placement/place.ts';
import type { SpeakForJob } from '../features/speech/speak-for-job.ts';
import type { VoiceConsent } from '../features/voices/consents.ts';
import type { Voices } from '../features/voices/voice-store.ts';
import type { EdgeCache } from '../library/edge-cache.ts';
import type { AudioLibrary } from '../library/library.ts';
import type { OriginGuard } from '../placement/origin-guard.ts';
import type { AccessControl, Caller, RequestAccount } from './access.ts';
import type { SigningKeys } from './signed-url.ts';
import type { Slots } from './slots.ts';

/** What an entry (Worker, origin, test) must bring for the app to run. */
export interface AppDependencies {
  readonly engine: SpeechEngine;
  /** Makes an encoder; may have to load a codec first. */
  readonly createEncoder: (
    format: AudioFormatId,
    options: EncoderOptions,
  ) => AudioEncoder | Promise<AudioEncoder>;
  /** Who may do what. `off` lets everybody do everything: for a machine that nobody else reaches, and for tests. */
  readonly access: AccessControl | 'off';
  /** Keeps finished audio. Without it all speech is made anew and has no URL. */
  readonly library?: AudioLibrary;
  /** Keeps the prompt catalogue. */
  readonly database?: Database;
  /** The cache in front of the audio. */
  readonly edgeCache?: EdgeCache;
  /** Secrets of signed URLs. */
  readonly signingKeys?: SigningKeys;
  /** Runs jobs. */
  readonly jobs?: Jobs;
  /** Makes the speech of jobs; default: this server's engine does. */
  readonly speakForJob?: SpeakForJob;
  /** Tells receivers how jobs ended. */
  readonly webhooks?: Webhooks;
  /** Origins whose pages may call the API; default `*`. */
  readonly corsOrigins?: readonly string[];
  /** Takes a line of JSON per request; default: none is made. */
  readonly log?: (line: string) => void;
  /** Writes what was spoken into the log; default no. */
  readonly logText?: boolean;
  /** May styles be made of recordings? Only of voices whose owners consent; default no. */
  readonly referenceStyles?: boolean;
  /** Cloned voices; made by `createApp` where there is a database. */
  readonly voices?: Voices;
  /** Id of the API key on whose behalf work is done: whose cloned voices may be spoken with. Routes set it, by `onBehalf`. */
  readonly owner?: string;
  /** How the speaker of a voice may consent to its being cloned; default `recording`. */
  readonly voiceConsent?: VoiceConsent;
  /** Reads recordings in other formats than WAV, up to a number of seconds; default: none are. */
  readonly decodeRecording?: DecodeRecording;
  /** Speech requests under way at once before the next is refused with `overloaded`; default 64. */
  readonly maxSpeechRequests?: number;
  /** Counts those requests; made by `createApp`. */
  readonly slots?: Slots;
  /** Recordings that may be on their way here at once, each of which takes up to 16 MiB; default 4. */
  readonly maxUploads?: number;
  /** Counts those; made by `createApp`. Apart from the others, since a slow client is not to keep anybody from speaking. */
  readonly uploads?: Slots;
  /** Milliseconds that the work of a request may take; default: any. Workers have limits of their own. */
  readonly requestTimeoutMs?: number;
  /** Milliseconds after which a PUT of a prompt bakes no more, and has its client ask again; default: it bakes all of it. */
  readonly bakeBudgetMs?: number;
  /** The client's address, by which requests without a key are counted; default: as Cloudflare tells it. `env` is the platform's. */
  readonly clientAddress?: (headers: Headers, env: unknown) => string;
  /** Is this process about to end? Then it is not ready, and load balancers send nobody more. */
  readonly draining?: () => boolean;
  /** Makes this an edge, which leaves heavy work to others; default: all work is done here, whatever it takes. */
  readonly placement?: EdgePlacement;
  /** Makes this an origin, which answers nobody but its edges. */
  readonly originGuard?: OriginGuard;
  /** Milliseconds that a client may leave audio unread before it is taken for gone; default 60,000. */
  readonly stallMs?: number;
}

/**
 * Reads a recording.
 * @throws {SoriError} `invalid_reference` when it is damaged, of no known format, or longer.
 */
export type DecodeRecording = (bytes: Uint8Array, maxSeconds: number) => Promise<DecodedRecording>;

/** A recording that was read: mono, full scale is 1. */
export interface DecodedRecording {
  readonly samples: Float32Array;
  readonly sampleRate: number;
}

/** Hono's environment of this app. */
export interface AppEnv {
  Variables: RequestIdVariables & {
    /** Who makes this request. */
    caller: Caller;
    /** What it is about; routes fill it in. */
    account: RequestAccount;
  };
}
