import { useEffect, useState } from 'preact/hooks'

/** A value that components read and that changes outside of them. */
export type Store<T> = {
  readonly get: () => T
  readonly set: (value: T) => void
  readonly subscribe: (listener: (value: T) => void) => () => void
}

export const makeStore = <T>(initial: T): Store<T> => {
  let current = initial
  const listeners = new Set<(value: T) => void>()
  return {
    get: () => current,
    set: (value) => {
      current = value
      for (const listener of [...listeners]) listener(value)
    },
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

export const useStore = <T>(store: Store<T>): T => {
  const [value, setValue] = useState(store.get)
  useEffect(() => {
    // The value may have changed between the first rendering and this effect.
    setValue(() => store.get())
    return store.subscribe((changed) => setValue(() => changed))
  }, [store])
  return value
}
