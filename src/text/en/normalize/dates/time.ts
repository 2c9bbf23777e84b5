import { isRatio } from '../context.ts';
import type { Cursor } from '../cursor.ts';
import { cardinal } from '../numbers/numbers.ts';
import { endsSentence } from '../words/abbreviations.ts';

const CLOCK = /(\d{1,2}):([0-5]\d)(?::([0-5]\d)(?:\.\d{1,6})?)?(?![\d:])/y;
const MERIDIEM = /[ \u00a0]?([AaPp])(?:\.[ \u00a0]?[Mm]\.|[Mm](?![A-Za-z0-9]))/y;
const OCLOCK = /[ \u00a0]o'clock/iy;
const HOUR = /(\d{1,2})(?=[ \u00a0]?[AaPp]\.?[ \u00a0]?[Mm](?![A-Za-z0-9]))/y;
const RATIO = /(\d{1,4}):(\d{1,4})(?![\d:])/y;
const SPACED_RATIO = /(\d{1,4})[ \u00a0]:[ \u00a0](?=\d)/y;
const MILITARY = /([012]\d)(00|[0-5]\d)(?=[ \u00a0](?:hours|hrs?|h)(?![A-Za-z]))/y;
const HOUR_SIGN = /h(?![A-Za-z0-9])/y;

function minuteWords(minute: string): string {
  return minute.startsWith('0') ? `oh ${cardinal(minute[1])}` : cardinal(minute);
}

/** A time of day or a duration, without am or pm: `9:05` → "nine oh five", `14:00` → "fourteen hundred". */
export function speakClock(hour: string, minute: string, second?: string, exact = 'full'): string {
  const h = Number(hour);
  const hours = cardinal(String(h));
  const seconds =
    second === undefined || second === '00'
      ? ''
      : ` and ${cardinal(String(Number(second)))} second${second === '01' ? '' : 's'}`;
  if (minute !== '00') return `${hours} ${minuteWords(minute)}${seconds}`;
  if (exact === 'none' || seconds !== '') return `${hours}${seconds}`;
  if (h === 0) return 'midnight';
  return h > 12 ? `${hours} hundred` : `${hours} o'clock`;
}

/** Speaks `am` or `pm` at `offset`, if present. Returns the offset after it. */
function meridiem(c: Cursor, offset: number): number {
  const match = c.match(MERIDIEM, offset);
  if (!match) return offset;
  const end = offset + match[0].length;
  c.say(`${match[1].toUpperCase()} M`, end - match[0].trimStart().length, end);
  if (match[0].endsWith('.') && endsSentence(c, end)) c.pause('.', end - 1, end);
  return end;
}

/** `7:30`, `07:05:09`, `5 p.m.`; a ratio (`16:9`) is "sixteen to nine". */
export function time(c: Cursor): number {
  const military = c.match(MILITARY);
  if (military) {
    const [{ length }, hour, minute] = military;
    const hours = hour.startsWith('0') ? `zero ${cardinal(hour[1])}` : cardinal(hour);
    c.say(`${hours} ${minute === '00' ? 'hundred' : minuteWords(minute)}`, 0, length);
    return length;
  }
  const spaced = isRatio(c) ? c.match(SPACED_RATIO) : null;
  if (spaced) {
    c.say(`${cardinal(spaced[1])} to`, 0, spaced[0].length);
    return spaced[0].length;
  }
  const clock = isRatio(c) ? null : c.match(CLOCK);
  if (clock && Number(clock[1]) <= 24) {
    const [{ length }, hour, minute, second] = clock;
    const plain = c.match(MERIDIEM, length) || c.match(OCLOCK, length) ? 'none' : 'full';
    c.say(speakClock(hour, minute, second, plain), 0, length);
    return c.match(HOUR_SIGN, length) ? length + 1 : meridiem(c, length);
  }
  const hour = c.match(HOUR);
  if (hour && Number(hour[1]) <= 24 && c.match(MERIDIEM, hour[0].length)) {
    c.say(cardinal(String(Number(hour[1]))), 0, hour[0].length);
    return meridiem(c, hour[0].length);
  }
  const ratio = c.match(RATIO);
  if (!ratio) return 0;
  const [{ length }, left, right] = ratio;
  c.say(cardinal(left), 0, left.length);
  c.say('to', left.length, left.length + 1);
  c.say(cardinal(right), left.length + 1, length);
  return length;
}
