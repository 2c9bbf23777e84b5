import { createRandom } from '../../src/synthesis/random.ts';

const RATE = 24_000;
const SECONDS = 8;

/** A sound that is no speech. */
export interface Sound {
  readonly name: string;
  readonly kind: 'tone' | 'noise' | 'music' | 'effect';
  /** Makes the samples: mono, 24 kHz, 8 s. */
  readonly make: () => Float32Array;
}

/** A partial's level by its number; what makes a sound an organ, a flute or a reed. */
type Timbre = (partial: number) => number;

const TIMBRES: Readonly<Record<string, Timbre>> = {
  sine: (k) => (k === 1 ? 1 : 0),
  saw: (k) => 1 / k,
  square: (k) => (k % 2 ? 1 / k : 0),
  flute: (k) => [0, 1, 0.3, 0.1, 0.03][k] ?? 0,
  reed: (k) => [0, 0.4, 1, 0.8, 0.9, 0.5, 0.4, 0.3, 0.2, 0.1][k] ?? 0,
};

interface Note {
  /** MIDI number: 69 = 440 Hz. */
  readonly key: number;
  readonly start: number;
  readonly seconds: number;
}

interface Instrument {
  readonly timbre: keyof typeof TIMBRES;
  /** Seconds in which a note decays to 1/e; held to its end when not given. */
  readonly decay?: number;
  /** Semitones and hertz of vibrato. */
  readonly vibrato?: readonly [number, number];
}

/** Adds notes to a signal. */
function play(into: Float32Array, notes: readonly Note[], instrument: Instrument, gain = 0.15): void {
  const level = TIMBRES[instrument.timbre];
  const [depth, speed] = instrument.vibrato ?? [0, 0];
  for (const { key, start, seconds } of notes) {
    const hz = 440 * 2 ** ((key - 69) / 12);
    const count = Math.floor(seconds * RATE);
    let phase = 0;
    for (let n = 0; n < count; n++) {
      const at = Math.floor(start * RATE) + n;
      if (at >= into.length) break;
      const t = n / RATE;
      phase += (2 * Math.PI * hz * 2 ** ((depth * Math.sin(2 * Math.PI * speed * t)) / 12)) / RATE;
      let value = 0;
      for (let k = 1; k <= 12 && k * hz < 11_000; k++) value += level(k) && level(k) * Math.sin(k * phase);
      const attack = Math.min(1, t / 0.015, (seconds - t) / 0.03);
      into[at] += gain * value * attack * (instrument.decay ? Math.exp(-t / instrument.decay) : 1);
    }
  }
}

function music(name: string, write: (into: Float32Array) => void): Sound {
  const make = () => {
    const samples = new Float32Array(SECONDS * RATE);
    write(samples);
    return samples;
  };
  return { name, kind: 'music', make };
}

/** A tune of scale steps, with notes of uneven length and some rests. */
function tune(seed: number, beat: number, base: number): Note[] {
  const random = createRandom(seed);
  const scale = [0, 2, 4, 5, 7, 9, 11, 12, 14, 16];
  const notes: Note[] = [];
  let step = 4;
  for (let at = 0; at < SECONDS; ) {
    const length = beat * [0.5, 1, 1, 2][Math.floor(4 * random.uniform())];
    step = Math.max(0, Math.min(9, step + Math.round(2.2 * random.gaussian())));
    if (random.uniform() > 0.12) notes.push({ key: base + scale[step], start: at, seconds: length * 0.92 });
    at += length;
  }
  return notes;
}

const PROGRESSION = [
  [0, 4, 7],
  [9, 12, 16],
  [5, 9, 12],
  [7, 11, 14],
];

function chords(beat: number, base: number): Note[] {
  return Array.from({ length: Math.ceil(SECONDS / beat) }, (_, i) =>
    PROGRESSION[i % 4].map((key) => ({ key: base + key, start: i * beat, seconds: beat * 0.97 })),
  ).flat();
}

function arpeggio(beat: number, base: number): Note[] {
  return Array.from({ length: Math.ceil(SECONDS / beat) }, (_, i) => ({
    key: base + PROGRESSION[Math.floor(i / 6) % 4][i % 3],
    start: i * beat,
    seconds: beat * 1.1,
  }));
}

/** Drum hits of filtered noise and a falling thump. */
function drums(into: Float32Array, beat: number): void {
  const random = createRandom(5);
  for (let i = 0; i * beat < SECONDS; i++) {
    for (let n = 0, phase = 0; n < 0.2 * RATE; n++) {
      const at = Math.floor(i * beat * RATE) + n;
      if (at >= into.length) break;
      const t = n / RATE;
      phase += (2 * Math.PI * (60 + 90 * Math.exp(-t / 0.02))) / RATE;
      const thump = i % 2 ? 0 : 0.5 * Math.sin(phase) * Math.exp(-t / 0.07);
      into[at] += thump + (i % 2 ? 0.25 : 0.06) * random.gaussian() * Math.exp(-t / (i % 2 ? 0.05 : 0.015));
    }
  }
}

function of(name: string, kind: Sound['kind'], at: (t: number, random: () => number) => number): Sound {
  const make = () => {
    const random = createRandom(11);
    const gaussian = () => random.gaussian();
    return Float32Array.from({ length: SECONDS * RATE }, (_, n) => at(n / RATE, gaussian));
  };
  return { name, kind, make };
}

const sin = (hz: number, t: number) => Math.sin(2 * Math.PI * hz * t);

