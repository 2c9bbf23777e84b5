import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type FileFormat,
  fileFormatOf,
  parsePromptFile,
} from '../../../../scripts/sori/prompts/files/prompt-file.ts';
import { MAX_FAULTS, PromptFileError } from '../../../../scripts/sori/prompts/files/source-text.ts';
import { type NamedDefinition, writePromptFile } from '../../../../scripts/sori/prompts/files/write-file.ts';
import { AUDIO_FORMATS } from '../../../../src/audio/format.ts';
import { definitionDigest, PROMPT_NAME } from '../../../../src/features/prompts/catalogue/definition.ts';

const read = (text: string, format: FileFormat) => parsePromptFile('prompts', Buffer.from(text), format);

/** Faults without the file's name: `line:column: message`. */
function faults(text: string | Uint8Array, format: FileFormat): string[] {
  try {
    parsePromptFile('prompts', typeof text === 'string' ? Buffer.from(text) : text, format);
    return [];
  } catch (error) {
    if (!(error instanceof PromptFileError)) throw error;
    return error.message.split('\n').map((line) => line.replace(/^prompts:/, ''));
  }
}

const YAML = `# The Blue Door
defaults: {voice: hazel, formats: [mp3, wav-8k], speed: 1.1}
prompts:
  menu/welcome: Welcome.
  menu/hours:
    input: We are open from noon.
    voice: clara
    tags: [ivr, hours]
    emotion: {happy: 0.5}
    locales: {en-AU: {input: "G'day.", pitch: 1}}
`;
const JSON_FILE = JSON.stringify({
  defaults: { voice: 'hazel', formats: ['mp3', 'wav-8k'], speed: 1.1 },
  prompts: {
    'menu/welcome': 'Welcome.',
    'menu/hours': {
      input: 'We are open from noon.',
      voice: 'clara',
      tags: ['ivr', 'hours'],
      emotion: { happy: 0.5 },
      locales: { 'en-AU': { input: "G'day.", pitch: 1 } },
    },
  },
});
const CSV = `name,input,voice,formats,speed,tags,emotion,input:en-AU,pitch:en-AU\r
menu/welcome,Welcome.,hazel,mp3 wav-8k,1.1,,,,\r
menu/hours,We are open from noon.,clara,mp3|wav-8k,1.1,"ivr, hours",happy=0.5,G'day.,1\r
`;

describe('prompts files', () => {
  it('mean the same in YAML, JSON and CSV, with and without a byte order mark', async () => {
    const expected = read(YAML, 'yaml');
    expect(expected.map(({ name }) => name)).toEqual(['menu/welcome', 'menu/hours']);
    expect(expected[1].definition).toEqual({
      input: 'We are open from noon.',
      voice: 'clara',
      formats: ['mp3', 'wav-8k'],
      speed: 1.1,
      tags: ['ivr', 'hours'],
      emotion: { happy: 0.5 },
      locales: { 'en-AU': { input: "G'day.", pitch: 1 } },
    });
    for (const [text, format] of [
      [JSON_FILE, 'json'],
      [CSV, 'csv'],
      [CSV.replaceAll('\r', ''), 'csv'],
      [CSV.replaceAll(/,(?! )/g, ';'), 'csv'],
      [`\ufeff${CSV}`, 'csv'],
      [`\ufeff${YAML}`, 'yaml'],
      [`\ufeff${JSON_FILE}`, 'json'],
      [YAML.replaceAll('\n', '\r\n'), 'yaml'],
    ] as const) {
      expect(read(text, format).map(({ digest }) => digest)).toEqual(expected.map(({ digest }) => digest));
    }
    expect(expected[0].digest).toBe(await definitionDigest(expected[0].definition));
  });

  it('accept null to remove a default, and YAML anchors', () => {
    const text = `
defaults: {voice: hazel, speed: 2}
prompts:
  a: &a {input: One., speed: ~}
  b: {<<: *a, input: Two.}
  c: *a
`;
    expect(read(text, 'yaml').map(({ definition }) => definition)).toEqual([
      { voice: 'hazel', input: 'One.' },
      { voice: 'hazel', input: 'Two.' },
      { voice: 'hazel', input: 'One.' },
    ]);
  });

  it('read number-like values as text where text is expected', () => {
    const [{ definition }] = read('name,input,voice\na,1984,hazel\n', 'csv');
    expect(definition.input).toBe('1984');
  });

  it('accept a quoted cell over several lines', () => {
    const [{ definition }] = read('name,input,voice\na,"He said ""no"",\nand left.",hazel\n', 'csv');
    expect(definition.input).toBe('He said "no",\nand left.');
  });

  it('have the format of their file name', () => {
    expect(['a.yaml', 'b.YML', 'c.json', 'd.csv'].map(fileFormatOf)).toEqual(['yaml', 'yaml', 'json', 'csv']);
    expect(() => fileFormatOf('prompts.txt')).toThrow(/must have the extension \.yaml/);
  });
});

