import { storedFile } from './stored-files.ts';

/** File names of onnxruntime-web's compressed runtimes, set when the page is built. */
declare const RUNTIME_WEBGPU: string;
declare const RUNTIME_PLAIN: string;

/** Addresses of the runtimes, with WebGPU and without. */
export const RUNTIME_URLS = {
  webgpu: new URL(RUNTIME_WEBGPU, import.meta.url).href,
  plain: new URL(RUNTIME_PLAIN, import.meta.url).href,
};

/**
 * Loads and unpacks a runtime.
 * @returns an address that onnxruntime-web can load it from.
 */
export async function loadRuntime(url: string, onBytes: (bytes: number) => void): Promise<string> {
  const packed = new Blob([await storedFile(url, onBytes)]);
  const stream = packed.stream().pipeThrough(new DecompressionStream('gzip'));
  const bytes = await new Response(stream).arrayBuffer();
  return URL.createObjectURL(new Blob([bytes], { type: 'application/wasm' }));
}

/** Size of a runtime's file, as the server states it; 0 when it does not. */
export async function runtimeBytes(url: string): Promise<number> {
  const response = await fetch(url, { method: 'HEAD' }).catch(() => undefined);
  return Number(response?.headers.get('Content-Length') ?? 0);
}
