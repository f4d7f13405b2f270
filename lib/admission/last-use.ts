import type { StoredCredential } from '../identity/stored-credential.ts'

/** Last use is told to within an hour: one write per credential and hour, not one per request. */
const lastUseSeconds = 3600

/** @param now milliseconds since 1970. */
export const isUseDue = (credential: StoredCredential, now: number): boolean =>
  credential.lastUsedAt === null || now - Date.parse(credential.lastUsedAt) >= lastUseSeconds * 1000
