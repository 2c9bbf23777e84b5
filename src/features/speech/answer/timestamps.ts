import { z } from '@hono/zod-openapi';
import type { Speech } from '../../../engine/engine.ts';
import { CUE_UNITS, type Cue, type CueUnit, cuesOf } from '../../../synthesis/alignment.ts';

const cueSchema = z
  .object({
    start_ms: z.number(),
    end_ms: z.number().openapi({ description: 'Equal to the start for a mark.' }),
    text: z
      .string()
      .openapi({ description: 'The written text, the symbol of a phoneme, or the name of a mark.' }),
    span: z
      .object({ start: z.number().int(), end: z.number().int() })
      .openapi({ description: 'Position in `input` in UTF-16 code units, as in JavaScript’s `slice`.' }),
  })
  .openapi('Cue', {
    example: { start_ms: 112.5, end_ms: 350, text: 'table', span: { start: 5, end: 10 } },
  });

/** Cues of the requested units. */
export const timestampsSchema = z
  .object(
    Object.fromEntries(CUE_UNITS.map((unit) => [unit, z.array(cueSchema).optional()])) as Record<
      CueUnit,
      z.ZodOptional<z.ZodArray<typeof cueSchema>>
    >,
  )
  .openapi('Timestamps');

/** Cues by unit. */
export type Timestamps = Partial<Record<CueUnit, Cue[]>>;

const SAMPLES_PER_MS = 24;

/** Returns each cue once, when all of its audio was sent. */
export class CueStream {
  readonly #alignment: Speech['alignment'];
  readonly #input: string;
  readonly #units: readonly CueUnit[];
  readonly #given = new Map<CueUnit, number>();
  readonly #cues = new Map<CueUnit, Cue[]>();
  #planned = -1;

  constructor(alignment: Speech['alignment'], input: string, units: readonly CueUnit[]) {
    this.#alignment = alignment;
    this.#input = input;
    this.#units = units;
  }

  /**
   * New cues that end by `samples`. The last known cue is held back, because a sentence that was cut may continue
   * in a part that is not planned yet.
   * @returns `undefined` without new cues.
   */
  upTo(samples: number): Timestamps | undefined {
    const ms = samples / SAMPLES_PER_MS;
    return this.#take((cues) => {
      const next = cues.findIndex(({ end_ms }) => end_ms > ms);
      return next < 0 ? cues.length - 1 : next;
    });
  }

  /** All remaining cues; call it when the speech has ended. */
  rest(): Timestamps | undefined {
    return this.#take((cues) => cues.length);
  }

  #take(end: (cues: Cue[]) => number): Timestamps | undefined {
    this.#read();
    const due: Timestamps = {};
    for (const unit of this.#units) {
      const cues = this.#cues.get(unit) ?? [];
      const from = this.#given.get(unit) ?? 0;
      const to = end(cues);
      if (to <= from) continue;
      due[unit] = cues.slice(from, to);
      this.#given.set(unit, to);
    }
    return Object.keys(due).length > 0 ? due : undefined;
  }

  /** Compute cues again only when more was planned. */
  #read(): void {
    const { phonemes, marks } = this.#alignment;
    if (phonemes.length + marks.length === this.#planned) return;
    this.#planned = phonemes.length + marks.length;
    for (const unit of this.#units) this.#cues.set(unit, cuesOf(this.#alignment, this.#input, unit));
  }
}
