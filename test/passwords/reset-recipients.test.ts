import { beforeAll, describe, expect, it } from 'vitest'
import type { Recipient } from '../../lib/mail/message.ts'
import { readRecipients } from '../../lib/mail/recipient-store.ts'
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
