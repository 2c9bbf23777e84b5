import type { Cursor } from '../cursor.ts';
import { EMOJI_NAMES, REGION_NAMES } from './emoji-table.ts';

const CLUSTER =
  /(?:[\u{1f1e6}-\u{1f1ff}]{2}|\u{1f3f4}[\u{e0020}-\u{e007e}]{2,6}\u{e007f}|[\p{ExtPict}\p{Emoji_Modifier}]\p{Emoji_Modifier}?\ufe0f?\u20e3?(?:\u200d\p{ExtPict}\p{Emoji_Modifier}?\ufe0f?){0,6})/uy;
const KEYCAP = /([0-9#*])\ufe0f?\u20e3/y;
const EMOTICON = /(?:[:;=8xX][-'^]?[)(DPpOo3*|/\\\]]|<3|[:;]-?\}|\^_?\^|>:\(|:'\()(?=[\s.,!?]|$)/y;

/** Professions of people in a joined sequence, by the object that they are joined with. */
const TRADES: Readonly<Record<string, string>> = Object.fromEntries(
  '⚕health worker|🎓student|🏫teacher|⚖judge|🌾farmer|🍳cook|🔧mechanic|🏭factory worker|💼office worker|🔬scientist|💻technologist|🎤singer|🎨artist|✈pilot|🚀astronaut|🚒firefighter|🦯with white cane|🦼in motorized wheelchair|🦽in manual wheelchair|🍼feeding baby|🦰red hair|🦱curly hair|🦳white hair|🦲bald'
    .split('|')
    .map(split),
);
const PEOPLE: Readonly<Record<string, string>> = { '👨': 'man', '👩': 'woman', '🧑': 'person' };
const NATIONS: Readonly<Record<string, string>> = { gbeng: 'england', gbsct: 'scotland', gbwls: 'wales' };

let names: ReadonlyMap<string, string> | undefined;
let regions: ReadonlyMap<string, string> | undefined;

/** `😀grinning face` → the emoji and its name. */
function split(entry: string): [string, string] {
  const at = entry.search(/[a-z]/i);
  return [entry.slice(0, at), entry.slice(at)];
}

function nameOf(emoji: string): string | undefined {
  names ??= new Map(EMOJI_NAMES.trim().split(/[|\n]/).map(split));
  return names.get(emoji);
}

function regionOf(code: string): string | undefined {
  regions ??= new Map(
    REGION_NAMES.trim()
      .split(/[|\n]/)
      .map((entry) => [entry.slice(0, 2), entry.slice(2)]),
  );
  return regions.get(code);
}

/** Name of an emoji sequence in plain words, or '' for one that isn't known. Skin tones are not spoken. */
export function emojiName(cluster: string): string {
  const bare = cluster.replace(/[\ufe0f\u{1f3fb}-\u{1f3ff}]/gu, '');
  const known = nameOf(bare);
  if (known !== undefined) return known;
  const chars = Array.from(bare);
  const codes = chars.map((char) => char.codePointAt(0)!);
  if (codes[0] >= 0x1f1e6 && codes[0] <= 0x1f1ff) {
    const region = regionOf(String.fromCharCode(...codes.map((code) => code - 0x1f1e6 + 65)));
    return region === undefined ? '' : `flag ${region}`;
  }
  if (codes[0] === 0x1f3f4 && codes[1] >= 0xe0020) {
    const nation = NATIONS[String.fromCharCode(...codes.slice(1, -1).map((code) => code - 0xe0000))];
    return nation === undefined ? '' : `flag ${nation}`;
  }
  return joinedName(bare.split('\u200d'));
}

/** A sequence joined by U+200D: a gender, a profession, a family; else the name of its first part. */
function joinedName(parts: readonly string[]): string {
  const [first, ...rest] = parts;
  const base = nameOf(first) ?? '';
  const sex = rest.includes('♀') ? 'woman' : rest.includes('♂') ? 'man' : '';
  if (sex !== '') return base.startsWith('person ') ? base.replace('person', sex) : `${sex} ${base}`;
  const person = PEOPLE[first];
  if (person === undefined || rest.length === 0) return base;
  const trade = TRADES[rest[0]];
  if (trade !== undefined) {
    if (/^(with|in|feeding|red|curly|white|bald)/.test(trade)) return `${person} ${trade}`;
    return person === 'person' ? trade : `${person} ${trade}`;
  }
  if (rest.includes('❤')) return rest.includes('💋') ? 'kiss' : 'couple with heart';
  return rest.includes('🤝') ? 'people holding hands' : 'family';
}

/** An emoji, spoken by its name between short pauses. A repeated emoji is spoken once. */
export function emoji(c: Cursor): number {
  const keycap = c.match(KEYCAP);
  if (keycap) {
    const key = { '#': 'hash', '*': 'star' }[keycap[1]];
    if (key !== undefined) c.say(key, 0, keycap[0].length);
    return key === undefined ? 0 : keycap[0].length;
  }
  const match = c.match(CLUSTER);
  if (!match) return 0;
  let length = match[0].length;
  const name = emojiName(match[0]);
  for (let again = c.match(CLUSTER, length); again?.[0] === match[0]; again = c.match(CLUSTER, length)) {
    length += again[0].length;
  }
  if (name !== '') {
    c.softPause(0, 0);
    c.say(name, 0, length);
    c.softPause(length, length);
  } else c.leaveOut(length);
  return length;
}

/** `:-)` and similar emoticons: silent. */
export function emoticon(c: Cursor): number {
  if (c.previous !== '' && c.previous !== ' ') return 0;
  return c.match(EMOTICON)?.[0].length ?? 0;
}
