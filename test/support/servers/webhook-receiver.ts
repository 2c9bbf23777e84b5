import { Webhook } from 'standardwebhooks';
import { vi } from 'vitest';

/** What a receiver was sent, and how its answer went. */
export interface Received {
  readonly method: string;
  readonly headers: Record<string, string>;
  body: string;
  /** Bytes of an endless answer that were taken. */
  answered: number;
  closed: boolean;
}

/** What a receiver answers: see the fixture. */
export type ScriptedAnswer =
  | number
  | 'hang'
  | 'endless'
  | { readonly status: number; readonly headers: Readonly<Record<string, string>> };

let names = 0;

/** A path of a receiver that nothing else uses, with what came in there. */
export function receiverPath(receiver: string | URL) {
  const name = `${Date.now()}-${names++}`;
  return {
    url: new URL(`/hook/${name}`, receiver).href,
    script: async (...answers: ScriptedAnswer[]) => {
      await fetch(new URL(`/script/${name}`, receiver), { method: 'PUT', body: JSON.stringify(answers) });
    },
    received: async (): Promise<Received[]> =>
      (await (await fetch(new URL(`/received/${name}`, receiver))).json()) as Received[],
  };
}

/**
 * Verifies a webhook as its receiver would, by the specification's own package.
 * @returns its contents.
 * @throws if the signature is not of this secret, or of another time.
 */
export function verifyReceived(
  { headers, body }: Received,
  secret: string,
  now: number,
): Record<string, unknown> {
  const clock = vi.spyOn(Date, 'now').mockReturnValue(now);
  try {
    return new Webhook(secret).verify(body, headers) as Record<string, unknown>;
  } finally {
    clock.mockRestore();
  }
}
