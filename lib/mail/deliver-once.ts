import * as z from '../effects/shape.ts'
import type { UserId } from '../secrets/key-id.ts'
import type { Key } from '../table/keys.ts'
import type { TransactionOutcome, Write } from '../table/transaction.ts'
import { Deliveries, deliveryLabel, leaseWrite, returnLeaseWrite, sentWrite } from './delivery.ts'
import type { Message, SendMail } from './message.ts'

export type DeliverOnceDependencies = {
  readonly write: (writes: readonly Write[]) => Promise<TransactionOutcome>
  readonly send: SendMail
  readonly now: () => number
  readonly wait: (milliseconds: number) => Promise<void>
}

/** A mail and the writes that must precede it. Created for each attempt. */
export type Prepared = { readonly message: Message; readonly writes: readonly Write[] }

export type DeliveryOutcome =
  | 'sent'
  /** By an earlier or concurrent delivery of the same row. */
  | 'sent_before'
  /** A condition of the prepared writes failed: the user has changed since it was read. */
  | 'refused'

const RowFound = z.object({ deliveries: Deliveries })

/**
 * Sends the mail that a row requests to one of its users. At least once: if the response of SES is lost, or the row cannot be marked
 * as sent, a second mail follows.
 *
 * @throws the error that prevented the mail; the stream then delivers the row again.
 */
export const deliverOnce = async (
  dependencies: DeliverOnceDependencies,
  row: Key,
  userId: UserId,
  prepare: () => Prepared,
): Promise<DeliveryOutcome> => {
  const leased = await lease(dependencies, row, userId, prepare)
  if (typeof leased === 'string') return leased
  try {
    await dependencies.send(leased.message)
  } catch (error) {
    await attempt(() => dependencies.write([returnLeaseWrite(row, userId, leased.at)]))
    throw error
  }
  await attempt(() => dependencies.write([sentWrite(row, userId)]))
  return 'sent'
}

const lease = async (
  dependencies: DeliverOnceDependencies,
  row: Key,
  userId: UserId,
  prepare: () => Prepared,
): Promise<{ message: Message; at: number } | Exclude<DeliveryOutcome, 'sent'>> => {
  for (let round = 1; ; round += 1) {
    const at = dependencies.now()
    const { message, writes } = prepare()
    const outcome = await dependencies.write([leaseWrite(row, userId, at), ...writes])
    if (outcome.committed) return { message, at }
    if (outcome.failed !== deliveryLabel) return 'refused'
    const delivery =
      outcome.found === undefined ? undefined : RowFound.parse(outcome.found).deliveries[userId]
    // Another delivery has finished and removed or marked the row.
    if (delivery === undefined || delivery.state === 'sent') return 'sent_before'
    if (round === 2) throw new Error('the mail is still being sent by another delivery')
    // Until then the holder has marked the mail as sent or has failed. Failing at once would use up the stream's retries.
    await dependencies.wait(Math.max(0, delivery.leaseUntil - at))
  }
}

/** For the write after a mail was sent or has failed: an error must not change the outcome. */
const attempt = async (write: () => Promise<unknown>): Promise<void> => {
  try {
    await write()
  } catch {
    // The lease expires.
  }
}

/** Runs writes in sequence: all deliveries of a request write to the same row, where concurrent transactions would conflict. */
export const inSequence = (write: DeliverOnceDependencies['write']): DeliverOnceDependencies['write'] => {
  let last: Promise<unknown> = Promise.resolve()
  return (writes) => {
    const mine = last.then(() => write(writes))
    last = mine.catch(() => undefined)
    return mine
  }
}
