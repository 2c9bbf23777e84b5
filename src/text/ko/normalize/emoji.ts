import { EMOJI_NAMES } from './emoji-table.ts';

let names: ReadonlyMap<string, string> | undefined;

/** Korean name of an emoji, '' for one that is not known: skin tones and joined parts count for nothing, a flag is 국기. */
export function emojiName(cluster: string): string {
  names ??= new Map(
    EMOJI_NAMES.trim()
      .split(/[|\n]/)
      .map((entry): [string, string] => {
        const at = entry.search(/[가-힣]/);
        return [entry.slice(0, at), entry.slice(at)];
      }),
  );
  const bare = cluster.replace(/[\ufe0f\u20e3\u{1f3fb}-\u{1f3ff}]/gu, '');
  const known = names.get(bare) ?? names.get(Array.from(bare)[0] ?? '');
  if (known !== undefined) return known;
  return /^[\u{1f1e6}-\u{1f1ff}]/u.test(bare) ? '국기' : '';
}
