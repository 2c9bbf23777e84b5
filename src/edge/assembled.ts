import { type Assembled, assemble } from './assemble.ts';
import type { Env } from './env.ts';

// Made at the first request, because bindings are not available earlier.
let assembled: Assembled | undefined;

/** The parts of this isolate's Worker: its Durable Objects share them, and so the model. */
export function assembledFor(env: Env): Assembled {
  assembled ??= assemble(env);
  return assembled;
}
