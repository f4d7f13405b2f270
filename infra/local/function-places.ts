/** How long an instance may wait for its next request before it goes. Lambda's way, but sooner: the memory is the person's. */
const idleMilliseconds = 60_000

/** How long a function may wait for a place while others, who have theirs, take request after request. */
const patienceMilliseconds = 1_000

export type Place = {
  readonly busy: () => void
  /** From now on the instance may be let go. */
  readonly idle: () => void
  readonly leave: () => void
}

/** Room for the instances of all functions together. */
export type Places = {
  /**
   * A place for one more instance, if need be that of the instance that has been idle the longest. `undefined` = all are busy.
   *
   * @param letGo stops the instance; called at most once, and only while it is idle.
   */
  readonly take: (letGo: () => void) => Place | undefined
  /** Calls back, once, when it is worth trying again. */
  readonly whenFree: (retry: () => void) => void
  /** Somebody has waited long enough: whoever is done with a request is to be idle before it takes the next one. */
  readonly areWanted: () => boolean
}

export function createPlaces(limit: number): Places {
  let taken = 0
  /** In the order in which they became idle. */
  const idle = new Map<object, () => void>()
  /** Since when, in the order in which they began to wait. */
  const waiting = new Map<() => void, number>()

  const wakeNext = () => {
    const next = waiting.keys().next().value
    if (next === undefined) return
    waiting.delete(next)
    next()
  }

  return {
    take: (letGo) => {
      const longestIdle = idle.values().next().value
      if (taken >= limit) longestIdle?.()
      if (taken >= limit) return undefined
      taken += 1
      const place = {}
      let timer: NodeJS.Timeout | undefined
      let isTaken = true
      const busy = () => {
        clearTimeout(timer)
        idle.delete(place)
      }
      const leave = () => {
        busy()
        if (!isTaken) return
        isTaken = false
        taken -= 1
      }
      const evict = () => {
        leave()
        letGo()
      }
      return {
        busy,
        idle: () => {
          if (!isTaken) return
          busy()
          idle.set(place, evict)
          timer = setTimeout(evict, idleMilliseconds)
          timer.unref()
          wakeNext()
        },
        leave: () => {
          leave()
          wakeNext()
        },
      }
    },
    whenFree: (retry) => {
      if (!waiting.has(retry)) waiting.set(retry, performance.now())
    },
    areWanted: () => {
      const since = waiting.values().next().value
      return since !== undefined && performance.now() - since >= patienceMilliseconds
    },
  }
}
