import { registerHooks } from 'node:module';

const FRESH = '?fresh';

/** Imports a module of `src/` again, with new copies of all modules of `src/` that it imports, so that no state is left in them. */
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
