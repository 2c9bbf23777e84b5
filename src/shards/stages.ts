/** The graphs of a model, in the order in which a phrase passes through them. */
export const STAGES = ['text_encoder', 'prosody', 'mel_decoder', 'mel_refiner', 'vocoder'] as const;

/** Name of one graph of a model. */
export type StageName = (typeof STAGES)[number];
