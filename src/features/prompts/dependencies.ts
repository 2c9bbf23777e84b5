import type { SpeechDependencies } from '../speech/index.ts';

/** Dependencies of the routes of prompts. */
export interface PromptDependencies extends SpeechDependencies {
  /** Milliseconds after which a PUT of a prompt stops baking and asks its client to repeat it; default: no limit. */
  readonly bakeBudgetMs?: number;
}
