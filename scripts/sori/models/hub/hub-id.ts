/** A model on a hub: `owner/name`, at a branch, tag or commit. */
export interface HubId {
  /** `owner/name`. */
  readonly repository: string;
  /** Branch, tag or commit; `main` when the id names none. */
  readonly revision: string;
}

const PART = /[A-Za-z0-9][\w.-]{0,95}/.source;
const HUB_ID = new RegExp(`^(${PART}/${PART})(?:@([A-Za-z0-9][\\w./-]{0,199}))?$`);

/**
 * Parses `owner/name[@revision]`.
 * @returns `undefined` for anything else, such as `./folder`.
 */
export function parseHubId(text: string): HubId | undefined {
  const [, repository, revision = 'main'] = HUB_ID.exec(text) ?? [];
  if (repository === undefined || revision.includes('..')) return undefined;
  return { repository, revision };
}
