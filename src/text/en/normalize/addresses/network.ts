import type { Cursor } from '../cursor.ts';
import { cardinal, digitWords, numeral } from '../numbers/numbers.ts';

const MAC = /[0-9A-Fa-f]{2}(?:([:-])[0-9A-Fa-f]{2})(?:\1[0-9A-Fa-f]{2}){4}(?![0-9A-Za-z:])/y;
const IPV6 =
  /(?=[0-9A-Fa-f:]{0,39}\d)(?:(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}|(?:[0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f]{1,4}){0,6})?::(?:[0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f]{1,4}){0,6})?)(?![0-9A-Za-z:])(\/\d{1,3})?/y;
const IPV4 = /(\d{1,3}(?:\.\d{1,3}){3})(?!\d|\.\d)(?::(\d{2,5})(?!\d)|\/(\d{1,2})(?![\d/]))?/y;

/** Hexadecimal digits one by one. */
function hexWords(group: string): string {
  return Array.from(group, (char) => (/\d/.test(char) ? digitWords(char) : char.toUpperCase())).join(' ');
}

/** `00:1A:2B:3C:4D:5E`, `fe80::1`, `10.0.0.1:8080`, `192.168.0.0/24`. */
export function networkAddress(c: Cursor): number {
  if (/[0-9A-Za-z:.]/.test(c.previous)) return 0;
  const mac = c.match(MAC);
  if (mac) {
    c.say(mac[0].split(mac[1]).map(hexWords).join(' , '), 0, mac[0].length);
    return mac[0].length;
  }
  const six = c.match(IPV6);
  if (six) {
    const address = six[0].slice(0, six[0].length - (six[1]?.length ?? 0));
    const words = address.split(':').map(hexWords).join(' colon ');
    c.say(six[1] ? `${words} slash ${cardinal(six[1].slice(1))}` : words, 0, six[0].length);
    return six[0].length;
  }
  const four = c.match(IPV4);
  if (!four) return 0;
  const [{ length }, address, port, bits] = four;
  const parts = address.split('.').map((part) => (part.length < 3 ? cardinal(part) : digitWords(part)));
  const tail =
    port !== undefined ? ` colon ${numeral(port)}` : bits !== undefined ? ` slash ${cardinal(bits)}` : '';
  c.say(`${parts.join(' dot ')}${tail}`, 0, length);
  return length;
}
