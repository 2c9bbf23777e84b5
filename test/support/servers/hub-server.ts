import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

/** A repository of a {@link startHub}, which a test may change. */
export interface ServedRepository {
  readonly files: Map<string, Buffer>;
  /** Fields of the API's answer in addition to the usual ones, such as `cardData`. */
  about: Readonly<Record<string, unknown>>;
  /** Replaces the API's data about a file. */
  stated: Map<string, { size?: number; sha256?: string }>;
  /** Token without which the repository is gated. */
  gate?: string;
}

/** A server with the addresses, redirects and errors of Hugging Face's hub, and a second one for the files in LFS. */
export interface HubServer extends AsyncDisposable {
  readonly url: URL;
  readonly repositories: Map<string, ServedRepository>;
  /** Requests so far, such as `GET /o/n/resolve/…/model.onnx bytes=100-`; those of the second server begin with `LFS`. */
  readonly requests: string[];
  /** Authorization headers that the second server got. */
  readonly leaked: string[];
  /** Bytes after which the next answers with the file {@link breaking} break off, one number an answer. */
  readonly breaks: number[];
  breaking: string;
  /** Does the second server answer parts of files? */
  ranges: boolean;
  /** Adds a repository with the files of a folder. */
  addFolder(id: string, folder: string, about?: ServedRepository['about']): Promise<ServedRepository>;
}

/** The commit of all repositories, which `main` and `v1` name. */
export const COMMIT = '0123456789abcdef0123456789abcdef01234567';
const REVISIONS = ['main', 'v1', COMMIT];
/** Kinds of files that are in LFS. */
const LARGE = /\.(?:onnx|bin)$/;

const digest = (kind: string, ...parts: (string | Buffer)[]) =>
  parts.reduce((hash, part) => hash.update(part), createHash(kind)).digest('hex');

/** Starts a hub on this machine. */
export async function startHub(): Promise<HubServer> {
  const repositories: HubServer['repositories'] = new Map();
  const requests: string[] = [];
  const leaked: string[] = [];
  const breaks: number[] = [];
  const state = { ranges: true, breaking: '' };

  const refuse = (answer: ServerResponse, status: number, code: string) =>
    void answer.writeHead(status, { 'X-Error-Code': code }).end(JSON.stringify({ error: code }));

  const hub = await listen((request, answer) => {
    requests.push(`${request.method} ${request.url}`);
    const { pathname } = new URL(request.url as string, 'http://hub');
    const [, id, revision] = /^\/api\/models\/([^/]+\/[^/]+)\/revision\/([^/]+)$/.exec(pathname) ?? [];
    const [, owner, at, path] = /^\/([^/]+\/[^/]+)\/resolve\/([^/]+)\/(.+)$/.exec(pathname) ?? [];
    const repository = repositories.get(id ?? owner);
    if (repository === undefined) return refuse(answer, 401, 'RepoNotFound');
    if (!REVISIONS.includes(decodeURIComponent(revision ?? at))) {
      return refuse(answer, 404, 'RevisionNotFound');
    }
    if (repository.gate && request.headers.authorization !== `Bearer ${repository.gate}`) {
      return refuse(answer, 401, 'GatedRepo');
    }
    if (id !== undefined) return void answer.end(JSON.stringify(describe(id, repository)));
    const content = repository.files.get(decodeURIComponent(path));
    if (content === undefined) return refuse(answer, 404, 'EntryNotFound');
    if (!LARGE.test(path)) return void answer.end(content);
    answer.writeHead(302, { Location: new URL(`/${owner}/${path}`, lfs.url).href }).end();
  });

  const lfs = await listen((request, answer) => {
    const { range, authorization } = request.headers;
    requests.push(['LFS', request.url, range].filter(Boolean).join(' '));
    if (authorization) leaked.push(authorization);
    const [, id, path] = /^\/([^/]+\/[^/]+)\/(.+)$/.exec(request.url as string) as unknown as string[];
    const whole = repositories.get(id)?.files.get(decodeURIComponent(path)) as Buffer;
    const from = state.ranges ? Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0) : 0;
    const content = whole.subarray(from);
    answer.writeHead(from > 0 ? 206 : 200, { 'Content-Length': content.length });
    const part = path === state.breaking ? breaks.shift() : undefined;
    if (part === undefined) return void answer.end(content);
    answer.write(content.subarray(0, part), () => answer.destroy());
  });

  return {
    url: hub.url,
    repositories,
    requests,
    leaked,
    breaks,
    get ranges() {
      return state.ranges;
    },
    set ranges(answers) {
      state.ranges = answers;
    },
    get breaking() {
      return state.breaking;
    },
    set breaking(path) {
      state.breaking = path;
    },
    async addFolder(id, folder, about = {}) {
      const entries = await readdir(folder, { recursive: true, withFileTypes: true });
      const paths = entries
        .filter((entry) => entry.isFile())
        .map(({ parentPath, name }) => join(parentPath, name));
      const files = new Map<string, Buffer>();
      for (const path of paths) files.set(path.slice(folder.length + 1), await readFile(path));
      const repository: ServedRepository = { files, about, stated: new Map() };
      repositories.set(id, repository);
      return repository;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([hub, lfs].map(({ close }) => close()));
    },
  };
}

/** As `GET /api/models/{id}/revision/{revision}?blobs=true` answers. */
function describe(id: string, { files, about, stated }: ServedRepository): unknown {
  const siblings = [...files].map(([rfilename, content]) => {
    const { size = content.length, sha256 = digest('sha256', content) } = stated.get(rfilename) ?? {};
    const blobId = digest('sha1', `blob ${content.length}\0`, content);
    const lfs = LARGE.test(rfilename) ? { sha256, size, pointerSize: 134 } : undefined;
    return { rfilename, size, blobId, lfs };
  });
  return { id, modelId: id, sha: COMMIT, private: false, gated: false, tags: [], siblings, ...about };
}

async function listen(
  handle: (request: IncomingMessage, answer: ServerResponse) => void,
): Promise<{ url: URL; close: () => Promise<void> }> {
  const server: Server = createServer(handle);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return {
    url: new URL(`http://127.0.0.1:${port}`),
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}
