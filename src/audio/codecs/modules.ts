/**
 * The codecs' WebAssembly modules. `#codecs` in package.json selects the driver: workerd, Node or browser.
 */
export interface CodecModules {
  /** libopus, as `@evan/opus` builds it. */
  readonly opus: () => Promise<WebAssembly.Module>;
  /** LAME, as `wasm-media-encoders` builds it. */
  readonly mp3: () => Promise<WebAssembly.Module>;
  /** Decoders of uploads: recordings/, built by `npm run recordings:build`. */
  readonly recordings: () => Promise<WebAssembly.Module>;
}
