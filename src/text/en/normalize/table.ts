/** Reads a table written as `key=value`, separated by semicolons or line breaks. */
export function table(entries: string): ReadonlyMap<string, string> {
  return new Map(
    entries
      .split(/[;\n]/)
      .map((entry) => entry.trim())
      .filter((entry) => entry !== '')
      .map((entry) => {
        const at = entry.indexOf('=');
        return [entry.slice(0, at), entry.slice(at + 1)] as const;
      }),
  );
}
