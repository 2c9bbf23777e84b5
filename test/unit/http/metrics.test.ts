import { describe, expect, it } from 'vitest';
import { Metrics } from '../../../src/http/metrics.ts';
import { ADMIN_KEY, accessApp, SPEECH } from '../../support/apps/access-app.ts';

interface Family {
  readonly type: string;
  readonly help: string;
  readonly samples: Map<string, number>;
}

/** Reads Prometheus' text format 0.0.4, and refuses what it refuses: samples before their TYPE, names of no family, samples twice. */
function parseMetrics(text: string): Map<string, Family> {
  expect(text.endsWith('\n')).toBe(true);
  const families = new Map<string, Family>();
  let help: [string, string] | undefined;
  for (const line of text.trimEnd().split('\n')) {
    const comment = /^# (HELP|TYPE) ([a-z_:][a-z0-9_:]*) (.+)$/.exec(line);
    if (comment?.[1] === 'HELP') {
      help = [comment[2], comment[3]];
      continue;
    }
    if (comment) {
      expect(help?.[0]).toBe(comment[2]);
      expect(families.has(comment[2])).toBe(false);
      families.set(comment[2], { type: comment[3], help: help![1], samples: new Map() });
      continue;
    }
    const sample = /^([a-z_:][a-z0-9_:]*)(\{(?:[a-z_]+="[^"\\\n]*",?)+\})? (\S+)$/.exec(line);
    expect(sample, line).not.toBeNull();
    const [, name, labels = '', value] = sample!;
    const family = families.get(name.replace(/_(bucket|sum|count)$/, '')) ?? families.get(name);
    expect(family, line).toBeDefined();
    expect(Number.isFinite(Number(value)), line).toBe(true);
    expect(family!.samples.has(name + labels), line).toBe(false);
    family!.samples.set(name + labels, Number(value));
  }
  return families;
}

describe('GET /metrics', () => {
  it('counts responses', async () => {
    const { send, makeKey, tone } = await accessApp();
    const { key } = await makeKey({ requestsPerMinute: 10 });
    const started = Date.now() / 1000;
    await send('POST', '/v1/audio/speech', ADMIN_KEY, SPEECH);
    const hit = await send('POST', '/v1/audio/speech', ADMIN_KEY, SPEECH);
    await send('GET', hit.headers.get('content-location')!);
    await send('GET', '/v1/models/tone-1', ADMIN_KEY);
    await send('GET', '/v1/models/nothing', ADMIN_KEY);
    await send('GET', `/no/such/path/${'x'.repeat(50)}`);
    await send('BREW', '/v1/models');
    for (let i = 0; i < 12; i++) await send('HEAD', '/v1/voices', key);

    const { status, headers, text } = await send('GET', '/metrics', ADMIN_KEY);
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    const families = parseMetrics(text);
    expect([...families].map(([name, { type }]) => `${name} ${type}`)).toEqual([
      'sori_requests_total counter',
      'sori_request_duration_seconds histogram',
      'sori_errors_total counter',
      'sori_rate_limited_total counter',
      'sori_cache_results_total counter',
      'sori_synthesized_characters_total counter',
      'sori_audio_seconds_total counter',
      'sori_requests_in_flight gauge',
      'sori_audio_writes_retried_total counter',
      'sori_audio_lost_total counter',
      'process_start_time_seconds gauge',
    ]);
    const of = (name: string) => Object.fromEntries(families.get(name)!.samples);
    expect(of('sori_requests_total')).toEqual({
      'sori_requests_total{method="POST",route="/v1/audio/speech",status="200"}': 2,
      'sori_requests_total{method="GET",route="/audio/{file}",status="200"}': 1,
      'sori_requests_total{method="GET",route="/v1/models/{id}",status="200"}': 1,
      'sori_requests_total{method="GET",route="/v1/models/{id}",status="404"}': 1,
      'sori_requests_total{method="GET",route="none",status="404"}': 1,
      'sori_requests_total{method="other",route="none",status="405"}': 1,
      'sori_requests_total{method="HEAD",route="/v1/voices",status="200"}': 10,
      'sori_requests_total{method="HEAD",route="/v1/voices",status="429"}': 2,
    });
    expect(of('sori_rate_limited_total')).toEqual({ sori_rate_limited_total: 2 });
    expect(of('sori_errors_total')).toMatchObject({ 'sori_errors_total{code="unknown_model"}': 1 });
    expect(of('sori_cache_results_total')).toMatchObject({ 'sori_cache_results_total{result="miss"}': 1 });
    expect(of('sori_synthesized_characters_total')).toEqual({ sori_synthesized_characters_total: 6 });
    expect(tone.count.made).toBe(3);
    expect(of('sori_audio_seconds_total').sori_audio_seconds_total).toBeGreaterThanOrEqual(0.6);
    // The request for the metrics counts too.
    expect(of('sori_requests_in_flight')).toEqual({ sori_requests_in_flight: 1 });
    expect(Math.abs(of('process_start_time_seconds').process_start_time_seconds - started)).toBeLessThan(60);

    const latency = of('sori_request_duration_seconds');
    const buckets = Object.entries(latency).filter(([name]) => name.includes('_bucket{route="/v1/voices"'));
    const counts = buckets.map(([, count]) => count);
    expect(counts).toEqual([...counts].sort((a, b) => a - b));
    expect(buckets.at(-1)).toEqual([
      'sori_request_duration_seconds_bucket{route="/v1/voices",le="+Inf"}',
      latency['sori_request_duration_seconds_count{route="/v1/voices"}'],
    ]);
    expect(buckets.at(-1)![1]).toBe(12);
  });

  it('needs its scope', async () => {
    const { send, makeKey } = await accessApp();
    expect((await send('GET', '/metrics')).status).toBe(401);
    expect((await send('GET', '/metrics', (await makeKey()).key)).status).toBe(403);
    const { key } = await makeKey({ scopes: ['usage:read'] });
    expect((await send('GET', '/metrics', key)).status).toBe(200);
  });
});

it.each([
  [0, '0.001'],
  [0.001, '0.001'],
  [0.0011, '0.0025'],
  [29, '30'],
  [31, '+Inf'],
])('puts %s s into the bucket of at most %s s', (seconds, le) => {
  const metrics = new Metrics();
  metrics.begin();
  metrics.answered({ method: 'GET', status: 200, seconds }, { route: '/' });
  const { samples } = parseMetrics(metrics.text()).get('sori_request_duration_seconds')!;
  const [first] = [...samples].find(([, count]) => count === 1)!;
  expect(first).toBe(`sori_request_duration_seconds_bucket{route="/",le="${le}"}`);
});

it('is well-formed before anything is counted', () => {
  expect(parseMetrics(new Metrics().text()).size).toBe(9);
});
