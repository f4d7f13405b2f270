import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readChange } from '../../console/parts/change-lines.ts'
import type { AuditAction, Change } from '../../lib/audit/audit-row.ts'
import { auditActions } from '../../lib/audit/audit-row.ts'
import { allItems } from '../fresh-table.ts'
import type { Deployment } from '../functions/deployment.ts'
import { deployment } from '../functions/deployment.ts'

/**
 * What each kind of row says was there before. `made`: nothing. `taken`: something, and afterwards nothing. `changed`: something else.
 * `event`: it changes nothing that is shown. A new action finds its place here, or this file does not compile.
 */
const kinds: Readonly<Record<AuditAction, 'made' | 'taken' | 'changed' | 'event'>> = {
  'organization.created': 'made',
  'organization.changed': 'changed',
  'guest.invited': 'made',
  'guest.accepted': 'changed',
  'guest.left': 'taken',
  'guest.removed': 'taken',
  'guest.suspended': 'changed',
  'guest.confirmed': 'changed',
  'impersonation.started': 'event',
  'user.created': 'made',
  'user.changed': 'changed',
  'user.deleted': 'taken',
  'roles.replaced': 'changed',
  'credential.created': 'made',
  'credential.imported': 'made',
  'credential.rotated': 'changed',
  'credential.changed': 'changed',
  'credential.disabled': 'changed',
  'credential.enabled': 'changed',
  'credential.deleted': 'taken',
  'credential.expiry-warned': 'event',
  'second-factor.added': 'made',
  'second-factor.renamed': 'changed',
  'second-factor.removed': 'taken',
  'second-factors.reset': 'changed',
  'recovery-codes.made': 'changed',
  'recovery-code.used': 'event',
  'password.changed': 'event',
  'password.reset': 'changed',
  'password-reset.mailed': 'event',
  'password-reset.link-made': 'event',
  'password-reset.mail-requested': 'event',
  'whitelist.replaced': 'changed',
  'providers.refresh-requested': 'made',
  'providers.list-accepted': 'changed',
  'login.succeeded': 'event',
  'login.second-factor-asked': 'event',
  'token.issued': 'event',
  'session.ended': 'event',
  'session.moved': 'event',
  'sessions.ended': 'event',
  'account-group.created': 'made',
  'account-group.changed': 'changed',
  'account-group.deleted': 'taken',
  'role.created': 'made',
  'role.changed': 'changed',
  'role.deleted': 'taken',
  'section.created': 'made',
  'section.changed': 'changed',
  'section.deleted': 'taken',
  'sections.imported': 'made',
  'api.created': 'made',
  'api.changed': 'changed',
  'api.deleted': 'taken',
  'api.gateway-bound': 'made',
  'api.gateway-released': 'taken',
  'api.shared': 'made',
  'api.share-ended': 'taken',
  'api.handed-over': 'changed',
  'integration-vendor.created': 'made',
  'integration-vendor.deleted': 'taken',
  'request.refused': 'event',
  'login.refused': 'event',
  'refusals.counted': 'event',
}

/** What needs the mailer, a schedule, a flood or a mailed link; other files see to their rows. */
const notHere: readonly AuditAction[] = [
  'credential.expiry-warned',
  'password.reset',
  'password-reset.mailed',
  'refusals.counted',
  // test/console
  'login.second-factor-asked',
  'sessions.ended',
  'session.moved',
  // test/factors
  'second-factor.added',
  'second-factor.renamed',
  'second-factor.removed',
  'second-factors.reset',
  'recovery-codes.made',
  'recovery-code.used',
  // test/providers/accept-list.test.ts
  'providers.list-accepted',
]

