/**
 * Where a platform finds the codecs' WebAssembly. `#codecs` in package.json picks the driver: workerd, Node or browser.
 */
export interface CodecModules {
  /** libopus, as `@evan/opus` builds it. */
  readonly opus: () => Promise<WebAssembly.Module>;
  /** LAME, as `wasm-media-encoders` builds it. */
  readonly mp3: () => Promise<WebAssembly.Module>;
}
