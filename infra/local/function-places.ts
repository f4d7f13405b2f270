/** How long an instance stays idle before it ends. Shorter than Lambda's, to save the laptop's memory. */
const idleMilliseconds = 60_000

/** How long a function may wait for a place while busy instances take further requests. */
const longestWaitMilliseconds = 1_000

export type Place = {
  readonly busy: () => void
  /** From now on the instance may be stopped. */
  readonly idle: () => void
  readonly leave: () => void
}

/** A pool of places for the instances of all functions. */
export type Places = {
  /**
   * Takes a place for a new instance, if necessary that of the longest idle instance. `undefined` = all are busy.
   *
   * @param letGo stops the instance; called at most once, and only while it is idle.
   */
  readonly take: (letGo: () => void) => Place | undefined
  /** Calls `retry` once, when a place may be free. */
  readonly whenFree: (retry: () => void) => void
  /** A function has waited long enough: an instance must become idle after each request. */
  readonly areWanted: () => boolean
}

export function createPlaces(limit: number): Places {
  let taken = 0
  /** Idle instances, the longest idle first. */
  const idle = new Map<object, () => void>()
  /** Start of the wait by `performance.now()`, the longest wait first. */
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
      return since !== undefined && performance.now() - since >= longestWaitMilliseconds
    },
  }
}
