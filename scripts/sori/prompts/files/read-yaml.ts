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
import { promptSchema } from '../../../../src/features/prompts/schema.ts';
import type { RawFile, RawPrompt } from './raw-prompt.ts';
import type { Fault, Position, SourceText } from './source-text.ts';

/** Most uses of anchors (`*name`) in a file; a few of them can expand to very much. */
const MAX_ALIASES = 10_000;
/** Fields that identify a prompt. */
const OWN_FIELDS = ['input', 'template'];
/** Fields at the top of a file. */
const SECTIONS = ['defaults', 'prompts'];

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads `{defaults: {…}, prompts: {name: "text" | {…}}}` from YAML 1.2 or JSON, of which YAML is a superset. A prompt's fields override
 * those of `defaults`; a field that is null removes a default.
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

  const tree: Tree = {
    document,
    at: (node) => source.positionAt((node as Node | null)?.range?.[0] ?? 0),
    resolve: (node) => (isAlias(node) ? node.resolve(document) : node),
    refuse,
  };
  const { defaults, listed } = sectionsOf(tree);
  refuseTwice(tree, listed);
  if (!listed) return { prompts: [], faults };
  try {
    const defaultFields = defaults ? plain(defaults, document) : {};
    const prompts = listed.items.flatMap((pair) => promptOf(pair, tree, defaults, defaultFields) ?? []);
    return { prompts, faults };
  } catch (error) {
    // Only this reports that anchors multiply beyond MAX_ALIASES.
    if (!(error instanceof ReferenceError)) throw error;
    refuse(tree.at(listed), 'Its aliases (*name) expand to too much data. Write the values out instead.');
    return { prompts: [], faults };
  }
}

/** A document, with lookups of its nodes. */
interface Tree {
  readonly document: Document;
  at(node: unknown): Position;
  /** The node that an alias refers to; any other node unchanged. */
  resolve(node: unknown): unknown;
  refuse(at: Position, message: string, name?: string): void;
}

function sectionsOf({ document, at, resolve, refuse }: Tree): { defaults?: YAMLMap; listed?: YAMLMap } {
  const root = document.contents;
  if (!isMap(root)) {
    refuse(at(root), 'The file must be a map with "prompts", and "defaults" where they are wanted.');
    return {};
  }
  for (const pair of root.items) {
    if (SECTIONS.includes(keyOf(pair))) continue;
    refuse(
      at(pair.key),
      `Unknown section ${keyOf(pair)}. A file has the sections ${SECTIONS.join(' and ')}.`,
    );
  }
  const defaults = resolve(root.get('defaults', true));
  const listed = resolve(root.get('prompts', true));
  if (defaults !== undefined && !isMap(defaults)) refuse(at(defaults), 'defaults must be a map of fields.');
  if (!isMap(listed)) {
    refuse(at(listed ?? root), 'prompts must be a map of names, each with a text or a map of fields.');
  }
  for (const field of OWN_FIELDS) {
    if (!isMap(defaults) || !defaults.has(field)) continue;
    refuse(
      at(defaults.get(field, true)),
      `defaults can't have ${field}; it is what a prompt has for itself.`,
    );
  }
  return { defaults: isMap(defaults) ? defaults : undefined, listed: isMap(listed) ? listed : undefined };
}

function promptOf(
  pair: Pair,
  { document, at, resolve, refuse }: Tree,
  defaults: YAMLMap | undefined,
  defaultFields: Fields,
): RawPrompt | undefined {
  const name = keyOf(pair);
  const value = resolve(pair.value);
  const own = fieldsOf(value, document);
  if (own === undefined) {
    refuse(at(pair.value ?? pair.key), mustBe(value), name);
    return undefined;
  }
  // In {input: Sorry, not today.} YAML ends the text at the comma, and takes what follows for a field without a value.
  for (const { key, value: empty } of isMap(value) ? value.items : []) {
    if (!isEmpty(empty) || Object.hasOwn(promptSchema.shape, String(key))) continue;
    refuse(
      at(key),
      `${String(key)} is not a field of a prompt. Does a text contain a comma without quotes?`,
      name,
    );
  }
  return {
    name,
    at: at(pair.key),
    definition: merged(defaultFields, own),
    locate: (path) => {
      const [field] = path;
      if (field === 'input' && isScalar(value)) return at(value);
      const holder = [value, defaults].find((map) => isMap(map) && map.has(field));
      return at(holder ? nodeAt(holder as YAMLMap, path, resolve) : pair.key);
    },
  };
}

/** YAML syntax beyond JSON (comments, bare words, a trailing comma) is a fault in a .json file. */
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
function refuseTwice({ document, at, refuse }: Tree, names: unknown): void {
  visit(document, {
    Map(_, map) {
      if (map === names) return;
      const seen = new Set<string>();
      for (const pair of map.items) {
        const key = keyOf(pair);
        // Any number of maps may be merged in.
        if (key !== '<<' && seen.has(key)) refuse(at(pair.key), `${key} appears twice here.`);
        seen.add(key);
      }
    },
  });
}

function keyOf({ key }: Pair): string {
  return isScalar(key) ? String(key.value) : String(key);
}

function fieldsOf(value: unknown, document: Document): Fields | undefined {
  if (isMap(value)) return plain(value, document);
  return isScalar(value) && typeof value.value === 'string' ? { input: value.value } : undefined;
}

/** Numbers, booleans and nothing are what unquoted words may turn out to be. */
function mustBe(value: unknown): string {
  const found = isScalar(value) && value.value !== null ? ` ${String(value.value)}` : '';
  return found !== ''
    ? `A prompt is a text or a map of fields;${found} is neither. Put it in quotes if it is to be spoken.`
    : 'A prompt is a text or a map of fields.';
}

function plain(map: YAMLMap, document: Document): Fields {
  return map.toJS(document, { maxAliasCount: MAX_ALIASES }) as Fields;
}

function isEmpty(node: unknown): boolean {
  return node === null || (isScalar(node) && node.value === null);
}

function merged(defaults: Fields, own: Fields): Fields {
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
