/** Fields of a prompt that a table's cell holds as a list. */
const LISTS = new Set(['formats', 'tags']);
/** Fields that are texts whatever they look like: "1984" is spoken, not counted. */
const TEXTS = new Set(['input', 'template', 'voice', 'model', 'language', 'style', 'description']);
const SEPARATORS = /[\s|,]+/;

/**
 * The value that a cell means: a text for texts, a list for `formats` and `tags` (parted by spaces, `|` or commas, or in JSON), weights
 * for `happy=0.6,sad=0.4` of an emotion, and otherwise what JSON says it is (`1.2`, `{"Sori": "ˈsɔːɹi"}`), or else a text.
 */
export function cellValue(field: string, cell: string): unknown {
  const json = /^\s*[[{]/.test(cell) ? jsonOf(cell) : undefined;
  if (LISTS.has(field)) return json ?? cell.split(SEPARATORS).filter((item) => item !== '');
  if (TEXTS.has(field)) return field === 'voice' ? (json ?? cell) : cell;
  if (field === 'emotion' && cell.includes('=')) return weightsOf(cell);
  return jsonOf(cell) ?? cell;
}

/** The cell that {@link cellValue} reads as `value`. */
export function cellOf(field: string, value: unknown): string {
  const json = JSON.stringify(value);
  const plain = Array.isArray(value) ? value.join(' ') : String(value);
  return JSON.stringify(cellValue(field, plain)) === json ? plain : json;
}

function weightsOf(cell: string): unknown {
  const entries = cell.split(',').map((part): [string, unknown] => {
    const [name, weight = ''] = part.split('=');
    return [name.trim(), jsonOf(weight) ?? weight];
  });
  return Object.fromEntries(entries);
}

function jsonOf(cell: string): unknown {
  try {
    return JSON.parse(cell);
  } catch {
    return undefined;
  }
}
