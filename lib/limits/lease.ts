/**
 * One container's share of one limit in one window. A token allows one request. Tokens are counted when they are leased, not when they
 * are used, so all containers together never exceed the limit.
 */
export type Lease = {
  /** Tokens leased by this container. */
  readonly granted: number
  readonly used: number
  /** Of the granted tokens, those that were leased before the window began. */
  readonly early: number
  /** The shared counter as this container last saw it. */
  readonly counted: number
}

export const emptyLease: Lease = { granted: 0, used: 0, early: 0, counted: 0 }

/** One request for tokens takes at most 1/20 of the limit, so that one container cannot take them all. */
const largestPartOfLimit = 20
/** And at most 1/4 of the remaining tokens, so that few tokens stay unused near the limit. */
const largestPartOfRest = 4
/** All containers together lease at most 1/4 of the limit before its window begins: nobody has used anything of it yet. */
const earlyPartOfLimit = 4
/** And each of them at most 1/8 of what it used in the window before: enough for 7 seconds. */
const earlyPartOfUse = 8

export const tokensLeft = ({ granted, used }: Lease): number => granted - used

export const useToken = (lease: Lease): Lease => ({ ...lease, used: lease.used + 1 })
export const returnToken = (lease: Lease): Lease => ({ ...lease, used: lease.used - 1 })

/** True if no tokens are left in this window, unless the limit is raised. */
export const isUsedUp = (lease: Lease, limit: number): boolean => lease.counted >= limit

const largestBatch = (limit: number): number => Math.max(1, Math.floor(limit / largestPartOfLimit))

/**
 * How many tokens to lease next. A container holds no more unused tokens than it has used, plus those that it leased early. So the unused
 * tokens of all containers stay below the used ones plus a quarter of the limit.
 */
export const batchSize = (lease: Lease, limit: number): number => {
  const ofRest = Math.floor((limit - lease.counted) / largestPartOfRest)
  const trusted = lease.used + lease.early - tokensLeft(lease)
  return Math.max(1, Math.min(largestBatch(limit), ofRest, trusted))
}

/** Only a busy container leases ahead: most of those that get one request in a window get no second one. */
export const isBusy = ({ used, early }: Lease): boolean => used + early > 1

/** Should the next batch be leased now, before the tokens are used up? */
export const runsLow = (lease: Lease, limit: number): boolean =>
  isBusy(lease) && !isUsedUp(lease, limit) && tokensLeft(lease) <= Math.floor(batchSize(lease, limit) / 2)

/** How many tokens to lease before the next window begins, after this container's use of the present one. */
export const earlyBatchSize = ({ used }: Lease, limit: number): number =>
  Math.min(largestBatch(limit), Math.ceil(used / earlyPartOfUse))

/** The value that the counter may have at most after an early lease. */
export const earlyBound = (limit: number): number => Math.floor(limit / earlyPartOfLimit)

/**
 * The lease after the counter was raised by `asked` to `counted`. A container owns the interval of the counter that it added, as far
 * as it is within the limit. Intervals of different containers never overlap.
 */
export const leaseAfter = (lease: Lease, asked: number, counted: number, limit: number): Lease => {
  const before = counted - asked
  const within = Math.min(asked, Math.max(0, limit - before))
  return { ...lease, granted: lease.granted + within, counted }
}

/** If the counter is unavailable: this container alone may use up to the limit until the window ends. */
export const localLease = (lease: Lease, limit: number): Lease => ({
  ...lease,
  granted: Math.max(lease.granted, limit),
})
