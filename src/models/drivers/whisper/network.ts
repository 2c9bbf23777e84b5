import type { Tensor } from 'onnxruntime-node';
import { type Graph, runtime } from '../../graph.ts';
import type { WhisperSettings } from './settings.ts';

/** Samples of a window: 30 s at 16 kHz. */
export const WINDOW = 480_000;
/** Samples of one column of the encoder's output: 20 ms. */
export const SAMPLES_PER_COLUMN = 320;
/** Columns of a window. */
export const COLUMNS = WINDOW / SAMPLES_PER_COLUMN;

/** Output of the encoder for a window: keys and values for every layer of the decoder. */
export interface EncodedAudio {
  readonly cross_keys: Tensor;
  readonly cross_values: Tensor;
}

/** State of the decoder for the tokens so far. */
export interface DecoderState {
  readonly self_keys: Tensor;
  readonly self_values: Tensor;
}

/** One pass of the decoder. */
export interface DecoderStep {
  /** `[tokens, vocabulary]`, row by row. */
  readonly logits: Float32Array;
  readonly state: DecoderState;
  /** `[heads, tokens, columns]`: how much of the audio's columns each token looks at. */
  readonly attention: Float32Array;
}

/** Both graphs of a Whisper model, as `scripts/models/whisper-from-ctranslate2.py` writes them. */
export class WhisperNetwork {
  readonly #encoder: Graph;
  readonly #decoder: Graph;
  readonly #settings: WhisperSettings;
  readonly #ort: Awaited<ReturnType<typeof runtime>>;

  private constructor(
    encoder: Graph,
    decoder: Graph,
    settings: WhisperSettings,
    ort: Awaited<ReturnType<typeof runtime>>,
  ) {
    this.#encoder = encoder;
    this.#decoder = decoder;
    this.#settings = settings;
    this.#ort = ort;
  }

  /**
   * Takes both graphs.
   * @throws {ModelFault} when they do not fit the settings.
   */
  static async open(encoder: Graph, decoder: Graph, settings: WhisperSettings): Promise<WhisperNetwork> {
    const { layers, heads, headSize, vocabulary, alignmentHeads } = settings;
    const float = (...shape: number[]) => ({ type: 'float32' as const, shape });
    const cross = {
      cross_keys: float(layers, heads, headSize, COLUMNS),
      cross_values: float(layers, heads, COLUMNS, headSize),
    };
    encoder.expect(settings.encoder, { inputs: { audio: float(WINDOW) }, outputs: cross });
    const past = float(layers, heads, -1, headSize);
    decoder.expect(settings.decoder, {
      inputs: { tokens: { type: 'int64', shape: [-1] }, self_keys: past, self_values: past, ...cross },
      outputs: {
        logits: float(-1, vocabulary),
        new_keys: past,
        new_values: past,
        attention: float(alignmentHeads, -1, COLUMNS),
      },
    });
    return new WhisperNetwork(encoder, decoder, settings, await runtime());
  }

  /** @param samples at most {@link WINDOW}; zeros follow them. */
  async encode(samples: Float32Array): Promise<EncodedAudio> {
    const audio = new Float32Array(WINDOW);
    audio.set(samples);
    const made = await this.#encoder.run({ audio: new this.#ort.Tensor('float32', audio, [WINDOW]) });
    return { cross_keys: made.cross_keys, cross_values: made.cross_values };
  }

  /** A state of no tokens. */
  begin(): DecoderState {
    const { layers, heads, headSize } = this.#settings;
    const empty = () => new this.#ort.Tensor('float32', new Float32Array(0), [layers, heads, 0, headSize]);
    return { self_keys: empty(), self_values: empty() };
  }

  /** Goes on by some tokens. */
  async step(tokens: readonly number[], state: DecoderState, audio: EncodedAudio): Promise<DecoderStep> {
    const ids = new this.#ort.Tensor('int64', BigInt64Array.from(tokens, BigInt), [tokens.length]);
    const made = await this.#decoder.run({ tokens: ids, ...state, ...audio });
    return {
      logits: made.logits.data as Float32Array,
      state: { self_keys: made.new_keys, self_values: made.new_values },
      attention: made.attention.data as Float32Array,
    };
  }
}
