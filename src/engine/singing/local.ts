import { nextTurn } from '../../base/turns.ts';
import type { Manifest } from '../../shards/manifest.ts';
import type { StageName } from '../../shards/stages.ts';
import { decibels } from '../../synthesis/acoustic/controls.ts';
import { deriveSeed } from '../../synthesis/random.ts';
import { addClicks, clickBeats } from '../../synthesis/singing/click.ts';
import { mixVoices } from '../../synthesis/singing/mix.ts';
import { type Part, sungSeconds, TempoMap } from '../../synthesis/singing/score.ts';
import { resolveStyleOptions } from '../../synthesis/style/options.ts';
import { Limiter } from '../../synthesis/waveform/limiter.ts';
import type { Requester, Timings } from '../engine.ts';
import { FrontEnds } from '../front-ends.ts';
import type { ModelHost } from '../model-host.ts';
import { openOffered } from '../offered.ts';
import { scheduledStages } from '../scheduled-stages.ts';
import type { ScheduledWork, Scheduler } from '../scheduler.ts';
import { timedStages } from '../timing.ts';
import type { AlignedSinging, SingingEngine, SingingRequest, TimedNote, TimedSyllable } from './engine.ts';
import { SingingPart } from './part.ts';
import { phrasesOf, placeNotes } from './phrases.ts';
import { fitRanges } from './ranges.ts';
import { singersOf } from './singers.ts';

/** Seconds that the first note's consonants need before it. */
const FIRST_CONSONANTS = 0.25;
/** Characters of speech that last a second: the unit in which the scheduler counts work. */
const CHARACTERS_PER_SECOND = 15;
/** Seconds after the last note: its fall, and a moment of silence. */
const TAIL = 0.3;

/** Dependencies of {@link createSingingEngine}. */
export interface SingingEngineOptions {
  readonly host: ModelHost;
  /** Names of the models offered. */
  readonly models: readonly string[];
  /** Shares the host among all work: the speech engine's. */
  readonly scheduler: Scheduler;
}

/** Sings in this process. It shares the sessions of the host with the speech engine. */
export function createSingingEngine({ host, models, scheduler }: SingingEngineOptions): SingingEngine {
  const frontEnds = new FrontEnds();

  /** Takes a place for the work, understands the request and plans nothing yet. */
  async function begin(
    request: SingingRequest,
    waveform: boolean,
    signal?: AbortSignal,
    requester?: Requester,
  ) {
    const characters = CHARACTERS_PER_SECOND * sungSeconds(request.score);
    const work = scheduler.enter({ ...requester, characters, signal });
    try {
      return { work, ...(await understand(request, waveform, work, signal)) };
    } catch (error) {
      work.end();
      throw error;
    }
  }

  async function understand(
    request: SingingRequest,
    waveform: boolean,
    work: ScheduledWork,
    signal?: AbortSignal,
  ) {
    const timings: Timings = {};
    const started = performance.now();
    const model = await openOffered(host, models, request.model, signal);
    const { manifest } = model;
    const { score } = request;
    resolveStyleOptions(manifest, { emotion: request.emotion });
    const singers = singersOf(manifest, request);
    const { transposed, notices } = fitRanges(manifest, request, singers);
    const leadIn = request.leadIn ?? leadInOf(score.parts, new TempoMap(score.tempos));
    const placed = score.parts.map((part) => placeNotes(part, score.tempos, leadIn, transposed));
    const phrases = await Promise.all(
      score.parts.map(async (part, p) => {
        const language = part.language ?? request.language;
        const frontEnd = await frontEnds.get(model, language, signal);
        return await phrasesOf(placed[p], frontEnd, { language, pronunciations: request.pronunciations });
      }),
    );
    timings.text = performance.now() - started;
    await model.preload(stagesFor(manifest, request, waveform), signal);
    timings.load = performance.now() - started - timings.text;
    const stages = scheduledStages(timedStages(model.runner, timings), work);
    const syllables: TimedSyllable[] = [];
    const parts = score.parts.map((part, p) => {
      const singer = singers[p].singer(part, score.tempos, leadIn, transposed);
      const seed = deriveSeed(request.seed, p);
      const options = { part: p, seed, breaths: request.breaths, syllables, signal };
      return new SingingPart(manifest, stages, phrases[p], singer, options);
    });
    const { sampleRate } = manifest;
    const aligned: AlignedSinging = {
      totalSamples: lengthOf(request, placed.flat(), leadIn, sampleRate),
      syllables,
      notes: timedNotes(placed, sampleRate),
      leadIn,
      transposed,
      notices: [...score.notices, ...notices],
    };
    return { aligned, parts, timings, sampleRate };
  }

  return {
    async sing(request, signal, requester) {
      const { work, aligned, parts, timings, sampleRate } = await begin(request, true, signal, requester);
      const voices = parts.map((part) => part.sing());
      const mixed = mixVoices(voices, aligned.totalSamples);
      const chunks = untilEnd(finish(mixed, request, aligned.leadIn, sampleRate), timings, work, signal);
      return { ...aligned, chunks, timings };
    },

    async align(request, signal, requester) {
      const { work, aligned, parts } = await begin(request, false, signal, requester);
      try {
        for (const part of parts) await part.plan();
      } finally {
        work.end();
      }
      return aligned;
    },
  };
}

