import type { Endpoint } from '../contract/endpoint.ts'
import { asDomainError, problemBody, problems } from '../contract/problem.ts'
import { DomainError } from '../effects/domain-error.ts'
import type { AnyReply, Around, Bound } from './carry-out.ts'
import { carryOut, dryRunEndpoint } from './carry-out.ts'
import type { RawInput } from './read-input.ts'
import { readItem } from './read-input.ts'
import { asRecord } from './request-writes.ts'

/** Transactions that check the same role or API conflict, so little concurrency is fastest. */
const atOnce = 4
/** An item can take some seconds on a slow table, and the function has 25 seconds. */
const beginWithinMilliseconds = 10_000

export type BatchHelp = Around & {
  readonly operationNamed: (operationId: string) => Bound
  /** Called for each refused item, like for a refused request. */
  readonly onRefused: (error: DomainError, operationId: string) => Promise<void>
}

type Outcome = { readonly result: object; readonly changes: readonly unknown[] }

/** Carries out each item like a single request, with its own validation, Idempotency-Key, transaction and refusal. */
export const carryOutBatch = async (
  endpoint: Endpoint & Required<Pick<Endpoint, 'batch'>>,
  raw: RawInput,
  help: BatchHelp,
): Promise<{ readonly endpoint: Endpoint; readonly reply: AnyReply }> => {
  const { list, operationOf, inOrderOf } = endpoint.batch
  const { now } = help.table
  const beginUntil = now() + beginWithinMilliseconds
  const outcomeOf = async (item: unknown, index: number): Promise<Outcome> => {
    const bound = help.operationNamed(operationOf(asRecord(item)))
    try {
      if (now() > beginUntil) throw noTimeLeft()
      const own = { ...raw, ...readItem(bound.endpoint, item), headers: headersOfItem(raw, index) }
      const { endpoint: answering, reply } = await carryOut(bound, own, help)
      const { status, schema } = answering.response
      const { dryRun, ...body } = asRecord(schema?.parse(reply.body))
      const { changes = [] } = asRecord(dryRun) as Partial<Outcome>
      return { result: { status, ...body }, changes }
    } catch (thrown) {
      const error = asDomainError(thrown)
      await help.onRefused(error, bound.endpoint.operationId)
      const problem = problemBody(error, help.event.requestContext.requestId)
      return { result: { status: problems[error.code].status, problem }, changes: [] }
    }
  }
  const items = asRecord(raw.body)[list] as readonly unknown[]
  const outcomes = await inLanes(items, (item) => laneOf(asRecord(item)[inOrderOf]), outcomeOf)
  const results = outcomes.map(({ result }) => result)
  if (!raw.dryRun) return { endpoint, reply: { body: { results } } }
  const changes = outcomes.flatMap((outcome) => outcome.changes)
  return { endpoint: dryRunEndpoint(endpoint), reply: { body: { results, dryRun: { changes } } } }
}

const noTimeLeft = () =>
  new DomainError('temporarily_unavailable', {
    detail: 'The batch ran out of time before this item. Send the batch again.',
  })

/** Keys of callers contain no space, so these keys cannot collide with them. */
const headersOfItem = ({ headers }: RawInput, index: number) => {
  const given = asRecord(headers)
  return { ...given, 'idempotency-key': `${given['idempotency-key']} ${index}` }
}

const laneOf = (text: unknown): string | null => (typeof text === 'string' ? text.toLowerCase() : null)

/** Processes the items of a lane in order, so that the first of two conflicting items wins, and several lanes in parallel. */
const inLanes = async <T>(
  items: readonly unknown[],
  laneOf: (item: unknown) => string | null,
  run: (item: unknown, index: number) => Promise<T>,
): Promise<T[]> => {
  const lanes = Map.groupBy(items.keys(), (index) => laneOf(items[index]) ?? index)
  const done: T[] = []
  const waiting = lanes.values()
  const work = async () => {
    for (const lane of waiting) for (const index of lane) done[index] = await run(items[index], index)
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  return done
}
