/** A share of a voice in a mix. */
export interface MixPart {
  readonly voice: string;
  /** 0 to 1. */
  readonly weight: number;
}

/** Values of the page's controls. */
export interface Controls {
  readonly model: string;
  readonly voice: string;
  /** Voices of a mix; fewer than two mean none. */
  readonly mix: readonly MixPart[];
  /** BCP 47; empty for the voice's own. */
  readonly language: string;
  readonly emotion: string;
  /** 0 to 1. */
  readonly intensity: number;
  readonly speed: number;
  /** Semitones. */
  readonly pitch: number;
  readonly pitchRange: number;
  /** dB. */
  readonly energy: number;
  readonly pauses: number;
  readonly seed: number;
  /** Steps of the style sampler. */
  readonly steps: number;
  readonly pronunciations: Readonly<Record<string, string>>;
  readonly input: string;
}

/** The fields of `POST /v1/audio/speech` that the page uses. */
export interface SpeechBody {
  model: string;
  voice: string | Record<string, number>;
  input: string;
  language?: string;
  emotion?: string | Record<string, number>;
  speed?: number;
  pitch?: number;
  pitch_range?: number;
  energy?: number;
  pauses?: number;
  seed?: number;
  diffusion_steps?: number;
  pronunciations?: Record<string, string>;
}

/** Values that a request need not name. */
export const DEFAULTS = {
  speed: 1,
  pitch: 0,
  pitchRange: 1,
  energy: 0,
  pauses: 1,
  seed: 0,
  steps: 0,
} as const;

/** The body of a speech request, without fields that have their default value. */
export function speechBody(controls: Controls): SpeechBody {
  const { model, voice, mix, language, emotion, intensity, pronunciations, input } = controls;
  const body: SpeechBody = { model, voice: mix.length > 1 ? sharesOf(mix) : voice, input };
  if (language) body.language = language;
  if (emotion) body.emotion = intensity < 1 ? { [emotion]: intensity } : emotion;
  if (controls.speed !== DEFAULTS.speed) body.speed = controls.speed;
  if (controls.pitch !== DEFAULTS.pitch) body.pitch = controls.pitch;
  if (controls.pitchRange !== DEFAULTS.pitchRange) body.pitch_range = controls.pitchRange;
  if (controls.energy !== DEFAULTS.energy) body.energy = controls.energy;
  if (controls.pauses !== DEFAULTS.pauses) body.pauses = controls.pauses;
  if (controls.seed !== DEFAULTS.seed) body.seed = controls.seed;
  if (controls.steps !== DEFAULTS.steps) body.diffusion_steps = controls.steps;
  if (Object.keys(pronunciations).length > 0) body.pronunciations = { ...pronunciations };
  return body;
}

const HUNDREDTHS = 100;

/** Shares in hundredths that sum to 1; voices without a share are left out. */
export function sharesOf(mix: readonly MixPart[]): Record<string, number> {
  const total = mix.reduce((sum, { weight }) => sum + weight, 0);
  const even = total <= 0;
  const shares = mix.map(({ weight }) =>
    Math.round(((even ? 1 : weight) / (even ? mix.length : total)) * HUNDREDTHS),
  );
  // The largest share takes what rounding left over.
  const largest = shares.indexOf(Math.max(...shares));
  shares[largest] += HUNDREDTHS - shares.reduce((sum, share) => sum + share, 0);
  const kept = mix.map(({ voice }, index) => [voice, shares[index] / HUNDREDTHS] as const);
  return Object.fromEntries(kept.filter(([, share]) => share > 0));
}
