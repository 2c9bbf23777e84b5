/**
 * The codecs' WebAssembly modules. `#codecs` in package.json selects the driver: workerd, Node or browser.
 */
export interface CodecModules {
  /** libopus of `@evan/opus`, with less memory at the start: `npm run codecs:build`. */
  readonly opus: () => Promise<WebAssembly.Module>;
  /** LAME: lame/, built by `npm run lame:build`. */
  readonly mp3: () => Promise<WebAssembly.Module>;
  /** Encoder of AAC: aac/, built by `npm run rust-codecs:build`. */
  readonly aac: () => Promise<WebAssembly.Module>;
  /** Decoders of uploads: recordings/, built by `npm run rust-codecs:build`. */
  readonly recordings: () => Promise<WebAssembly.Module>;
}
