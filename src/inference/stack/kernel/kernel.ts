/** Exports of `kernel/assembly/index.ts`. Addresses are in bytes. */
export interface StackKernel {
  readonly memory: WebAssembly.Memory;
  heapBase(): number;
  mostChannels(): number;
  widest(): number;
  spareRows(): number;
  pack8(
    from: number,
    rows: number,
    pitch: number,
    first: number,
    columns: number,
    zeros: number,
    to: number,
    offsets: number,
    sums: number,
  ): void;
  pack32(from: number, rows: number, columns: number, down: number, across: number, to: number): void;
  widen8(from: number, rows: number, columns: number, scales: number, zeros: number, to: number): void;
  widen16(from: number, count: number, to: number): void;
  block(
    x: number,
    to: number,
    frames: number,
    first: number,
    end: number,
    channels: number,
    expanded: number,
    mix: number,
    mixBias: number,
    dilation: number,
    gain: number,
    bias: number,
    up: number,
    down: number,
    exact: boolean,
  ): void;
  exactGelu(at: number, count: number): void;
  normalizeRows(from: number, count: number, channels: number, gain: number, bias: number, to: number): void;
  roundRows(
    from: number,
    count: number,
    size: number,
    to: number,
    meta: number,
    keepRest: boolean,
    activate: boolean,
  ): void;
  multiply(
    rows: number,
    count: number,
    size: number,
    matrix: number,
    to: number,
    pitch: number,
    add: boolean,
  ): void;
  product8(
    rows: number,
    count: number,
    meta: number,
    matrix: number,
    to: number,
    pitch: number,
    mode: number,
    low: number,
    high: number,
  ): void;
  /** {@link product8} by the processor's one instruction for it, or by several. */
  product8By(inOne: boolean, ...product: Parameters<StackKernel['product8']>): void;
  product32(
    rows: number,
    count: number,
    step: number,
    size: number,
    weights: number,
    columns: number,
    bias: number,
    to: number,
    pitch: number,
    mode: number,
  ): void;
  attend(
    qkv: number,
    count: number,
    heads: number,
    size: number,
    scale: number,
    falls: number,
    work: number,
    to: number,
  ): void;
}
