/** As much of JSON Schema as the document uses. */
interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly example?: unknown;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly maxProperties?: number;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
}

interface Media {
  readonly schema?: Schema;
  readonly examples?: Readonly<Record<string, { readonly summary?: string; readonly value?: unknown }>>;
}

interface Operation {
  readonly operationId?: string;
  readonly summary?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly parameters?: readonly { name: string; in: string; description?: string; schema?: Schema }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> };
  readonly responses: Readonly<
    Record<string, { readonly description: string; readonly content?: Readonly<Record<string, Media>> }>
  >;
}

interface Document {
  readonly info: { readonly title: string; readonly description?: string };
  readonly tags?: readonly { readonly name: string; readonly description?: string }[];
  readonly paths?: object;
  readonly components?: object;
}

const STYLE = `
:root { color-scheme: light dark; --ink: light-dark(#1d2330, #e9ebf2); --paper: light-dark(#f7f5f0, #14171f);
  --card: light-dark(#fff, #1d212c); --line: light-dark(#dcd7cc, #333a4a); --accent: light-dark(#2952cc, #8fabff); }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 60rem; padding: 2rem 1.25rem 4rem; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
h1 { letter-spacing: -.03em; } h2 { margin-top: 2.5rem; } h3 { font: 600 1rem/1.4 ui-monospace, monospace; margin: 0; }
article { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 1.1rem 1.3rem; margin: 1rem 0; }
b.method { color: var(--accent); } a { color: var(--accent); } nav { columns: 2; }
table { border-collapse: collapse; width: 100%; margin: .7rem 0; display: block; overflow-x: auto; }
td, th { text-align: left; vertical-align: top; padding: .3rem .7rem .3rem 0; border-top: 1px solid var(--line); }
code, pre { font: .85em ui-monospace, monospace; } pre { overflow-x: auto; background: var(--paper); border-radius: 8px; padding: .7rem .9rem; }
summary { cursor: pointer; margin-top: .6rem; font-weight: 600; }
`;

/**
 * Renders an OpenAPI document as one HTML page without scripts. Texts of the document may hold Markdown's `code`.
 * @param nonce of the style element, for the page's Content-Security-Policy.
 */
export function renderDocs(document: Document, nonce: string): string {
  const { schemas = {} } = (document.components ?? {}) as { schemas?: Record<string, Schema> };
  const operations = Object.entries(
    (document.paths ?? {}) as Record<string, Record<string, Operation>>,
  ).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ path, method, operation })),
  );
  const { tags = [] } = document;
  const of = (tag: string) => operations.filter(({ operation }) => operation.tags?.includes(tag));
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(document.info.title)}: documentation</title>
<link rel="icon" href="data:,">
<style nonce="${escapeHtml(nonce)}">${STYLE}</style>
<h1>${escapeHtml(document.info.title)}</h1>
<p>${prose(document.info.description)} <a href="openapi.json">openapi.json</a> says the same for programs.</p>
<nav>${operations.map(({ method, path, operation }) => `<a href="#${escapeHtml(operation.operationId ?? path)}"><code>${method.toUpperCase()} ${escapeHtml(path)}</code></a><br>`).join('\n')}</nav>
${tags
  .map(
    ({ name, description }) =>
      `<h2>${escapeHtml(name)}</h2>\n<p>${prose(description)}</p>\n${of(name)
        .map(({ path, method, operation }) => article(path, method, operation))
        .join('\n')}`,
  )
  .join('\n')}
<h2>Objects</h2>
${Object.entries(schemas)
  .map(
    ([name, schema]) =>
      `<article id="${escapeHtml(name)}"><h3>${escapeHtml(name)}</h3>${properties(schema)}</article>`,
  )
  .join('\n')}
</html>
`;
}

function article(path: string, method: string, operation: Operation): string {
  const { parameters = [], requestBody, responses } = operation;
  const bodies = Object.entries(requestBody?.content ?? {});
  const examples = bodies.flatMap(([, { examples: shown = {} }]) => Object.values(shown));
  return `<article id="${escapeHtml(operation.operationId ?? path)}">
