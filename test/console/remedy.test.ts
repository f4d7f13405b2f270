import { describe, expect, it } from 'vitest'
import type { Denial, Known } from '../../console/screens/denials/remedy.ts'
import { reasonNow, remedyFor, sentenceOf } from '../../console/screens/denials/remedy.ts'
import { inWords } from '../../console/screens/denials/saw.ts'
import { withoutMarks } from '../../console/texts/isolated-names.ts'
import { denialReasons } from '../../lib/decision/decide.ts'

const user = {
  userId: 'usr_4k2m9x7q1w8e5r3t',
  username: 'partner-42',
  membership: 'home',
  whitelist: ['203.0.113.7'],
  permissions: { orders: 'read' },
  endpoints: ['GET /health'],
} as unknown as Known['user']

const section = (
  name: string,
  endpoints: readonly (readonly [string, 'read' | 'write'])[],
  api = 'shop',
) => ({
  ...{ name, title: name, api, management: false, importedFrom: null, dashboard: false },
  endpoints: endpoints.map(([endpoint, level]) => ({ endpoint, level })),
})
const known: Known = {
  user,
  sections: [
    section('everything', [
      ['* /*', 'write'],
      ['GET /orders/{id}', 'read'],
    ]),
    section('orders', [['PUT /orders/{id}', 'write']]),
    section('orders', [['PUT /orders/{id}', 'read']], 'ledger'),
  ],
  api: 'shop',
  plainApi: 'shop',
}
const denial: Pick<Denial, 'address' | 'method' | 'path' | 'subject'> = {
  address: '198.51.100.9',
  method: 'PUT',
  path: '/orders/17',
  subject: {
    proven: true,
    userId: 'usr_4k2m9x7q1w8e5r3t',
    username: 'partner-42',
    keyId: 'key_a1b2c3d4e54k2m9x7q1w8e5r3tz9y8x7w6v5',
    actingUserId: null,
  },
}

describe('the one change that would allow a refused request', () => {
  it('adds the address to the whitelist, and keeps the entries that are there', () => {
    for (const reason of ['whitelist_no_match', 'whitelist_required'] as const)
      expect(remedyFor(reason, denial, known)).toMatchObject({
        kind: 'allow-address',
        entries: ['203.0.113.7', '198.51.100.9'],
        needs: { section: 'postern-whitelist', level: 'write' },
      })
  })

  it('grants the smallest section of this API that covers the request, and keeps all other rights', () => {
    expect(remedyFor('permission_not_granted', denial, known)).toMatchObject({
      kind: 'grant',
      granted: 'shop/orders',
      level: 'write',
      permissions: { 'shop/orders': 'write' },
      endpoints: ['shop GET /health'],
    })
  })

  it('never raises the section of the same name in another API', () => {
    expect(remedyFor('permission_not_granted', denial, { ...known, api: 'ledger' })).toMatchObject({
      permissions: { 'shop/orders': 'read', 'ledger/orders': 'read' },
    })
  })

  it('grants the single endpoint where no section covers the request', () => {
    expect(remedyFor('permission_not_granted', denial, { ...known, sections: [] })).toMatchObject({
      granted: 'shop PUT /orders/17',
      permissions: { 'shop/orders': 'read' },
      endpoints: ['shop GET /health', 'shop PUT /orders/17'],
    })
  })

  it.each(['/*', '/orders/*', '/{id}', '/orders/{id}/lines', '/a%2Ab', '/a//b'])(
    'grants no pattern that a caller sent as the path %s',
    (path) => {
      const ofCaller = { ...denial, method: 'DELETE', path }
      expect(remedyFor('permission_not_granted', ofCaller, { ...known, sections: [] })).toBeNull()
    },
  )

  it('gives nothing to who only claims to be the user, but the credential that was disabled', () => {
    const claimed = { ...denial, subject: { ...denial.subject, proven: false } }
    const suspended = { ...known, user: { ...user, membership: 'suspended' as const } }
    const given = denialReasons.filter((reason) => remedyFor(reason, claimed, suspended) !== null)
    expect(given).toEqual(['credential_disabled'])
  })

  it('confirms a membership that is suspended, and none that is only invited', () => {
    const suspended = { ...known, user: { ...user, membership: 'suspended' as const } }
    expect(remedyFor('membership_inactive', denial, suspended)).toMatchObject({ kind: 'confirm' })
    const invited = { ...known, user: { ...user, membership: 'invited' as const } }
    expect(remedyFor('membership_inactive', denial, invited)).toBeNull()
  })

  it('is none for a reason that no change of rights ends', () => {
    const changed = denialReasons.filter((reason) => remedyFor(reason, denial, known) !== null)
    expect(changed).toEqual([
      'credential_disabled',
      'user_disabled',
      'whitelist_required',
      'whitelist_no_match',
      'permission_not_granted',
    ])
  })
})

it.each([
  [{ kind: 'allow-address', address: '192.0.2.1', entries: [] }, 'Add 192.0.2.1 to the whitelist of dana.'],
  [{ kind: 'enable-user' }, 'Enable dana.'],
  [{ kind: 'confirm' }, 'Confirm the membership of dana.'],
  [{ kind: 'enable-credential', keyId: 'key_1' }, 'Enable production of dana.'],
  [
    { kind: 'grant', granted: 'shop/orders', level: 'write', permissions: {}, endpoints: [] },
    'Grant write on shop/orders to dana.',
  ],
] as const)('says what the change is: %o', (remedy, sentence) => {
  const whole = {
    needs: { section: 'postern-users', level: 'write' },
    userId: user.userId,
    ...remedy,
  } as const
  expect(withoutMarks(sentenceOf(whole, 'dana', { credential: () => 'production' }))).toBe(sentence)
})

it('never says that a request would pass whose own token, secret or number was refused', () => {
  const passing = denialReasons.filter((reason) => reasonNow(reason, null) === null)
  expect(passing).toContain('whitelist_no_match')
  expect(passing).toContain('credential_expired')
  for (const reason of ['session_ended', 'session_audience', 'credential_unknown', 'rate_limited'] as const) {
    expect(reasonNow(reason, null)).toBe(reason)
    expect(reasonNow(reason, 'user_disabled')).toBe('user_disabled')
  }
})

it.each([
  ['session_ended', 'Ended session'],
  ['membership_inactive: the membership is suspended', 'Membership not active: the membership is suspended'],
  ['user usr_1 in org_1 is active', 'user dana in Heron is active'],
  ['user usr_2 in org_1 is active', 'user usr_2 in Heron is active'],
  ['my_shop (api_osqmwohia8og)', 'my_shop'],
  ['127.0.0.1; the whitelist is empty', '127.0.0.1; the whitelist is empty'],
  ['key key_1', 'key production'],
  ['session ses_1', 'This session'],
  ['session ses_2', 'A session'],
  ['the request names 7', 'the request names Berlin'],
  [
    'needs write on section postern-users for all account groups; the user has it in 7 only',
    'needs write on section postern-users for all account groups; the user has it in Berlin only',
  ],
  [
    'write on section postern-users in account group 7',
    'write on section postern-users in account group Berlin',
  ],
])('shows what a check saw, %s, as %s', (saw, shown) => {
  const known: Readonly<Record<string, string>> = {
    usr_1: 'dana',
    org_1: 'Heron',
    key_1: 'production',
    ses_1: 'This session',
  }
  expect(inWords(saw, { of: (id) => known[id], group: (aid) => (aid === 7 ? 'Berlin' : String(aid)) })).toBe(
    shown,
  )
})
