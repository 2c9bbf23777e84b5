import type { Manifest } from '../../src/shards/manifest.ts';

/** A manifest as the text of `manifest.json`: indented, keys in the schema's order, lists of numbers on one line. */
export function formatManifest(manifest: Manifest): string {
  const text = JSON.stringify(manifest, null, 2);
  const numbers = /\[\s+(-?\d[-+.\de]*(?:,\s+-?\d[-+.\de]*)*)\s+\]/g;
  return `${text.replace(numbers, (_, list: string) => `[${list.replace(/\s+/g, ' ')}]`)}\n`;
}

/** Bytes for people: `1.25 MiB`, `12.3 KiB`. */
export function formatBytes(bytes: number): string {
  if (bytes >= 1024 * 1024) return `${(bytes / 1024 / 1024).toFixed(2)} MiB`;
  return bytes >= 1024 ? `${(bytes / 1024).toFixed(1)} KiB` : `${bytes} B`;
}
