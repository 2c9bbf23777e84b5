/** OpenAPI's `/v1/voices/{id}` as Hono's `/v1/voices/:id`. */
export function honoPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1');
}
