import { TransactionCanceledException } from '@aws-sdk/client-dynamodb'
import { beforeEach, describe, expect, it } from 'vitest'
import type { LogInDependencies } from '../../lib/sessions/log-in.ts'
import { deleteUser } from '../../lib/users/delete-user.ts'
import { origin } from '../organizations/organization.ts'
import { firstPassword } from '../passwords/reset-scene.ts'
import {
  asDeployed,
  beginsAnew,
  codeOf,
  counts,
  dayMilliseconds,
  dependencies,
  guess,
  guessPatiently,
  home,
  ipv4,
  limit,
  login,
  right,
  scene,
  windowMilliseconds,
  wrong,
} from './guessing-scene.ts'

beginsAnew()

describe('a network from which the account was logged in to', () => {
  beforeEach(async () => {
    expect(await codeOf(right, home)).toBe('ok')
  })

  it('L3: lets the owner in whatever others guess', async () => {
    await guess(limit + 1)
    expect(await codeOf(right, '203.0.113.78')).toBe('too_many_requests')
    expect(await codeOf(wrong, home)).toBe('invalid_credentials')
    expect(await codeOf(right, home)).toBe('ok')
  })

  it('is not counted with others: its own failures in a row shut it alone', async () => {
    expect(counts(await guessPatiently(limit, home))).toEqual({ invalid_credentials: limit })
    scene.clock.milliseconds += windowMilliseconds
    const refused = await login(right, home)
    expect(refused.code).toBe('too_many_requests')
    expect(refused.detail).toMatch(/logged in .*before.*reset the password/)
    expect(counts(await guess(limit - 1))).toEqual({ invalid_credentials: limit - 1 })
    expect(await codeOf(right, '203.0.113.78')).toBe('ok')
  })

  it('counts its own in a row', async () => {
    await guessPatiently(limit - 1, home)
    expect(await codeOf(right, home)).toBe('ok')
    expect(counts(await guessPatiently(limit, home))).toEqual({ invalid_credentials: limit })
  })

  it('is a /64 of IPv6, and no larger', async () => {
    expect(await codeOf(right, '2001:db8:1:2:3:4:5:6')).toBe('ok')
    await guess(limit)
    expect(await codeOf(right, '2001:DB8:1:2::9')).toBe('ok')
    await guess(limit)
    expect(await codeOf(right, '2001:db8:1:3::9')).toBe('too_many_requests')
  })

  it('is one no longer 90 days after the last login, though its row is still there', async () => {
    scene.clock.milliseconds += 80 * dayMilliseconds
    expect(await codeOf(right, home)).toBe('ok')
    await guess(limit)
    scene.clock.milliseconds += 80 * dayMilliseconds
    expect(await codeOf(wrong, home)).toBe('invalid_credentials')
    scene.clock.milliseconds += 10 * dayMilliseconds
    expect(await scene.itemsOfKind('known-source')).not.toEqual([])
    expect(await codeOf(right, home)).toBe('too_many_requests')
  })

  it('starts at none when it becomes one again', async () => {
    await guessPatiently(limit, home)
    scene.clock.milliseconds += 90 * dayMilliseconds
    expect(await codeOf(right, home)).toBe('ok')
    expect(await codeOf(right, home)).toBe('ok')
  })

  it('is one of this account only, and none of a later user of that name', async () => {
    const { userId } = await scene.makeUser({ username: 'other', email: 'other@customer.example' })
    await guess(limit, ipv4, { username: 'other' })
    expect(await codeOf(right, home, { username: 'other' })).toBe('too_many_requests')

    const theirs = dependencies({ now: Date.now })
    await deleteUser({ ...scene.dependencies, ...theirs }, scene.admin, userId, null, origin)
    await scene.makeUser({ username: 'other', email: 'other@customer.example' })
    await guess(limit, ipv4, { username: 'other' })
    expect(await codeOf(right, home, { username: 'other' })).toBe('too_many_requests')
  })

  it('is noted once a day, and in no words', async () => {
    const [noted, ...others] = await scene.itemsOfKind('known-source')
    expect(others).toEqual([])
    const startedAt = scene.clock.milliseconds
    for (const text of ['owner\n', '"owner"', home, firstPassword])
      expect(JSON.stringify(noted)).not.toContain(text)
    scene.clock.milliseconds = startedAt + dayMilliseconds - 1
    await codeOf(right, home)
    expect(await scene.itemsOfKind('known-source')).toEqual([noted])
    scene.clock.milliseconds = startedAt + dayMilliseconds
    await Promise.all(Array.from({ length: 8 }, () => codeOf(right, home)))
    const [renewed] = await scene.itemsOfKind('known-source')
    expect(renewed?.['expiresAtSeconds']).toBe(
      Math.floor((startedAt + dayMilliseconds) / 1000) + 90 * 24 * 3600,
    )
  })

  it('is none when the password was right and the login was refused all the same', async () => {
    await scene.makeUser({ username: 'inside', whitelist: ['192.0.2.1'] })
    expect(await codeOf(right, home, { username: 'inside' })).toBe('invalid_credentials')
    expect(await scene.itemsOfKind('known-source')).toHaveLength(1)
  })

  it('is let in though other transactions stand at all that its success resets', async () => {
    await guess(limit)
    await codeOf(wrong, home, asDeployed)
    let cancelled = 0
    scene.table.client.middlewareStack.add(
      (next) => (args) => {
        const parts = (args.input as { TransactItems?: object[] }).TransactItems ?? []
        const isBusy = parts.map((part) => JSON.stringify(part).includes('THROTTLE#'))
        if (!isBusy.includes(true)) return next(args)
        cancelled += 1
        const CancellationReasons = isBusy.map((is) => ({ Code: is ? 'TransactionConflict' : 'None' }))
        return Promise.reject(
          new TransactionCanceledException({ message: 'conflict', $metadata: {}, CancellationReasons }),
        )
      },
      { step: 'initialize', name: 'conflict' },
    )
    expect(await codeOf(right, home, asDeployed)).toBe('ok')
    expect(cancelled).toBe(1)
  })

  it('makes four calls, whatever is reset, one more from a new network, and its fleet writes no item in common', async () => {
    const sent: (string | undefined)[] = []
    const written: string[][] = []
    scene.table.client.middlewareStack.add(
      (next, context) => (args) => {
        sent.push(context.commandName)
        const { TransactItems: parts } = args.input as {
          TransactItems?: Record<string, { Key?: unknown; Item?: { pk: unknown; sk: unknown } }>[]
        }
        if (parts !== undefined)
          written.push(
            parts.flatMap((part) =>
              Object.values(part).map(({ Key, Item }) => JSON.stringify(Key ?? [Item?.pk, Item?.sk])),
            ),
          )
        return next(args)
      },
      { step: 'initialize', name: 'look' },
    )
    const read = ['BatchGetItemCommand', 'BatchGetItemCommand', 'UpdateItemCommand']
    const callsFrom = async (address: string) => {
      sent.length = 0
      expect(await codeOf(right, address, asDeployed)).toBe('ok')
      return [...sent]
    }
    for (const address of [home, home])
      expect(await callsFrom(address)).toEqual([...read, 'TransactWriteItemsCommand'])
    const [first = [], second = []] = written
    expect(first.length).toBeGreaterThan(0)
    expect(first.filter((key) => second.includes(key))).toEqual([])
    for (const address of ['203.0.113.79', '2001:db8:7::1']) {
      expect(await callsFrom(address)).toEqual([...read, 'UpdateItemCommand', 'TransactWriteItemsCommand'])
      expect(await callsFrom(address)).toEqual([...read, 'TransactWriteItemsCommand'])
    }
    await codeOf(wrong, home, asDeployed)
    await guess(2)
    expect(await callsFrom(home)).toEqual([...read, 'TransactWriteItemsCommand'])
    expect(written.at(-1)?.filter((key) => key.includes('IN_A_ROW'))).toHaveLength(2)
  })

  it('L6: is not told that the right one came when the count filled up while it was verified', async () => {
    const seen = dependencies()
    const late: Partial<LogInDependencies> = {
      admitGuess: async (row, given) => {
        // What the others did since this login read the counts; each may be in another window.
        if (!given.isWrong) await guessPatiently(limit, home)
        return await seen.admitGuess(row, given)
      },
    }
    await guessPatiently(1, home)
    await codeOf(right, home)
    await guessPatiently(1, home)
    expect(await codeOf(right, home, { with: late })).toBe('too_many_requests')
  })
})
