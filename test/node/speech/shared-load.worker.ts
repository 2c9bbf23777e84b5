/** A Worker whose requests share one load; shared-load.test.ts bundles it. */
import { waitUntil } from 'cloudflare:workers';
import { createModelLoader } from '../../../src/shards/loader.ts';
import { httpSource } from '../../../src/shards/sources/http.ts';

interface Env {
  readonly MODELS: Fetcher;
}

let loader: ReturnType<typeof createModelLoader> | undefined;
let gone = 0;

export default {
  async fetch(request: Request, { MODELS }: Env): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === '/gone') return Response.json(gone);
    request.signal.addEventListener('abort', () => gone++);
    const fetchModels: typeof fetch = (input, init) => MODELS.fetch(input as RequestInfo, init);
    loader ??= createModelLoader({
      source: httpSource('http://models/', { fetch: fetchModels }),
      keepAlive: waitUntil,
    });
    const manifest = await loader.manifest('tiny');
    const loading = loader.stage(manifest, 'prosody', request.signal);
    await MODELS.fetch(`http://models/waiting${pathname}`);
    const { graph } = await loading;
    return Response.json(graph.byteLength);
  },
};
