/** The graphs of a model, in the order in which a phrase passes through them; then those that few phrases need. */
export const STAGES = [
  'text_encoder',
  'style_denoiser',
  'prosody',
  'mel_decoder',
  'mel_refiner',
  'vocoder',
  'style_encoder',
] as const;

/** Name of one graph of a model. */
export type StageName = (typeof STAGES)[number];

/**
 * Stages that ordinary speech passes through: loaded ahead, checked before a server calls itself ready, and counted in what a
 * model may weigh at the edge. The others (`style_encoder`: it hears a reference recording) load at their first use, are checked
 * then, and do not stay.
 */
export const DEFAULT_PATH_STAGES: readonly StageName[] = STAGES.filter((stage) => stage !== 'style_encoder');

/** Does a stage load only when it is needed? */
export function isOnDemand(stage: StageName): boolean {
  return !DEFAULT_PATH_STAGES.includes(stage);
}
