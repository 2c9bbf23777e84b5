import { SoriError } from '../base/errors.ts';
import type { SessionHost } from '../features/sessions/index.ts';

/** Header in which the Worker passes details of a connection to the Durable Object. No other caller reaches the object. */
export const OPENING_HEADER = 'x-sori-opening';

/** Sessions in Durable Objects, one each. */
export function workerSessions(objects: DurableObjectNamespace): SessionHost {
  const connect = async (id: DurableObjectId, about: object): Promise<Response> => {
    const headers = { Upgrade: 'websocket', [OPENING_HEADER]: encodeURIComponent(JSON.stringify(about)) };
    const answer = await objects.get(id).fetch('https://session/', { headers });
    if (answer.status === 101) return answer;
    throw new SoriError('not_found', 'There is no such session, or it has ended.', { param: 'session' });
  };
  return {
    open: async (_, opening) => {
      const id = objects.newUniqueId();
      return await connect(id, { opening: { ...opening, id: id.toString() } });
    },
    comeBack: async (_, session) => {
      let id: DurableObjectId;
      try {
        id = objects.idFromString(session.id);
      } catch (cause) {
        throw new SoriError('not_found', 'There is no such session.', { param: 'session', cause });
      }
      return await connect(id, { back: session });
    },
  };
}
