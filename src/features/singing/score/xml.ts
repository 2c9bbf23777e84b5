import { SaxesParser } from 'saxes';
import { badScore } from './fault.ts';

/** An element of an XML document. */
export interface XmlNode {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlNode[];
  /** Its own text, without its children's. */
  readonly text: string;
  /** Line on which its start tag ends. */
  readonly line: number;
}

interface Growing extends XmlNode {
  readonly children: Growing[];
  text: string;
}

const MAX_DEPTH = 64;
const MAX_ELEMENTS = 400_000;

/**
 * Reads an XML document into a tree. Entities that a document declares itself are not expanded but refused.
 * @throws {SoriError} `invalid_score`, with the line.
 */
export function readXml(source: string): XmlNode {
  const parser = new SaxesParser();
  const open: Growing[] = [];
  let root: Growing | undefined;
  let count = 0;
  parser.on('error', (error) => {
    throw badScore(
      `line ${parser.line}`,
      `the XML is not well formed (${error.message.replace(/^\d+:\d+:\s*/, '').replace(/\.$/, '')})`,
    );
  });
  parser.on('opentag', ({ name, attributes }) => {
    if (++count > MAX_ELEMENTS)
      throw badScore(`line ${parser.line}`, `the file has more than ${MAX_ELEMENTS} elements`);
    if (open.length >= MAX_DEPTH)
      throw badScore(`line ${parser.line}`, 'elements lie too deep in each other');
    const node: Growing = {
      name,
      attributes: attributes as Record<string, string>,
      children: [],
      text: '',
      line: parser.line,
    };
    if (open.length > 0) open[open.length - 1].children.push(node);
    else root ??= node;
    open.push(node);
  });
  parser.on('closetag', () => void open.pop());
  const text = (characters: string) => {
    const node = open.at(-1);
    if (node) node.text += characters;
  };
  parser.on('text', text);
  parser.on('cdata', text);
  parser.write(source).close();
  if (!root) throw badScore('line 1', 'the XML contains no element');
  return root;
}

/** First child of a name. */
export function child(node: XmlNode | undefined, name: string): XmlNode | undefined {
  return node?.children.find((candidate) => candidate.name === name);
}

/** Children of a name. */
export function childrenOf(node: XmlNode | undefined, name: string): XmlNode[] {
  return node?.children.filter((candidate) => candidate.name === name) ?? [];
}

/** Text of a child, trimmed; `undefined` when there is none or it is empty. */
export function textOf(node: XmlNode | undefined, name: string): string | undefined {
  return child(node, name)?.text.trim() || undefined;
}

/**
 * Number in a child.
 * @throws {SoriError} `invalid_score` when it is there and no number.
 */
export function numberOf(node: XmlNode | undefined, name: string): number | undefined {
  const found = child(node, name);
  if (!found) return undefined;
  const value = Number(found.text.trim());
  if (found.text.trim() === '' || !Number.isFinite(value)) {
    throw badScore(
      `line ${found.line}`,
      `<${name}> must hold a number, not "${found.text.trim().slice(0, 20)}"`,
    );
  }
  return value;
}
