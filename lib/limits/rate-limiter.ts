import type { OrganizationId, UserId } from '../secrets/key-id.ts'
import type { Lease } from './lease.ts'
import {
  batchSize,
  emptyLease,
  isUsedUp,
  leaseAfter,
  localLease,
  requestsLeft,
  returnToken,
  tokensLeft,
  useToken,
} from './lease.ts'
import type { RateLimitStatus } from './rate-limit-status.ts'
import type { RateWindow } from './rate-window.ts'
import { rateWindowAt } from './rate-window.ts'

/**
 * Each class of requests has its own allowance, so that a caller without permissions cannot use up the allowance with which an
 * administrator revokes it (L7). `protected`: requests at protected APIs, and introspections by their resource servers; `self`: Postern
 * endpoints without a permission; `management`: those with one.
 */
export const allowanceClasses = ['protected', 'self', 'management'] as const

export type AllowanceClass = (typeof allowanceClasses)[number]

/** Identifies a counter. `userId` null = all requests of the organization. */
export type RateCounter = {
  readonly organizationId: OrganizationId
  readonly userId: UserId | null
  readonly allowanceClass: AllowanceClass
  readonly window: RateWindow
}

export type RateLimiterDependencies = {
  /** Adds tokens to the shared counter and returns its new value. */
  readonly leaseTokens: (counter: RateCounter, tokens: number) => Promise<number>
  readonly now: () => number
  /** Called when the counter is unavailable. */
  readonly onFault: (fault: unknown) => void
}

/** The limits for one allowance class. Null = no limit and no counter. */
export type RateLimits = {
  readonly organizationPerMinute: number | null
  readonly userPerMinute: number | null
}

/** A reservation for one request. Its owner must call `take` or `release`. */
export type Allowance = {
  /** Uses the reservation; false if there is none. */
  readonly take: () => boolean
  /** Returns an unused reservation: a request that is refused for another reason does not count. */
  readonly release: () => void
  /** Undefined if no limit applies. */
  readonly status: () => RateLimitStatus | undefined
}

type LimitedCaller = { readonly organizationId: OrganizationId; readonly userId: UserId }

/** `status`: for a request that is refused anyway. It leases no tokens, so that refused requests do not use up others' tokens. */
export type Wanted = 'allowance' | 'status'

/** Calls the storage only if the container's own lease is used up. Never rejects. */
export type PrepareRateLimit = (
  caller: LimitedCaller,
  limits: RateLimits,
  allowanceClass: AllowanceClass,
  wanted: Wanted,
) => Promise<Allowance>

/** For requests that are not counted. */
export const uncounted: Allowance = { take: () => true, release: () => undefined, status: () => undefined }

type Holding = { readonly counter: RateCounter; lease: Lease; asking: Promise<void> | null }
type Bounded = { readonly holding: Holding; readonly limit: number }
type Reservation = Bounded & { readonly granted: boolean }

/**
 * The rate limiter of one container. It keeps leases per organization, per user with a limit of its own, and per allowance class,
 * until the window ends.
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
      holding.lease = localLease(holding.lease, limit)
    }
  }

  /** Takes the token out of the lease at once, so that two concurrent requests cannot get the same one. */
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

  /** In sequence: a user above its own limit must not use tokens of its organization. */
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
    const boundedBy = (ofUser: UserId | null, limit: number): Bounded => ({
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
