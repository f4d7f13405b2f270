import * as z from '../effects/shape.ts'
import { OrganizationId, SessionId, UserId } from '../secrets/key-id.ts'
import { SecretHash } from '../secrets/secret-hash.ts'
import { itemShape } from '../table/stored-item.ts'

/** Only `signed-in` gets tokens. The others wait for a second factor, or for one to be set up. */
export const sessionStates = ['signed-in', 'second-factor', 'enroll-second-factor'] as const
export type SessionState = (typeof sessionStates)[number]

/** `USER#<uid>` / `CONSOLE#<sessionId>`: a session of the console. Its id is the `jti` of its tokens. */
export const StoredConsoleSession = z.object({
  ...itemShape('consoleSession'),
  sessionId: SessionId,
  userId: UserId,
  /** The organization in which it acts. */
  organizationId: OrganizationId,
  secretHash: SecretHash,
  state: z.enum(sessionStates),
  /** Whether its sign-in took a second factor. */
  tookFactor: z.boolean(),
  /** `epochOf` at the sign-in. The session ends when it increases. */
  epoch: z.string(),
  /** Where it was opened. */
  address: z.string(),
  userAgent: z.string(),
  startedAt: z.string(),
  /** Its absolute end. */
  endsAtSeconds: z.int(),
  /** Its end unless it is used before, never after the absolute end. */
  expiresAtSeconds: z.int(),
})
export type StoredConsoleSession = z.infer<typeof StoredConsoleSession>

/** NIST SP 800-63B-4, 2.2.3 (AAL2): an absolute end within 24 hours, an idle end within an hour. */
export const absoluteSeconds = 12 * 3600
const idleSeconds = 1800
/** For the second factor. */
export const waitingSeconds = 600

/** The idle end after a use. */
export const idleEnd = (endsAtSeconds: number, nowSeconds: number): number =>
  Math.min(nowSeconds + idleSeconds, endsAtSeconds)

/** Compares the end, because TTL can delete an item days late. */
export const hasEnded = ({ expiresAtSeconds }: StoredConsoleSession, now: number): boolean =>
  expiresAtSeconds <= now / 1000
