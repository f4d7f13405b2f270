import { useEffect, useRef, useState } from 'preact/hooks'
import { call } from '../../client/call.ts'
import type { CallFailure } from '../../client/failure.ts'
import { asFailure } from '../../client/failure.ts'
import type { Input } from '../../client/operations.ts'
import type { Loaded } from '../../client/use-call.ts'
import type { Grouping, Picture, Sums } from './series.ts'
import { pictureOf } from './series.ts'
import type { Span } from './span.ts'

export type Asked = {
  readonly span: Span
  /** By what the first picture shows requests. */
  readonly by: Grouping
  readonly userId: string | undefined
  readonly credential: string | undefined
  readonly api: string | undefined
}

/** A picture, and what was asked for when it was read. */
export type Shown = { readonly picture: Picture; readonly asked: Asked }

/** As many as the API lists: what it does not list of one part cannot be added to the next. */
const mostValues = 1000

type Query = NonNullable<Input<'listUsage'>['query']>

/** Refused requests are shown by reason, and the limit of a user by credential. */
const groupingsOf = ({ by, userId }: Asked): string =>
  [...new Set([by, 'reason', ...(userId === undefined ? [] : ['credential'])])].join()

const queryOf = (asked: Asked, cursor: string | null): Query => {
  const { span, userId, credential, api } = asked
  return {
    from: new Date(span.from).toISOString(),
    to: new Date(span.to).toISOString(),
    ...{ groupBy: span.unit, by: groupingsOf(asked), top: mostValues },
    userId: userId as Query['userId'],
    credential,
    api: api as Query['api'],
    ...(cursor === null ? {} : { cursor }),
  }
}

/** Reads part after part to the end of the time, and gives what was read so far. After a failure, a reload goes on where it ended. */
export const usePicture = (asked: Asked): Loaded<Shown> => {
  const key = JSON.stringify(asked)
  const [shown, setShown] = useState<Shown>()
  const [failure, setFailure] = useState<CallFailure | null>(null)
  const [isLoading, setLoading] = useState(true)
  const [round, setRound] = useState(0)
  const read = useRef<{ of: string; parts: readonly Sums[]; cursor: string | null }>({
    ...{ of: '', parts: [], cursor: null },
  })
  useEffect(() => {
    const abort = new AbortController()
    if (read.current.of !== key || read.current.cursor === null)
      read.current = { of: key, parts: [], cursor: null }
    const readOn = async (): Promise<void> => {
      do {
        const { parts, cursor } = read.current
        const answer = await call('listUsage', { query: queryOf(asked, cursor) }, { signal: abort.signal })
        if (abort.signal.aborted || answer.sums === null) return
        read.current = { of: key, parts: [...parts, answer.sums], cursor: answer.nextCursor }
        const isWhole = answer.nextCursor === null
        setShown({ asked, picture: pictureOf(asked.span, read.current.parts, isWhole) })
        setFailure(null)
      } while (read.current.cursor !== null)
    }
    setLoading(true)
    readOn()
      .catch((error: unknown) => {
        if (!abort.signal.aborted) setFailure(asFailure(error))
      })
      .finally(() => {
        if (!abort.signal.aborted) setLoading(false)
      })
    return () => abort.abort()
  }, [key, round])
  const reload = (): Promise<void> => {
    setRound((before) => before + 1)
    return Promise.resolve()
  }
  return { data: shown, failure, isLoading, reload }
}
