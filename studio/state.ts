import { computed, signal } from '@preact/signals';
import { type Model, models, type Voice, voices } from './catalogue.ts';
import { DEFAULTS, type MixPart, speechBody } from './request.ts';
import { SENTENCES, sentenceIn } from './sentences.ts';

/** The text or SSML to speak. */
export const input = signal(SENTENCES.en);
const chosenVoice = signal('');
/** Voices of the mix; one that is empty is off. */
export const mix = signal<readonly MixPart[]>([]);
/** BCP 47; empty for the voice's own. */
export const language = signal('');
export const emotion = signal('');
/** 0 to 1. */
export const intensity = signal(1);
export const speed = signal<number>(DEFAULTS.speed);
export const pitch = signal<number>(DEFAULTS.pitch);
export const pitchRange = signal<number>(DEFAULTS.pitchRange);
export const energy = signal<number>(DEFAULTS.energy);
export const pauses = signal<number>(DEFAULTS.pauses);
export const seed = signal<number>(DEFAULTS.seed);
/** Highest seed that the page chooses. */
export const MOST_SEED = 100;
/** Steps of the style sampler. */
export const steps = signal<number>(DEFAULTS.steps);
/** Steps of a reading that varies. */
export const VARIED_STEPS = 5;
/** Words and the IPA that was given for them. */
export const pronunciations = signal<Readonly<Record<string, string>>>({});
/** Where speech is made. */
export const place = signal<'server' | 'tab'>('server');

/** The chosen voice; the first one until one is chosen. */
export const voice = computed<Voice | undefined>(
  () => voices.value.find(({ id }) => id === chosenVoice.value) ?? voices.value[0],
);
/** The model of the chosen voice. */
export const model = computed<Model | undefined>(() => {
  const id = voice.value?.model;
  return models.value.find((each) => each.id === id);
});
/** Language that is spoken. */
export const spokenLanguage = computed(() => language.value || voice.value?.language || 'en');
/** Whether the input is SSML, by the API's own rule. */
export const isSsml = computed(() => /^\s*<speak/.test(input.value));

/** Chooses a voice, and leaves out what its model does not have. */
export function chooseVoice(id: string): void {
  chosenVoice.value = id;
  const { languages = [], emotions = [], samples_styles } = model.value ?? {};
  if (language.value && !languages.includes(language.value)) language.value = '';
  if (!samples_styles) steps.value = DEFAULTS.steps;
  if (emotion.value && !emotions.includes(emotion.value)) emotion.value = '';
  // An unchanged sentence is in the language of the voice.
  if (Object.values(SENTENCES).includes(input.value)) {
    input.value = sentenceIn(voice.value?.language ?? '') ?? input.value;
  }
  const own = voice.value?.model;
  mix.value = mix.value.filter((part) => voices.value.find((each) => each.id === part.voice)?.model === own);
}

/** The request that the controls make. */
export const body = computed(() =>
  speechBody({
    model: model.value?.id ?? 'tts-1',
    voice: voice.value?.id ?? 'alloy',
    mix: mix.value,
    language: language.value,
    emotion: emotion.value,
    intensity: intensity.value,
    speed: speed.value,
    pitch: pitch.value,
    pitchRange: pitchRange.value,
    energy: energy.value,
    pauses: pauses.value,
    seed: seed.value,
    steps: steps.value,
    pronunciations: pronunciations.value,
    input: input.value,
  }),
);

/** Chooses another reading of the text: a sampled style, by a seed that is not the current one. */
export function readOtherwise(): void {
  steps.value = VARIED_STEPS;
  seed.value = (seed.value + 1 + Math.floor(Math.random() * MOST_SEED)) % (MOST_SEED + 1);
}

/** Sets every control but text and voice to its default. */
export function resetControls(): void {
  emotion.value = '';
  intensity.value = 1;
  speed.value = DEFAULTS.speed;
  pitch.value = DEFAULTS.pitch;
  pitchRange.value = DEFAULTS.pitchRange;
  energy.value = DEFAULTS.energy;
  pauses.value = DEFAULTS.pauses;
  seed.value = DEFAULTS.seed;
  steps.value = DEFAULTS.steps;
  language.value = '';
  mix.value = [];
}
