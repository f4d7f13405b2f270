import { describe, expect, it } from 'vitest'
import { openThrottles } from '../../functions/wiring/throttles.ts'
import { readPasswordHash } from '../../lib/credentials/credential-store.ts'
import { changePassword } from '../../lib/passwords/change-password.ts'
import type { UserId } from '../../lib/secrets/key-id.ts'
import { allItems } from '../fresh-table.ts'
import { callerWith, dependenciesOf, makeCaller, origin } from '../organizations/organization.ts'
import { firstPassword, newPassword } from '../passwords/reset-scene.ts'
import {
  beginsAnew,
  codeOf,
  counts,
  dependencies,
  guess,
  guessPatiently,
  home,
  ipv4,
  limit,
  passwordIsNow,
  right,
  scene,
  windowMilliseconds,
  wrong,
} from './guessing-scene.ts'

beginsAnew()

describe('an account that was shut by guesses', () => {
  it('opens by a mailed link', async () => {
    await guess(limit)
    expect(await codeOf(right, home)).toBe('too_many_requests')
    await scene.confirm(await scene.mailedToken('owner'))
    passwordIsNow(newPassword)
    expect(await codeOf(right, home)).toBe('ok')
  })

  it('is told of as many wrong ones again after a mailed link, and no more', async () => {
    await guess(limit)
    await scene.confirm(await scene.mailedToken('owner'))
    passwordIsNow(newPassword)
    expect(counts(await guess(2 * limit))).toEqual({ invalid_credentials: limit, too_many_requests: limit })
  })

  it('opens by a mailed link for a network that was used before, too', async () => {
    await codeOf(right, home)
    await guessPatiently(limit, home)
    await scene.confirm(await scene.mailedToken('owner'))
    passwordIsNow(newPassword)
    scene.clock.milliseconds += windowMilliseconds
    expect(await codeOf(right, home)).toBe('ok')
  })

  it('keeps no counts of earlier passwords once a login succeeds', async () => {
    await codeOf(right, home)
    for (const address of [home, ipv4(1)]) await codeOf(wrong, address)
    await scene.confirm(await scene.mailedToken('owner'))
    passwordIsNow(newPassword)
    await codeOf(right, home)
    const inARow = (await allItems(scene.table)).filter(({ pk, sk }) =>
      `${String(pk)} ${String(sk)}`.includes('IN_A_ROW'),
    )
    expect(inARow).toHaveLength(2)
    expect(inARow.flatMap(Object.values).filter((value) => value instanceof Set)).toEqual([])
  })

  it('opens by a changed password', async () => {
    const { user, token } = await makeCaller(scene.table, scene.admin, {
      username: 'partner',
      password: firstPassword,
    })
    await guess(limit, ipv4, { username: user.username })
    const changing = {
      ...dependenciesOf(scene.table),
      ...openThrottles(scene.table),
      readPasswordHash: (userId: UserId) => readPasswordHash(scene.table, userId),
    }
    const caller = await callerWith(scene.table, token)
    const body = { currentPassword: firstPassword, newPassword, confirmPassword: newPassword }
    await changePassword(changing, caller, body, origin)
    passwordIsNow(newPassword)
    expect(await codeOf(right, home, { username: user.username })).toBe('ok')
  })

  it('opens when somebody gets that name: what was guessed before there was such a user counts for nothing', async () => {
    await guess(limit, ipv4, { username: 'newcomer' })
    await scene.makeUser({ username: 'newcomer', email: 'newcomer@customer.example' })
    expect(await codeOf(right, home, { username: 'newcomer' })).toBe('ok')
  })

  it('stays shut through a login of which the hash is made anew', async () => {
    await codeOf(right, home)
    const { hasher } = dependencies()
    await guess(limit)
    let isFirst = true
    const outdated = {
      ...hasher,
      isOutdated: () => {
        const was = isFirst
        isFirst = false
        return was
      },
    }
    expect(await codeOf(wrong, ipv4(200), { with: { hasher: outdated } })).toBe('too_many_requests')
    expect(await codeOf(right, home, { with: { hasher: { ...hasher, isOutdated: () => true } } })).toBe('ok')
    expect(counts(await guess(limit + 1))).toEqual({ invalid_credentials: limit, too_many_requests: 1 })
  })
})
