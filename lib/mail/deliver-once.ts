import * as z from 'zod/mini'
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

/** A mail and what must be written before it goes out. Made anew for each attempt. */
export type Prepared = { readonly message: Message; readonly writes: readonly Write[] }

export type DeliveryOutcome =
  | 'sent'
  /** By an earlier or a parallel delivery of the same row. */
  | 'sent_before'
  /** One of the prepared writes was refused: the user is not any more what it was when it was read. */
  | 'refused'

const RowFound = z.object({ deliveries: Deliveries })

/**
 * Sends a mail that a row asks for to one of its users, once. What is left: if SES takes a mail and its answer is lost, or the row
 * cannot be marked, a second mail follows; between two faults, one mail too many is the smaller.
 *
 * @throws whatever kept the mail from going out; the stream then delivers the row again.
 */
export const deliverOnce = async (
  dependencies: DeliverOnceDependencies,
  row: Key,
  userId: string,
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
  userId: string,
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
    // No row, or no mail under way in it: whoever was faster has finished and removed or marked it.
    if (delivery === undefined || delivery.state === 'sent') return 'sent_before'
    if (round === 2) throw new Error('the mail is still being sent by another delivery')
    // Its holder either marks the mail as sent by then or has died; failing at once would use up the stream's retries.
    await dependencies.wait(Math.max(0, delivery.leaseUntil - at))
  }
}

/** The mail is out, or its failure is on its way up: failing to note that must not change the outcome. */
const attempt = async (note: () => Promise<unknown>): Promise<void> => {
  try {
    await note()
  } catch {
    // The lease runs out by itself.
  }
}
