/** Lower-case letters, digits and dashes, then an extension: the same file on every file system, and never a path. */
const NAME = /^[0-9a-z][0-9a-z-]{0,127}\.[0-9a-z][0-9a-z-]{0,15}$/;

/**
 * Refuses names that a store does not keep.
 * @throws {RangeError}
 */
export function checkName(name: string): void {
  if (!NAME.test(name)) {
    throw new RangeError(
      `${JSON.stringify(name)} is no name of stored audio; such a name is <key>.<format>.`,
    );
  }
}
