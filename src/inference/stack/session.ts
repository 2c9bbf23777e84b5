import { type GraphSession, type GraphSource, InferenceError, type Tensors } from '../backend.ts';
import { dropConstants, type Graph, readGraph } from './graph.ts';
import { melDecoder } from './mel-decoder.ts';
import { Network, type StackRun } from './network.ts';
import { prosody } from './prosody.ts';
import { NotAStack } from './recognize.ts';
import { styleDenoiser } from './style-denoiser.ts';
import { styleEncoder } from './style-encoder.ts';
import { textEncoder } from './text-encoder.ts';
import { vocoder } from './vocoder.ts';

/** A session of the stack kernel. */
export interface StackSession extends GraphSession {
  readonly memoryBytes: number;
}

/** Makers by the names of a graph's outputs. */
const STAGES: Readonly<Record<string, (graph: Graph, network: Network) => StackRun>> = {
  'harmonic,imaginary,modulation,noise,real': vocoder,
  mel: melDecoder,
  'energy,f0,voicing': prosody,
  'hidden,log_durations': textEncoder,
  style: styleEncoder,
  denoised: styleDenoiser,
};

/** Output of the only stage that takes several rows at once; its phonemes are those of all rows. */
const BATCHED = 'denoised';

/** Stages that can run in pieces, by their outputs. */
const STREAMED = ['harmonic,imaginary,modulation,noise,real', 'mel'];

/** Inputs of whole numbers; all others are of floats. */
const WHOLE = ['phonemes', 'language', 'last'];
/** Inputs of a run in pieces. */
const OF_PIECES = ['state', 'last'];

/**
 * Makes a session of the stack kernel for a graph of sori-2's networks.
 * @returns nothing when the graph is not supported, or the runtime has no WebAssembly with relaxed SIMD.
 */
export async function openStack(source: GraphSource): Promise<StackSession | undefined> {
  let opened: Network;
  let run: StackRun;
  let graph: Graph;
  try {
    graph = readGraph(source);
    const make = STAGES[graph.outputs.toSorted().join()];
    if (!make) return undefined;
    opened = await Network.open();
    run = make(graph, opened);
    dropConstants(graph);
  } catch (error) {
    if (
      error instanceof NotAStack ||
      error instanceof WebAssembly.CompileError ||
      error instanceof RangeError
    )
      return undefined;
    throw error;
  }
  const { inputs: inputNames, outputs: outputNames } = graph;
  const batched = outputNames.join() === BATCHED;
  const mark = opened.mark();
  // Dropped at release, so that its memory can be collected though the session is still known.
  let network: Network | undefined = opened;
  const streams = STREAMED.includes(outputNames.toSorted().join());
  return {
    inputNames,
    outputNames,
    streams,
    get memoryBytes() {
      return network?.memoryBytes ?? 0;
    },
    async run(inputs, signal) {
      signal?.throwIfAborted();
      if (!network) throw new InferenceError('The session has been released');
      checkInputs(streams && inputs.state ? [...inputNames, ...OF_PIECES] : inputNames, inputs, batched);
      try {
        return await run(inputs, signal);
      } finally {
        network.rewind(mark);
      }
    },
    async release() {
      network = undefined;
    },
  };
}

function checkInputs(names: readonly string[], inputs: Tensors, batched: boolean): void {
  for (const name of names) {
    const type = WHOLE.includes(name) ? 'int64' : 'float32';
    if (inputs[name]?.type !== type) throw new InferenceError(`Input "${name}" is missing or not of ${type}`);
    const rows = batched && type === 'float32' ? inputs.x?.dims[0] : 1;
    if (inputs[name].dims[0] !== rows) throw new InferenceError(`Input "${name}" must have ${rows} row(s)`);
  }
}
