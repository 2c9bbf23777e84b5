/** `ArrayBuffer.prototype.transfer` of ES2024. Node 20 has none. */
type TransferableBuffer = ArrayBufferLike & {
  readonly detached?: boolean;
  transfer?(newByteLength: number): ArrayBuffer;
};

/**
 * Frees the memory of arrays that nothing reads any more: afterwards their length is 0. The garbage collector would free it much later, because
 * it does not count the memory that a small array refers to, and an isolate's limit counts what is not collected yet.
 *
 * An array over a part of a buffer is left alone, since others may read the rest. Where the runtime can't free memory, nothing happens.
 */
export function freeArrays(...arrays: readonly ArrayBufferView[]): void {
  for (const { buffer, byteLength } of arrays) {
    const whole: TransferableBuffer = buffer;
    if (byteLength === buffer.byteLength && whole.detached === false) whole.transfer?.(0);
  }
}
