/** A request, and its result when the golden file was made. */
export interface GoldenSpeech {
  readonly body: object;
  readonly key: string;
  /** Hex SHA-256 of the audio, by format. */
  readonly sha256: Readonly<Record<string, string>>;
}

/** Requests that pass through all of the synthesis. */
export const GOLDEN_BODIES: readonly object[] = [
  { model: 'sori-2', voice: 'hazel', input: 'Your table is ready.' },
  { model: 'sori-2', voice: 'toby', input: 'Flight BA 257 leaves at 6:45 pm from gate 12.', speed: 1.2 },
  {
    model: 'sori-2',
    voice: 'clara(2)+miles(1)',
    input: 'We won! And nobody believed it.',
    emotion: { happy: 0.6 },
    pitch: 1,
    loudness: -16,
  },
  {
    model: 'sori-2',
    voice: 'brooke',
    input: '<speak>Press <say-as interpret-as="digits">12</say-as><break time="300ms"/> now.</speak>',
    energy: 2,
  },
];

/** Formats whose bytes are compared: the master, one with a codec, one of telephony. */
const FORMATS = ['wav', 'mp3', 'mulaw'] as const;

type Send = (path: string, init: RequestInit) => Response | Promise<Response>;

/** Sends a body to an app and hashes the audio. */
export async function hashSpeech(request: Send, body: object): Promise<GoldenSpeech> {
  const sha256: Record<string, string> = {};
  let key = '';
  for (const response_format of FORMATS) {
    const response = await request('/v1/audio/speech', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ ...body, response_format }),
    });
    if (response.status !== 200) throw new Error(await response.text());
    key = response.headers.get('content-location')?.slice(7, 71) ?? '';
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', await response.arrayBuffer()));
    sha256[response_format] = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
  }
  return { body, key, sha256 };
}
