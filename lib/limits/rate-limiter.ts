import type { Behind } from '../effects/behind.ts'
import type { OrganizationId, UserId } from '../secrets/key-id.ts'
import type { Lease } from './lease.ts'
import {
  batchSize,
  earlyBatchSize,
  earlyBound,
  emptyLease,
  isBusy,
  isUsedUp,
  leaseAfter,
  localLease,
  returnToken,
  runsLow,
  tokensLeft,
  useToken,
} from './lease.ts'
import type { RateLimitStatus } from './rate-limit-status.ts'
import type { RateWindow } from './rate-window.ts'
import { rateWindowAt } from './rate-window.ts'
import { chooseShard, shardCount, shardLimit, shardRests } from './shards.ts'

/**
 * Each class of requests has its own allowance, so that a caller without permissions cannot use up the allowance with which an
 * administrator revokes it (L7). `protected`: requests at protected APIs, and introspections by their resource servers; `self`: Postern
 * endpoints without a permission; `management`: those with one.
 */
export const allowanceClasses = ['protected', 'self', 'management'] as const

export type AllowanceClass = (typeof allowanceClasses)[number]

/** `sessions`: new session tokens (`lib/sessions/session-allowance.ts`). */
type CountedClass = AllowanceClass | 'sessions'

/**
 * What each container lets pass in a window before it counts. Few users open more sessions in a minute, so a login has no call more; in
 * return the limit can be exceeded by as many for each container.
 */
const uncountedOf: Readonly<Record<CountedClass, number>> = {
  protected: 0,
  self: 0,
  management: 0,
  sessions: 2,
}

/** What is counted together. `userId` null = all requests of the organization. */
type RateSubject = {
  readonly organizationId: OrganizationId
  readonly userId: UserId | null
  readonly allowanceClass: CountedClass
}

/** Identifies a counter. */
export type RateCounter = RateSubject & { readonly shard: number; readonly window: RateWindow }

