/** Workers' types leave out what workerd forbids; Node and browsers have it. */
declare namespace WebAssembly {
  function compile(bytes: Uint8Array): Promise<Module>;
  function compileStreaming(response: Promise<Response>): Promise<Module>;
}
