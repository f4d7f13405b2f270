import { expect, it } from 'vitest'
import { leaseMilliseconds, leaseWrite, returnLeaseWrite } from '../../lib/mail/delivery.ts'
import { noticeWrite } from '../../lib/mail/notice.ts'
import { keys } from '../../lib/table/keys.ts'
import { writeTransaction } from '../../lib/table/transaction.ts'
import { freshTable } from '../fresh-table.ts'

it('a lease that another delivery has taken over is not given back by the one before', async () => {
  const table = await freshTable()
  const row = keys.notice('notice-1')
  const at = '2026-11-21T12:00:00.000Z'
  const notice = { noticeKind: 'password-changed', userId: 'usr_1', at, requestId: 'notice-1' } as const
  await writeTransaction(table, [noticeWrite({ ...notice, address: '192.0.2.44' }, 2_000_000_000)])
  const lease = async (now: number) =>
    (await writeTransaction(table, [leaseWrite(row, 'usr_1', now)])).committed
  const giveBack = async (now: number) =>
    (await writeTransaction(table, [returnLeaseWrite(row, 'usr_1', now)])).committed
  expect([await lease(0), await lease(leaseMilliseconds - 1), await lease(leaseMilliseconds)]).toEqual([
    true,
    false,
    true,
  ])
  expect([await giveBack(0), await lease(leaseMilliseconds + 1)]).toEqual([false, false])
  expect([await giveBack(leaseMilliseconds), await lease(leaseMilliseconds + 1)]).toEqual([true, true])
})
