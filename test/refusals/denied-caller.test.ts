import { expect, it } from 'vitest'
import type { DeniedCaller } from '../../lib/refusals/denied-caller.ts'
import { callerOfDenied, floodGroup, floodSource } from '../../lib/refusals/denied-caller.ts'
import { subject } from '../decision/sample-subject.ts'
import { storedMembership, storedOrganization, storedUser } from '../identity/sample-membership.ts'

const denied = { request: {}, reason: 'credential_unknown', steps: [] } as unknown as Omit<
  Parameters<typeof callerOfDenied>[0],
  'subject' | 'snapshot'
>
const snapshot = {
  ...{ user: storedUser(), membership: storedMembership(), organization: storedOrganization(), policy: null },
  ...{ credential: null, loggedOut: false, actor: null },
}
const claimed: DeniedCaller = {
  ...{ organizationId: 'org_1', isProven: false, userId: 'usr_1', username: 'Partner-42', keyId: null },
}

it('is whoever proved itself', () => {
  expect(callerOfDenied({ ...denied, subject: subject(), snapshot: null })).toEqual({
    organizationId: 'org_1',
    isProven: true,
    userId: 'usr_4k2m9x7q1w8e5r3t',
    username: 'partner-42',
    keyId: 'key_1',
  })
})

it('is else whom the credential claims to be, as far as that is this organization’s to know', () => {
  const of = (changed: Partial<typeof snapshot> | null) =>
    callerOfDenied({
      ...denied,
      subject: null,
      snapshot: changed === null ? null : ({ ...snapshot, ...changed } as typeof snapshot),
    })
  expect(of({})).toEqual(claimed)
  const stranger = { ...claimed, userId: null, username: null }
  expect(of({ membership: null as never })).toEqual(stranger)
  expect(of({ user: null as never })).toEqual(stranger)
  expect(of({ credential: { keyId: 'key_7' } as never })).toEqual({ ...claimed, keyId: 'key_7' })
  expect([of(null), of({ organization: null as never })]).toEqual([null, null])
})

it('counts as one by the user who proved itself, and else by the network', () => {
  expect(floodSource({ ...claimed, isProven: true }, '2001:db8::1')).toBe('usr_1')
  expect(floodSource({ ...claimed, isProven: true, userId: null }, '2001:db8::1')).toBe('2001:db8::/64')
  expect(floodSource(claimed, '203.0.113.9')).toBe('203.0.113.9')
})

it('has the allowance of those who proved themselves, or that of the others', () => {
  const groups = [true, false].map((isProven) => floodGroup({ organizationId: 'org_1', isProven }))
  expect(groups).toEqual(['org_1 proven', 'org_1 claimed'])
})
