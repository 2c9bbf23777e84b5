import { registerHooks } from 'node:module';

const FRESH = '?fresh';

/** Imports a module of `src/` once more, with all that it imports from there: none of them has a state from before. */
export async function importFresh<Module>(url: URL): Promise<Module> {
  const hooks = registerHooks({
    resolve(specifier, context, next) {
      const resolved = next(specifier, context);
      const ours = context.parentURL?.endsWith(FRESH) && resolved.url.includes('/src/');
      return ours ? { ...resolved, url: resolved.url + FRESH } : resolved;
    },
  });
  try {
    return (await import(url.href + FRESH)) as Module;
  } finally {
    hooks.deregister();
  }
}
