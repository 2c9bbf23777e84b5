export { isSsml } from './ssml/detect.ts';

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** A piece of SSML as plain text: no tags and comments, entities resolved, white space as single spaces. */
export function plainText(markup: string): string {
  return markup
    .replace(/<!--[\s\S]*?(?:-->|$)|<[^>]*(?:>|$)/g, ' ')
    .replace(/&(?:#x([0-9a-f]{1,6})|#([0-9]{1,7})|([a-z]+));/gi, resolve)
    .replace(/\s+/g, ' ')
    .trim();
}

function resolve(entity: string, hex: string | undefined, decimal: string | undefined, name: string): string {
  const code = hex ? Number.parseInt(hex, 16) : Number(decimal ?? Number.NaN);
  if (code <= 0x10ffff) return String.fromCodePoint(code);
  return ENTITIES[name] ?? entity;
}
