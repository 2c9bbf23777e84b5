/**
 * Events of the Wyoming protocol: a line of JSON with the type and lengths, then the data as JSON, then a binary payload.
 * https://github.com/OHF-Voice/wyoming
 */

/** An event. */
export interface WyomingEvent {
  readonly type: string;
  readonly data?: Readonly<Record<string, unknown>>;
  readonly payload?: Uint8Array;
}

/** Most bytes of the parts of an event that a client sends. */
const MOST = { header: 64 * 1024, data: 256 * 1024, payload: 1024 * 1024 } as const;

/** Writes an event. */
export function encodeEvent({ type, data, payload }: WyomingEvent): Buffer {
  const bytes = data === undefined ? undefined : Buffer.from(JSON.stringify(data));
  const header = {
    type,
    version: '1.5.4',
    ...(bytes && { data_length: bytes.length }),
    ...(payload && { payload_length: payload.length }),
  };
  return Buffer.concat([
    Buffer.from(`${JSON.stringify(header)}\n`),
    bytes ?? Buffer.alloc(0),
    payload ?? Buffer.alloc(0),
  ]);
}

interface Header {
  readonly type?: unknown;
  readonly data?: Readonly<Record<string, unknown>>;
  readonly data_length?: number | null;
  readonly payload_length?: number | null;
}

/** Reads events from pieces of any length. */
export class EventReader {
  #held = Buffer.alloc(0);

  /**
   * Takes the next bytes and returns the events that are complete.
   * @throws {RangeError} for an event that is too long. @throws {SyntaxError} for a line that is no JSON.
   */
  push(bytes: Uint8Array): WyomingEvent[] {
    this.#held = Buffer.concat([this.#held, bytes]);
    const events: WyomingEvent[] = [];
    for (;;) {
      const line = this.#held.indexOf(10);
      if (line < 0) {
        if (this.#held.length > MOST.header) throw new RangeError('The header of an event is too long.');
        return events;
      }
      const header = JSON.parse(this.#held.toString('utf8', 0, line)) as Header;
      const dataLength = lengthOf(header.data_length, MOST.data);
      const payloadLength = lengthOf(header.payload_length, MOST.payload);
      const end = line + 1 + dataLength + payloadLength;
      if (this.#held.length < end) return events;
      const dataEnd = line + 1 + dataLength;
      const more = dataLength > 0 ? JSON.parse(this.#held.toString('utf8', line + 1, dataEnd)) : {};
      events.push({
        type: String(header.type),
        data: { ...header.data, ...more },
        payload: this.#held.subarray(dataEnd, end),
      });
      this.#held = this.#held.subarray(end);
    }
  }
}

function lengthOf(value: number | null | undefined, most: number): number {
  const length = value ?? 0;
  if (Number.isSafeInteger(length) && length >= 0 && length <= most) return length;
  throw new RangeError('The length of an event is wrong.');
}
