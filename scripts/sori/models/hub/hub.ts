import { z } from 'zod';
import { CommandError, reasonOf } from '../../failures.ts';
import type { HubId } from './hub-id.ts';

/** A file of a repository, as the hub's API describes it. */
export interface HubFile {
  readonly path: string;
  readonly bytes: number;
  /** SHA-256 of the content, for files in LFS. */
  readonly sha256?: string;
  /** SHA-1 of the content as a Git blob, for all other files. */
  readonly gitSha1?: string;
}

/** A repository at one commit. */
export interface HubRepository {
  /** `owner/name`. */
  readonly id: string;
  readonly commit: string;
  /** As the model card states it; absent where it states none. */
  readonly licence?: string;
  readonly files: readonly HubFile[];
}

/** A request that may succeed when it is sent again. */
export class RetryableFault extends CommandError {}

const answerSchema = z.object({
  sha: z.string().regex(/^[0-9a-f]{40}$/),
  tags: z.array(z.string()).default([]),
  cardData: z
    .object({ license: z.union([z.string(), z.array(z.string())]), license_name: z.string() })
    .partial()
    .nullish(),
  siblings: z
    .array(
      z.object({
        rfilename: z.string(),
        size: z.number().int().nonnegative(),
        blobId: z.string().optional(),
        lfs: z.object({ sha256: z.string().regex(/^[0-9a-f]{64}$/) }).nullish(),
      }),
    )
    .default([]),
});

/** How to reach a hub. */
export interface HubOptions {
  /** Base address: https://huggingface.co or a mirror with the same paths. */
  readonly address: URL;
  /** Access token for gated and private models. */
  readonly token?: string;
  readonly signal: AbortSignal;
}

/** A server with the HTTP interface of Hugging Face's hub. */
export class Hub {
  readonly #options: HubOptions;

  constructor(options: HubOptions) {
    this.#options = options;
  }

  /** The page on which a person sees a repository. */
  page(repository: string, commit?: string): string {
    return this.#url(commit === undefined ? repository : `${repository}/tree/${commit}`);
  }

  /**
   * Lists the files of a repository at a revision.
   * @throws {CommandError} when it does not exist, or this client has no access.
   */
  async describe({ repository, revision }: HubId): Promise<HubRepository> {
    const path = `api/models/${repository}/revision/${encodeURIComponent(revision)}?blobs=true`;
    const response = await this.#get(path, `${repository}@${revision}`, repository);
    const { data, error } = answerSchema.safeParse(await response.json().catch(() => undefined));
    if (error) {
      const [{ path: at, message }] = error.issues;
      throw new CommandError(
        `${this.#options.address.host} does not answer like a model hub: ${at.join('.')} ${message}`,
      );
    }
    return {
      id: repository,
      commit: data.sha,
      licence: licenceOf(data),
      files: data.siblings.map(({ rfilename, size, blobId, lfs }) => ({
        path: rfilename,
        bytes: size,
        sha256: lfs?.sha256,
        gitSha1: lfs ? undefined : blobId,
      })),
    };
  }

  /**
   * Requests a file.
   * @param from byte to begin with. A server may ignore it, and then answers 200 in place of 206.
   */
  async open({ id, commit }: HubRepository, path: string, from: number): Promise<Response> {
    const encoded = path.split('/').map(encodeURIComponent).join('/');
    const range = from > 0 ? { Range: `bytes=${from}-` } : undefined;
    return await this.#get(`${id}/resolve/${commit}/${encoded}`, `${path} of ${id}`, id, range);
  }

  #url(path: string): string {
    return `${this.#options.address.href.replace(/\/$/, '')}/${path}`;
  }

  async #get(
    path: string,
    what: string,
    repository: string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Response> {
    const { address, token, signal } = this.#options;
    let response: Response;
    try {
      response = await fetch(this.#url(path), {
        // The lengths and hashes are those of the file itself, not of a compressed body.
        headers: {
          'Accept-Encoding': 'identity',
          ...(token && { Authorization: `Bearer ${token}` }),
          ...headers,
        },
        signal,
      });
    } catch (cause) {
      signal.throwIfAborted();
      throw new RetryableFault(`${address.origin} can't be reached: ${reasonOf(cause)}`, { cause });
    }
    if (response.ok) return response;
    await response.body?.cancel();
    throw this.#refusal(response, what, repository);
  }

  #refusal({ status, headers }: Response, what: string, repository: string): CommandError {
    const { address, token } = this.#options;
    const code = headers.get('X-Error-Code');
    if (code === 'GatedRepo' || (status === 403 && code === null)) {
      const then = token ? 'with the account of your HF_TOKEN' : 'and set HF_TOKEN to an access token';
      return new CommandError(
        `${repository} is gated: accept its conditions on ${this.page(repository)} ${then}`,
      );
    }
    if (code === 'RevisionNotFound') return new CommandError(`${address.host} has no revision ${what}`);
    // For a missing repository the hub answers 401 to clients without a token.
    if (status === 404 || status === 401) {
      const hint = code === 'EntryNotFound' ? '' : ', or it is private and HF_TOKEN has no access to it';
      return new CommandError(`${address.host} has no ${what}${hint}`);
    }
    const message = `${address.host} answered ${status} for ${what}`;
    return status === 429 || status >= 500 ? new RetryableFault(message) : new CommandError(message);
  }
}

function licenceOf({ cardData, tags }: z.infer<typeof answerSchema>): string | undefined {
  const tagged = tags.filter((tag) => tag.startsWith('license:')).map((tag) => tag.slice('license:'.length));
  const stated = cardData?.license ?? tagged;
  const all = typeof stated === 'string' ? [stated] : stated;
  // The hub's id for a licence that it has no name for.
  const named = all.map((licence) => (licence === 'other' ? (cardData?.license_name ?? licence) : licence));
  return named.length > 0 ? named.join(' AND ') : undefined;
}
