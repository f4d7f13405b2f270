import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { call } from './call.ts'
import type { CallFailure } from './failure.ts'
import { asFailure } from './failure.ts'
import type { Answer, Input, OperationId } from './operations.ts'

export type Loaded<T> = {
  /** The last answer, which stays while a newer one loads. */
  readonly data: T | undefined
  readonly failure: CallFailure | null
  readonly isLoading: boolean
  /** Fulfilled when the new answer, or a failure, is shown. Never rejects. */
  readonly reload: () => Promise<void>
}

/** Calls an operation that reads, again whenever the input changes. `null` as input = not now. */
export const useCall = <Id extends OperationId>(
  operationId: Id,
  input: Input<Id> | null,
): Loaded<Answer<Id>> =>
  useLoaded(input === null ? null : `${operationId} ${JSON.stringify(input)}`, (signal) =>
    // The key is not null, and so the input is not.
    call(operationId, input as Input<Id>, { signal }),
  )

const shown = new Set<() => void>()

/** Loads again all that the page shows, since some of it is known to be gone. */
export const reloadAllShown = (): void => {
  for (const reload of shown) reload()
}

/** Loads again whenever the key changes; an answer to an older key is dropped. */
export const useLoaded = <T>(key: string | null, load: (signal: AbortSignal) => Promise<T>): Loaded<T> => {
  const [state, setState] = useState<Pick<Loaded<T>, 'data' | 'failure' | 'isLoading'>>({
    data: undefined,
    failure: null,
    isLoading: key !== null,
  })
  const [round, setRound] = useState(0)
  const waiting = useRef<(() => void)[]>([])
  const settle = useCallback(() => {
    for (const resolve of waiting.current.splice(0)) resolve()
  }, [])
  const reload = useCallback(
    () =>
      new Promise<void>((resolve) => {
        waiting.current.push(resolve)
        setRound((before) => before + 1)
      }),
    [],
  )
  useEffect(() => settle, [settle])
  useEffect(() => {
    shown.add(reload)
    return () => void shown.delete(reload)
  }, [reload])

  useEffect(() => {
    if (key === null) return
    const abort = new AbortController()
    setState((before) => ({ ...before, isLoading: true }))
    load(abort.signal).then(
      (data) => {
        if (abort.signal.aborted) return
        setState({ data, failure: null, isLoading: false })
        settle()
      },
      (error: unknown) => {
        if (abort.signal.aborted) return
        const failure = asFailure(error)
        setState((before) => ({ ...before, failure, isLoading: false }))
        settle()
      },
    )
    return () => abort.abort()
  }, [key, round, settle])

  // Tries again by itself when the network is back.
  useEffect(() => {
    if (state.failure?.is !== 'offline') return
    window.addEventListener('online', reload)
    return () => window.removeEventListener('online', reload)
  }, [state.failure, reload])

  return { ...state, reload }
}
