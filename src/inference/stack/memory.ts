import type { StackKernel } from './kernel/kernel.ts';

const PAGE = 65_536;

/** A kernel's linear memory, taken from below and given back from above. */
export class KernelMemory {
  protected readonly kernel: StackKernel;
  #top: number;

  protected constructor(kernel: StackKernel) {
    this.kernel = kernel;
    this.#top = kernel.heapBase();
  }

  get memoryBytes(): number {
    return this.kernel.memory.buffer.byteLength;
  }

  /** Room for `count` floats, until the network is released or until {@link rewind}. */
  floats(count: number): number {
    return this.take(4 * count);
  }

  /** A place that {@link rewind} goes back to. */
  mark(): number {
    return this.#top;
  }

  /** Frees the memory that was taken since a mark. */
  rewind(mark: number): void {
    this.#top = mark;
  }

  /** A view of floats in memory; taking more room may end it. */
  view(at: number, count: number): Float32Array {
    return new Float32Array(this.kernel.memory.buffer, at, count);
  }

  /** Puts floats into memory for good. */
  put(values: Float32Array): number {
    const at = this.floats(Math.ceil(values.length / 8) * 8);
    this.view(at, values.length).set(values);
    return at;
  }

  /** Puts bytes into memory, until {@link rewind}. */
  protected bytes(bytes: Uint8Array): number {
    const at = this.take(bytes.length);
    new Uint8Array(this.kernel.memory.buffer, at, bytes.length).set(bytes);
    return at;
  }

  /** Room for bytes, on a boundary of 64. */
  protected take(bytes: number): number {
    const at = this.#top;
    this.#top = Math.ceil((at + bytes) / 64) * 64;
    const lacking = this.#top - this.kernel.memory.buffer.byteLength;
    if (lacking > 0) this.kernel.memory.grow(Math.ceil(lacking / PAGE));
    return at;
  }
}
