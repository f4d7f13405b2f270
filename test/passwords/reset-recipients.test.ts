import { beforeAll, describe, expect, it } from 'vitest'
import type { CountedAttempt, ThrottleRule } from '../../lib/limits/throttle-rule.ts'
import type { Recipient } from '../../lib/mail/message.ts'
import { readRecipients } from '../../lib/mail/recipient-store.ts'
import { resetRequestItem } from '../../lib/mail/reset-request.ts'
import type { StoredResetRequest } from '../../lib/mail/stored-reset-request.ts'
import { withinAllowance } from '../../lib/passwords/mail-allowance.ts'
import { resetRecipients } from '../../lib/passwords/reset-recipients.ts'
import { makeScene } from './reset-scene.ts'

let found: Recipient
beforeAll(async () => {
  const scene = await makeScene()
  const { userId } = await scene.makeUser({ username: 'Partner-42', email: 'Ops@partner.example' })
  const [recipient] = await readRecipients(scene.table, [userId])
  if (recipient === undefined) throw new Error('the user is not there')
  found = recipient
})

const mailed = (login: string, user: Partial<Recipient['user']>, status: 'active' | 'inactive' = 'active') =>
  resetRecipients(
    [{ user: { ...found.user, ...user }, organization: { ...found.organization, status } }],
    login,
  ).map(({ email }) => email)

describe('who gets a link', () => {
  it('is whoever has the username or the e-mail, at the stored address', () => {
    expect(mailed('partner-42', {})).toEqual(['Ops@partner.example'])
    expect(mailed('ops@partner.example', {})).toEqual(['Ops@partner.example'])
  })

  it('is nobody who was found by a row that their present name and address do not bear out', () => {
    expect(mailed('old@partner.example', {})).toEqual([])
    expect(mailed('partner', {})).toEqual([])
    expect(mailed('', {})).toEqual([])
  })

  it('is nobody who is disabled, without an address, or of an organization that is inactive', () => {
    expect(mailed('partner-42', { status: 'disabled' })).toEqual([])
    expect(mailed('partner-42', { email: null })).toEqual([])
    expect(mailed('partner-42', {}, 'inactive')).toEqual([])
  })

  it('may be a user of the console as well as an API user', () => {
    expect(mailed('partner-42', { accessLevel: 'dashboard' })).toHaveLength(1)
  })
})

describe('the allowance of mails', () => {
  const many = (count: number, emailVerified: boolean) =>
    Array.from({ length: count }, (_, index) => ({
      ...found,
      user: { ...found.user, userId: `usr_${index}` as const, emailVerified },
      email: 'ops@partner.example',
    }))
  const begun = { usr_0: { state: 'sending', leaseUntil: 0 } } as const
  const allowed = async (
    recipients: ReturnType<typeof many>,
    isLeft: (rule: string) => boolean,
    deliveries: StoredResetRequest['deliveries'] = {},
  ) => {
    const spent: string[] = []
    const spendLinkOnce = async ({ rule: { name } }: CountedAttempt<ThrottleRule>, id: string) => {
      spent.push(`${name} ${id}`)
      return isLeft(name)
    }
    const request = { ...resetRequestItem('ops', { address: null, requestId: 'r' }, 0), deliveries }
    const left = await withinAllowance({ spendLinkOnce, log: () => undefined }, request, recipients)
    return { users: left.map(({ user }) => user.userId), spent }
  }

  it('is spent once for each user of a request, and not again by a delivery that comes back', async () => {
    const { users, spent } = await allowed(many(2, true), () => true, begun)
    expect([users, spent]).toEqual([['usr_0', 'usr_1'], ['reset-mail r#usr_1']])
    expect((await allowed(many(2, true), () => false, begun)).users).toEqual(['usr_0'])
  })

  it('is for a dozen users of a request, and asked no more where an address has used up its own', async () => {
    expect((await allowed(many(14, true), () => true)).users).toHaveLength(12)
    const refused = await allowed(many(14, false), (rule) => rule !== 'reset-mail-address-organization')
    expect(refused).toEqual({ users: [], spent: ['reset-mail-address-organization r#usr_0'] })
  })
})
