import { SoriError } from '../../base/errors.ts';

/** An upload in {@link UploadRoom}. The reader of the body reports its progress here. */
export interface Receiving {
  /** Aborts when the upload loses its place. */
  readonly signal: AbortSignal;
  /** Call it with the number of bytes that have arrived. */
  received(bytes: number): void;
}

/** Limits of {@link UploadRoom}. */
export interface UploadLimits {
  /** Uploads at once. */
  readonly uploads: number;
  /** Bytes that they hold together. One upload alone may hold more, up to the limit of its body. */
  readonly bytes: number;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
}

interface Upload {
  readonly begun: number;
  /** From Content-Length, where there is one. */
  readonly expected: number | undefined;
  bytes: number;
  lost?: SoriError;
}

/** Time in which an upload may be slow, and bytes a second below which it is slow afterwards. */
const GRACE_MS = 2_000;
const SLOW = 16 * 1024;
/** Interval in which an upload checks whether it has lost its slot, in ms. */
const NOTICE_MS = 200;
/** Assumed seconds until an upload of unknown length ends. */
const UNKNOWN_SECONDS = 5;
const MOST_SECONDS = 60;

/**
 * Limits the uploads that a process receives at once, by their number and by the bytes that have arrived. Where there is no room, the
 * slowest upload makes room if it is slower than 16 KiB/s; so slow clients can't keep others out.
 */
export class UploadRoom {
  readonly #limits: UploadLimits;
  readonly #now: () => number;
  readonly #uploads = new Set<Upload>();

  constructor(limits: UploadLimits) {
    this.#limits = limits;
    this.#now = limits.now ?? (() => performance.now());
  }

  /** Uploads under way. */
  get size(): number {
    return this.#uploads.size;
  }

  /**
   * Holds a place while a body is read and parsed.
   * @throws {SoriError} `queue_full` with the seconds until an upload under way is expected to end; `upload_too_slow` when another
   *   upload needs the place; what `read` throws.
   */
  async during<T>(request: Request, read: (receiving: Receiving) => Promise<T>): Promise<T> {
    while (this.#uploads.size >= this.#limits.uploads) this.#makeRoom();
    const length = Number(request.headers.get('content-length') ?? Number.NaN);
    const upload: Upload = { begun: this.#now(), bytes: 0, expected: length > 0 ? length : undefined };
    this.#uploads.add(upload);
    const controller = new AbortController();
    // Another request must not touch this one's streams, so each upload looks after itself.
    const watch = setInterval(() => {
      if (upload.lost) controller.abort(upload.lost);
    }, NOTICE_MS);
    try {
      return await read({ signal: controller.signal, received: (bytes) => this.#received(upload, bytes) });
    } finally {
      clearInterval(watch);
      this.#uploads.delete(upload);
    }
  }

  #received(upload: Upload, bytes: number): void {
    if (upload.lost) throw upload.lost;
    upload.bytes += bytes;
    while (this.#uploads.size > 1 && this.#held() > this.#limits.bytes) this.#makeRoom(upload);
  }

  #held(): number {
    let bytes = 0;
    for (const upload of this.#uploads) bytes += upload.bytes;
    return bytes;
  }

  /**
   * Ends the slowest upload to make room.
   * @param of the upload that needs the room.
   */
  #makeRoom(of?: Upload): void {
    const now = this.#now();
    const slow = [...this.#uploads].filter(
      (upload) => upload !== of && now - upload.begun >= GRACE_MS && this.#rate(upload) < SLOW,
    );
    if (slow.length === 0) throw this.#full();
    const slowest = slow.reduce((least, upload) => (this.#rate(upload) < this.#rate(least) ? upload : least));
    const message = `The upload came with less than ${SLOW / 1024} KiB/s, and others needed its place; send it again.`;
    slowest.lost = new SoriError('upload_too_slow', message);
    this.#uploads.delete(slowest);
  }

  /** Bytes a second. */
  #rate({ begun, bytes }: Upload): number {
    return (bytes * 1000) / Math.max(1, this.#now() - begun);
  }

  #full(): SoriError {
    const left = [...this.#uploads].map((upload) => {
      const { expected, bytes } = upload;
      return expected === undefined ? UNKNOWN_SECONDS : (expected - bytes) / Math.max(1, this.#rate(upload));
    });
    const seconds = Math.min(MOST_SECONDS, Math.max(1, Math.ceil(Math.min(...left))));
    const message = `${this.#uploads.size} uploads are under way; try again in ${seconds} s.`;
    return new SoriError('queue_full', message, { retryAfterSeconds: seconds });
  }
}
