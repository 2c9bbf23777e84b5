import { type CsvError, type InfoField, parse } from 'csv-parse/sync';
import { cellValue } from './cells.ts';
import type { RawFile, RawPrompt } from './raw-prompt.ts';
import type { Fault, Position, SourceText } from './source-text.ts';

const LINE_ENDS = ['\r\n', '\n', '\r'];
/** Cell separators of spreadsheets, which depend on the country. */
const DELIMITERS = [',', ';', '\t'];

interface Cell {
  readonly text: string;
  readonly at: Position;
}

/**
 * Reads a table (RFC 4180): its first row names the fields. `name` and `input` or `template` are a prompt's own; any field of a
 * definition may be a column, and `input:en-AU` is the `input` of the locale en-AU. An empty cell leaves its field out.
 */
export function readCsv(source: SourceText): RawFile {
  const faults: Fault[] = [];
  const refuse = ({ line, column }: Position, message: string, name?: string) =>
    faults.push({ line, column, message, name });
  let rows: Cell[][];
  try {
    rows = cellsOf(source);
  } catch (error) {
    const { message, lines } = error as CsvError;
    refuse({ line: Number(lines ?? 1), column: 1 }, `This is not CSV: ${message}.`);
    return { prompts: [], faults };
  }
  const [header = [], ...body] = rows;
  const fields = header.map(({ text }) => text.trim());
  fields.forEach((field, i) => {
    if (field === '') refuse(header[i].at, 'This column has no name in the first row.');
    if (fields.indexOf(field) < i) refuse(header[i].at, `The column ${field} appears twice.`);
  });
  const nameColumn = fields.indexOf('name');
  if (nameColumn < 0) {
    refuse({ line: 1, column: 1 }, 'The first row must name the columns, and one of them must be "name".');
  }
  if (faults.length > 0) return { prompts: [], faults };

  const prompts: RawPrompt[] = [];
  for (const row of body) {
    const name = row[nameColumn]?.text.trim() ?? '';
    if (name === '') {
      refuse(row[0].at, 'This row has no name.');
      continue;
    }
    if (row.length > fields.length) {
      const many = `This row has ${row.length} cells, the first row ${fields.length}. Does a text contain a comma without quotes?`;
      refuse(row[fields.length].at, many, name);
      continue;
    }
    prompts.push(promptOf(name, row, fields, nameColumn));
  }
  return { prompts, faults };
}

function promptOf(
  name: string,
  row: readonly Cell[],
  fields: readonly string[],
  nameColumn: number,
): RawPrompt {
  const own = new Map<string, unknown>();
  const locales = new Map<string, Map<string, unknown>>();
  row.forEach(({ text }, i) => {
    if (i === nameColumn || text.trim() === '') return;
    const [field, locale] = fields[i].split(':', 2);
    if (locale !== undefined && !locales.has(locale)) locales.set(locale, new Map());
    const holder = locale === undefined ? own : locales.get(locale);
    holder?.set(field, cellValue(field, text));
  });
  if (locales.size > 0) {
    own.set(
      'locales',
      Object.fromEntries([...locales].map(([tag, said]) => [tag, Object.fromEntries(said)])),
    );
  }
  const at = row[nameColumn].at;
  return {
    name,
    at,
    definition: Object.fromEntries(own),
    locate: ([field, locale, inner]) => {
      const column =
        field === 'locales'
          ? fields.findIndex(
              (title) =>
                title === `${String(inner)}:${String(locale)}` || title.endsWith(`:${String(locale)}`),
            )
          : fields.indexOf(String(field));
      return row[column]?.at ?? at;
    },
  };
}

/** All rows that aren't blank, with the position of each cell. */
function cellsOf(source: SourceText): Cell[][] {
  const { text } = source;
  const firstLine = text.slice(0, text.search(/[\r\n]|$/));
  const bytes = Buffer.from(text);
  let read = 0;
  let offset = 0;
  let end = 0;
  const cast = (value: string, { bytes: until, index }: InfoField & { bytes: number }): Cell => {
    // A cell starts after the end of the previous one and its delimiter or line break.
    let start = end;
    if (index > 0) start += 1;
    else while (bytes[start] === 0x0a || bytes[start] === 0x0d) start += 1;
    offset += bytes.toString('utf8', read, start).length;
    read = start;
    end = until;
    return { text: value, at: source.positionAt(offset) };
  };
  const rows: Cell[][] = parse(text, {
    cast: cast as never,
    delimiter: DELIMITERS.find((delimiter) => firstLine.includes(delimiter)) ?? ',',
    record_delimiter: LINE_ENDS,
    relax_column_count: true,
    skip_empty_lines: true,
  }) as never;
  return rows.filter((row) => row.some((cell) => cell.text.trim() !== ''));
}
