import type { PlacementPreferences } from '../speech/index.ts';

/** The request on whose behalf recordings are analyzed. */
export interface AnalysisContext {
  /** Id of the API key. */
  readonly caller: string;
  readonly requestId: string;
  readonly signal: AbortSignal;
  readonly preferences: PlacementPreferences;
  readonly keepAlive: (work: Promise<unknown>) => void;
}
