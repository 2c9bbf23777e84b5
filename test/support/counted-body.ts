const CHUNK = 65_536;

/** A request body of at least `bytes` bytes, and a count of the bytes that were read. */
export function countedBody(bytes: number) {
  const taken = { bytes: 0 };
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (taken.bytes >= bytes) return controller.close();
        taken.bytes += CHUNK;
        controller.enqueue(new Uint8Array(CHUNK));
      },
    },
    { highWaterMark: 0 },
  );
  return { body, taken };
}
