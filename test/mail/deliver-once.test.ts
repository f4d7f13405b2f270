import { describe, expect, it } from 'vitest'
import { deliverOnce } from '../../lib/mail/deliver-once.ts'
import { keys } from '../../lib/table/keys.ts'
import type { TransactionOutcome, Write } from '../../lib/table/transaction.ts'

const message = { to: 'ops@partner.example', senderName: null, subject: '', text: '', html: '', logoOf: null }
const beside: Write = { label: 'user', check: keys.user('usr_1'), condition: 'version = :read' }
const start = 1_000_000
type Answer = TransactionOutcome | Error

const held = (state: 'sending' | 'sent', leaseUntil: number): TransactionOutcome => ({
  committed: false,
  failed: 'delivery',
  found: { deliveries: { usr_1: { state, leaseUntil } } },
})
const committed: TransactionOutcome = { committed: true }

/** A delivery whose writes get these answers, one after the other. */
const deliver = async (answers: Answer[], sendFails = false) => {
  const written: (readonly Write[])[] = []
  const waits: number[] = []
  const outcome = deliverOnce(
    {
      write: async (writes) => {
        written.push(writes)
        const answer = answers.shift() ?? committed
        if (answer instanceof Error) throw answer
        return answer
      },
      send: async () => {
        if (sendFails) throw new Error('SES is away')
      },
      now: () => start,
      wait: async (milliseconds) => void waits.push(milliseconds),
    },
    keys.notice('notice-1'),
    'usr_1',
    () => ({ message, writes: [beside] }),
  )
  return { outcome: await outcome.catch(String), written, waits }
}

describe('a mail', () => {
  it('counts as sent when SES took it, whether or not that can be noted', async () => {
    expect((await deliver([committed, new Error('DynamoDB is away')])).outcome).toBe('sent')
  })

  it('fails for the reason of SES, whether or not the lease can be given back', async () => {
    expect((await deliver([committed, new Error('DynamoDB is away')], true)).outcome).toBe(
      'Error: SES is away',
    )
  })

  it('needs the lease first: one that was sent before is none that its user refused', async () => {
    const { written, outcome } = await deliver([held('sent', 0)])
    expect(written.map((writes) => writes.map(({ label }) => label))).toEqual([['delivery', 'user']])
    expect(outcome).toBe('sent_before')
  })

  it('waits once for another delivery, until its lease is over, and then leaves it to the stream', async () => {
    const { waits, outcome } = await deliver(Array(9).fill(held('sending', start + 700)))
    expect(waits).toEqual([700])
    expect(outcome).toBe('Error: the mail is still being sent by another delivery')
    const released = await deliver([held('sending', 0)])
    expect([released.waits, released.outcome]).toEqual([[0], 'sent'])
  })
})
