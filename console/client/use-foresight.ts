import { useEffect, useState } from 'preact/hooks'
import { foresee } from './call.ts'
import type { CallFailure } from './failure.ts'
import { asFailure } from './failure.ts'
import type { Answer, Foreseen, Input, OperationId } from './operations.ts'

const waitMilliseconds = 400

export type Foresight<T> = {
  readonly answer: T | null
  readonly failure: CallFailure | null
  readonly isLooking: boolean
}

/** What an operation would do, asked while somebody types, after a pause. `null` as input = nothing to ask. */
export const useForesight = <Id extends OperationId>(
  operationId: Id,
  input: Input<Id> | null,
): Foresight<Answer<Id> & Foreseen> => {
  const key = input === null ? null : JSON.stringify(input)
  const [state, setState] = useState<Foresight<Answer<Id> & Foreseen>>({
    answer: null,
    failure: null,
    isLooking: false,
  })
  useEffect(() => {
    if (input === null) return setState({ answer: null, failure: null, isLooking: false })
    const abort = new AbortController()
    setState((before) => ({ ...before, isLooking: true }))
    const timer = setTimeout(() => {
      foresee(operationId, input, { signal: abort.signal }).then(
        (answer) => abort.signal.aborted || setState({ answer, failure: null, isLooking: false }),
        (error: unknown) =>
          abort.signal.aborted || setState({ answer: null, failure: asFailure(error), isLooking: false }),
      )
    }, waitMilliseconds)
    return () => {
      clearTimeout(timer)
      abort.abort()
    }
  }, [key])
  return state
}
