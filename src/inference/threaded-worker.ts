/** The thread of threaded.ts. It runs onnxruntime-node, whose calls block their thread. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import type { GraphSession } from './backend.ts';
import { createNativeBackend, type NativeOptions } from './native.ts';
import { buffersOf, type ThreadAnswer, type ThreadCall, type ThreadReply } from './threaded-calls.ts';

const port = parentPort as MessagePort;
const backend = createNativeBackend(workerData as NativeOptions);
const sessions = new Map<number, GraphSession>();
let last = 0;

async function answer(call: ThreadCall): Promise<ThreadAnswer> {
  if (call.what === 'create') {
    const session = await backend.createSession(call.source);
    sessions.set(++last, session);
    return { session: last, inputNames: session.inputNames, outputNames: session.outputNames };
  }
  const session = sessions.get(call.session);
  if (call.what === 'run') return { outputs: await (session as GraphSession).run(call.inputs) };
  sessions.delete(call.session);
  await session?.release();
  return {};
}

port.on('message', async ({ id, call }: { id: number; call: ThreadCall }) => {
  let reply: ThreadReply;
  try {
    reply = { id, answer: await answer(call) };
  } catch (error) {
    reply = { id, fault: error instanceof Error ? error.message : String(error) };
  }
  // Outputs are not used elsewhere: they are transferred instead of copied.
  port.postMessage(reply, buffersOf(reply.answer?.outputs ?? {}));
});
