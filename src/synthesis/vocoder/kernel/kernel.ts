import { loadKernel } from '#waveform-kernel';

/** Exports of `assembly/index.ts`. */
export interface Kernel {
  readonly memory: WebAssembly.Memory;
  setup(sampleRate: number, hop: number, bands: number, modulationBands: number): void;
  statePointer(): number;
  stateBytes(): number;
  f0Pointer(): number;
  voicedPointer(): number;
  harmonicPointer(): number;
  noisePointer(): number;
  realPointer(): number;
  imaginaryPointer(): number;
  modulationPointer(): number;
  melPointer(): number;
  outputPointer(): number;
  maxCount(): number;
  margin(): number;
  start(seed: number, harmonics: number, rounds: number): void;
  render(count: number, frames: number, from: number): number;
}

/** Parameters of a kernel's tables. */
export interface KernelShape {
  readonly sampleRate: number;
  /** At most 512. */
  readonly hop: number;
  /** Mel bands, at most 128. */
  readonly bands: number;
  /** Bands in which noise is modulated by the pitch, at most 128. */
  readonly modulationBands: number;
}

/** FFT and window length that the kernel is written for. */
export const KERNEL_FFT = 1024;

const kernels = new Map<string, Kernel>();

/** The kernel for a shape: instantiated once, shared by all utterances, since it keeps nothing between calls. */
export async function openKernel({ sampleRate, hop, bands, modulationBands }: KernelShape): Promise<Kernel> {
  const key = `${sampleRate} ${hop} ${bands} ${modulationBands}`;
  const open = kernels.get(key);
  if (open) return open;
  const module = await loadKernel();
  const kernel = new WebAssembly.Instance(module, {}).exports as unknown as Kernel;
  kernel.setup(sampleRate, hop, bands, modulationBands);
  kernels.set(key, kernel);
  return kernel;
}
