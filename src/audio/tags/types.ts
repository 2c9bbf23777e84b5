/** Where a recording comes from, written into the file's own metadata. Texts of any language, without control characters. */
export interface AudioTags {
  /** What made it: `Sori`. */
  readonly generator: string;
  /** Model and version: `sori-1@1.2.0`. */
  readonly model?: string;
  /** Voice id. */
  readonly voice?: string;
  /** When it was made; ISO 8601 in UTC. */
  readonly time?: string;
}
