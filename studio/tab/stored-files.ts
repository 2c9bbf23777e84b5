/** Name of the cache of models and runtimes. */
export const MODEL_CACHE = 'sori-models';

/** Called for every byte that arrives from the network or the cache. */
export type OnBytes = (bytes: number) => void;

/** The cache, where there is one: pages without a secure context have none. */
async function openCache(): Promise<Cache | undefined> {
  return 'caches' in globalThis ? await caches.open(MODEL_CACHE).catch(() => undefined) : undefined;
}

/**
 * Reads a file that never changes under its name: from the cache, else from the network and into the cache.
 * @param fresh goes past the cache, whose copy is damaged.
 * @throws {Error} when the server refuses or does not answer.
 */
export async function storedFile(
  url: string,
  onBytes: OnBytes,
  fresh = false,
): Promise<Uint8Array<ArrayBuffer>> {
  const cache = await openCache();
  const found = fresh ? undefined : await cache?.match(url);
  if (found) return await bytesOf(found, onBytes);
  const response = await answerOf(url);
  const bytes = await bytesOf(response, onBytes);
  // A full disk is no reason not to speak.
  await cache?.put(url, new Response(bytes)).catch(() => {});
  return bytes;
}

/** Reads a file that may change: from the network, and from the cache without a connection. */
export async function freshFile(url: string): Promise<Uint8Array<ArrayBuffer>> {
  const cache = await openCache();
  try {
    const bytes = await bytesOf(await answerOf(url), () => {});
    await cache?.put(url, new Response(bytes)).catch(() => {});
    return bytes;
  } catch (error) {
    const found = await cache?.match(url);
    if (!found) throw error;
    return await bytesOf(found, () => {});
  }
}

/** Removes cached files of earlier versions: those below `prefix` that are not in `wanted`. */
export async function dropOthers(prefix: string, wanted: ReadonlySet<string>): Promise<void> {
  const cache = await openCache();
  for (const { url } of (await cache?.keys()) ?? []) {
    if (url.startsWith(prefix) && !wanted.has(url)) await cache?.delete(url);
  }
}

/** Whether files are stored for later visits. */
export async function canStore(): Promise<boolean> {
  return (await openCache()) !== undefined;
}

async function answerOf(url: string): Promise<Response> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`The server answered ${response.status} for ${new URL(url).pathname}.`);
  return response;
}

async function bytesOf(response: Response, onBytes: OnBytes): Promise<Uint8Array<ArrayBuffer>> {
  const reader = response.body?.getReader();
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  for (;;) {
    const { done = true, value } = (await reader?.read()) ?? {};
    if (done || !value) break;
    chunks.push(value);
    onBytes(value.byteLength);
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}
