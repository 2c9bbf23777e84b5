import { signal } from '@preact/signals';
import { placeIn } from './place-in-message.ts';

/** A refusal of the API, or a server that does not answer. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;
  /** Stable code of the API's error. */
  readonly code: string;
  /** The request field at fault. */
  readonly param: string | null;
  /** Offset in `input` that the message names. */
  readonly offset: number | undefined;

  constructor(message: string, status: number, code: string, param: string | null = null) {
    super(message);
    this.status = status;
    this.code = code;
    this.param = param;
    this.offset = placeIn(message);
  }
}

const STORED_KEY = 'sori-api-key';

/** The API key, stored for this tab only: a key that stays in a browser can be taken from it. */
export const apiKey = signal(sessionStorage.getItem(STORED_KEY) ?? '');
/** Whether the server has asked for a key. */
export const keyNeeded = signal(apiKey.value !== '');

/** Sets and stores the key. */
export function setApiKey(key: string): void {
  apiKey.value = key.trim();
  sessionStorage.setItem(STORED_KEY, apiKey.value);
}

/** Address of the API, which is where the page is. */
export const baseUrl = new URL('.', location.href).href;

/**
 * Sends a request to the API with the key.
 * @param path relative to the page, without a slash at its start.
 * @throws {ApiError} when the API refuses or does not answer; the signal's reason.
 */
export async function ask(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  if (apiKey.value) headers.set('Authorization', `Bearer ${apiKey.value}`);
  let response: Response;
  try {
    response = await fetch(new URL(path, baseUrl), { ...init, headers });
  } catch (error) {
    init.signal?.throwIfAborted();
    throw new ApiError('The server does not answer.', 0, error instanceof Error ? error.name : 'network');
  }
  if (response.status === 401) keyNeeded.value = true;
  if (!response.ok) throw await errorOf(response);
  return response;
}

/** Sends JSON and reads JSON. */
export async function askJson<T>(path: string, body?: object, init: RequestInit = {}): Promise<T> {
  const sent: RequestInit =
    (body && {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'Content-Type': 'application/json' },
    }) ||
    {};
  const response = await ask(path, { ...sent, ...init });
  return (await response.json()) as T;
}

async function errorOf(response: Response): Promise<ApiError> {
  try {
    const { error } = (await response.json()) as {
      error: { message: string; code: string; param: string | null };
    };
    return new ApiError(error.message, response.status, error.code, error.param);
  } catch {
    return new ApiError(`The server answered ${response.status}.`, response.status, 'unknown');
  }
}
