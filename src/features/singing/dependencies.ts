import type { SingingEngine } from '../../engine/singing/engine.ts';
import type { SpeechDependencies } from '../speech/index.ts';

/** What singing needs. */
export interface SingingDependencies extends SpeechDependencies {
  /** Without it the routes answer `not_configured`. */
  readonly singing?: SingingEngine;
}
