import module from 'node:module';

/**
 * Changes the text of a package's file when this process loads it. Does nothing before Node 22.15.
 * @param file end of the file's URL.
 * @param change gives the new text. What it throws is thrown by the import.
 */
export function patchPackage(file: string, change: (source: string) => string): void {
  if (typeof module.registerHooks !== 'function') return;
  module.registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      return url.endsWith(file) ? { ...loaded, source: change(String(loaded.source)) } : loaded;
    },
  });
}
