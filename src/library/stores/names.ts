/** Lower-case letters, digits and dashes, then an extension: the same file on every file system, and never a path. */
const NAME = /^[0-9a-z][0-9a-z-]{0,127}\.[0-9a-z][0-9a-z-]{0,15}$/;

/** Is this a name that a store keeps? Else something else has put it there. */
export const isName = (name: string): boolean => NAME.test(name);

/**
 * Refuses names that a store does not keep.
 * @throws {RangeError}
 */
export function checkName(name: string): void {
  if (!isName(name)) {
    throw new RangeError(
      `${JSON.stringify(name)} is no name of stored audio; such a name is <key>.<format>.`,
    );
  }
}
