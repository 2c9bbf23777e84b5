/** Passes the samples of the microphone to the page. */
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(name: string, processor: typeof AudioWorkletProcessor): void;

/** Samples that are passed on at once: about a tenth of a second. */
const PIECE = 4096;

class Recorder extends AudioWorkletProcessor {
  #held = new Float32Array(PIECE);
  #count = 0;

  process([channels]: Float32Array[][]): boolean {
    for (const sample of channels?.[0] ?? []) {
      this.#held[this.#count++] = sample;
      if (this.#count < PIECE) continue;
      this.port.postMessage(this.#held, [this.#held.buffer]);
      this.#held = new Float32Array(PIECE);
      this.#count = 0;
    }
    return true;
  }
}

registerProcessor('recorder', Recorder);
