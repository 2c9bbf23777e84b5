/** Opens the studio without a connection. It answers requests for the page and its files only, not for the API. */
/** The part of a service worker's scope that is used; TypeScript's types of it exclude those of a page. */
interface Scope {
  readonly registration: { readonly scope: string };
  readonly clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
  addEventListener(type: 'install' | 'activate', listener: (event: Extendable) => void): void;
  addEventListener(type: 'fetch', listener: (event: Fetching) => void): void;
}
interface Extendable {
  waitUntil(work: Promise<unknown>): void;
}
interface Fetching {
  readonly request: Request;
  respondWith(response: Promise<Response>): void;
}

const scope = globalThis as unknown as Scope;
const CACHE = 'sori-page';
/** Names of the page's scripts, styles and WebAssembly, those of shared chunks too. The build inserts it. */
declare const PAGE_FILES: readonly string[];
const FILES = ['', ...PAGE_FILES.map((name) => `studio/${name}`)];

const addresses = () => FILES.map((file) => new URL(file, scope.registration.scope).href);

scope.addEventListener('install', (event) => {
  const fill = async () => {
    const cache = await caches.open(CACHE);
    await cache.addAll(addresses());
    await scope.skipWaiting();
  };
  event.waitUntil(fill());
});

scope.addEventListener('activate', (event) => {
  const dropEarlierChunks = async () => {
    const cache = await caches.open(CACHE);
    const wanted = new Set(addresses());
    for (const { url } of await cache.keys()) if (!wanted.has(url)) await cache.delete(url);
    await scope.clients.claim();
  };
  event.waitUntil(dropEarlierChunks());
});

scope.addEventListener('fetch', (event) => {
  const { method, url } = event.request;
  const path = url.startsWith(scope.registration.scope)
    ? url.slice(scope.registration.scope.length)
    : undefined;
  // Runtimes are in the cache of models.
  const ours = path === '' || (path?.startsWith('studio/') && !path.endsWith('.gz'));
  if (method === 'GET' && ours) event.respondWith(answer(event.request));
});

/** The network's answer, which is stored; without a network, the stored one. */
async function answer(request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  try {
    const response = await fetch(request);
    if (response.ok) await cache.put(request.url, response.clone());
    return response;
  } catch (error) {
    const found = await cache.match(request.url);
    if (found) return found;
    throw error;
  }
}
