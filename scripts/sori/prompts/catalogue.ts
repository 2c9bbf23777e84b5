import type { PromptAnswer, PromptListAnswer } from '../../../src/features/prompts/answer.ts';
import type { PromptDefinition } from '../../../src/features/prompts/catalogue/definition.ts';
import type { RequestOptions, SoriClient } from '../client.ts';

/** Prompts per page: the maximum of the server. */
const PAGE = 1000;

/** Filter of the list. */
export interface CatalogueFilter {
  /** Names that begin so. */
  readonly prefix?: string;
  readonly tag?: string;
  readonly voice?: string;
  readonly locale?: string;
  readonly stale?: boolean;
}

/** Precondition of a change. The server refuses it after another change. */
export type Precondition = { readonly ifMatch: string } | { readonly ifNoneMatch: '*' };

/** The prompts of a server. */
export class Catalogue {
  readonly #client: SoriClient;

  constructor(client: SoriClient) {
    this.#client = client;
  }

  /** All prompts that match a filter, with their definitions, in the order of their names. One request per page. */
  async list(filter: CatalogueFilter = {}): Promise<PromptAnswer[]> {
    const prompts: PromptAnswer[] = [];
    let after: string | undefined;
    const { stale, ...rest } = filter;
    do {
      const query = { ...rest, stale: stale ? 'true' : undefined, limit: PAGE, include: 'definition', after };
      const page = await this.#client.json<PromptListAnswer>('GET', '/v1/prompts', { query });
      prompts.push(...page.data);
      after = page.next ?? undefined;
    } while (after !== undefined);
    return prompts;
  }

  async get(name: string): Promise<PromptAnswer> {
    return await this.#client.json<PromptAnswer>('GET', pathOf(name));
  }

  /** Bakes the definition and makes it the prompt's current version. */
  async put(name: string, definition: PromptDefinition, precondition: Precondition): Promise<PromptAnswer> {
    const options: RequestOptions = { body: definition, headers: headersOf(precondition) };
    return await this.#client.json<PromptAnswer>('PUT', pathOf(name), options);
  }

  async delete(name: string, precondition?: Precondition): Promise<void> {
    const headers = precondition && headersOf(precondition);
    await this.#client.request('DELETE', pathOf(name), { headers });
  }

  /** Purges a prompt from caches. */
  async purge(name: string): Promise<void> {
    await this.#client.request('POST', `${pathOf(name)}/purge`);
  }
}

/** The path of a prompt. Slashes in its name separate path segments. */
export function pathOf(name: string): string {
  return `/v1/prompts/${name.split('/').map(encodeURIComponent).join('/')}`;
}

function headersOf(precondition: Precondition): Record<string, string> {
  return 'ifMatch' in precondition ? { 'If-Match': precondition.ifMatch } : { 'If-None-Match': '*' };
}
