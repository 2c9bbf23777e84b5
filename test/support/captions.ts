/** A caption as a strict reader understands it. */
export interface ReadCaption {
  /** Milliseconds. */
  readonly start: number;
  readonly end: number;
  /** Entities resolved. */
  readonly text: string;
}

const ms = (hours: string, minutes: string, seconds: string, thousandths: string) =>
  ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000 + Number(thousandths);

function read(blocks: string[], point: string): ReadCaption[] {
  let last = 0;
  return blocks.map((block, index) => {
    const [number, times, text, ...more] = block.split('\n');
    if (number !== String(index + 1)) throw new Error(`cue ${index + 1} is numbered ${number}`);
    if (more.length > 0 || !text) throw new Error(`cue ${number} is not one line of text`);
    const two = '([0-5]\\d)';
    const clock = `(\\d{2,}):${two}:${two}\\${point}(\\d{3})`;
    const match = new RegExp(`^${clock} --> ${clock}$`).exec(times);
    if (!match) throw new Error(`no times: ${times}`);
    const parts = match.slice(1) as [string, string, string, string, string, string, string, string];
    const start = ms(parts[0], parts[1], parts[2], parts[3]);
    const end = ms(parts[4], parts[5], parts[6], parts[7]);
    if (end <= start || start < last) throw new Error(`cue ${number} is out of order: ${times}`);
    last = start;
    return { start, end, text };
  });
}

/**
 * Reads WebVTT by the syntax of section 4.1 of the specification, without settings, regions and tags.
 * @throws when the file breaks a rule.
 */
export function parseVtt(file: string): ReadCaption[] {
  const [head, ...blocks] = file.replace(/\n$/, '').split('\n\n');
  if (head !== 'WEBVTT' || file.includes('\r')) throw new Error('no WebVTT');
  return read(blocks, '.').map((cue) => {
    if (/-->|[<>]|&(?!amp;|lt;|gt;)/.test(cue.text)) throw new Error(`not escaped: ${cue.text}`);
    const text = cue.text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
    return { ...cue, text };
  });
}

/**
 * Reads SubRip.
 * @throws when the file breaks a rule, or a text could be taken for markup or times.
 */
export function parseSrt(file: string): ReadCaption[] {
  const cues = read(file.replace(/\n$/, '').split('\n\n'), ',');
  const unsafe = cues.find(({ text }) => /-->|<\/?[a-z][^<>]*>/i.test(text));
  if (unsafe) throw new Error(`not safe: ${unsafe.text}`);
  return cues;
}
