/** Changes whenever the same score would be sung otherwise: part of the cache key of singing. */
export const SINGING_REVISION = 10;
