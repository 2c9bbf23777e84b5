/** Explanations of Node's error codes for paths. */
const PATH_FAULTS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'you have no permission',
  EPERM: 'you have no permission',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of the path is not a folder',
  EROFS: 'the disk is read-only',
  ENOSPC: 'the disk is full',
  ENAMETOOLONG: 'the name is too long',
};

/**
 * A fault of a path that the user named, as one line.
 * @returns `undefined` for any other error.
 */
export function describeFault(error: unknown): string | undefined {
  const { code = '', path, syscall } = error as NodeJS.ErrnoException;
  const fault = PATH_FAULTS[code];
  if (fault === undefined || path === undefined) return undefined;
  const what = syscall === 'mkdir' || syscall === 'rename' ? "can't be written" : "can't be opened";
  return `${path} ${what}: ${fault}.`;
}
