import { isAbsolute, join, relative, resolve, sep } from 'node:path';

/** A path that does not lead to a place inside its folder. */
export class UncontainedPath extends RangeError {
  /** The given path. */
  readonly path: string;

  constructor(path: string) {
    super(`${JSON.stringify(path)} is not a path inside its folder.`);
    this.name = 'UncontainedPath';
    this.path = path;
  }
}

/**
 * Joins a folder with the path of a file inside it. Every file whose name comes from a request, an answer or a stored record
 * is read and written through this.
 * @param parts of the path, which may hold `/`.
 * @returns the path below `folder`, which stays absolute or relative as it was given.
 * @throws {UncontainedPath} for a path that is absolute, has a segment `..`, `.` or none, a backslash, a colon or a control character.
 */
export function containedPath(folder: string, ...parts: readonly string[]): string {
  const path = parts.join('/');
  // Backslashes separate folders and colons name drives and streams on Windows.
  const segments = path.split('/');
  if (/[\\:\p{Cc}]/u.test(path) || segments.some((segment) => /^\.{0,2}$/.test(segment))) {
    throw new UncontainedPath(path);
  }
  const joined = join(folder, ...segments);
  const inside = relative(resolve(folder), resolve(joined));
  if (inside === '' || inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside)) {
    throw new UncontainedPath(path);
  }
  return joined;
}
