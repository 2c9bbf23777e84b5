import { z } from '@hono/zod-openapi';
import { AUDIO_FORMATS } from '../../audio/format.ts';
import { SAMPLE_RATES } from '../../audio/format-names.ts';
import { isLanguageTag } from '../../base/language-tag.ts';
import { CUE_UNITS } from '../../synthesis/alignment.ts';
import { UNREADABLE_CHOICES } from '../../text/unreadable.ts';

/** Most characters (Unicode code points, as JSON Schema counts them) of `input`. */
export const MAX_INPUT_CHARACTERS = 4096;
/** Most entries of `pronunciations`, and the longest word and transcription in it. */
export const PRONUNCIATION_LIMITS = { entries: 100, word: 64, ipa: 128 } as const;
/** Range of each number field. */
export const RANGES = {
  speed: [0.25, 4],
  seed: [0, 0xffff_ffff],
  refine_steps: [0, 32],
  alpha: [0, 1],
  beta: [0, 1],
  diffusion_steps: [0, 32],
  embedding_scale: [0, 10],
  pitch: [-12, 12],
  pitch_range: [0, 3],
  energy: [-24, 12],
  pauses: [0, 4],
  loudness: [-40, -8],
} as const;
/** The values of `response_format`. */
export const RESPONSE_FORMATS = [...AUDIO_FORMATS, 'json'] as const;
/** Defaults of `model` and `voice`: OpenAI's names, which every model maps to its own. */
export const DEFAULTS = { model: 'tts-1', voice: 'alloy' } as const;
/** Tolerance for weights that sum to 1 in decimal but not in binary. */
const ROUNDING = 1e-6;

/** Characters of a text as limits count them. */
export const charactersIn = (text: string): number =>
  text.length <= MAX_INPUT_CHARACTERS ? text.length : Array.from(text).length;

const ranged = (field: keyof typeof RANGES) => z.number().min(RANGES[field][0]).max(RANGES[field][1]);

/** Names and their shares, which sum to at most 1. */
const weights = () =>
  z
    .record(z.string().min(1).max(64), z.number().min(0).max(1))
    .refine((map) => Object.keys(map).length > 0)
    .refine((map) => Object.values(map).reduce((sum, weight) => sum + weight, 0) <= 1 + ROUNDING);

const unit = z.enum(CUE_UNITS);

