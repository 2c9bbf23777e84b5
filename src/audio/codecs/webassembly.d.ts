/** WebAssembly compilation in Node and browsers. workers-types omits it, since workerd forbids it. */
declare namespace WebAssembly {
  function compile(bytes: Uint8Array): Promise<Module>;
  function compileStreaming(response: Promise<Response>): Promise<Module>;
}
