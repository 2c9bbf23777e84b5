/** Stable codes of all errors of the API. */
export type ErrorCode =
  | 'invalid_json'
  | 'invalid_body'
  | 'unsupported_media_type'
  | 'body_too_large'
  | 'upload_too_slow'
  | 'missing_required_parameter'
  | 'invalid_value'
  | 'invalid_type'
  | 'string_above_max_length'
  | 'nothing_to_speak'
  | 'unreadable_text'
  | 'unknown_model'
  | 'unknown_voice'
  | 'unknown_emotion'
  | 'conflicting_parameters'
  | 'unsupported_format'
  | 'unsupported_parameter'
  | 'unsupported_language'
  | 'invalid_pronunciation'
  | 'invalid_ssml'
  | 'invalid_score'
  | 'invalid_lyrics'
  | 'out_of_range'
  | 'invalid_reference'
  | 'unusable_reference'
  | 'unintelligible_reference'
  | 'invalid_style'
  | 'style_of_another_model'
  | 'reference_styles_disabled'
  | 'invalid_api_key'
  | 'foreign_origin'
  | 'insufficient_scope'
  | 'invalid_signature'
  | 'expired_signature'
  | 'rate_limit_exceeded'
  | 'insufficient_quota'
  | 'not_found'
  | 'unknown_audio'
  | 'unknown_job'
  | 'job_conflict'
  | 'idempotency_mismatch'
  | 'too_many_jobs'
  | 'unknown_prompt'
  | 'voice_not_found'
  | 'consent_required'
  | 'invalid_consent'
  | 'deleted_prompt'
  | 'unknown_api_key'
  | 'invalid_template'
  | 'invalid_slot_value'
  | 'invalid_webhook'
  | 'precondition_failed'
  | 'range_not_satisfiable'
  | 'not_configured'
  | 'storage_unavailable'
  | 'method_not_allowed'
  | 'model_unavailable'
  | 'origin_required'
  | 'origin_unavailable'
  | 'origin_failed'
  | 'overloaded'
  | 'queue_full'
  | 'deadline_exceeded'
  | 'more_to_bake'
  | 'internal_error';

/** An error with a stable code. http/errors.ts maps it to an HTTP status and OpenAI `type`; lower layers do not depend on HTTP. */
export class SoriError extends Error {
  override readonly name = 'SoriError';
  readonly code: ErrorCode;
  /** Request field at fault, as OpenAI's `param`. */
  readonly param: string | null;
  /** Seconds after which a retry makes sense, where that is known better than by the code alone. */
  readonly retryAfterSeconds?: number;

  /**
   * @param code stable and documented.
   * @param message says what is wrong and what is accepted; has no secrets and no paths.
   */
  constructor(
    code: ErrorCode,
    message: string,
    options: { param?: string; cause?: unknown; retryAfterSeconds?: number } = {},
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.param = options.param ?? null;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}
