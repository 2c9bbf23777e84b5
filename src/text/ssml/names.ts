/**
 * Prefix of a namespace in this reader. Vendors' documents often leave the declaration out, so an undeclared prefix is used as written.
 */
const PREFIXES: readonly (readonly [RegExp, string])[] = [
  [/^https?:\/\/www\.w3\.org\/2001\/10\/synthesis\/?$/, ''],
  [/^https?:\/\/www\.w3\.org\/2001\/mstts\/?$/, 'mstts'],
  [/^https?:\/\/www\.w3\.org\/1998\/Math\/MathML\/?$/, 'math'],
];

/** Names that other versions of SSML give to the same elements. */
const SYNONYMS: Readonly<Record<string, string>> = {
  paragraph: 'p',
  sentence: 's',
  'express-as': 'mstts:express-as',
  'mstts:bookmark': 'bookmark',
  'google:bookmark': 'mark',
  'math:math': 'math',
};

/** Prefixes that are declared at an element: prefix to namespace, `''` for the default one. */
export type Namespaces = ReadonlyMap<string, string>;

/** The namespaces inside an element with these attributes. */
export function declare(outer: Namespaces, attributes: ReadonlyMap<string, string>): Namespaces {
  let inner: Map<string, string> | undefined;
  for (const [name, value] of attributes) {
    const match = /^xmlns(?::(.+))?$/.exec(name);
    if (!match) continue;
    inner ??= new Map(outer);
    inner.set(match[1] ?? '', value.trim());
  }
  return inner ?? outer;
}

/** The canonical name of an element: `tts:voice` is `voice` where `tts` is SSML's namespace. */
export function canonicalName(written: string, namespaces: Namespaces): string {
  const colon = written.indexOf(':');
  const prefix = colon < 0 ? '' : written.slice(0, colon);
  const local = written.slice(colon + 1);
  const namespace = namespaces.get(prefix);
  const known = namespace === undefined ? undefined : PREFIXES.find(([uri]) => uri.test(namespace))?.[1];
  const own = known ?? prefix;
  const name = own === '' ? local : `${own}:${local}`;
  return Object.hasOwn(SYNONYMS, name) ? SYNONYMS[name] : name;
}

/** Whether Microsoft's extension is declared. Then percentages without a sign are changes. */
export function declaresMstts(namespaces: Namespaces): boolean {
  return [...namespaces.values()].some((uri) => PREFIXES[1][0].test(uri));
}
