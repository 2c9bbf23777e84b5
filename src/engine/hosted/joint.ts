import type { SpeechEngine } from '../engine.ts';
import type { HostedEngine } from './engine.ts';

/**
 * Joins two engines: Sori's own models, the first of which is the default, and those of other makers. A name in both means Sori's.
 */
export function joinEngines(own: SpeechEngine, hosted: HostedEngine): SpeechEngine {
  const isOwn = (name: string) => own.names.includes(name);
  const speaking = (name: string) => (isOwn(name) ? own : hosted);
  return {
    get names() {
      return [...own.names, ...hosted.names.filter((name) => !isOwn(name))];
    },
    build: own.build,
    inference: own.inference,
    model: (name, signal) => speaking(name).model(name, signal),
    async models(signal) {
      const [first, second] = await Promise.all([own.models(signal), hosted.models(signal)]);
      return [...first, ...second.filter(({ id }) => !isOwn(id))];
    },
    speak: (request, signal, requester) => speaking(request.model).speak(request, signal, requester),
    align: (request, signal, requester) => speaking(request.model).align(request, signal, requester),
    // Hosted models get their phonemes from Sori's own front end.
    read: (request, signal) =>
      own.read({ ...request, model: isOwn(request.model) ? request.model : own.names[0] }, signal),
    review: (request, signal) => speaking(request.model).review(request, signal),
    encodeStyle: (name, reference, signal) => speaking(name).encodeStyle(name, reference, signal),
    readiness: (signal) => own.readiness(signal),
  };
}
