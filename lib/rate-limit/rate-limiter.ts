import type { Lease } from './lease.ts'
import {
  batchSize,
  emptyLease,
  isUsedUp,
  leaseAfter,
  leaseOnItsOwn,
  requestsLeft,
  returnToken,
  tokensLeft,
  useToken,
} from './lease.ts'
import type { RateLimitStatus } from './rate-limit-status.ts'
import type { RateWindow } from './rate-window.ts'
import { rateWindowAt } from './rate-window.ts'

/** Whose requests are counted together. `userId` null = those of the whole organization. */
export type RateCounter = {
  readonly organizationId: string
  readonly userId: string | null
  readonly window: RateWindow
}

export type RateLimiterDependencies = {
  /** Adds to the counter that all containers share; returns what it stands at then. */
  readonly leaseTokens: (counter: RateCounter, tokens: number) => Promise<number>
  readonly now: () => number
  /** Hears that the counter cannot be reached. */
  readonly onFault: (fault: unknown) => void
}

export type RateLimits = {
  readonly organizationPerMinute: number
  /** Null: no limit of its own. */
  readonly userPerMinute: number | null
}

/** Leave for one request. Whoever gets one must `take` or `release` it. */
export type Allowance = {
  /** Uses the leave; false when there is none. */
  readonly take: () => boolean
  /** Gives back what was not taken: a request that is refused for another reason uses up nothing. */
  readonly release: () => void
  readonly status: () => RateLimitStatus | undefined
}

type Asker = { readonly organizationId: string; readonly userId: string }

/** Calls the storage only when the container's own lease is used up; never fails. */
export type PrepareRateLimit = (asker: Asker, limits: RateLimits) => Promise<Allowance>

/** For what is not counted. */
export const uncounted: Allowance = { take: () => true, release: () => undefined, status: () => undefined }

type Holding = { readonly counter: RateCounter; lease: Lease; asking: Promise<void> | null }
type Reservation = { readonly holding: Holding; readonly limit: number; readonly granted: boolean }

/**
 * One container's side of the limit. Between requests it keeps leases, per organization and per user with a limit of their own, and
 * forgets them when the window ends.
 */
export const makeRateLimiter = (dependencies: RateLimiterDependencies): PrepareRateLimit => {
  let windowStart = 0
  let holdings = new Map<string, Holding>()

  const holdingOf = (organizationId: string, userId: string | null, window: RateWindow): Holding => {
    if (window.startSeconds !== windowStart) {
      holdings = new Map()
      windowStart = window.startSeconds
    }
    const name = `${organizationId} ${userId ?? ''}`
    const held = holdings.get(name)
    if (held !== undefined) return held
    const holding = { counter: { organizationId, userId, window }, lease: emptyLease, asking: null }
    holdings.set(name, holding)
    return holding
  }

  const ask = async (holding: Holding, limit: number): Promise<void> => {
    const asked = batchSize(holding.lease, limit)
    try {
      const counted = await dependencies.leaseTokens(holding.counter, asked)
      holding.lease = leaseAfter(holding.lease, asked, counted, limit)
    } catch (fault) {
      dependencies.onFault(fault)
      holding.lease = leaseOnItsOwn(holding.lease, limit)
    }
  }

  /** Takes the token out of the lease at once: two requests that wait at the same time cannot be promised the same one. */
  const reserve = async (holding: Holding, limit: number): Promise<Reservation> => {
    while (tokensLeft(holding.lease) === 0 && !isUsedUp(holding.lease, limit)) {
      holding.asking ??= ask(holding, limit).finally(() => {
        holding.asking = null
      })
      await holding.asking
    }
    const granted = tokensLeft(holding.lease) > 0
    if (granted) holding.lease = useToken(holding.lease)
    return { holding, limit, granted }
  }

  return async ({ organizationId, userId }, { organizationPerMinute, userPerMinute }) => {
    const window = rateWindowAt(dependencies.now())
    const ofOrganization = reserve(holdingOf(organizationId, null, window), organizationPerMinute)
    const reservations =
      userPerMinute === null
        ? [await ofOrganization]
        : await Promise.all([
            ofOrganization,
            reserve(holdingOf(organizationId, userId, window), userPerMinute),
          ])
    return allowanceOf(reservations, window)
  }
}

const allowanceOf = (reservations: readonly Reservation[], window: RateWindow): Allowance => {
  const isGranted = reservations.every(({ granted }) => granted)
  let isOpen = true
  const giveBack = (): void => {
    for (const { holding, granted } of reservations) if (granted) holding.lease = returnToken(holding.lease)
  }
  return {
    take: () => {
      if (!isGranted || !isOpen) return false
      isOpen = false
      return true
    },
    release: () => {
      if (isOpen) giveBack()
      isOpen = false
    },
    status: () => {
      const [first, ...others] = reservations.map(({ holding, limit, granted }) => ({
        limitPerMinute: limit,
        remaining: granted ? requestsLeft(holding.lease, limit) : 0,
        resetSeconds: window.endSeconds,
      }))
      return others.reduce(
        (tightest, other) =>
          tightest === undefined || other.remaining < tightest.remaining ? other : tightest,
        first,
      )
    },
  }
}
