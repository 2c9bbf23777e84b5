import type { MiddlewareHandler } from 'hono';
import type { AppEnv } from './context.ts';
import type { ErrorBody } from './errors.ts';

/** The shape of errors on some paths, for clients of another service. */
export interface ErrorShape {
  /** Whether a path answers in this shape. */
  readonly covers: (path: string, headers: Headers) => boolean;
  /** The body of an error. */
  readonly body: (error: ErrorBody['error'], about: { requestId: string; status: number }) => object;
}

/** Middleware that rewrites errors, those of other middleware included. Status and headers stay. */
export function shapeErrors(shapes: readonly ErrorShape[]): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    await next();
    const { res } = c;
    if (res.status < 400 || !res.headers.get('content-type')?.startsWith('application/json')) return;
    const shape = shapes.find(({ covers }) => covers(c.req.path, c.req.raw.headers));
    if (shape === undefined) return;
    const { error } = (await res.clone().json()) as Partial<ErrorBody>;
    if (error === undefined) return;
    const headers = new Headers(res.headers);
    headers.delete('content-length');
    const body = shape.body(error, { requestId: c.get('requestId'), status: res.status });
    c.res = undefined;
    c.res = new Response(JSON.stringify(body), { status: res.status, headers });
  };
}
