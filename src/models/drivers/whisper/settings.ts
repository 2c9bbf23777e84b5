import { z } from 'zod';

/** Settings of a Whisper model, in its manifest. */
export const whisperSettings = z.object({
  /** ONNX files. */
  encoder: z.string(),
  decoder: z.string(),
  /** `tokenizer.json` of Hugging Face's tokenizers. */
  tokenizer: z.string(),
  /** Layers, heads and numbers a head of the decoder. */
  layers: z.number().int().positive(),
  heads: z.number().int().positive(),
  headSize: z.number().int().positive(),
  vocabulary: z.number().int().positive(),
  /** Heads whose attention follows the audio; they give the word timings. */
  alignmentHeads: z.number().int().positive(),
  /** Tokens that are never taken, and those that are not taken first. */
  suppress: z.array(z.number().int().nonnegative()),
  suppressAtBegin: z.array(z.number().int().nonnegative()),
});

/** Parsed {@link whisperSettings}. */
export type WhisperSettings = z.infer<typeof whisperSettings>;
