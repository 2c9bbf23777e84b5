import { digits } from './numbers.ts';
import type { Rule } from './scanner.ts';

const NO_DIGIT = String.raw`(?![\d-])`;
const PATTERNS: readonly RegExp[] = [
  // Korean numbers: area or mobile code, exchange, line.
  String.raw`\(?(0\d{1,3})[-.) ] ?(\d{3,4})[-. ](\d{4})`,
  String.raw`(1[5-9]\d{2})[-.](\d{4})`,
  // Cards, resident and business registration, accounts.
  String.raw`(\d{4})[- ](\d{4})[- ](\d{4})[- ](\d{4})`,
  String.raw`(\d{6})-(\d{7})`,
  String.raw`(\d{2,6})-(\d{2,6})-(\d{2,7})(?:-(\d{1,4}))?`,
].map((pattern) => new RegExp(pattern + NO_DIGIT, 'y'));
const INTERNATIONAL = /\+(\d{1,3})[- ]?\(?(\d{1,4})\)?[- ](\d{3,4})(?:[- ](\d{3,4}))?(?![\d-])/y;
const MOBILE = /01[016789]\d{7,8}(?!\d)/y;
const EMERGENCY =
  /(?:112|119|114|113|118|111|120|182|1339|1330|1345|1366|1388|1577|1588)(?=(?:에|로|으로|번으로|번에|을|를)?(?: |$|,|\.)| ?(?:구급|긴급|신고|안내|상담|콜|종합))(?! ?(?:개|명|원|시|분|번째))/y;
/** 112 and 119 are said as telephone numbers wherever a particle shows that they are names. */
const NAMED_EMERGENCY = /(?:112|119)(?=(?:와|과|나|이나|는|은|이|가)(?: |$|,|\.))/y;
const DATE_LIKE = /^(?:19|20)\d{2}-(?:0?[1-9]|1[0-2])-/;

/** Telephone, card and account numbers: digit by digit, a short pause between the groups. */
export const telephone: Rule = (scan, at) => {
  const before = scan.before(at);
  if (/[\d-]$/.test(before)) return undefined;
  const international = scan.match(INTERNATIONAL, at);
  if (international) {
    const groups = international.slice(1).filter((group) => group !== undefined);
    return {
      length: international[0].length,
      say: `플러스 ${groups.map((group) => digits(group)).join(' , ')}`,
    };
  }
  for (const pattern of PATTERNS) {
    const match = scan.match(pattern, at);
    if (!match || DATE_LIKE.test(match[0])) continue;
    const groups = match.slice(1).filter((group) => group !== undefined);
    return { length: match[0].length, say: groups.map((group) => digits(group)).join(' , ') };
  }
  const mobile = scan.match(MOBILE, at)?.[0];
  if (mobile) {
    const parts = [mobile.slice(0, 3), mobile.slice(3, -4), mobile.slice(-4)];
    return { length: mobile.length, say: parts.map((part) => digits(part)).join(' , ') };
  }
  const emergency = (scan.match(EMERGENCY, at) ?? scan.match(NAMED_EMERGENCY, at))?.[0];
  if (emergency && !/[\d.,:/]$/.test(before)) return { length: emergency.length, say: digits(emergency) };
  return undefined;
};