export type RateLimiterDependencies = {
  /** Adds tokens to the shared counter and returns its new value. */
  readonly leaseTokens: (counter: RateCounter, tokens: number) => Promise<number>
  /** The same, or null and nothing added if the new value were above `most`. */
  readonly leaseEarly: (counter: RateCounter, tokens: number, most: number) => Promise<number | null>
  /** The values of counters, in their order. */
  readonly readCounters: (counters: readonly RateCounter[]) => Promise<readonly number[]>
  /** Starts work that no request waits for. */
  readonly behind: Behind
  readonly now: () => number
  /** From 0 to 1, exclusive. */
  readonly random: () => number
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

/** Waits for the storage only if the container's own lease is used up. Never rejects. */
export type PrepareRateLimit = (
  caller: LimitedCaller,
  limits: RateLimits,
  allowanceClass: CountedClass,
  wanted: Wanted,
) => Promise<Allowance>

/** For requests that are not counted. */
export const uncounted: Allowance = { take: () => true, release: () => undefined, status: () => undefined }

type Holding = {
  readonly subject: RateSubject
  readonly window: RateWindow
  /** When to lease for the next window, in milliseconds since 1970; infinite after that. */
  earlyAt: number
  shard: number
  lease: Lease
  /** The counters of all shards, as far as this container has seen them. */
  readonly counted: (number | undefined)[]
  asking: Promise<boolean> | null
  isRefillPlanned: boolean
  /** The counter did not answer a request: until the window ends, this container counts on its own, also if the limit is raised. */
  isAlone: boolean
}
type Bounded = { readonly holding: Holding; readonly limit: number }
type Reservation = Bounded & { readonly granted: boolean }

/** Leases for the next window are spread over this time before it begins. */
const earlyMilliseconds = 30_000

/**
 * The rate limiter of one container. It keeps leases per organization, per user with a limit of its own, and per allowance class,
 * until the window ends.
 */
export const makeRateLimiter = (dependencies: RateLimiterDependencies): PrepareRateLimit => {
  const { now, random, behind, onFault } = dependencies
  /** By the start of their window: the present one and the next. */
  const windows = new Map<number, Map<string, Holding>>()

  const holdingsFrom = (startSeconds: number): Map<string, Holding> => {
    const holdings = windows.get(startSeconds) ?? new Map<string, Holding>()
    windows.set(startSeconds, holdings)
    return holdings
  }

  const newHolding = (subject: RateSubject, window: RateWindow, limit: number): Holding => ({
    subject,
    window,
    earlyAt: window.endSeconds * 1000 - random() * earlyMilliseconds,
    shard: chooseShard(shardRests(limit, []), random()),
    lease: { ...emptyLease, granted: uncountedOf[subject.allowanceClass] },
    counted: [],
    asking: null,
    isRefillPlanned: false,
    isAlone: false,
  })

  const holdingOf = (subject: RateSubject, window: RateWindow, limit: number): Holding => {
    for (const start of windows.keys()) if (start < window.startSeconds) windows.delete(start)
    const holdings = holdingsFrom(window.startSeconds)
    const name = nameOf(subject)
    const held = holdings.get(name)
    if (held !== undefined) return held
    const holding = newHolding(subject, window, limit)
    holdings.set(name, holding)
    return holding
  }

  /** Moves to another shard, since this one is used up. Counters only rise, so each round finds tokens or fewer shards. */
  const changeShard = async (holding: Holding, limit: number): Promise<void> => {
    const shards = Array.from({ length: shardCount(limit) }, (_, shard) => shard)
    if (shards.length > 1) {
      const values = await dependencies.readCounters(shards.map((shard) => counterOf(holding, shard)))
      for (const [shard, value] of values.entries()) noteCounted(holding, shard, value)
    }
    holding.shard = chooseShard(shardRests(limit, holding.counted), random())
    holding.lease = { ...holding.lease, counted: holding.counted[holding.shard] ?? 0 }
  }

  /** False if the counter did not answer. */
  const leaseNow = async (holding: Holding, limit: number): Promise<boolean> => {
    try {
      if (isUsedUp(holding.lease, shardLimit(limit, holding.shard))) await changeShard(holding, limit)
      const { shard } = holding
      const ofShard = shardLimit(limit, shard)
      if (isUsedUp(holding.lease, ofShard)) return true
      const asked = batchSize(holding.lease, ofShard)
      const counted = await dependencies.leaseTokens(counterOf(holding, shard), asked)
      noteCounted(holding, shard, counted)
      holding.lease = leaseAfter(holding.lease, asked, counted, ofShard)
      return true
    } catch (fault) {
      onFault(fault)
      return false
    }
  }

  const refill = (holding: Holding, limit: number): Promise<boolean> => {
    holding.asking ??= leaseNow(holding, limit).finally(() => {
      holding.asking = null
    })
    return holding.asking
  }

  /** One attempt for each window: the next request that needs tokens waits for them. */
  const leaseForNext = async (used: Holding, limit: number): Promise<void> => {
    const { startSeconds, endSeconds } = used.window
    const window = { startSeconds: endSeconds, endSeconds: 2 * endSeconds - startSeconds }
    const next = newHolding(used.subject, window, limit)
    const ofShard = shardLimit(limit, next.shard)
    const asked = earlyBatchSize(used.lease, ofShard)
    const most = earlyBound(ofShard)
    if (asked > most) return
    try {
      const counted = await dependencies.leaseEarly(counterOf(next, next.shard), asked, most)
      const holdings = holdingsFrom(endSeconds)
      // A request of the next window came while the counter answered: its holding stays.
      if (counted === null || holdings.has(nameOf(used.subject))) return
      noteCounted(next, next.shard, counted)
      next.lease = { ...leaseAfter(next.lease, asked, counted, ofShard), early: asked }
      holdings.set(nameOf(used.subject), next)
    } catch (fault) {
      onFault(fault)
    }
  }

  /** Plans what a request would have to wait for otherwise. */
  const prepareNext = ({ holding, limit }: Bounded, at: number): void => {
    if (holding.lease.granted <= uncountedOf[holding.subject.allowanceClass]) return
    const isEarlyDue = at >= holding.earlyAt && at < holding.window.endSeconds * 1000
    if (isEarlyDue && isBusy(holding.lease)) {
      holding.earlyAt = Number.POSITIVE_INFINITY
      behind(() => leaseForNext(holding, limit))
    }
    const runsOut = (): boolean => runsLow(holding.lease, shardLimit(limit, holding.shard))
    if (holding.isAlone || holding.isRefillPlanned || holding.asking !== null || !runsOut()) return
    holding.isRefillPlanned = true
    behind(async () => {
      holding.isRefillPlanned = false
      if (runsOut()) await refill(holding, limit)
    })
  }

  /** Takes the token out of the lease at once, so that two concurrent requests cannot get the same one. */
  const reserve = async (bounded: Bounded): Promise<Reservation> => {
    const { holding, limit } = bounded
    // A lease that no request waits for may fail because the environment was frozen: it says nothing of the counter.
    while (tokensLeft(holding.lease) === 0 && isAnyShardLeft(bounded))
      if (!(await refill(holding, limit))) holding.isAlone = true
    if (holding.isAlone) holding.lease = localLease(holding.lease, limit)
    const granted = tokensLeft(holding.lease) > 0
    if (granted) {
      holding.lease = useToken(holding.lease)
      prepareNext(bounded, now())
    }
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
    const window = rateWindowAt(now())
    const boundedBy = (ofUser: UserId | null, limit: number): Bounded => ({
      holding: holdingOf({ organizationId, userId: ofUser, allowanceClass }, window, limit),
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

const nameOf = ({ organizationId, allowanceClass, userId }: RateSubject): string =>
  [organizationId, allowanceClass, userId].join(' ')

const counterOf = ({ subject, window }: Holding, shard: number): RateCounter => ({
  ...subject,
  shard,
  window,
})

/** Answers can arrive in another order than the counter gave them. */
const noteCounted = ({ counted }: Holding, shard: number, value: number): void => {
  counted[shard] = Math.max(counted[shard] ?? 0, value)
}

const isAnyShardLeft = ({ holding, limit }: Bounded): boolean =>
  !holding.isAlone &&
  (!isUsedUp(holding.lease, shardLimit(limit, holding.shard)) ||
    shardRests(limit, holding.counted).some((rest) => rest > 0))

/**
 * The tokens that no container has leased plus the container's own unused ones, as far as it knows. Of several shards, the container's own
 * stands for all: the others are used as much.
 */
const leftOf = ({ holding: { lease, shard, isAlone }, limit }: Bounded): number => {
  const ofShard = isAlone ? 0 : shardLimit(limit, shard)
  const unleased = ofShard === 0 ? 0 : Math.floor(Math.max(0, ofShard - lease.counted) * (limit / ofShard))
  return Math.min(unleased + tokensLeft(lease), Math.max(0, limit))
}

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
