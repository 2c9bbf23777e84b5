import type { AudioFormatId } from '../../src/audio/format.ts';
import type { CueUnit } from '../../src/synthesis/alignment.ts';

/** Options of `say`, as commander gives them. */
export interface SayFlags {
  /** Audio file; `-` is standard output. `undefined` writes none. */
  out: string | undefined;
  play?: boolean;
  ssml?: string;
  voice?: string;
  model: string;
  language?: string;
  format?: AudioFormatId;
  speed?: number;
  pitch?: number;
  pitchRange?: number;
  energy?: number;
  pauses?: number;
  emotion?: string | Record<string, number>;
  style?: string;
  reference?: string;
  alpha?: number;
  beta?: number;
  diffusionSteps?: number;
  embeddingScale?: number;
  seed?: number;
  refineSteps?: number;
  pronounce: Record<string, string>;
  timestamps?: CueUnit[];
  vtt?: string;
  srt?: string;
  explain?: boolean;
  phonemes?: boolean;
  inputType?: 'text' | 'phonemes';
  plot?: string;
  shards: string;
  threads: number;
  listVoices?: boolean;
  quiet?: boolean;
}

/** The voice that speaks when none is named. */
export const DEFAULT_VOICE = 'hazel';
