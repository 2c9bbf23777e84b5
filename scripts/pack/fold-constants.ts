import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession } from 'onnxruntime-node';
import { decodeModel, encodeModel, type OnnxModel } from './onnx.ts';

/**
 * Computes once what does not depend on the inputs (shapes, slices of weights) and merges equal nodes, by ONNX Runtime's own basic passes,
 * which change no result and do not depend on the processor. A graph as exported has twice as many nodes; the runtime would do this work at
 * every start, and it is half the time that a session takes to make.
 */
export async function foldConstants(model: OnnxModel): Promise<OnnxModel> {
  const folder = await mkdtemp(join(tmpdir(), 'sori-fold-'));
  try {
    const optimizedModelFilePath = join(folder, 'model.onnx');
    const session = await InferenceSession.create(encodeModel(model), {
      executionProviders: ['cpu'],
      graphOptimizationLevel: 'basic',
      optimizedModelFilePath,
      logSeverityLevel: 3,
    });
    await session.release();
    const folded = decodeModel(await readFile(optimizedModelFilePath));
    const domains = new Set(folded.graph.node.map(({ domain }) => domain ?? ''));
    const opsetImport = folded.opsetImport.filter(({ domain }) => domains.has(domain ?? ''));
    return { ...folded, opsetImport };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
