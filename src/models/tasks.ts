/** The tasks of models. A model has one task. */
export const TASKS = [
  'speech',
  'speech-cloning',
  'transcription',
  'translation',
  'speaker-embedding',
  'speaker-profile',
  'segmentation',
  'separation',
  'generation',
] as const;

/** One of {@link TASKS}. */
export type Task = (typeof TASKS)[number];

/** One utterance to speak. */
export interface SpeechInput {
  /** The written utterance, for models that take text. */
  readonly text: string;
  /** The same in symbols of Sori's phoneme table, from `^` to `$`, for models that read phonemes. */
  readonly phonemes: readonly string[];
  /** BCP 47. */
  readonly language: string;
  /** Voice ids of the manifest and their weights, which sum to 1. */
  readonly voice: Readonly<Record<string, number>>;
  /** 1 is the voice's own rate, 2 twice as fast. */
  readonly speed: number;
}

/** A spoken utterance. */
export interface SpeechEvent {
  /** Mono, at the manifest's sample rate, full scale is 1. */
  readonly samples: Float32Array;
  /** Samples of each of the input's phonemes; they sum to the length of `samples`. Absent if the model does not report them. */
  readonly lengths?: readonly number[];
}

/** A recording of a speaker to imitate, or an utterance to speak like a speaker. */
export type CloningInput = ReferenceInput | ClonedSpeechInput;

/** A recording of a speaker, to make a {@link EmbeddingEvent}. */
export interface ReferenceInput {
  readonly kind: 'reference';
  /** Mono, at the manifest's sample rate. */
  readonly samples: Float32Array;
}

/** An utterance, to make a {@link ClonedSpeechEvent}. */
export interface ClonedSpeechInput extends Omit<SpeechInput, 'voice'> {
  readonly kind: 'speech';
  /** [E], of length 1: a speaker's embedding, or a mix of several. */
  readonly embedding: Float32Array;
}

/** The result of a {@link CloningInput}. */
export type CloningEvent = EmbeddingEvent | ClonedSpeechEvent;

/** The embedding of a recording's speaker. */
export interface EmbeddingEvent {
  readonly kind: 'embedding';
  /** [E], of length 1; the cosine of two embeddings is the likeness of their speakers. */
  readonly embedding: Float32Array;
}

/** An utterance in a speaker's voice. */
export interface ClonedSpeechEvent extends SpeechEvent {
  readonly kind: 'speech';
}

/** Up to 30 seconds of speech to write down. */
export interface TranscriptionInput {
  /** Mono at 16 kHz, at most 480,000. */
  readonly samples: Float32Array;
  /** ISO 639-1; detected when absent. */
  readonly language?: string;
  /** Write in the language spoken, or in English? */
  readonly into: 'same' | 'english';
  /** Text before this one, or words to expect; guides spelling. */
  readonly prompt?: string;
  /** 0 always takes the most likely token; up to 1 draws at random. */
  readonly temperature: number;
  /** Whether to find the time of each word, which takes another pass over the text. */
  readonly words: boolean;
  /** Seed of the random draws. */
  readonly seed: number;
}

/** A stretch of transcribed speech. Times are seconds from the beginning of the input's samples. */
export interface TranscriptionSegment {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly tokens: readonly number[];
  /** Mean natural logarithm of the tokens' probabilities. */
  readonly averageLogProbability: number;
  /** Probability that there is no speech. */
  readonly noSpeechProbability: number;
  /** Bytes of the text divided by bytes of it compressed: above 2.4 it repeats itself. */
  readonly compressionRatio: number;
  readonly temperature: number;
  readonly words?: readonly TranscribedWord[];
}

/** A word and when it is said, in seconds. */
export interface TranscribedWord {
  readonly word: string;
  readonly start: number;
  readonly end: number;
  /** 0 to 1. */
  readonly probability: number;
}

/** All that was said in one input. */
export interface TranscriptionEvent {
  /** ISO 639-1; as given, or detected. */
  readonly language: string;
  readonly segments: readonly TranscriptionSegment[];
}

/** Text to translate. */
export interface TranslationInput {
  readonly text: string;
  /** BCP 47. */
  readonly from: string;
  /** BCP 47. */
  readonly to: string;
}

/** A translation. */
export interface TranslationEvent {
  readonly text: string;
}

/** A recording of one speaker. */
export interface SpeakerEmbeddingInput {
  /** Mono at the manifest's sample rate. */
  readonly samples: Float32Array;
}

/** A vector of length 1; the dot product of two is the cosine of their likeness. */
export interface SpeakerEmbeddingEvent {
  readonly vector: Float32Array;
}

/** A recording of any number of speakers. */
export interface RecordingInput {
  /** Mono at the manifest's sample rate. */
  readonly samples: Float32Array;
}

/** A model's estimate about a speaker. */
export interface ProfileEvent {
  readonly traits: readonly ProfileTrait[];
}

/** One trait of a speaker. */
export interface ProfileTrait {
  readonly name: 'sex' | 'age_band';
  readonly value: string;
  /** 0 to 1, by the model. */
  readonly probability: number;
  /** Share of recordings in which the model was wrong, as its maker has measured it. */
  readonly errorRate: number;
}

/** The speakers in a window of a recording. Each window numbers its speakers separately. */
export interface SegmentationEvent {
  /** Seconds from the beginning of the recording. */
  readonly start: number;
  readonly frameSeconds: number;
  /** Speakers that the model distinguishes in a window. */
  readonly speakers: number;
  /** `frames * speakers`, frame by frame: 1 where a speaker speaks. */
  readonly active: Uint8Array;
}

/** The voices of a recording, each as long as all of it. */
export interface SeparationEvent {
  readonly sources: readonly Float32Array[];
}

/** Sound or music to make. */
export interface GenerationInput {
  readonly prompt: string;
  readonly seconds: number;
  readonly seed: number;
  /** How closely the prompt is followed; 1 means no guidance. */
  readonly guidance: number;
  /** 0 always takes the most likely token; 1 draws with the probabilities of the model. */
  readonly temperature: number;
  /** Tokens among which is drawn at each step. */
  readonly topK: number;
}

/** Progress of a generation, and at its end the sound. */
export interface GenerationEvent {
  /** 0 to 1. */
  readonly progress: number;
  /** Mono at the manifest's sample rate; in the last event only. */
  readonly samples?: Float32Array;
}

/** Input of each task, and its output, which is given one or more times. */
export interface TaskTypes {
  readonly speech: { readonly input: SpeechInput; readonly event: SpeechEvent };
  readonly 'speech-cloning': { readonly input: CloningInput; readonly event: CloningEvent };
  readonly transcription: { readonly input: TranscriptionInput; readonly event: TranscriptionEvent };
  readonly translation: { readonly input: TranslationInput; readonly event: TranslationEvent };
  readonly 'speaker-embedding': {
    readonly input: SpeakerEmbeddingInput;
    readonly event: SpeakerEmbeddingEvent;
  };
  readonly 'speaker-profile': { readonly input: RecordingInput; readonly event: ProfileEvent };
  readonly segmentation: { readonly input: RecordingInput; readonly event: SegmentationEvent };
  readonly separation: { readonly input: RecordingInput; readonly event: SeparationEvent };
  readonly generation: { readonly input: GenerationInput; readonly event: GenerationEvent };
}

/** What a task takes. */
export type TaskInput<T extends Task> = TaskTypes[T]['input'];
/** What a task gives. */
export type TaskEvent<T extends Task> = TaskTypes[T]['event'];
