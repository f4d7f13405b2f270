import type { AllowanceClass } from './allowance-class.ts'
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
  readonly allowanceClass: AllowanceClass
  readonly window: RateWindow
}

export type RateLimiterDependencies = {
  /** Adds to the counter that all containers share; returns what it stands at then. */
  readonly leaseTokens: (counter: RateCounter, tokens: number) => Promise<number>
  readonly now: () => number
  /** Hears that the counter cannot be reached. */
  readonly onFault: (fault: unknown) => void
}

/** What holds for one kind of requests. Null: no limit, and nothing is counted for one. */
export type RateLimits = {
  readonly organizationPerMinute: number | null
  readonly userPerMinute: number | null
}

/** Leave for one request. Whoever gets one must `take` or `release` it. */
export type Allowance = {
  /** Uses the leave; false when there is none. */
  readonly take: () => boolean
  /** Gives back what was not taken: a request that is refused for another reason uses up nothing. */
  readonly release: () => void
  /** Undefined where no limit holds. */
  readonly status: () => RateLimitStatus | undefined
}

type Asker = { readonly organizationId: string; readonly userId: string }

/**
 * `status`: for a request that does not pass anyway. Nothing is leased for it, or refused requests at many containers could hold back
 * what others need.
 */
export type Wanted = 'allowance' | 'status'

/** Calls the storage only when the container's own lease is used up; never fails. */
export type PrepareRateLimit = (
  asker: Asker,
  limits: RateLimits,
  allowanceClass: AllowanceClass,
  wanted: Wanted,
) => Promise<Allowance>

/** For what is not counted. */
export const uncounted: Allowance = { take: () => true, release: () => undefined, status: () => undefined }

type Holding = { readonly counter: RateCounter; lease: Lease; asking: Promise<void> | null }
type Bounded = { readonly holding: Holding; readonly limit: number }
type Reservation = Bounded & { readonly granted: boolean }

/**
 * One container's side of the limit. Between requests it keeps leases, for each kind of requests per organization and per user with
 * a limit of their own, and forgets them when the window ends.
 */
export const makeRateLimiter = (dependencies: RateLimiterDependencies): PrepareRateLimit => {
  let windowStart = 0
  let holdings = new Map<string, Holding>()

  const holdingOf = (counter: RateCounter): Holding => {
    const { organizationId, userId, allowanceClass, window } = counter
    if (window.startSeconds !== windowStart) {
      holdings = new Map()
      windowStart = window.startSeconds
    }
    const name = [organizationId, allowanceClass, userId].join(' ')
    const held = holdings.get(name)
    if (held !== undefined) return held
    const holding = { counter, lease: emptyLease, asking: null }
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
  const reserve = async ({ holding, limit }: Bounded): Promise<Reservation> => {
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

  /** One after the other: whoever is above its own limit must take nothing of its organization's, at however many containers. */
  const reserveAll = async (bounds: readonly Bounded[]): Promise<readonly Reservation[]> => {
    const reservations: Reservation[] = []
    for (const bound of bounds) {
      const reservation = await reserve(bound)
      reservations.push(reservation)
      if (!reservation.granted) break
    }
    return reservations
  }

  return async ({ organizationId, userId }, limits, allowanceClass, wanted) => {
    const window = rateWindowAt(dependencies.now())
    const boundedBy = (ofUser: string | null, limit: number): Bounded => ({
      holding: holdingOf({ organizationId, userId: ofUser, allowanceClass, window }),
      limit,
    })
    const { organizationPerMinute, userPerMinute } = limits
    const bounds = [
      ...(userPerMinute === null ? [] : [boundedBy(userId, userPerMinute)]),
      ...(organizationPerMinute === null ? [] : [boundedBy(null, organizationPerMinute)]),
    ]
    if (wanted === 'status') return statusAlone(bounds, window)
    return allowanceOf(await reserveAll(bounds), window)
  }
}

const leftOf = ({ holding, limit }: Bounded): number => requestsLeft(holding.lease, limit)

const statusAlone = (bounds: readonly Bounded[], window: RateWindow): Allowance => ({
  take: () => false,
  release: () => undefined,
  status: () => tightest(bounds.map((bound) => statusOf(bound, leftOf(bound), window))),
})

const statusOf = ({ limit }: Bounded, remaining: number, { endSeconds }: RateWindow): RateLimitStatus => ({
  limitPerMinute: limit,
  remaining,
  resetSeconds: endSeconds,
})

const tightest = (statuses: readonly RateLimitStatus[]): RateLimitStatus | undefined =>
  statuses.toSorted((one, other) => one.remaining - other.remaining)[0]

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
    status: () => tightest(reservations.map((one) => statusOf(one, one.granted ? leftOf(one) : 0, window))),
  }
}
