import { concatBytes } from '../../base/bytes.ts';
import { crc32 } from '../../base/crc.ts';
import { SoriError } from '../../base/errors.ts';

/** The model and style space of an id: a vector is valid only in the style space of the model that made it. */
export interface StyleSpace {
  readonly name: string;
  readonly styleSize: number;
  /** [S] each; a vector is kept as `(raw - mean) / scale`. */
  readonly style: {
    readonly mean: readonly number[];
    readonly scale: readonly number[];
    /** Axes for comparing voices, if not all dimensions count alike. */
    readonly likeness?: { readonly mean: readonly number[]; readonly axes: readonly (readonly number[])[] };
  };
}

const PREFIX = 'sty_';
const VERSION = 1;
/** Bytes before the vector: version, then the style space's check sum. */
const HEAD = 5;
const CHECK = 4;
/** Standard deviations that a value may lie from the mean; beyond them there is no voice, only overflow. */
const REACH = 16;

/**
 * Writes a style vector as a short text that a client keeps and sends back: `sty_` and base64url of version (1 byte), check
 * sum of the style space (4 bytes), S values as float16 in standard deviations from the mean, CRC-32 of all that.
 * Little-endian. Values come back within 2^-11 of their distance from the mean; those beyond 16 standard deviations are clamped.
 * @param style [S], raw.
 * @throws {RangeError} when the vector has another length or holds a value that is not a number.
 */
export function encodeStyleId(style: Float32Array, space: StyleSpace): string {
  const { styleSize, style: scaling } = space;
  if (style.length !== styleSize)
    throw new RangeError(`A style has ${styleSize} values, not ${style.length}.`);
  if (style.some((value) => !Number.isFinite(value)))
    throw new RangeError('A style holds finite values only.');
  const bytes = new Uint8Array(HEAD + 2 * styleSize + CHECK);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, VERSION);
  view.setUint32(1, spaceHash(space), true);
  style.forEach((value, i) => {
    const deviation = (value - scaling.mean[i]) / scaling.scale[i];
    view.setUint16(HEAD + 2 * i, toHalf(Math.max(-REACH, Math.min(REACH, deviation))), true);
  });
  view.setUint32(bytes.length - CHECK, crc32(bytes.subarray(0, -CHECK)), true);
  return PREFIX + base64Url(bytes);
}

/**
 * Reads what {@link encodeStyleId} wrote.
 * @returns [S], raw.
 * @throws {SoriError} `invalid_style` when the text is no style id, is of a version not known here or is damaged;
 *   `style_of_another_model` when it was made for another model or another version of its style space.
 */
export function decodeStyleId(id: string, space: StyleSpace): Float32Array {
  const { styleSize, style: scaling } = space;
  const bytes = fromBase64Url(id);
  if (!bytes) throw invalid(`A style id is '${PREFIX}' followed by letters, digits, '-' and '_'.`);
  if (bytes.length < HEAD + CHECK)
    throw invalid(`This style id is cut: only ${bytes.length} bytes are left.`);
  const view = new DataView(bytes.buffer);
  if (view.getUint32(bytes.length - CHECK, true) !== crc32(bytes.subarray(0, -CHECK))) {
    throw invalid('This style id is damaged: its check sum is wrong. Send it exactly as it was given out.');
  }
  if (view.getUint8(0) !== VERSION) {
    throw invalid(`This style id is of version ${view.getUint8(0)}; this server reads version ${VERSION}.`);
  }
  if (view.getUint32(1, true) !== spaceHash(space)) {
    const message = `This style id was made for another model than '${space.name}', or for another version of it. Make a new one from the recording.`;
    throw new SoriError('style_of_another_model', message, { param: 'style' });
  }
  if (bytes.length !== HEAD + 2 * styleSize + CHECK) {
    const values = (bytes.length - HEAD - CHECK) / 2;
    throw invalid(`This style id holds ${values} values; model '${space.name}' has ${styleSize}.`);
  }
  const deviations = Array.from({ length: styleSize }, (_, i) =>
    fromHalf(view.getUint16(HEAD + 2 * i, true)),
  );
  if (deviations.some((value) => !(Math.abs(value) <= REACH))) {
    throw invalid('This style id holds values that no recording gives.');
  }
  return Float32Array.from(deviations, (value, i) => scaling.mean[i] + scaling.scale[i] * value);
}

function invalid(message: string): SoriError {
  return new SoriError('invalid_style', message, { param: 'style' });
}

/** CRC-32 over the model's name and its style space, as float32: a retrained model has another one. */
function spaceHash({ name, style }: StyleSpace): number {
  const numbers = new Uint8Array(4 * (style.mean.length + style.scale.length));
  const view = new DataView(numbers.buffer);
  [...style.mean, ...style.scale].forEach((value, i) => {
    view.setFloat32(4 * i, value, true);
  });
  return crc32(concatBytes([new TextEncoder().encode(`${name}\0`), numbers]));
}

/** IEEE 754 binary16 of a value within ±16, halves to even; below 2^-24 it is 0. */
function toHalf(value: number): number {
  const sign = value <= -(2 ** -25) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (size < 2 ** -14) return sign | roundEven(size * 2 ** 24);
  const exponent = Math.floor(Math.log2(size));
  return sign | (((exponent + 15) << 10) + roundEven((size / 2 ** exponent - 1) * 1024));
}

function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return Number.NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}

function roundEven(value: number): number {
  const whole = Math.floor(value);
  const rest = value - whole;
  return rest > 0.5 || (rest === 0.5 && whole % 2 === 1) ? whole + 1 : whole;
}

function base64Url(bytes: Uint8Array): string {
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/** `undefined` when the text is not the prefix and base64url without padding. */
function fromBase64Url(id: string): Uint8Array<ArrayBuffer> | undefined {
  if (!/^sty_[A-Za-z0-9_-]*$/.test(id) || (id.length - PREFIX.length) % 4 === 1) return undefined;
  const text = atob(id.slice(PREFIX.length).replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
