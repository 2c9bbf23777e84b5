import type { SpeechDependencies } from '../speech/index.ts';

/** What the routes of prompts need. */
export interface PromptDependencies extends SpeechDependencies {
  /** Milliseconds after which a PUT of a prompt stops baking and asks its client to repeat it; default: no limit. */
  readonly bakeBudgetMs?: number;
}