/** Noise with more power below: each sample leaks from the one before. */
function brown(name: string, leak: number, envelope: (t: number) => number = () => 1): Sound {
  let state = 0;
  return of(name, 'noise', (t, random) => {
    state = leak * state + random() * Math.sqrt(1 - leak * leak);
    return 0.1 * state * envelope(t);
  });
}

/** Tones, noises, effects and music, made by formulas: what a reference recording must not be. */
export function notSpeech(): Sound[] {
  const held = [110, 220, 440, 1000].map((hz) => of(`tone of ${hz} Hz`, 'tone', (t) => 0.2 * sin(hz, t)));
  const hums = [50, 60].map((hz) =>
    of(`hum of ${hz} Hz`, 'tone', (t, random) => {
      const partials = [1, 2, 3, 4, 5, 6, 8, 10].reduce((sum, k) => sum + sin(k * hz, t) / k, 0);
      return 0.1 * partials + 0.002 * random();
    }),
  );
  const tunes = Object.keys(TIMBRES).flatMap((timbre, i) =>
    [0.22, 0.45].map((beat) =>
      music(`tune, ${timbre}, ${beat} s a beat`, (into) =>
        play(into, tune(i + 1, beat, 50 + 3 * i), { timbre }),
      ),
    ),
  );
  return [
    ...held,
    ...hums,
    of('dial tone', 'tone', (t) => 0.1 * (sin(350, t) + sin(440, t))),
    of('busy tone', 'tone', (t) => (t % 1 < 0.5 ? 0.1 * (sin(480, t) + sin(620, t)) : 0)),
    of('digits dialled', 'tone', (t) => {
      const digit = Math.floor(t / 0.25) * 7;
      const [low, high] = [[697, 770, 852, 941][digit % 4], [1209, 1336, 1477][digit % 3]];
      return t % 0.25 < 0.15 ? 0.1 * (sin(low, t) + sin(high, t)) : 0;
    }),
    of('white noise', 'noise', (_, random) => 0.1 * random()),
    brown('dark noise', 0.95),
    brown('surf', 0.9, (t) => 0.6 + 0.4 * sin(0.3, t)),
    brown('steam engine', 0.7, (t) => Math.abs(sin(2, t)) ** 3 + 0.02),
    brown('noise in bursts', 0.3, (t) => (t % 0.25 < 0.12 ? 1 : 0.01)),
    of('siren', 'effect', (t) => {
      const phase = 600 * t - (200 / (2 * Math.PI * 0.5)) * Math.cos(2 * Math.PI * 0.5 * t);
      return 0.1 * (Math.sin(2 * Math.PI * phase) + 0.5 * Math.sin(4 * Math.PI * phase));
    }),
    of('low siren', 'effect', (t) => {
      const phase = 200 * t - (80 / (2 * Math.PI * 0.7)) * Math.cos(2 * Math.PI * 0.7 * t);
      return 0.1 * [1, 2, 3, 4].reduce((sum, k) => sum + Math.sin(2 * Math.PI * k * phase) / k, 0);
    }),
    of('metronome', 'effect', (t) => 0.5 * sin(1500, t) * Math.exp(-(t % 0.5) / 0.01)),
    of('motor', 'effect', (t, random) => {
      const phase = 70 * t + 5 * t * t;
      return (
        0.1 * [1, 2, 3, 4, 5].reduce((sum, k) => sum + Math.sin(2 * Math.PI * k * phase) / k, 0) +
        0.03 * random()
      );
    }),
    ...tunes,
    music('plucked tune', (into) => play(into, tune(7, 0.3, 52), { timbre: 'saw', decay: 0.25 })),
    music('tune with vibrato', (into) =>
      play(into, tune(8, 0.6, 52), { timbre: 'saw', vibrato: [0.4, 5.5] }),
    ),
    music('bowed tune with wide vibrato', (into) =>
      play(into, tune(9, 0.9, 50), { timbre: 'reed', vibrato: [0.7, 6] }),
    ),
    music('organ chords', (into) => play(into, chords(1, 48), { timbre: 'square' }, 0.08)),
    music('string chords', (into) => play(into, chords(0.5, 52), { timbre: 'saw', vibrato: [0.2, 5] }, 0.08)),
    music('piano chords', (into) => play(into, chords(0.4, 55), { timbre: 'saw', decay: 0.3 }, 0.08)),
    music('arpeggios', (into) => play(into, arpeggio(0.15, 48), { timbre: 'saw', decay: 0.2 })),
    music('tune over chords', (into) => {
      play(into, chords(0.9, 48), { timbre: 'flute' }, 0.08);
      play(into, tune(3, 0.3, 60), { timbre: 'reed' }, 0.1);
    }),
    music('drums', (into) => drums(into, 0.25)),
    music('band', (into) => {
      drums(into, 0.25);
      play(into, arpeggio(0.25, 36), { timbre: 'saw', decay: 0.2 }, 0.12);
      play(into, chords(1, 55), { timbre: 'saw' }, 0.05);
      play(into, tune(4, 0.25, 64), { timbre: 'reed', vibrato: [0.2, 5] }, 0.08);
    }),
    music('fast band', (into) => {
      drums(into, 0.16);
      play(into, arpeggio(0.16, 40), { timbre: 'square', decay: 0.15 }, 0.1);
      play(into, tune(6, 0.16, 62), { timbre: 'saw', decay: 0.3 }, 0.1);
    }),
  ];
}
