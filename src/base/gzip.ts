/** Compresses bytes with gzip. */
export async function gzip(bytes: Uint8Array): Promise<Uint8Array> {
  return await through(new Blob([bytes as Uint8Array<ArrayBuffer>]).stream(), new CompressionStream('gzip'));
}

/** Decompresses gzip. */
export async function gunzip(bytes: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  return await through(bytes, new DecompressionStream('gzip'));
}

async function through(
  bytes: ReadableStream<Uint8Array>,
  stream: CompressionStream | DecompressionStream,
): Promise<Uint8Array> {
  const packed = bytes.pipeThrough(stream as ReadableWritablePair<Uint8Array, Uint8Array>);
  return new Uint8Array(await new Response(packed).arrayBuffer());
}
