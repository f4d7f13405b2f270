/**
 * One container's share of one limit in one window. A token allows one request. Tokens are counted when they are leased, not when they
 * are used, so all containers together never exceed the limit.
 */
export type Lease = {
  /** Tokens leased by this container. */
  readonly granted: number
  readonly used: number
  /** The shared counter as this container last saw it. */
  readonly counted: number
}

export const emptyLease: Lease = { granted: 0, used: 0, counted: 0 }

/** One request for tokens takes at most 1/20 of the limit, so that one container cannot take them all. */
const largestPartOfLimit = 20
/** And at most 1/4 of the remaining tokens, so that few tokens stay unused near the limit. */
const largestPartOfRest = 4

export const tokensLeft = ({ granted, used }: Lease): number => granted - used

export const useToken = (lease: Lease): Lease => ({ ...lease, used: lease.used + 1 })
export const returnToken = (lease: Lease): Lease => ({ ...lease, used: lease.used - 1 })

/** What neither the shared counter nor this container has given. Tokens of `localLease` are not in the shared counter. */
const freeOf = ({ counted, granted }: Lease, limit: number): number =>
  Math.max(0, limit - Math.max(counted, granted))

/** True if no tokens are left in this window, unless the limit is raised. */
export const isUsedUp = (lease: Lease, limit: number): boolean => freeOf(lease, limit) === 0

/**
 * How many tokens to lease next. Never more than this container has used already, so that the unused tokens of all containers stay
 * below the used ones.
 */
export const batchSize = (lease: Lease, limit: number): number => {
  const ofLimit = Math.floor(limit / largestPartOfLimit)
  const ofRest = Math.floor((limit - lease.counted) / largestPartOfRest)
  return Math.max(1, Math.min(ofLimit, ofRest, lease.used))
}

/**
 * The lease after the counter was raised by `asked` to `counted`. A container owns the interval of the counter that it added, as far
 * as it is within the limit. Intervals of different containers never overlap.
 */
export const leaseAfter = (lease: Lease, asked: number, counted: number, limit: number): Lease => {
  const before = counted - asked
  const within = Math.min(asked, Math.max(0, limit - before), Math.max(0, limit - lease.granted))
  return { ...lease, granted: lease.granted + within, counted }
}

/** If the counter is unavailable: this container alone may use up to the limit until the window ends. */
export const localLease = (lease: Lease, limit: number): Lease => ({
  ...lease,
  granted: Math.max(lease.granted, limit),
  counted: Math.max(lease.counted, limit),
})

/** The tokens that no container has leased plus the container's own unused ones, as far as it knows. */
export const requestsLeft = (lease: Lease, limit: number): number =>
  Math.min(freeOf(lease, limit) + tokensLeft(lease), Math.max(0, limit))
