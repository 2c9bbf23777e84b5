/** Random numbers in [0, 1) from a seed (mulberry32, Tommy Ettinger). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const ROUTES: readonly (readonly [method: string, path: string])[] = [
  ...['speech', 'speech.vtt', 'speech.srt', 'phonemes', 'speech/sign', 'singing', 'transcriptions'].map(
    (name) => ['POST', `/v1/audio/${name}`] as const,
  ),
  ...['styles', 'jobs', 'voices', 'voices/compare', 'voices/consent', 'prompts/fuzz/render', 'keys'].map(
    (name) => ['POST', `/v1/${name}`] as const,
  ),
  ['PUT', '/v1/prompts/fuzz'],
  ['DELETE', '/v1/prompts/fuzz'],
  ['DELETE', '/v1/jobs/fuzz'],
  ...['models', 'voices', 'prompts', 'prompts/fuzz', 'jobs', 'jobs/fuzz', 'usage', 'audio/speech'].map(
    (name) => ['GET', `/v1/${name}`] as const,
  ),
  ['GET', '/audio/fuzz.mp3'],
  ['GET', '/prompts/fuzz.mp3'],
  ['GET', '/metrics'],
];

const VALID: Readonly<Record<string, unknown>> = {
  model: 'sori-2',
  voice: 'hazel',
  input: 'Yes.',
  response_format: 'mp3',
  speed: 1,
  seed: 1,
  pronunciations: {},
  timestamps: ['word'],
  emotion: { happy: 0.5 },
  loudness: 'off',
  kind: 'speech',
  request: { model: 'sori-2', voice: 'hazel', input: 'Yes.' },
  values: {},
  style: 'sty_x',
};

const ODD: readonly unknown[] = [
  null,
  true,
  -1,
  1e308,
  0.1,
  '',
  ' ',
  '../../etc/passwd',
  '\u0000',
  '\ud800',
  '<speak><break time="99999s"/></speak>',
  '<speak><voice name="x">',
  '<!DOCTYPE a [<!ENTITY b "c">]><speak>&b;</speak>',
  '{count, plural, one {# x} other {',
  '[a](/b/) '.repeat(200),
  '말',
  'x'.repeat(5000),
  '9'.repeat(400),
  [],
  [[[[]]]],
  {},
  { __proto__: null, constructor: 1, toString: {} },
  { '': '' },
  'data:audio/wav;base64,UklGRg==',
];

/** A request of a fuzz run. */
export interface FuzzedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
}

/** A request that is wrong in some way, most often: the same for the same numbers. */
export function fuzzedRequest(random: () => number): FuzzedRequest {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)];
  const [method, path] = pick(ROUTES);
  const query =
    random() < 0.2
      ? `?${pick(['v', 'exp', 'input', 'limit', 'after', 'format', 'locale'])}=${encodeURIComponent(String(pick(['', '-1', '1e9', '\u0000', '%', '../x', '9'.repeat(30)])))}`
      : '';
  const headers: Record<string, string> = {};
  if (random() < 0.2)
    headers[pick(['range', 'if-none-match', 'prefer', 'x-sori-placement', 'idempotency-key', 'accept'])] =
      pick(['bytes=-1', 'bytes=9-1', '"', '*', 'wait=x', 'x'.repeat(2000), 'application/json']);
  if (method === 'GET' || method === 'DELETE') return { method, path: path + query, headers };
  const fields: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(VALID)) {
    const dice = random();
    if (dice < 0.5) fields[name] = value;
    else if (dice < 0.65) fields[name] = pick(ODD);
  }
  if (random() < 0.1) fields[`x${Math.floor(random() * 1e6)}`] = pick(ODD);
  let body: string | Uint8Array<ArrayBuffer> = JSON.stringify(fields);
  headers['content-type'] =
    random() < 0.9
      ? 'application/json'
      : pick([
          '',
          'text/plain',
          'multipart/form-data; boundary=x',
          'audio/wav',
          'application/json; charset=latin1',
        ]);
  if (random() < 0.15) {
    const bytes = Uint8Array.from(new TextEncoder().encode(body));
    for (let hit = 0; hit < 4; hit++) bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
    body = random() < 0.5 ? bytes : bytes.slice(0, Math.floor(random() * bytes.length));
  }
  return { method, path: path + query, headers, body };
}
