import { codecModules } from '#codecs';

/** Exports of aac/src/lib.rs. */
interface AacExports {
  readonly memory: WebAssembly.Memory;
  readonly input: (samples: number) => number;
  readonly encode: (rate: number, bitrate: number) => number;
  readonly size: (frame: number) => number;
  readonly output: () => number;
}

/** Samples in a frame of AAC-LC. */
export const AAC_FRAME = 1024;

/** How to encode. */
export interface AacSettings {
  readonly sampleRate: number;
  /** Bits per second. No frame takes more than its share. */
  readonly bitrate: number;
}

let compiled: WebAssembly.Module | undefined;
let shared: AacExports | undefined;

/**
 * Loads the AAC encoder on first use.
 * @returns a function that encodes mono samples in [-1, 1], whose end is filled up with silence to whole blocks of {@link AAC_FRAME}. It
 *   answers one frame more than there are blocks: frame `n` covers blocks `n - 1` and `n`. It keeps no state between calls.
 * @throws {Error} when the module can't be loaded.
 */
export async function loadAac(settings: AacSettings): Promise<(samples: Float32Array) => Uint8Array[]> {
  compiled ??= await codecModules.aac();
  const module = compiled;
  return (samples) => {
    shared ??= new WebAssembly.Instance(module, {}).exports as unknown as AacExports;
    try {
      return encode(shared, settings, samples);
    } catch (error) {
      // After a crash its memory is undefined.
      shared = undefined;
      throw error;
    }
  };
}

function encode(exports: AacExports, settings: AacSettings, samples: Float32Array): Uint8Array[] {
  const input = exports.input(samples.length);
  new Float32Array(exports.memory.buffer, input, samples.length).set(samples);
  const count = exports.encode(settings.sampleRate, settings.bitrate);
  if (count < 0) throw new Error(`AAC has no rate of ${settings.sampleRate} Hz`);
  let at = exports.output();
  return Array.from({ length: count }, (_, frame) => {
    const size = exports.size(frame);
    at += size;
    return new Uint8Array(exports.memory.buffer, at - size, size).slice();
  });
}
