import { expect, it } from 'vitest'
import { DomainError } from '../../lib/effects/domain-error.ts'
import { spendSourceAttempt } from '../../lib/limits/source-attempt.ts'
import { resetConfirmPerSource } from '../../lib/limits/throttle-rule.ts'

const rule = resetConfirmPerSource
/** A minute before the window ends. */
const now = () => Date.parse('2026-11-21T12:04:00.000Z')
const spend = async (address: string, attempts: number) => {
  const counted: string[] = []
  const countAttempt = (_rule: unknown, source: string) => {
    counted.push(source)
    return Promise.resolve(attempts)
  }
  const refused: unknown = await spendSourceAttempt({ countAttempt, now }, rule, address).catch(
    (error: unknown) => error,
  )
  return { counted, refused }
}

it('lets a source make as many attempts as the rule says, and tells it after that when to come again', async () => {
  expect((await spend('203.0.113.9', rule.attempts)).refused).toBeUndefined()
  const { refused } = await spend('203.0.113.9', rule.attempts + 1)
  expect(refused).toBeInstanceOf(DomainError)
  expect(refused).toMatchObject({ code: 'too_many_requests', retryAfterSeconds: 60 })
})

it.each([
  ['203.0.113.9', '203.0.113.9'],
  ['::ffff:203.0.113.9', '203.0.113.9'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:DB8:1:2::FFFF', '2001:db8:1:2::/64'],
  ['not-an-address', 'unreadable'],
])('counts %s as %s', async (address, source) => {
  expect((await spend(address, 1)).counted).toEqual([source])
})
