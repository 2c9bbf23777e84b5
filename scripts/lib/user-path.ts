import { resolve } from 'node:path';

/** Scripts of package.json that take paths. */
const SCRIPTS: readonly (string | undefined)[] = ['sori', 'say'];

/** A file that the user named. `npm run` changes the working folder to the package's; the user's own is in INIT_CWD. */
export function userPath(path: string): string {
  const { npm_lifecycle_event, INIT_CWD } = process.env;
  const base = SCRIPTS.includes(npm_lifecycle_event) && INIT_CWD ? INIT_CWD : process.cwd();
  return resolve(base, path);
}