<h3><b class="method">${method.toUpperCase()}</b> ${escapeHtml(path)}</h3>
<p><strong>${prose(operation.summary)}</strong> ${prose(operation.description)}</p>
${rows(parameters.map((one) => [one.name, typeOf(one.schema), `In the ${one.in}. ${one.description ?? one.schema?.description ?? ''}`]))}
${bodies.map(([type, { schema }]) => `<p>Body: <code>${escapeHtml(type)}</code> ${typeOf(schema)}</p>`).join('\n')}
${examples.map(({ summary = 'Example', value }) => `<details><summary>${escapeHtml(summary)}</summary><pre>${escapeHtml(curl(path, value))}</pre></details>`).join('\n')}
${rows(
  Object.entries(responses).map(([status, { description, content = {} }]) => [
    status,
    Object.entries(content)
      .map(([type, { schema }]) => `<code>${escapeHtml(type)}</code> ${schema?.$ref ? typeOf(schema) : ''}`)
      .join('<br>'),
    description,
  ]),
)}
${Object.values(responses)
  .flatMap(({ content = {} }) => Object.entries(content))
  .map(([type, { schema }]) => textFormat(type, schema))
  .join('')}
</article>`;
}

/** What a text that JSON Schema can't describe looks like. */
function textFormat(type: string, { description, example }: Schema = {}): string {
  if (typeof example !== 'string' || !type.match(/^(?:text|application\/x-subrip)/)) return '';
  return `<details><summary>${escapeHtml(type)}</summary><p>${prose(description)}</p><pre>${escapeHtml(example)}</pre></details>`;
}

function curl(path: string, value: unknown): string {
  const body = JSON.stringify(value).replaceAll("'", "'\\''");
  return `curl https://…${path} \\\n  -H 'Content-Type: application/json' \\\n  -d '${body}'`;
}

function properties(schema: Schema): string {
  const fields = Object.entries(schema.properties ?? {});
  if (fields.length === 0) return `<p>${typeOf(schema)} ${prose(schema.description)}</p>`;
  return rows(
    fields.map(([name, field]) => {
      const notes = [
        schema.required?.includes(name) && field.default === undefined ? 'Required.' : '',
        field.default === undefined ? '' : `Default \`${JSON.stringify(field.default)}\`.`,
        field.description ?? '',
      ];
      return [name, typeOf(field), notes.filter(Boolean).join(' ')];
    }),
  );
}

/** Rows of name (text), type (HTML) and description (text). */
function rows(cells: readonly (readonly [name: string, type: string, about: string])[]): string {
  if (cells.length === 0) return '';
  const body = cells.map(
    ([name, type, about]) => `<tr><td><code>${escapeHtml(name)}</code><td>${type}<td>${prose(about)}`,
  );
  return `<table>${body.join('\n')}</table>`;
}

/** A schema in a few words, as HTML. */
function typeOf(schema: Schema | undefined): string {
  if (schema === undefined) return '';
  if (schema.$ref !== undefined) {
    const name = escapeHtml(schema.$ref.split('/').at(-1) ?? '');
    return `<a href="#${name}">${name}</a>`;
  }
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(' or ');
  if (schema.enum) return schema.enum.map((value) => `<code>${escapeHtml(String(value))}</code>`).join(' ');
  if (schema.const !== undefined) return `<code>${escapeHtml(String(schema.const))}</code>`;
  const type = [schema.type ?? 'any'].flat().join(' or ');
  if (type === 'array') return `list of ${typeOf(schema.items)}`;
  if (type === 'object' && typeof schema.additionalProperties === 'object') {
    return `object of ${typeOf(schema.additionalProperties)}`;
  }
  const { minimum, maximum, maxLength } = schema;
  if (minimum !== undefined && maximum !== undefined) return `${type} ${minimum} to ${maximum}`;
  return maxLength === undefined ? type : `${type}, at most ${maxLength}`;
}

function prose(text = ''): string {
  return escapeHtml(text).replace(/`([^`]+)`/g, '<code>$1</code>');
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
