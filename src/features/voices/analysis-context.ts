import type { PlacementPreferences } from '../speech/index.ts';

/** On whose behalf, and for how long, recordings are listened to. */
export interface AnalysisContext {
  /** Id of the API key. */
  readonly caller: string;
  readonly requestId: string;
  readonly signal: AbortSignal;
  readonly preferences: PlacementPreferences;
  readonly keepAlive: (work: Promise<unknown>) => void;
}
