import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isPair,
  isScalar,
  type Node,
  type Pair,
  parseDocument,
  visit,
  type YAMLMap,
} from 'yaml';
import type { RawPrompt } from './raw-prompt.ts';
import type { Fault, Position, SourceText } from './source-text.ts';

/** Most uses of anchors (`*name`) in a file; YAML lets few of them stand for very much. */
const MAX_ALIASES = 10_000;
/** What makes a prompt that prompt. */
const OWN_FIELDS = ['input', 'template'];
/** What a file may have at its top. */
const SECTIONS = ['defaults', 'prompts'];

/** What a file holds, and what is wrong with it as far as that could be told without the schema. */
export interface RawFile {
  readonly prompts: readonly RawPrompt[];
  readonly faults: readonly Fault[];
}

/**
 * Reads `{defaults: {…}, prompts: {name: "text" | {…}}}` from YAML 1.2 or JSON, of which YAML is a superset.
 * A prompt's fields take the place of those of `defaults`; a field that is null takes a default away.
 */
export function readYaml(source: SourceText, { json = false } = {}): RawFile {
  const faults: Fault[] = [];
  const refuse = (at: Position, message: string, name?: string) => faults.push({ ...at, message, name });
  // Its own check for keys that come twice compares every key with every other one.
  const document = parseDocument(source.text, {
    uniqueKeys: false,
    prettyErrors: false,
    merge: !json,
    version: '1.2',
  });
  for (const { pos, message } of document.errors) {
    refuse(source.positionAt(pos[0]), `This is not ${json ? 'JSON' : 'YAML'}: ${message}`);
  }
  if (json && faults.length === 0) checkJson(source, refuse);
  if (faults.length > 0) return { prompts: [], faults };

  const at = (node: unknown): Position => source.positionAt((node as Node | null)?.range?.[0] ?? 0);
  const root = document.contents;
  if (!isMap(root)) {
    refuse(at(root), 'The file must be a map with "prompts", and "defaults" where they are wanted.');
    return { prompts: [], faults };
  }
  for (const pair of root.items) {
    if (!SECTIONS.includes(keyOf(pair))) {
      refuse(at(pair.key), `There is no section ${keyOf(pair)}; a file has ${SECTIONS.join(' and ')}.`);
    }
  }
  const resolve = (node: unknown): unknown => (isAlias(node) ? node.resolve(document) : node);
  const defaults = resolve(root.get('defaults', true));
  const listed = resolve(root.get('prompts', true));
  refuseTwice(document, listed, (pair) => refuse(at(pair.key), `${keyOf(pair)} comes twice here.`));
  if (defaults !== undefined && !isMap(defaults)) refuse(at(defaults), 'defaults must be a map of fields.');
  if (!isMap(listed)) {
    refuse(at(listed ?? root), 'prompts must be a map of names, each with a text or a map of fields.');
    return { prompts: [], faults };
  }
  for (const field of OWN_FIELDS) {
    if (isMap(defaults) && defaults.has(field)) {
      refuse(
        at(defaults.get(field, true)),
        `defaults can't have ${field}; it is what a prompt has for itself.`,
      );
    }
  }
  const defaultFields = isMap(defaults) ? (plain(defaults, document) as Record<string, unknown>) : {};
  const prompts: RawPrompt[] = [];
  for (const pair of listed.items) {
    const name = keyOf(pair);
    const value = resolve(pair.value);
    const own = fieldsOf(value, document);
    if (own === undefined) {
      refuse(at(pair.value ?? pair.key), mustBe(value), name);
      continue;
    }
    prompts.push({
      name,
      at: at(pair.key),
      definition: merged(defaultFields, own),
      locate: (path) => {
        const [field] = path;
        const holder = isMap(value) && value.has(field) ? value : undefined;
        if (holder) return at(nodeAt(holder, path, resolve));
        if (field === 'input' && isScalar(value)) return at(value);
        if (isMap(defaults) && field !== undefined && defaults.has(field))
          return at(nodeAt(defaults, path, resolve));
        return at(pair.key);
      },
    });
  }
  return { prompts, faults };
}

/** What YAML accepts beyond JSON (comments, bare words, a comma at the end) is a fault in a file that calls itself JSON. */
function checkJson(source: SourceText, refuse: (at: Position, message: string) => void): void {
  try {
    JSON.parse(source.text);
  } catch (error) {
    const { message } = error as Error;
    const offset = Number(/at position (\d+)/.exec(message)?.[1] ?? source.text.length);
    refuse(source.positionAt(offset), `This is not JSON: ${message}`);
  }
}

/** @param names the map whose names are checked elsewhere, as those of tables are. */
function refuseTwice(document: Document, names: unknown, tell: (pair: Pair) => void): void {
  visit(document, {
    Map(_, map) {
      if (map === names) return;
      const seen = new Set<string>();
      for (const pair of map.items) {
        const key = keyOf(pair);
        // Any number of maps may be merged in.
        if (key !== '<<' && seen.has(key)) tell(pair);
        seen.add(key);
      }
    },
  });
}

function keyOf({ key }: Pair): string {
  return isScalar(key) ? String(key.value) : String(key);
}

function fieldsOf(value: unknown, document: Document): Record<string, unknown> | undefined {
  if (isMap(value)) return plain(value, document) as Record<string, unknown>;
  return isScalar(value) && typeof value.value === 'string' ? { input: value.value } : undefined;
}

/** Numbers, booleans and nothing are what unquoted words may turn out to be. */
function mustBe(value: unknown): string {
  const found = isScalar(value) && value.value !== null ? ` ${String(value.value)}` : '';
  return found !== ''
    ? `A prompt is a text or a map of fields;${found} is neither. Put it in quotes if it is to be spoken.`
    : 'A prompt is a text or a map of fields.';
}

function plain(map: YAMLMap, document: Document): unknown {
  return map.toJS(document, { maxAliasCount: MAX_ALIASES });
}

function merged(
  defaults: Readonly<Record<string, unknown>>,
  own: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return Object.fromEntries(Object.entries({ ...defaults, ...own }).filter(([, value]) => value !== null));
}

/** The innermost node on a path that is there. */
function nodeAt(holder: YAMLMap, path: readonly PropertyKey[], resolve: (node: unknown) => unknown): unknown {
  let node: unknown = holder;
  for (const step of path) {
    const inside = resolve(node);
    if (!isCollection(inside)) break;
    const next: unknown = inside.get(step, true);
    if (next === undefined) break;
    node = isPair(next) ? next.value : next;
  }
  return node;
}
