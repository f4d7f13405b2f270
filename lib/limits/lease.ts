/**
 * What one container holds of one limit in one window. A token is one request. Tokens are counted when they are leased, not when they
 * are used, so all containers together never use more than the limit.
 */
export type Lease = {
  /** Tokens that this container was given. */
  readonly granted: number
  /** How many of them are used. */
  readonly used: number
  /** The counter of all containers, as this one last saw it. */
  readonly counted: number
}

export const emptyLease: Lease = { granted: 0, used: 0, counted: 0 }

/** One lease takes at most this part of the limit: no container can hoard more. */
const largestPartOfLimit = 20
/** And at most this part of what was left when last seen: near the limit, tokens must not lie about unused. */
const largestPartOfRest = 4

export const tokensLeft = ({ granted, used }: Lease): number => granted - used

export const useToken = (lease: Lease): Lease => ({ ...lease, used: lease.used + 1 })
export const returnToken = (lease: Lease): Lease => ({ ...lease, used: lease.used - 1 })

/** Nobody gets any more in this window, unless the limit is raised. */
export const isUsedUp = (lease: Lease, limit: number): boolean => lease.counted >= limit

/**
 * How many tokens to ask for when none is left. Never more than this container has used already: a container with one request leases
 * one token, and what all of them together leave unused stays below what they use.
 */
export const batchSize = (lease: Lease, limit: number): number => {
  const ofLimit = Math.floor(limit / largestPartOfLimit)
  const ofRest = Math.floor((limit - lease.counted) / largestPartOfRest)
  return Math.max(1, Math.min(ofLimit, ofRest, lease.used))
}

/**
 * After the counter went up by `asked` and stands at `counted`. Each asker owns the stretch of the counter that it added, as far as
 * that lies within the limit: stretches never overlap, whoever asks and in which order.
 */
export const leaseAfter = (lease: Lease, asked: number, counted: number, limit: number): Lease => {
  const before = counted - asked
  const within = Math.min(asked, Math.max(0, limit - before))
  return { ...lease, granted: lease.granted + within, counted }
}

/** Without the counter: this container counts for itself, up to the limit, until the window ends. */
export const leaseOnItsOwn = (lease: Lease, limit: number): Lease => ({
  ...lease,
  granted: Math.max(lease.granted, limit),
  counted: Math.max(lease.counted, limit),
})

/** As far as this container knows: what nobody has leased, and what it holds itself. */
export const requestsLeft = (lease: Lease, limit: number): number =>
  Math.min(Math.max(0, limit - lease.counted) + tokensLeft(lease), Math.max(0, limit))
