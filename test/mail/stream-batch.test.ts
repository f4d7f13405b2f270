import type { DynamoDBRecord } from 'aws-lambda'
import { describe, expect, it } from 'vitest'
import type { LogEntry } from '../../lib/effects/log-entry.ts'
import { mailBatch } from '../../lib/mail/stream-batch.ts'

const record = (
  kind: string,
  requestId: string,
  eventName: 'INSERT' | 'MODIFY' = 'INSERT',
): DynamoDBRecord => ({
  eventName,
  dynamodb: { SequenceNumber: requestId, NewImage: { kind: { S: kind }, requestId: { S: requestId } } },
})

const run = async (
  records: readonly DynamoDBRecord[],
  mail: (requestId: string) => Promise<void> = async () => {},
  millisecondsOfEach = 4000,
) => {
  const done: string[] = []
  const logged: LogEntry[] = []
  const clock = { milliseconds: 0 }
  const mailAs = (kind: string) => async (requestId: string) => {
    done.push(`${kind} ${requestId}`)
    clock.milliseconds += millisecondsOfEach
    await mail(requestId)
  }
  const answer = await mailBatch(
    {
      mailResetLinks: mailAs('link'),
      mailNotice: mailAs('notice'),
      log: (entry) => void logged.push(entry),
      now: () => clock.milliseconds,
    },
    records,
  )
  return { failed: answer.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier), done, logged }
}

describe('a batch of the stream', () => {
  it('is worked off in order, each row by its kind', async () => {
    const { failed, done } = await run([record('notice', '1'), record('reset-request', '2')])
    expect(failed).toEqual([])
    expect(done).toEqual(['notice 1', 'link 2'])
  })

  it('leaves alone what is not its own', async () => {
    const { failed, done } = await run([record('user', '1'), record('reset-request', '2', 'MODIFY')])
    expect({ failed, done }).toEqual({ failed: [], done: [] })
  })

  it('reports a failure and still mails what stands behind it', async () => {
    const { failed, done, logged } = await run([record('notice', '1'), record('notice', '2')], async (id) => {
      if (id === '1') throw new Error('mail to ops@partner.example refused')
    })
    expect(failed).toEqual(['1'])
    expect(done).toEqual(['notice 1', 'notice 2'])
    expect(logged).toEqual([{ event: 'mail_failed', requestId: '1', error: 'Error' }])
  })

  it('reports a row that cannot be read, so that it ends in the dead-letter queue', async () => {
    const malformed: DynamoDBRecord = { eventName: 'INSERT', dynamodb: { SequenceNumber: '7', NewImage: {} } }
    expect((await run([malformed])).failed).toEqual(['7'])
  })

  it('begins nothing that it might not finish in its time', async () => {
    const { failed, done } = await run(['1', '2', '3', '4', '5'].map((id) => record('notice', id)))
    expect(done).toEqual(['notice 1', 'notice 2', 'notice 3'])
    expect(failed).toEqual(['4', '5'])
  })

  it('begins the last one eight seconds after the first', async () => {
    const records = ['1', '2', '3'].map((id) => record('notice', id))
    const beganWith = async (milliseconds: number) =>
      (await run(records, undefined, milliseconds)).done.length
    expect([await beganWith(8000), await beganWith(8001)]).toEqual([2, 1])
  })
})
