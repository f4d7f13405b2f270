import type { RandomBytes } from '../credentials/secret-text.ts'
import { randomId } from '../credentials/secret-text.ts'
import type { Occasion } from './audit-row.ts'

export type Chances = { readonly now: () => number; readonly randomBytes: RandomBytes }

/** A year: long enough for a yearly review, short enough for a table that does not only grow. */
export const auditRetentionSeconds = 366 * 86_400

export const occasionOf = ({ now, randomBytes }: Chances): Occasion => {
  const milliseconds = now()
  return {
    at: new Date(milliseconds).toISOString(),
    auditId: randomId(16, randomBytes),
    auditExpiresAtSeconds: Math.floor(milliseconds / 1000) + auditRetentionSeconds,
  }
}
