import type { GraphSource, InferenceBackend, Tensors } from './backend.ts';
import { checkKnownAnswer } from './known-answer.ts';
import { PROBE_GRAPH, PROBE_H, PROBE_LANGUAGE, PROBE_WEIGHTS, PROBE_X, PROBE_Y } from './probe-graph.ts';

const FRAMES = 5;

/** A tiny graph of the operations that the stages use, with an input and the answer by ONNX's reference implementation. */
export const probe = {
  /** The graph and its weights, decoded anew for each session. */
  source: (): GraphSource => ({
    graph: fromBase64(PROBE_GRAPH),
    externalData: Object.entries(PROBE_WEIGHTS).map(([path, data]) => ({ path, data: fromBase64(data) })),
  }),
  inputs: {
    x: { type: 'float32', data: Float32Array.from(PROBE_X), dims: [1, FRAMES, 8] },
    language: { type: 'int64', data: BigInt64Array.of(BigInt(PROBE_LANGUAGE)), dims: [1] },
  },
  outputs: {
    h: { type: 'float32', data: Float32Array.from(PROBE_H), dims: [1, FRAMES, 16] },
    y: { type: 'float32', data: Float32Array.from(PROBE_Y), dims: [1, FRAMES, 4] },
  },
} satisfies { source(): GraphSource; inputs: Tensors; outputs: Tensors };

/**
 * Makes sure that a backend computes: some GPU drivers answer wrongly without an error (onnxruntime #29807).
 * @throws {InferenceError} when it can't run the probe or its answer is wrong.
 */
export async function checkBackend(backend: InferenceBackend): Promise<void> {
  const session = await backend.createSession(probe.source());
  try {
    checkKnownAnswer(await session.run(probe.inputs), probe.outputs);
  } finally {
    await session.release();
  }
}

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
