import { describe, expect, it } from 'vitest';
import {
  type GraphSource,
  type InferenceBackend,
  InferenceError,
  type Tensors,
} from '../../src/inference/backend.ts';
import { checkKnownAnswer } from '../../src/inference/known-answer.ts';
import { probe } from '../../src/inference/probe.ts';

/** A packed stage and its known answer. */
export interface PackedStage {
  readonly name: string;
  readonly source: GraphSource;
  readonly inputs: Tensors;
  readonly outputs: Tensors;
}

/**
 * What every inference backend must do.
 * @param create makes the backend; called once per test.
 * @param stages packed stages whose answers it must give.
 */
export function inferenceContract(
  create: () => Promise<InferenceBackend>,
  stages: () => Promise<PackedStage[]>,
): void {
  describe('inference backend', () => {
    it('gives the answer that the reference implementation gives', async () => {
      const session = await (await create()).createSession(probe.source());
      expect([...session.inputNames]).toEqual(['x', 'language']);
      expect([...session.outputNames]).toEqual(['h', 'y']);
      const outputs = await session.run(probe.inputs);
      checkKnownAnswer(outputs, probe.outputs);
      expect(outputs.y.type).toBe('float32');
      await session.release();
    });

    it('takes inputs of any length, and gives the same answer every time', async () => {
      const session = await (await create()).createSession(probe.source());
      for (const frames of [1, 7, 400]) {
        const x = {
          type: 'float32' as const,
          data: new Float32Array(frames * 8).fill(0.25),
          dims: [1, frames, 8],
        };
        const first = await session.run({ ...probe.inputs, x });
        expect([...first.y.dims]).toEqual([1, frames, 4]);
        expect((await session.run({ ...probe.inputs, x })).y.data).toEqual(first.y.data);
      }
      await session.release();
    });

    it('serializes concurrent runs, also of different sessions', async () => {
      const backend = await create();
      const sessions = await Promise.all([1, 2, 3].map(() => backend.createSession(probe.source())));
      const runs = Array.from({ length: 12 }, (_, i) => sessions[i % 3].run(probe.inputs));
      for (const outputs of await Promise.all(runs)) checkKnownAnswer(outputs, probe.outputs);
      await Promise.all(sessions.map((session) => session.release()));
    });

    it('leaves the queue when the signal aborts, and goes on for the others', async () => {
      const backend = await create();
      const session = await backend.createSession(probe.source());
      const client = new AbortController();
      const before = session.run(probe.inputs);
      const aborted = session.run(probe.inputs, client.signal);
      const after = session.run(probe.inputs);
      client.abort(new Error('client went away'));
      await expect(aborted).rejects.toThrow('client went away');
      await expect(session.run(probe.inputs, client.signal)).rejects.toThrow('client went away');
      checkKnownAnswer(await before, probe.outputs);
      checkKnownAnswer(await after, probe.outputs);
      await session.release();
    });

    it('survives a graph that is none, missing weights and wrong inputs', async () => {
      const backend = await create();
      const { graph, externalData } = probe.source();
      const notAGraph = new TextEncoder().encode('<!doctype html><title>404</title>');
      await expect(backend.createSession({ graph: notAGraph, externalData })).rejects.toThrow(InferenceError);
      await expect(backend.createSession({ graph, externalData: [] })).rejects.toThrow(InferenceError);
      await expect(
        backend.createSession({ graph: graph.subarray(0, graph.length / 2), externalData }),
      ).rejects.toThrow(InferenceError);

      const session = await backend.createSession(probe.source());
      const { x, language } = probe.inputs;
      await expect(session.run({ x })).rejects.toThrow(InferenceError);
      await expect(session.run({ x: { ...x, dims: [1, 8, 5] }, language } as Tensors)).rejects.toThrow(
        InferenceError,
      );
      checkKnownAnswer(await session.run(probe.inputs), probe.outputs);
      await session.release();
    });

    it('refuses to run a released session, and may be released twice', async () => {
      const session = await (await create()).createSession(probe.source());
      await session.release();
      await session.release();
      await expect(session.run(probe.inputs)).rejects.toThrow(InferenceError);
    });

    it('gives the known answers of packed stages', async () => {
      const backend = await create();
      const packed = await stages();
      expect(packed.length).toBeGreaterThan(0);
      for (const { name, source, inputs, outputs } of packed) {
        const session = await backend.createSession(source);
        const actual = await session.run(inputs);
        await session.release();
        expect(() => checkKnownAnswer(actual, outputs), name).not.toThrow();
      }
    });
  });
}
