import type { IssuedSession, SessionRequest } from '../log-in.ts'

/** A session token, and how long it is still valid. */
export type ReusableSession = IssuedSession & {
  readonly expiresInSeconds: number
  /** It was given out before. */
  readonly isReused: boolean
}

/**
 * Gives a client that asks again for the same session the same token, within the first third of its life, so that the signatures of KMS
 * do not limit how often clients ask. In memory, for one container.
 *
 * The request contains the epoch, the credential and the lifetime as they were just read, so after a change of any of them it is another
 * request. Whether the session was ended is not known here: the caller must test that in the transaction that gives it out, and `forget`
 * it otherwise.
 */
export type SessionReuse = {
  /** @param address only a client at the same address gets the same token */
  readonly sessionFor: (request: SessionRequest, address: string) => Promise<ReusableSession>
  readonly forget: (request: SessionRequest, address: string) => void
}

type Dependencies = {
  readonly issueSession: (request: SessionRequest) => Promise<IssuedSession>
  readonly now: () => number
}

/** About 1 MB of tokens. The oldest are forgotten first. */
const most = 1000

export const reuseSessions = ({ issueSession, now }: Dependencies): SessionReuse => {
  const kept = new Map<string, IssuedSession & { readonly issuedAt: number }>()
  const keyOf = (...of: [SessionRequest, string]): string => JSON.stringify(of)
  return {
    sessionFor: async (request, address) => {
      const key = keyOf(request, address)
      const { lifetimeSeconds } = request
      const known = kept.get(key)
      const age = known === undefined ? Number.NaN : now() - known.issuedAt
      // A negative age means that the clock was set back.
      if (known !== undefined && age >= 0 && age < (lifetimeSeconds * 1000) / 3)
        return { ...known, expiresInSeconds: lifetimeSeconds - Math.ceil(age / 1000), isReused: true }
      // Before the signature: the token expires no sooner than said.
      const issuedAt = now()
      const issued = await issueSession(request)
      kept.delete(key)
      kept.set(key, { ...issued, issuedAt })
      for (const oldest of kept.keys()) {
        if (kept.size <= most) break
        kept.delete(oldest)
      }
      return { ...issued, expiresInSeconds: lifetimeSeconds, isReused: false }
    },
    forget: (request, address) => {
      kept.delete(keyOf(request, address))
    },
  }
}
