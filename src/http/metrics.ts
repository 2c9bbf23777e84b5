import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { InferenceInfo, SpeechEngine } from '../engine/engine.ts';
import type { AudioLibrary } from '../library/library.ts';
import type { RequestAccount } from './access.ts';
import type { AppEnv } from './context.ts';
import { errorResponses } from './errors.ts';

/** Upper bounds of the latency histogram, in seconds, from cache hits to long speech. */
const BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Other methods are counted under one name, so that clients cannot create series. */
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS']);

interface Latency {
  /** Counts per bound, not cumulative; the last one is for values above all bounds. */
  readonly counts: number[];
  sum: number;
}

/** A request that has been answered. */
export interface AnsweredRequest {
  readonly method: string;
  readonly status: number;
  /** Milliseconds until the answer began. */
  readonly seconds: number;
}

/** An origin and the state of its circuit breaker. */
export interface OriginState {
  readonly url: string;
  /** Only a `closed` breaker lets all requests through. */
  readonly state: string;
}

/** Counts the answers of this process. In Workers each isolate has its own counts; use the platform's metrics there as well. */
export class Metrics {
  readonly #started = Date.now() / 1000;
  readonly #requests = new Map<string, number>();
  readonly #latencies = new Map<string, Latency>();
  readonly #errors = new Map<string, number>();
  readonly #cache = new Map<string, number>();
  #inFlight = 0;
  #characters = 0;
  #audioMs = 0;

  /** Counts a new request. */
  begin(): void {
    this.#inFlight++;
  }