/** The body of `POST /v1/audio/speech`: OpenAI's fields, then this service's own. `parseSpeech` is lenient in how they are written. */
export const speechSchema = z
  .object({
    model: z.string().default(DEFAULTS.model).openapi({
      description: 'A model of `GET /v1/models`, or one of OpenAI’s names, which means the default model.',
      example: 'sori-2',
    }),
    input: z
      .string()
      .min(1)
      .refine((text) => charactersIn(text) <= MAX_INPUT_CHARACTERS)
      .openapi({
        description:
          'The text to speak; SSML 1.1 if it starts with `<speak`. `[Sori](/ˈsɔːɹi/)` sets the pronunciation of a word in IPA. Control and bidi characters are removed.',
        maxLength: MAX_INPUT_CHARACTERS,
        example: 'Your table is ready.',
      }),
    input_type: z.enum(['text', 'phonemes']).optional().openapi({
      description:
        'Kind of `input`: `text` (default), or `phonemes`, which is IPA of English or Korean with spaces between words.',
    }),
    voice: z
      .union([z.string(), z.object({ id: z.string() }), weights()])
      .optional()
      .openapi({
        description:
          'A voice of `GET /v1/voices`, or one of OpenAI’s names (`openai_names` there), as a string or as `{"id": …}`. A mix is `hazel(2)+clara(1)`, or an object of names and shares that sum to at most 1. Default: the voice of `alloy`.',
        example: 'hazel',
      }),
    response_format: z.enum(RESPONSE_FORMATS).default('mp3').openapi({
      description:
        'Format of the audio, also by names of other services (`pcm_16000`, `g711_ulaw`). `opus` is Ogg Opus. `pcm` is 16-bit little-endian samples without a header. `mulaw` and `alaw` are G.711 at 8 kHz without a header; `mulaw-wav` and `alaw-wav` are the same in WAV. `wav-8k` is 16-bit WAV at 8 kHz. All are mono. `json` is base64 audio with timestamps.',
    }),
    audio_format: z
      .enum(AUDIO_FORMATS)
      .optional()
      .openapi({ description: 'Format of the audio in a `json` answer; default `mp3`.' }),
    sample_rate: z
      .number()
      .refine((rate) => SAMPLE_RATES.some((one) => one === rate))
      .optional()
      .openapi({
        description: `Samples per second of \`pcm\` and \`wav\`: ${SAMPLE_RATES.join(', ')}; default 24000. Other formats have a fixed rate.`,
        example: 16_000,
      }),
    timestamps: z
      .union([unit, z.array(unit).min(1).max(CUE_UNITS.length)])
      .optional()
      .openapi({
        description:
          'Units whose times are returned in `json` and in server-sent events. `mark` needs SSML with `<mark>`.',
        example: 'word',
      }),
    speed: ranged('speed').default(1).openapi({ description: 'Factor on the speaking rate of the voice.' }),
    pitch: ranged('pitch').default(0).openapi({ description: 'Semitones up or down.' }),
    pitch_range: ranged('pitch_range').default(1).openapi({
      description: 'Factor on the range of the pitch; 0 is monotone.',
    }),
    energy: ranged('energy').default(0).openapi({ description: 'Gain in dB.' }),
    pauses: ranged('pauses').default(1).openapi({
      description:
        'Factor on the length of pauses, and on the 0.2 s of silence after the last sound. SSML breaks with a stated length keep it.',
    }),
    loudness: z
      .union([ranged('loudness'), z.literal('off')])
      .optional()
      .openapi({
        description:
          'Integrated loudness of the audio in LUFS (EBU R 128), with peaks below -1 dBTP; or `off`. Default: -23 for telephony formats, no change for others. With `off`, telephony formats are streamed from the start.',
      }),
    emotion: z
      .union([z.string().min(1), weights()])
      .optional()
      .openapi({
        description:
          'An emotion of the model (`GET /v1/models`), or an object of emotions and weights from 0 to 1 that sum to at most 1. The rest is neutral, so the weight of a single emotion is its intensity.',
        example: { happy: 0.6, sad: 0.4 },
      }),
    style: z
      .string()
      .regex(/^(?:sty_|data:)/)
      .optional()
      .openapi({
        description:
          'Replaces the voice: a style id of `POST /v1/styles`, or a recording as `data:audio/wav;base64,…` (also MP3, M4A, AAC, FLAC, WebM and Ogg). Only the language of `voice` is used then.',
      }),
    alpha: ranged('alpha').optional().openapi({
      description:
        'How far a sampled timbre replaces that of the voice; default: the model’s. No effect with sori-2, which samples only the prosody.',
    }),
    beta: ranged('beta').optional().openapi({
      description:
        'How far a sampled prosody replaces that of the voice; default: the model’s, 1 for sori-2. No effect without `diffusion_steps`.',
    }),
    diffusion_steps: ranged('diffusion_steps').int().optional().openapi({
      description:
        'Steps of the style sampler. From 1 on, each `seed` gives another reading of the text; 3 to 10 are recommended. 0, the default of sori-2, uses the style of the voice unchanged. No effect with a model without `samples_styles` (`GET /v1/models`).',
    }),
    embedding_scale: ranged('embedding_scale').optional().openapi({
      description:
        'Weight of classifier-free guidance: above 1, a sampled style follows the text more closely; default: the model’s, 1 for sori-2. No effect without `diffusion_steps`.',
    }),
    seed: ranged('seed').int().default(0).openapi({
      description:
        'The same request with the same seed gives the same bytes. With `diffusion_steps`, the seed chooses the reading.',
    }),
    instructions: z.string().optional().openapi({
      description:
        'How to speak, in words. Fixed rules set emotion, speed, pitch and energy from known words, unless the request has these fields. Other words have no effect.',
    }),
    stream_format: z.enum(['audio', 'sse']).default('audio').openapi({
      description:
        '`audio`: the file. `sse`: server-sent events: `speech.audio.delta` with base64 audio, `speech.audio.timing` if `timestamps` are requested, and then `speech.audio.done`.',
    }),
    language: z.string().refine(isLanguageTag).optional().openapi({
      description: 'BCP 47 tag; default: the language of the voice.',
      example: 'en',
    }),
    pronunciations: z
      .record(
        z.string().min(1).max(PRONUNCIATION_LIMITS.word),
        z.string().min(1).max(PRONUNCIATION_LIMITS.ipa),
      )
      .refine((map) => Object.keys(map).length <= PRONUNCIATION_LIMITS.entries)
      .default({})
      .openapi({
        description: `Words and their IPA, for this request; for Korean text also Hangul spelled as it is pronounced. At most ${PRONUNCIATION_LIMITS.entries} entries.`,
        maxProperties: PRONUNCIATION_LIMITS.entries,
        example: { Sori: 'ˈsɔːɹi' },
      }),
    refine_steps: ranged('refine_steps').int().optional().openapi({
      description: 'Steps of the mel refiner; 0 turns it off; default: the model’s. No effect with sori-2.',
    }),
    strict: z.boolean().default(false).openapi({
      description:
        '`true` refuses requests with parts that have no effect, such as unknown fields and unknown SSML elements, voices or values. Otherwise the text is spoken anyway, and `X-Sori-Ignored` lists these parts.',
    }),
    unreadable: z.enum(UNREADABLE_CHOICES).default('error').openapi({
      description:
        'What happens to text in a script that the model does not read, such as Chinese or Cyrillic. `error` refuses it with `unreadable_text`, which names the part. `skip` leaves it out and lists it in `X-Sori-Ignored`.',
    }),
    degrade: z.boolean().default(false).openapi({
      description:
        '`true` allows fewer steps if the request needs an origin and none answers. Otherwise such a request is refused. `X-Sori-Placed` has the number of steps.',
    }),
  })
  .openapi('SpeechRequest');

/** A validated request body. */
export type SpeechBody = z.infer<typeof speechSchema>;