/** Whom and what a row names, by the kinds of their ids. */
const targets = Object.entries({
  'user, nothing else': [
    ...[
      'guest.invited',
      'guest.accepted',
      'guest.left',
      'guest.removed',
      'guest.suspended',
      'guest.confirmed',
    ],
    ...['impersonation.started', 'user.changed', 'user.deleted', 'roles.replaced', 'whitelist.replaced'],
    ...['password.changed', 'password-reset.link-made', 'password-reset.mail-requested', 'login.refused'],
  ],
  'user, key': [
    ...['user.created', 'credential.created', 'credential.imported', 'credential.rotated'],
    ...['credential.changed', 'credential.disabled', 'credential.enabled', 'credential.deleted'],
  ],
  'user, session': ['login.succeeded', 'token.issued', 'session.ended'],
  'user, organization': ['organization.created'],
  'nobody, organization': ['organization.changed'],
  'nobody, number': [
    ...['account-group.created', 'account-group.changed', 'account-group.deleted'],
    ...['role.created', 'role.changed', 'role.deleted'],
  ],
  'nobody, vendor': ['integration-vendor.created', 'integration-vendor.deleted'],
  'nobody, API': [
    ...['section.created', 'section.changed', 'section.deleted', 'sections.imported'],
    ...['api.created', 'api.changed', 'api.deleted', 'api.gateway-bound', 'api.gateway-released'],
    ...['api.shared', 'api.share-ended', 'api.handed-over'],
  ],
  'nobody, nothing else': ['providers.refresh-requested', 'request.refused'],
} as const satisfies Readonly<Record<string, readonly AuditAction[]>>)

const kindsOfIds: readonly (readonly [RegExp, string])[] = [
  [/^key_/, 'key'],
  [/^ses_/, 'session'],
  [/^org_/, 'organization'],
  [/^vnd_/, 'vendor'],
  [/^api_/, 'API'],
  [/^\d+$/, 'number'],
]

type Row = {
  readonly action: AuditAction
  readonly targetUserId: string | null
  readonly apiId?: string
  readonly targetId: string | null
  readonly changes: readonly Change[]
}

let postern: Deployment
let rows: readonly Row[]
let hostsRows: readonly Row[]
/** What the API showed of a thing before it was changed or taken, by the action. */
const shownBefore = new Map<AuditAction, Readonly<Record<string, unknown>>>()
const secrets: string[] = []

