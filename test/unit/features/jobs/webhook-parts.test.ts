import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { httpsResolver } from '../../../../src/features/jobs/webhooks/dns-over-https.ts';
import { nextAttempt, RETRY_MS } from '../../../../src/features/jobs/webhooks/schedule.ts';
import { faultOf, retryAfterMs } from '../../../../src/features/jobs/webhooks/sender.ts';
import { parseWebhookSettings } from '../../../../src/features/jobs/webhooks/settings.ts';
import {
  newWebhookSecret,
  parseWebhookSecrets,
  webhookHeaders,
  webhookId,
} from '../../../../src/features/jobs/webhooks/signature.ts';

const secretOf = (bytes: number) => `whsec_${Buffer.alloc(bytes, 7).toString('base64')}`;

describe('secrets', () => {
  it('are new each time, in the format of the specification', () => {
    const [one, other] = [newWebhookSecret(), newWebhookSecret()];
    expect(one).not.toBe(other);
    expect(one).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(parseWebhookSecrets(`${one}, ${other}`)).toEqual([one, other]);
    expect(parseWebhookSecrets(undefined)).toEqual([]);
    expect(parseWebhookSecrets(' ')).toEqual([]);
    expect(parseWebhookSecrets(`${secretOf(24)},${secretOf(64)}`)).toHaveLength(2);
  });

  it.each([
    secretOf(23),
    secretOf(65),
    secretOf(25).replace(/=+$/, ''),
    secretOf(24).slice(6),
    'whsec_',
    `whsec_${'*'.repeat(32)}`,
    `${secretOf(24)};${secretOf(24)}`,
  ])('%s is invalid, and is not shown in the error', (secret) => {
    const parse = () => parseWebhookSecrets(`${newWebhookSecret()},${secret}`);
    expect(parse).toThrow(expect.objectContaining({ code: 'not_configured' }));
    expect(parse).toThrow(/secret 2/);
    expect(parse).not.toThrow(secret.length > 10 ? secret.slice(6) : 'secret 1');
  });
});

describe('signatures', () => {
  it('verify for any body with each secret, and for nothing else', () => {
    const secrets = [newWebhookSecret(), newWebhookSecret()];
    const now = Date.now();
    fc.assert(
      fc.property(fc.json(), fc.nat(1), (body, which) => {
        const headers = webhookHeaders({ id: 'msg_1', now, body }, secrets);
        const webhook = new Webhook(secrets[which]);
        webhook.verify(body, headers);
        expect(() => webhook.verify(`${body} `, headers)).toThrow();
        expect(() => webhook.verify(body, { ...headers, 'webhook-id': 'msg_2' })).toThrow();
        const later = String(Number(headers['webhook-timestamp']) + 1);
        expect(() => webhook.verify(body, { ...headers, 'webhook-timestamp': later })).toThrow();
      }),
    );
  });

  it('match the example of the specification', () => {
    const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
    const body = '{"test": 2432232314}';
    const headers = webhookHeaders({ id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', now: 1_614_265_330_000, body }, [
      secret,
    ]);
    expect(headers['webhook-signature']).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
  });
});

describe('ids', () => {
  it('are the same as those of the job’s events', async () => {
    const id = await webhookId('job_1', 'job.failed', 0);
    expect(id).toMatch(/^msg_[\w-]{24}$/);
    expect(await webhookId('job_1', 'job.failed', 0)).toBe(id);
    const others = [
      await webhookId('job_2', 'job.failed', 0),
      await webhookId('job_1', 'job.succeeded', 0),
      await webhookId('job_1', 'job.failed', 1),
    ];
    expect(new Set([id, ...others]).size).toBe(4);
  });
});

