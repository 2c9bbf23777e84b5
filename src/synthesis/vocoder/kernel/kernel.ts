import { loadKernel } from '#waveform-kernel';

/** What `assembly/index.ts` exports. */
export interface Kernel {
  readonly memory: WebAssembly.Memory;
  setup(sampleRate: number, hop: number, bands: number): void;
  statePointer(): number;
  stateBytes(): number;
  f0Pointer(): number;
  harmonicPointer(): number;
  noisePointer(): number;
  outputPointer(): number;
  maxCount(): number;
  f0Margin(): number;
  start(seed: number): void;
  render(count: number, frames: number, first: number): number;
}

/** What a kernel's tables are made for. */
export interface KernelShape {
  readonly sampleRate: number;
  /** At most 512. */
  readonly hop: number;
  /** Mel-spaced points of a filter, at most 128. */
  readonly bands: number;
}

/** FFT and window length that the kernel is written for. */
export const KERNEL_FFT = 1024;

const kernels = new Map<string, Kernel>();

/** The kernel for a shape: instantiated once, shared by all utterances, since it keeps nothing between calls. */
export async function openKernel({ sampleRate, hop, bands }: KernelShape): Promise<Kernel> {
  const key = `${sampleRate} ${hop} ${bands}`;
  const open = kernels.get(key);
  if (open) return open;
  const module = await loadKernel();
  const kernel = new WebAssembly.Instance(module, {}).exports as unknown as Kernel;
  kernel.setup(sampleRate, hop, bands);
  kernels.set(key, kernel);
  return kernel;
}