/** Time that the first consonants need before the first beat, if the score leaves too little. */
function leadInOf(parts: readonly Part[], map: TempoMap): number {
  const firsts = parts.map(({ notes }) => map.seconds(notes[0].beat));
  return Math.max(0, FIRST_CONSONANTS - Math.min(...firsts));
}

function lengthOf(
  { accompaniment }: SingingRequest,
  notes: readonly { readonly end: number }[],
  leadIn: number,
  sampleRate: number,
): number {
  const end = notes.reduce((latest, note) => Math.max(latest, note.end), 0) + TAIL;
  const played = accompaniment ? Math.round(leadIn * sampleRate) + accompaniment.length : 0;
  return Math.max(Math.ceil(end * sampleRate), played);
}

function timedNotes(placed: readonly ReturnType<typeof placeNotes>[], sampleRate: number): TimedNote[] {
  return placed.flatMap((notes, part) =>
    notes.map(({ index, start, end, pitch, source }) => ({
      part,
      note: index,
      pitch,
      startSample: Math.round(start * sampleRate),
      endSample: Math.round(end * sampleRate),
      text: source.lyric?.text,
    })),
  );
}

function stagesFor(manifest: Manifest, { emotion, score }: SingingRequest, waveform: boolean): StageName[] {
  const emotions = [emotion, ...score.parts.flatMap(({ notes }) => notes.map((note) => note.emotion))];
  const sampled = emotions.some((one) => resolveStyleOptions(manifest, { emotion: one }).steps > 0);
  const stages: StageName[] = sampled ? ['style_denoiser', 'text_encoder'] : ['text_encoder'];
  return waveform ? [...stages, 'prosody', 'mel_decoder', 'vocoder'] : stages;
}

/** Adds click and accompaniment, and keeps the sum below full scale. */
async function* finish(
  mixed: AsyncIterable<Float32Array>,
  { accompaniment, click, energy, score }: SingingRequest,
  leadIn: number,
  sampleRate: number,
): AsyncGenerator<Float32Array> {
  const limiter = new Limiter();
  const gain = decibels(energy);
  const lastBeat = score.parts.reduce((last, { notes }) => {
    return notes.reduce((end, { beat, beats }) => Math.max(end, beat + beats), last);
  }, 0);
  const beats = click === undefined ? [] : clickBeats(score, lastBeat);
  const shifted = beats.map(({ seconds, first }) => ({ seconds: seconds + leadIn, first }));
  const offset = Math.round(leadIn * sampleRate);
  let at = 0;
  for await (const block of mixed) {
    if (gain !== 1) for (let n = 0; n < block.length; n++) block[n] *= gain;
    if (click !== undefined) addClicks(block, at, shifted, sampleRate, decibels(click));
    if (accompaniment) {
      const first = Math.max(0, offset - at);
      const stop = Math.min(block.length, accompaniment.length + offset - at);
      for (let n = first; n < stop; n++) block[n] += accompaniment[at + n - offset];
    }
    at += block.length;
    yield limiter.push(block);
  }
  yield limiter.flush();
}

/** Passes the waveform on, and gives the work's place back when it ends, however it does. */
async function* untilEnd(
  chunks: AsyncIterable<Float32Array>,
  timings: Timings,
  work: ScheduledWork,
  signal?: AbortSignal,
): AsyncGenerator<Float32Array> {
  const started = performance.now();
  try {
    for await (const chunk of chunks) {
      work.done((CHARACTERS_PER_SECOND * chunk.length) / 24_000);
      if (chunk.length > 0) yield chunk;
      await nextTurn();
      signal?.throwIfAborted();
    }
  } finally {
    work.end();
    timings.render = performance.now() - started;
  }
}