  /** Counts an answer that has begun. */
  answered({ method, status, seconds }: AnsweredRequest, { route = 'none' }: RequestAccount): void {
    const known = METHODS.has(method) ? method : 'other';
    increase(this.#requests, `method="${known}",route="${route}",status="${status}"`);
    let latency = this.#latencies.get(route);
    if (latency === undefined) {
      latency = { counts: new Array(BOUNDS.length + 1).fill(0), sum: 0 };
      this.#latencies.set(route, latency);
    }
    const index = BOUNDS.findIndex((bound) => seconds <= bound);
    latency.counts[index < 0 ? BOUNDS.length : index]++;
    latency.sum += seconds;
  }

  /** Counts an answer that has ended. */
  end({ characters = 0, audioMs = 0, cache, error }: RequestAccount): void {
    this.#inFlight--;
    this.#characters += characters;
    this.#audioMs += audioMs;
    if (cache !== undefined) increase(this.#cache, `result="${cache}"`);
    if (error !== undefined) increase(this.#errors, `code="${error}"`);
  }

  /** Writes Prometheus' text format, version 0.0.4. */
  text(
    { inference }: Pick<SpeechEngine, 'inference'> = {},
    library?: Pick<AudioLibrary, 'writes'>,
    origins: readonly OriginState[] = [],
  ): string {
    const latencies = [...this.#latencies].flatMap(([route, latency]) => latencyLines(route, latency));
    return [
      ...family('sori_requests_total', 'counter', 'Requests answered.', labelled(this.#requests)),
      ...family(
        'sori_request_duration_seconds',
        'histogram',
        'Time until the answer began, by route.',
        latencies,
      ),
      ...family('sori_errors_total', 'counter', 'Errors answered, by code.', labelled(this.#errors)),
      ...family(
        'sori_rate_limited_total',
        'counter',
        'Requests refused by a rate limit.',
        single(this.#errors.get('code="rate_limit_exceeded"') ?? 0),
      ),
      ...family(
        'sori_cache_results_total',
        'counter',
        'Requests for speech, by cache.',
        labelled(this.#cache),
      ),
      ...family(
        'sori_synthesized_characters_total',
        'counter',
        'Characters synthesized.',
        single(this.#characters),
      ),
      ...family(
        'sori_audio_seconds_total',
        'counter',
        'Seconds of audio in answers.',
        single(this.#audioMs / 1000),
      ),
      ...family('sori_requests_in_flight', 'gauge', 'Requests being answered.', single(this.#inFlight)),
      ...inferenceLines(inference),
      ...(library?.writes ? writeLines(library.writes) : []),
      ...originLines(origins),
      ...family(
        'process_start_time_seconds',
        'gauge',
        'When counting began, since the epoch.',
        single(this.#started),
      ),
      '',
    ].join('\n');
  }
}

const route = createRoute({
  method: 'get',
  path: '/metrics',
  tags: ['health'],
  operationId: 'metrics',
  summary: 'Metrics of this process for Prometheus',
  description:
    'Prometheus text format 0.0.4. In Workers each isolate counts separately. Needs the scope `usage:read`.',
  responses: {
    200: { description: 'The metrics.', content: { 'text/plain': { schema: z.string() } } },
    ...errorResponses(401, 403, 429),
  },
});

/** Adds `GET /metrics`. */
export function metricsRoute(
  app: OpenAPIHono<AppEnv>,
  {
    engine,
    library,
    origins,
  }: {
    readonly engine?: Pick<SpeechEngine, 'inference'>;
    readonly library?: Pick<AudioLibrary, 'writes'>;
    /** The origins that receive heavy work, with their state in this process. */
    readonly origins?: () => readonly OriginState[];
  },
  metrics: Metrics,
): void {
  app.openapi(route, (c) => {
    c.header('Cache-Control', 'no-store');
    return c.body(metrics.text(engine, library, origins?.()), 200, { 'Content-Type': CONTENT_TYPE }) as never;
  });
}

/** A sample: the text after the family's name, and the value. */
type Sample = readonly [suffix: string, value: number];

function family(name: string, type: string, help: string, samples: readonly Sample[]): string[] {
  const lines = samples.map(([suffix, value]) => `${name}${suffix} ${value}`);
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines];
}

/** The execution provider in use and the reasons why others were refused, as gauges that are always 1. */
function inferenceLines(inference: InferenceInfo | undefined): string[] {
  if (inference === undefined) return [];
  const { backend, refused = [], batches } = inference;
  const reasons = refused.map(
    ({ provider, reason }): Sample => [`{provider=${quoted(provider)},reason=${quoted(reason)}}`, 1],
  );
  return [
    ...family('sori_inference_backend_info', 'gauge', 'What runs the networks.', [
      [`{backend=${quoted(backend)}}`, 1],
    ]),
    ...family(
      'sori_inference_provider_refused_info',
      'gauge',
      'Execution providers that do not run, and why.',
      reasons,
    ),
    ...(batches ? batchLines(batches) : []),
  ];
}

/** Of a process that hands work to origins. */
function originLines(origins: readonly OriginState[]): string[] {
  if (origins.length === 0) return [];
  return family(
    'sori_origin_up',
    'gauge',
    'Origins by address: 1 takes requests, 0 has failed and is left alone for a while.',
    origins.map(({ url, state }): Sample => [`{origin=${quoted(url)}}`, state === 'closed' ? 1 : 0]),
  );
}

function writeLines({ retried, lost }: NonNullable<AudioLibrary['writes']>): string[] {
  return [
    ...family(
      'sori_audio_writes_retried_total',
      'counter',
      'Writes of audio that were tried again.',
      single(retried),
    ),
    ...family(
      'sori_audio_lost_total',
      'counter',
      'Speech that was sent as it was made, and could not be stored.',
      single(lost),
    ),
  ];
}

function batchLines({ batches, rows }: NonNullable<InferenceInfo['batches']>): string[] {
  return [
    ...family('sori_inference_batches_total', 'counter', 'Runs of batched graphs.', single(batches)),
    ...family(
      'sori_inference_batched_rows_total',
      'counter',
      'Utterances in them: one counts once for each stage, or each chunk of its vocoder.',
      single(rows),
    ),
  ];
}

/** A label's value, escaped for the text format. */
const quoted = (value: string): string =>
  `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;

const single = (value: number): Sample[] => [['', value]];

const labelled = (counts: ReadonlyMap<string, number>): Sample[] =>
  [...counts].map(([labels, count]) => [`{${labels}}`, count]);

function latencyLines(route: string, { counts, sum }: Latency): Sample[] {
  let total = 0;
  const buckets = counts.map((count, index): Sample => {
    total += count;
    return [`_bucket{route="${route}",le="${BOUNDS[index] ?? '+Inf'}"}`, total];
  });
  return [...buckets, [`_sum{route="${route}"}`, sum], [`_count{route="${route}"}`, total]];
}

function increase(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
