import { beforeEach, describe, expect, it } from 'vitest'
import { changePassword } from '../../lib/credentials/change-password.ts'
import { readPasswordHash } from '../../lib/credentials/credential-store.ts'
import { createCredential } from '../../lib/credentials/manage-credentials.ts'
import type { Caller } from '../../lib/http/operation.ts'
import type { Table } from '../../lib/table/document-client.ts'
import type { CountedAttempt, ThrottleRule } from '../../lib/throttle/throttle-rule.ts'
import { passwordChangePerCredential } from '../../lib/throttle/throttle-rule.ts'
import { countAttempt, uncountAttempt } from '../../lib/throttle/throttle-store.ts'
import { freshTable } from '../fresh-table.ts'
import { callerWith, dependenciesOf, makeCaller, makeOrganization, origin } from '../organization.ts'
import { refusalCode } from '../refusal-code.ts'

let table: Table
let organization: Awaited<ReturnType<typeof makeOrganization>>
beforeEach(async () => {
  table = await freshTable()
  organization = await makeOrganization(table)
})

const at = 1_795_251_600_000
const password = 'quite long enough now'
const change = (caller: Caller, currentPassword: string) => {
  const dependencies = {
    ...dependenciesOf(table),
    now: () => at,
    readPasswordHash: (userId: string) => readPasswordHash(table, userId),
    countAttempt: (rule: ThrottleRule, subject: string) => countAttempt(table, rule, subject, at),
    uncountAttempt: (attempt: CountedAttempt) => uncountAttempt(table, attempt),
  }
  const body = { currentPassword, newPassword: 'another long enough', confirmPassword: 'another long enough' }
  return refusalCode(changePassword(dependencies, caller, body, origin))
}

describe('changing the own password', () => {
  it('stops whoever guesses with a stolen credential, and not the owner with another one', async () => {
    const { admin, dependencies } = organization
    const { caller: thief, user } = await makeCaller(table, admin, {
      username: 'owner',
      role: 'User',
      password,
    })
    const { token } = await createCredential(
      dependencies,
      admin,
      user.userId,
      { name: 'own', kind: 'token' },
      origin,
    )
    for (let index = 0; index < passwordChangePerCredential.attempts; index += 1)
      expect(await change(thief, `guess number ${index}`)).toBe('current_password_wrong')
    expect(await change(thief, password)).toBe('too_many_requests')
    expect(await change(await callerWith(table, token ?? ''), password)).toBe('ok')
  })

  it('counts all sessions that one key opened as that key', async () => {
    const { caller } = await makeCaller(table, organization.admin, {
      username: 'owner',
      role: 'User',
      password,
    })
    const inSession = (sessionId: string): Caller => ({
      ...caller,
      subject: {
        ...caller.subject,
        provenBy: { ...caller.subject.provenBy, kind: 'session', sessionId },
      },
    })
    for (let index = 0; index < passwordChangePerCredential.attempts; index += 1)
      await change(inSession(`ses_${index}`), `guess number ${index}`)
    expect(await change(inSession('ses_new'), password)).toBe('too_many_requests')
  })
})
