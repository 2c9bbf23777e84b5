/** Origin of a recording, written into the file's metadata. Texts in any language, without control characters. */
export interface AudioTags {
  /** Name of the generator: `Sori`. */
  readonly generator: string;
  /** Model and version: `sori-2@1.2.0`. */
  readonly model?: string;
  /** Voice id. */
  readonly voice?: string;
  /** Creation time, ISO 8601 in UTC. */
  readonly time?: string;
}
