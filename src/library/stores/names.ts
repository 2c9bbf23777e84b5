/** Lower-case letters, digits and dashes, then an extension: valid on every file system and never a path. */
const NAME = /^[0-9a-z][0-9a-z-]{0,127}\.[0-9a-z][0-9a-z-]{0,15}$/;

/** Whether this is a name of a store. */
export const isName = (name: string): boolean => NAME.test(name);

/**
 * Throws unless this is a name of a store.
 * @throws {RangeError}
 */
export function checkName(name: string): void {
  if (!isName(name)) {
    throw new RangeError(
      `${JSON.stringify(name)} is not a name of stored audio. Names have the form <key>.<format>.`,
    );
  }
}
