import type { InferenceBackend } from '../backend.ts';
import { openStack, type StackSession } from './session.ts';

/**
 * Puts the stack kernel before a backend: sori-2's graphs run in it, at less than half of onnxruntime's time, and all others in the backend.
 * Where it does not run, the backend takes all.
 */
export function withStacks(backend: InferenceBackend): InferenceBackend {
  const open = new Set<StackSession>();
  return {
    ...backend,
    async createSession(source) {
      const session = await openStack(source);
      if (!session) return backend.createSession(source);
      open.add(session);
      return {
        inputNames: session.inputNames,
        outputNames: session.outputNames,
        ownRounding: true,
        streams: session.streams,
        run: session.run,
        async release() {
          open.delete(session);
          await session.release();
        },
      };
    },
    memoryBytes: () =>
      [...open].reduce((sum, { memoryBytes }) => sum + memoryBytes, backend.memoryBytes?.() ?? 0),
  };
}