type Answer = Readonly<Record<string, unknown>>
const isRecord = (value: unknown): value is Answer =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const send = async (token: string, method: string, path: string, json?: unknown): Promise<Answer> => {
  const answer = await postern.call(method, path, { authorization: `Bearer ${token}`, json })
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`)
  return answer.body
}

/** What an answer holds one of, such as `{role: {…}}`. */
const one = (answer: Answer): Answer => Object.values(answer).find(isRecord) ?? answer

const listed = <T>(answer: Answer, name: string): T[] => {
  const list = answer[name]
  return Array.isArray(list) ? list : []
}

const rowsOf = async (token: string): Promise<Row[]> => {
  const asked = { authorization: `Bearer ${token}`, query: 'limit=100' }
  return listed((await postern.call('GET', '/v1/audit', asked)).body, 'rows')
}

beforeAll(async () => {
  postern = await deployment()
  const admin = (method: string, path: string, json?: unknown) =>
    send(postern.first.token, method, path, json)
  const host = (method: string, path: string, json?: unknown) =>
    send(postern.second.token, method, path, json)
  const hostId = postern.second.organizationId
  const password = 'a phrase that is long enough'
  const newUser = async (username: string, fields: Readonly<Record<string, unknown>> = {}) => {
    const made = await admin('POST', '/v1/users', { username, generate: 'token', ...fields })
    const user = isRecord(made['user']) ? made['user'] : {}
    const credential = isRecord(made['credential']) ? made['credential'] : {}
    secrets.push(String(credential['token']))
    return { userId: String(user['userId']), token: String(credential['token']) }
  }

  const { name, sessionLifetimeSeconds } = one(await admin('GET', '/v1/organization'))
  shownBefore.set('organization.changed', { name, sessionLifetimeSeconds })
  await admin('PATCH', '/v1/organization', { name: 'Renamed', sessionLifetimeSeconds: 600 })

  const group = one(await admin('POST', '/v1/account-groups', { accountGroupName: 'Europe' }))
  shownBefore.set('account-group.changed', { name: 'Europe' })
  await admin('PATCH', `/v1/account-groups/${group['aid']}`, { accountGroupName: 'Asia' })
  shownBefore.set('account-group.deleted', { name: 'Asia' })
  await admin('DELETE', `/v1/account-groups/${group['aid']}`)
  const vendor = one(await admin('POST', '/v1/integration-vendors', { name: 'Vendor' }))
  shownBefore.set('integration-vendor.deleted', { name: 'Vendor' })
  await admin('DELETE', `/v1/integration-vendors/${vendor['vendorId']}`)
  const role = one(
    await admin('POST', '/v1/roles', {
      name: 'Clerk',
      endpoints: ['shop GET /orders'],
      everySection: [{ api: 'shop', level: 'read' }],
    }),
  )
  shownBefore.set('role.changed', { name: 'Clerk' })
  await admin('PATCH', `/v1/roles/${role['roleId']}`, { name: 'Teller' })

  const sections = '/v1/apis/ledger/sections'
  // Names of sections can be those of fields.
  const section = { name: 'endpoints', title: 'Books', endpoints: ['GET /books'] }
  await admin('POST', sections, section)
  shownBefore.set('section.changed', { section: expect.objectContaining({ title: 'Books' }) })
  await admin('PUT', `${sections}/endpoints`, { title: 'All books', endpoints: ['GET /books'] })
  shownBefore.set('section.deleted', { section: expect.objectContaining({ title: 'All books' }) })
  await admin('DELETE', `${sections}/endpoints`)
  const document = {
    openapi: '3.1.0',
    info: { title: 'Stock', version: '1' },
    paths: { '/stock': { get: { tags: ['stock'], responses: {} } } },
  }
  await admin('POST', `${sections}/import`, { document })
  const api = one(await admin('POST', '/v1/apis', { name: 'till', audience: 'https://till.example' }))
  shownBefore.set('api.changed', { name: 'till' })
  await admin('PATCH', `/v1/apis/${api['apiId']}`, { name: 'tills' })
  const gateway = one(
    await admin('POST', `/v1/apis/${api['apiId']}/gateways`, {
      gatewayId: 'tills',
      stage: '$default',
      basePath: '/',
    }),
  )
  shownBefore.set('api.gateway-released', { gateway: expect.objectContaining({ gatewayId: 'tills' }) })
  await admin('DELETE', `/v1/apis/${api['apiId']}/gateways/${gateway['bindingId']}`)
  await admin('PUT', `/v1/apis/${api['apiId']}/shares/${hostId}`, { everySection: { level: 'read' } })
  shownBefore.set('api.share-ended', { share: expect.objectContaining({ organizationId: hostId }) })
  await admin('DELETE', `/v1/apis/${api['apiId']}/shares/${hostId}`)
  shownBefore.set('api.deleted', {
    api: expect.objectContaining({ name: 'tills', audience: 'https://till.example', sections: [] }),
  })
  await admin('DELETE', `/v1/apis/${api['apiId']}`)
  const given = one(await admin('POST', '/v1/apis', { name: 'gift', audience: 'https://gift.example' }))
  shownBefore.set('api.handed-over', { organizationId: postern.first.organizationId })
  await admin('PUT', `/v1/apis/${given['apiId']}/owner`, { organizationId: hostId })

  const someone = await newUser('someone', { password, email: 'someone@postern.example' })
  const path = `/v1/users/${someone.userId}`
  shownBefore.set('whitelist.replaced', { whitelist: [] })
  await admin('PUT', `${path}/whitelist`, { entries: ['203.0.113.0/24'] })
  shownBefore.set('roles.replaced', { allAccountGroupRoles: [] })
  await admin('PUT', `${path}/roles`, { allAccountGroupRoles: [{ roleId: role['roleId'] }] })
  const [key] = listed<Answer>(await admin('GET', `${path}/keys`), 'credentials')
  shownBefore.set('credential.rotated', { credential: key })
  await admin('POST', `${path}/keys/${key?.['keyId']}/rotate`, { overlapSeconds: 60 })
  shownBefore.set('credential.disabled', { status: 'active' })
  shownBefore.set('credential.enabled', { status: 'disabled' })
  await admin('POST', `${path}/password-reset-link`)
  await admin('POST', `${path}/password-reset-link`, { mailPasswordLink: true })
  for (const status of ['disabled', 'active'])
    await admin('PATCH', `${path}/keys/${key?.['keyId']}`, { status })
  const { secret: unused, ...edited } = one(await admin('POST', `${path}/keys`, { name: 'e', kind: 'key' }))
  secrets.push(String(unused))
  shownBefore.set('credential.changed', { name: 'e', expiresAt: null })
  const later = { name: 'edited', expiresAt: '2126-01-01T00:00:00Z' }
  await admin('PATCH', `${path}/keys/${edited['keyId']}`, later)
  await admin('POST', `${path}/keys/import`, { name: 'old', kind: 'token', hash: 'ab'.repeat(32) })
  const { secret, ...spare } = one(await admin('POST', `${path}/keys`, { name: 'spare', kind: 'key' }))
  secrets.push('ab'.repeat(32), String(secret))
  shownBefore.set('credential.deleted', { credential: spare })
  await admin('DELETE', `${path}/keys/${spare['keyId']}`)

  const login = await postern.call('POST', '/v1/auth/login', { json: { username: 'someone', password } })
  const session = String(login.body['accessToken'])
  secrets.push(session, password)
  await send(session, 'PUT', '/v1/users/me/password', {
    currentPassword: password,
    newPassword: `${password} still`,
    confirmPassword: `${password} still`,
  })
  const again = { username: 'someone', password: `${password} still` }
  const second = await postern.call('POST', '/v1/auth/login', { json: again })
  await send(String(second.body['accessToken']), 'POST', '/v1/auth/logout')
  await postern.call('POST', '/v1/auth/login', { json: { username: 'someone', password: 'a wrong one' } })
  await postern.call('GET', '/v1/users', { authorization: `Bearer ${someone.token}` })
  await admin('POST', '/v1/whitelist/providers/refresh', {})

  const guest = await newUser('visitor', { email: 'visitor@postern.example' })
  const membership = `/v1/users/me/memberships/${hostId}`
  await host('POST', '/v1/users', { username: 'visitor', endpoints: ['parcel GET /parcels'] })
  await send(guest.token, 'POST', `${membership}/accept`)
  shownBefore.set('user.changed', { email: 'visitor@postern.example' })
  await admin('PATCH', `/v1/users/${guest.userId}`, { email: 'elsewhere@postern.example' })
  await host('POST', `/v1/users/${guest.userId}/membership/confirm`)
  const membershipBefore = { membership: 'active', endpoints: [`${postern.apiIds.parcel} GET /parcels`] }
  shownBefore.set('guest.left', membershipBefore)
  await send(guest.token, 'DELETE', membership)
  await host('POST', '/v1/users', { username: 'visitor', endpoints: ['parcel GET /parcels'] })
  await send(guest.token, 'POST', `${membership}/accept`)
  shownBefore.set('guest.removed', membershipBefore)
  await host('DELETE', `/v1/users/${guest.userId}`)
  for (const [action, status] of [
    ['guest.accepted', 'invited'],
    ['guest.suspended', 'active'],
    ['guest.confirmed', 'suspended'],
  ] as const)
    shownBefore.set(action, { membership: status })

  const actor = await newUser('actor', { impersonation: 'full', permissions: { 'shop/orders': 'write' } })
  const client = { client_id: 'actor', client_secret: actor.token }
  await postern.call('POST', '/oauth/token', { form: { grant_type: 'client_credentials', ...client } })
  await postern.call('POST', '/oauth/token', {
    form: {
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: actor.token,
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      requested_subject: guest.userId,
    },
  })

  const held = one(await admin('GET', path))
  shownBefore.set('user.deleted', {
    user: expect.objectContaining({
      username: 'someone',
      roles: held['roles'],
      whitelist: held['whitelist'],
    }),
    credentials: expect.arrayContaining([expect.objectContaining({ keyId: key?.['keyId'] })]),
  })
  await admin('DELETE', path)
  shownBefore.set('role.deleted', { role: expect.objectContaining({ name: 'Teller' }) })
  await admin('DELETE', `/v1/roles/${role['roleId']}`)

  rows = await rowsOf(postern.first.token)
  hostsRows = await rowsOf(postern.second.token)
})
afterAll(() => postern.kms.close())

const atTheHost: readonly AuditAction[] = [
  'guest.suspended',
  'guest.accepted',
  'guest.confirmed',
  'guest.left',
  'guest.removed',
  'guest.invited',
]

/** The newest row of an action, in the organization whose thing it is. */
const rowOf = (action: AuditAction): Row => {
  const found = (atTheHost.includes(action) ? hostsRows : rows).find((row) => row.action === action)
  if (found === undefined) throw new Error(`no row ${action}`)
  return found
}

describe.each(auditActions.filter((action) => !notHere.includes(action)))('%s', (action) => {
  it('says truly what was there before', () => {
    const { changes } = rowOf(action)
    const kind = kinds[action]
    const before = Object.fromEntries(changes.map((change) => [change.field, change.before]))
    if (kind === 'event') expect(changes).toEqual([])
    if (kind === 'made')
      for (const change of changes) expect(change).toMatchObject({ before: null, after: expect.anything() })
    if (kind === 'taken')
      for (const change of changes) expect(change).toMatchObject({ before: expect.anything(), after: null })
    if (kind === 'event') return
    expect(changes).not.toEqual([])
    if (kind === 'made') return
    expect(before).toMatchObject(shownBefore.get(action) ?? { 'what was shown': 'is missing' })
  })

  it('is shown by the console in words', () => {
    const { changes } = rowOf(action)
    const named = (what: string) => (id: string | number | undefined) =>
      id === undefined ? 'undefined' : what
    const names = {
      ...{ api: named('shop'), role: named('Clerk'), group: named('Europe') },
      ...{ vendor: named('Vendor'), credential: named('production') },
    }
    for (const change of changes) {
      const { label, lines } = readChange(change, names)
      for (const { name, before, after } of [{ name: label, before: null, after: null }, ...lines]) {
        // As the API calls a field, with a capital letter within.
        expect(name).not.toMatch(/^[a-z]+[A-Z]/)
        for (const text of [name, before ?? '', after ?? '']) {
          expect(text).toBeTypeOf('string')
          expect(text).not.toMatch(/undefined|\[object|\b[a-z]+[A-Z]\w*: /)
        }
      }
    }
  })

  it('names the user and the thing that it is about, so that a search for either finds it', () => {
    const { targetUserId, targetId, apiId } = rowOf(action)
    const kind = kindsOfIds.find(([form]) => form.test(targetId ?? ''))?.[1] ?? 'nothing else'
    const named = `${targetUserId?.startsWith('usr_') ? 'user' : 'nobody'}, ${kind}`
    expect(targets.filter(([, actions]) => actions.some((one) => one === action)).map(([of]) => of)).toEqual([
      named,
    ])
    expect(apiId).toBe(kind === 'API' ? targetId : undefined)
  })
})

it('names both ends of a rotation, in the rows of both keys', () => {
  const rotated = rowOf('credential.rotated')
  const made = rows.find((row) => row.changes.some(({ field }) => field === 'replaces'))
  const [credential, replacedBy] = rotated.changes
  expect(credential?.before).toMatchObject({ keyId: rotated.targetId, expiresAt: null })
  expect(credential?.after).toMatchObject({
    keyId: rotated.targetId,
    expiresAt: expect.stringMatching(/^\d{4}-/),
  })
  expect(replacedBy).toEqual({ field: 'replacedBy', before: null, after: made?.targetId })
  expect(made).toMatchObject({
    action: 'credential.created',
    changes: [
      { field: 'credential', before: null, after: { keyId: made?.targetId } },
      { field: 'replaces', before: null, after: rotated.targetId },
    ],
  })
})

it('holds no secret, and no hash of one (F5)', async () => {
  const audit = (await allItems(postern.table)).filter((item) => item['kind'] === 'audit')
  const text = JSON.stringify(audit)
  expect(audit.length).toBeGreaterThan(40)
  const hashes = secrets.map((secret) => createHash('sha256').update(secret).digest('hex'))
  for (const secret of [...secrets, ...hashes]) expect(text).not.toContain(secret)
})