describe('faults', () => {
  it('of YAML are reported all at once, each with its position', () => {
    const text = `defaults: {voice: hazel, speed: 9}
prompts:
  a: Hi.
  b: {input: x, speed: 1, formts: [mp3], locales: {en-AU: {pitch: 99}, en_us: {}}}
  Not A Name: Hi.
  a: Again.
  c: 12
  d:
  e: {template: x, input: y}
  f: {speed: 1}
  g: {input: x, input: y, voice: 3, formats: [mp5]}
extra: 1
`;
    expect(faults(text, 'yaml').map((line) => line.replace(/; the fields are .*/, ''))).toEqual([
      '1:33: speed must be a number from 0.25 to 4.',
      '4:35: b: formts is not a field of a prompt',
      '4:67: b: locales.en-AU.pitch must be a number from -12 to 12.',
      '4:79: b: locales.en_us is not a BCP 47 tag such as en-AU.',
      '5:3: "Not A Name" is not a valid prompt name: it takes lower-case letters a to z, digits, and . _ - / inside, and begins with a letter or digit.',
      '6:3: a: The prompt is already defined in line 3. Names must be unique.',
      '7:6: c: A prompt is a text or a map of fields; 12 is neither. Put it in quotes if it is to be spoken.',
      '8:5: d: A prompt is a text or a map of fields.',
      '9:17: e: template cannot be combined with input: a prompt has one of them.',
      '10:3: f: A prompt needs input, the text to say, or template, a text with slots.',
      '11:17: input appears twice here.',
      expect.stringMatching(/^11:34: g: voice must be a name/),
      expect.stringMatching(/^11:46: g: formats must be a list of at least one of mp3, opus/),
      '12:1: Unknown section extra. A file has the sections defaults and prompts.',
    ]);
  });

  it('of templates are reported before anything is baked', () => {
    const text = `prompts:
  a:
    template: "A table for {count, number is ready."
    voice: hazel
    locales: {en-AU: {template: "{"}, ko: {voice: mina}}
`;
    expect(faults(text, 'yaml')).toEqual([
      expect.stringMatching(/^3:15: a: Template: line 1, column \d+: A slot is not closed/),
      expect.stringMatching(/^5:33: a: Template: line 1, column \d+: /),
    ]);
  });

  it('of CSV are reported by line and column', () => {
    const text =
      'name,input,voice,speed,formats,pitch:en-AU\r\n' +
      'a,"He said ""hi"",\nok",hazel,9,mp3|opus,77\r\n' +
      '\r\n' +
      'b,ä,k,1,zip mp3,\n' +
      'b,x,k,1,mp3,\n' +
      ',x\n' +
      'd,é,k,fast\n' +
      'e,one, two, three,4,5,6,7\n';
    expect(faults(text, 'csv')).toEqual([
      '3:11: a: speed must be a number from 0.25 to 4.',
      '3:22: a: locales.en-AU.pitch must be a number from -12 to 12.',
      expect.stringMatching(/^5:9: b: formats must be a list of at least one of mp3/),
      '6:1: b: The prompt is already defined in line 5. Names must be unique.',
      '7:1: This row has no name.',
      '8:7: d: speed must be a number from 0.25 to 4.',
      '9:23: e: This row has 8 cells, the first row 6. Does a text contain a comma without quotes?',
    ]);
  });

  it.each<[string, FileFormat, string | Uint8Array, RegExp]>([
    ['broken YAML', 'yaml', 'prompts: {a: "x', /^1:16: This is not YAML: Missing closing "quote/],
    ['YAML in JSON', 'json', '{"prompts": {"a": {"input": "x"},}}', /^1:34: This is not JSON/],
    ['an unfinished JSON', 'json', '{"prompts": {', /^1:14: This is not JSON/],
    ['no prompts', 'yaml', 'defaults: {}', /^1:1: prompts must be a map of names/],
    ['a list', 'yaml', '- a\n- b', /^1:1: The file must be a map/],
    ['nothing', 'yaml', '', /^1:1: The file must be a map/],
    ['a text in defaults', 'yaml', 'defaults: {input: x}\nprompts: {}', /^1:19: defaults can't have input/],
    ['an open quote', 'csv', 'name,input\na,"x', /^2:1: This is not CSV: Quote Not Closed/],
    ['no name column', 'csv', 'title,input\na,x', /^1:1: .*one of them must be "name"/],
    ['a column twice', 'csv', 'name,input,input\n', /^1:12: The column input appears twice/],
    ['an unknown column', 'csv', 'name,input,voice,txt\na,x,k,y', /^2:7: a: txt is not a field/],
    [
      'a text with a comma and no quotes',
      'yaml',
      'prompts: {a: {input: Sorry, not today., voice: k}}',
      /^1:29: a: not today\. is not a field of a prompt\. Does a text contain a comma without quotes\?$/,
    ],
    ['UTF-16', 'csv', Buffer.from('\ufeffname,input', 'utf16le'), /^1:1: The file is UTF-16/],
    ['Latin-1', 'csv', Buffer.from('name,input\na,caf\xe9', 'latin1'), /^2:6: This is not UTF-8/],
    ['a bomb of anchors', 'yaml', bomb(), /^10:10: Its aliases .* expand to too much data/m],
  ])('%s is reported with its position', (_, format, text, says) => {
    expect(faults(text, format).join('\n')).toMatch(says);
  });

  it('are only counted beyond some hundreds', () => {
    const rows = Array.from({ length: MAX_FAULTS + 5 }, (_, i) => `p${i},x,k,99`);
    const lines = faults(`name,input,voice,speed\n${rows.join('\n')}`, 'csv');
    expect(lines).toHaveLength(MAX_FAULTS + 1);
    expect(lines.at(-1)).toBe('… and 5 more.');
  });
});

/** A few lines that expand to a million values. */
function bomb(): string {
  const levels = Array.from({ length: 8 }, (_, i) => `l${i + 1}: &l${i + 1} [${Array(10).fill(`*l${i}`)}]`);
  return `l0: &l0 [x]\n${levels.join('\n')}\nprompts: {a: {input: x, voice: k, tags: *l8}}`;
}

const text = fc
  .string({ minLength: 1, maxLength: 60, unit: 'grapheme' })
  .filter((value) => value.trim() !== '');
const controls = {
  voice: fc.constantFrom('hazel', 'hazel(2)+clara(1)'),
  speed: fc.double({ min: 0.25, max: 4, noNaN: true }),
  seed: fc.nat(),
  emotion: fc.constantFrom('happy', { happy: 0.5, sad: 0.25 }),
  pronunciations: fc.constant({ Sori: 'ˈsɔːɹi' }),
};
const optional = { requiredKeys: [] };
const definition = fc.record(
  {
    input: text,
    ...controls,
    formats: fc.uniqueArray(fc.constantFrom(...AUDIO_FORMATS), { minLength: 1 }),
    tags: fc.uniqueArray(text, { maxLength: 3, selector: (tag) => tag }),
    description: text,
    locales: fc.dictionary(
      fc.constantFrom('en-AU', 'en', 'ko'),
      fc.record({ input: text, ...controls }, optional),
      {
        minKeys: 1,
      },
    ),
  },
  { requiredKeys: ['input', 'voice'] },
);
const name = fc
  .stringMatching(/^[a-z0-9][a-z0-9._/-]{0,20}$/)
  .filter((value) => PROMPT_NAME.test(value) && !/\.\.|\/\/|\/$|\/\.(?:\/|$)/.test(value));
const file = fc.uniqueArray(fc.record({ name, definition }), {
  maxLength: 6,
  minLength: 1,
  selector: (prompt) => prompt.name,
}) as fc.Arbitrary<NamedDefinition[]>;

describe('any prompts file', () => {
  it.each<FileFormat>(['yaml', 'json', 'csv'])('reads back from %s as it was written', (format) => {
    fc.assert(
      fc.property(file, (prompts) => {
        const back = read(writePromptFile(prompts, format), format);
        const meaning = (list: readonly NamedDefinition[]) =>
          new Map(list.map((prompt) => [prompt.name, stated(prompt.definition)]));
        expect(meaning(back)).toEqual(meaning(prompts));
      }),
      { numRuns: 60 },
    );
  });
});

/** A table has no cell for a locale that changes nothing, nor for an empty list. */
function stated(definition: NamedDefinition['definition']) {
  const { locales = {}, tags, ...rest } = definition;
  return {
    ...rest,
    tags: tags?.length ? tags : undefined,
    locales: Object.fromEntries(Object.entries(locales).filter(([, said]) => Object.keys(said).length > 0)),
  };
}
