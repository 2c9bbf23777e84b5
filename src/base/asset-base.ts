let base: URL | undefined;

/**
 * Sets where a page serves the WebAssembly files of codecs and synthesis. Default: the folder of the page's script.
 * @param address of a folder, with a slash at its end.
 */
export function setAssetBase(address: URL): void {
  base = address;
}

/** Address of a file below {@link setAssetBase}'s folder, or `undefined` where none was set. */
export function assetUrl(name: string): URL | undefined {
  return base && new URL(name, base);
}
