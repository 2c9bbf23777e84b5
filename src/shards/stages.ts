/** The graphs that a model may have, in the order in which a phrase passes through them; then those that few phrases need. */
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

/** Stages that a model may lack: styles are then not sampled, and mels not refined. */
export const OPTIONAL_STAGES = ['style_denoiser', 'mel_refiner'] as const satisfies readonly StageName[];

/** A stage that a model may lack. */
export type OptionalStage = (typeof OPTIONAL_STAGES)[number];

/** The stages of a model, in their order. */
export function stagesOf({
  stages,
}: {
  readonly stages: Readonly<Partial<Record<StageName, unknown>>>;
}): StageName[] {
  return STAGES.filter((stage) => stages[stage] !== undefined);
}

/**
 * Stages of a model that ordinary speech passes through: loaded ahead, checked before a server calls itself ready, and counted in
 * what a model may weigh at the edge. The others (`style_encoder`: it analyses a reference recording) load at their first use, are
 * checked then, and do not stay.
 */
export function defaultPathOf(model: Parameters<typeof stagesOf>[0]): StageName[] {
  return stagesOf(model).filter((stage) => !isOnDemand(stage));
}

/** Whether a stage is loaded only when it is needed. */
export function isOnDemand(stage: StageName): boolean {
  return stage === 'style_encoder';
}
