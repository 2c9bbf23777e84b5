import { type Problem, type ReadFile, verifyManifest } from './verify-model.ts';

/**
 * Reads all files of a model from a server that serves them (`GET /shards/{model}/{file}`), those included that a phrase does not need.
 * @returns what is wrong with them; nothing for a model that the server does not offer.
 */
export async function checkServedModel(url: URL, model: string): Promise<readonly Problem[]> {
  const read: ReadFile = async (file) => {
    const answer = await fetch(new URL(`/shards/${model}/${file}`, url));
    if (answer.ok) return await answer.bytes();
    await answer.body?.cancel();
    if (answer.status === 404) return null;
    throw new Error(`The Worker answered ${answer.status} for ${file} of ${model}.`);
  };
  const manifest = await read('manifest.json');
  return manifest ? (await verifyManifest(manifest, read)).problems : [];
}