describe('retries', () => {
  it('come later and later within ten percent, the last a day after the first', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 20, maxLength: 20 }),
        (draws) => {
          const times = [0];
          for (let retries = 0; ; retries++) {
            const next = nextAttempt({ now: times[retries], startedAt: 0, retries }, () => draws[retries]);
            if (next === undefined) break;
            times.push(next);
          }
          const pauses = times.slice(1).map((time, i) => (time - times[i]) / 1000);
          expect(times.at(-1)).toBe(RETRY_MS);
          expect(times.length).toBe(8);
          for (const [i, usual] of [5, 300, 1800, 7200, 18_000, 36_000].entries()) {
            expect(pauses[i]).toBeGreaterThanOrEqual(usual * 0.9 - 0.001);
            expect(pauses[i]).toBeLessThanOrEqual(usual * 1.1 + 0.001);
          }
        },
      ),
    );
  });

  it('continue the schedule after an outage of the sender', () => {
    const hour = 3_600_000;
    const middle = () => 0.5;
    expect(nextAttempt({ now: 6 * hour, startedAt: 0, retries: 1 }, middle)).toBe(6 * hour + 300_000);
    expect(nextAttempt({ now: 23.9 * hour, startedAt: 0, retries: 3 }, middle)).toBe(24 * hour);
    expect(nextAttempt({ now: 30 * hour, startedAt: 0, retries: 0 }, middle)).toBeUndefined();
  });

  it.each([
    [undefined, 0],
    ['7', 7000],
    [' 7 ', 7000],
    ['99999999', 3_600_000],
    ['-7', 0],
    ['soon', 0],
    [new Date(60_000).toUTCString(), 60_000],
    [new Date(0).toUTCString(), 0],
  ])('Retry-After: %s', (value, ms) => expect(retryAfterMs(value, 0)).toBe(ms));

  it('only a 2xx answer counts as delivered', () => {
    const faults = [200, 204, 299, 300, 304, 308, 400, 404, 410, 429, 500, 599].map(faultOf);
    expect(faults.slice(0, 3)).toEqual([undefined, undefined, undefined]);
    expect(faults.slice(3, 6)).toEqual(['redirect', 'redirect', 'redirect']);
    expect(new Set(faults.slice(6))).toEqual(new Set(['status']));
  });
});

describe('settings', () => {
  it('are strict by default', () => {
    expect(parseWebhookSettings({})).toEqual({
      secrets: [],
      rules: { ports: [443, 8443], allowLoopback: false },
    });
    expect(parseWebhookSettings({ ALLOW_INSECURE_WEBHOOKS: '1' }).rules.allowLoopback).toBe(false);
    expect(parseWebhookSettings({ ALLOW_INSECURE_WEBHOOKS: 'on', WEBHOOK_PORTS: '443, 9000' }).rules).toEqual(
      {
        ports: [443, 9000],
        allowLoopback: true,
      },
    );
  });

  it.each(['https', '443,', '0', '65536', '443;8443'])('WEBHOOK_PORTS=%s is refused', (ports) => {
    expect(() => parseWebhookSettings({ WEBHOOK_PORTS: ports })).toThrow(
      expect.objectContaining({ code: 'not_configured' }),
    );
  });
});

describe('DNS over HTTPS', () => {
  const resolverOf = (answers: Readonly<Record<string, object | number>>) => {
    const asked: URL[] = [];
    const resolve = httpsResolver(async (input) => {
      const url = new URL(String(input));
      asked.push(url);
      const answer = answers[url.searchParams.get('type')!];
      return typeof answer === 'number' ? new Response(null, { status: answer }) : Response.json(answer);
    });
    return { resolve, asked };
  };
  const none = { Status: 0 };

  it('finds addresses of both kinds, past aliases', async () => {
    const { resolve, asked } = resolverOf({
      A: {
        Status: 0,
        Answer: [
          { name: 'a.example.com', type: 5, TTL: 60, data: 'b.example.com.' },
          { name: 'b.example.com', type: 1, TTL: 60, data: '93.184.215.14' },
        ],
      },
      AAAA: { Status: 0, Answer: [{ name: 'b.example.com', type: 28, TTL: 60, data: '2606:2800:21f::1' }] },
    });
    expect(await resolve('a.example.com&type=TXT')).toEqual(['93.184.215.14', '2606:2800:21f::1']);
    expect(asked.map((url) => url.searchParams.get('name'))).toEqual(Array(2).fill('a.example.com&type=TXT'));
  });

  it('distinguishes a name that does not exist from a failed lookup', async () => {
    expect(await resolverOf({ A: { Status: 3 }, AAAA: { Status: 3 } }).resolve('a.example.com')).toEqual([]);
    expect(await resolverOf({ A: none, AAAA: none }).resolve('a.example.com')).toEqual([]);
    for (const failure of [{ Status: 2 }, 503, { Answer: [] }, []]) {
      await expect(resolverOf({ A: none, AAAA: failure }).resolve('a.example.com')).rejects.toThrow();
    }
  });
});
