import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { answerFor, decisionEntry, readAuthorizerEvent } from '../../functions/wiring/authorizer-event.ts'
import { makeAuthorizer } from '../../lib/admission/authorize.ts'
import type { Usage } from '../../lib/admission/usage.ts'
import { deleteCredential } from '../../lib/credentials/manage-credentials.ts'
import { acceptPlace } from '../../lib/guests/places.ts'
import { uncounted } from '../../lib/limits/rate-limiter.ts'
import { createIntegrationVendor } from '../../lib/policy/manage-integration-vendors.ts'
import { changeRole, createRole } from '../../lib/policy/manage-roles.ts'
import { protectedApiOf } from '../../lib/policy/stored-api.ts'
import { endpoints } from '../../lib/reference/endpoints.ts'
import { keys } from '../../lib/table/keys.ts'
import { changeUser } from '../../lib/users/change-user.ts'
import { createUser } from '../../lib/users/create-user.ts'
import { deleteUser } from '../../lib/users/delete-user.ts'
import type { UserChange } from '../../lib/users/given-fields.ts'
import { formatAddress } from '../../lib/whitelist/address.ts'
import type { WhitelistRanges } from '../../lib/whitelist/match.ts'
import { allItems } from '../fresh-table.ts'
import type { Deployment } from '../functions/deployment.ts'
import { address, deployment } from '../functions/deployment.ts'
import { httpApi2 } from '../functions/sample-authorizer-events.ts'
import {
  actingSession,
  apiWith,
  memberWith,
  organizationWith,
  policyWith,
  readersOf,
  snapshotsOf,
} from '../functions/stored-scene.ts'
import type { makeCaller } from '../organizations/organization.ts'
import { callerWith, origin } from '../organizations/organization.ts'
import { basic } from './oauth/oauth-request.ts'

type User = Awaited<ReturnType<typeof makeCaller>>

const exchangeGrant = 'urn:ietf:params:oauth:grant-type:token-exchange'
const accessToken = 'urn:ietf:params:oauth:token-type:access_token'
const anything = { version: null, ifMatch: null }

let deployed: Deployment
let vendors: { actor: string; target: string }
let actor: User
let target: User
let made = 0
const numbered = (name: string): string => {
  made += 1
  return `${name}-${made}`
}

beforeAll(async () => {
  deployed = await deployment()
  const vendor = async (name: string) =>
    (await createIntegrationVendor(deployed.dependencies, await deployed.admin(), name, origin)).vendorId
  vendors = { actor: await vendor('Actors'), target: await vendor('Targets') }
  actor = await makeActor({ integrationVendor: vendors.actor, permissions: { 'ledger/entries': 'read' } })
  target = await makeTarget({ integrationVendor: vendors.target })
})
afterAll(() => deployed.kms.close())

type Body = Omit<Parameters<Deployment['make']>[0], 'username'>
const makeActor = (body: Body = {}): Promise<User> =>
  deployed.make({ username: numbered('actor'), impersonation: 'full', ...body })
const makeTarget = (body: Body = {}): Promise<User> =>
  deployed.make({ username: numbered('target'), permissions: { 'shop/orders': 'write' }, ...body })

const exchange = (form: Readonly<Record<string, string>>, from = address) =>
  deployed.call('POST', '/oauth/token', {
    form: { grant_type: exchangeGrant, subject_token_type: accessToken, ...form },
    address: from,
  })
const actAs = async (who: User, whom: User): Promise<string> => {
  const { status, body } = await exchange({ subject_token: who.token, requested_subject: whom.user.userId })
  expect(status).toBe(200)
  return String(body['access_token'])
}
const shop = (session: string, endpoint = 'GET /orders') =>
  deployed.ask(`Bearer ${session}`, { gatewayId: 'shop' }, endpoint)
const rowsOf = async (action: string) =>
  (await allItems(deployed.table)).filter((item) => item['action'] === action)
const change = async ({ user }: User, given: UserChange) =>
  changeUser(deployed.dependencies, await deployed.admin(), user.userId, given, anything, origin)

describe('T7: whoever acts as a user', () => {
  it("has that user's rights at APIs, and none of its own", async () => {
    const session = await actAs(actor, target)
    expect((await shop(session)).outcome).toBe('allowed')
    expect((await shop(session, 'POST /orders')).outcome).toBe('allowed')
    const entries = await deployed.ask(`Bearer ${session}`, { gatewayId: 'ledger' }, 'GET /entries')
    expect(entries.outcome).toBe('access_denied')
  })

  it('calls no endpoint of Postern but the one that ends it: no management, no self-service', async () => {
    const authorization = `Bearer ${await actAs(actor, target)}`
    const closed = endpoints.filter(({ access }) => access !== 'public')
    expect(closed.length).toBeGreaterThan(50)
    const passing: string[] = []
    for (const { method, path, operationId } of closed) {
      if (operationId === 'logout') continue
      const { status, body } = await deployed.call(method, path.replaceAll(/\{\w+\}/g, 'x'), {
        authorization,
      })
      if (status !== 403 || (body['code'] !== undefined && body['code'] !== 'impersonation_refused'))
        passing.push(`${method} ${path} ${status}`)
    }
    expect(passing).toEqual([])
    expect((await deployed.call('POST', '/v1/auth/logout', { authorization })).status).toBe(204)
    expect((await deployed.call('POST', '/v1/auth/logout', { authorization })).status).toBe(401)
  })

  it('is named, with its own vendor, in the context, the log, the audit and the usage', async () => {
    const session = await actAs(actor, target)
    const { context } = await shop(session)
    expect(context).toMatchObject({
      userId: target.user.userId,
      actorId: actor.user.userId,
      integrationVendor: vendors.actor,
      apiId: deployed.apiIds.shop,
      api: 'shop',
    })
    await deployed.call('POST', '/v1/auth/logout', { authorization: `Bearer ${session}` })
    const ended = (await rowsOf('session.ended')).filter(
      ({ targetUserId }) => targetUserId === target.user.userId,
    )
    expect(ended.at(-1)).toMatchObject({
      actor: {
        userId: target.user.userId,
        actingUserId: actor.user.userId,
        integrationVendor: vendors.actor,
      },
    })
    expect(await rowsOf('impersonation.started')).toContainEqual(
      expect.objectContaining({
        actor: expect.objectContaining({ userId: actor.user.userId, integrationVendor: vendors.actor }),
        targetUserId: target.user.userId,
      }),
    )
  })

  it("counts as nobody's vendor when it has none, whatever the user's is", async () => {
    const plain = await makeActor()
    const { context } = await shop(await actAs(plain, target))
    expect(context).not.toHaveProperty('integrationVendor')
  })

  it('is stopped by the whitelist of either', async () => {
    const elsewhere = '198.51.100.7'
    const here = '203.0.113.0/24'
    const bound = await makeActor({ whitelist: [here] })
    const boundTarget = await makeTarget({ whitelist: [elsewhere, here] })
    const open = await makeActor()
    const from = async (session: string, source: string) =>
      (await deployed.ask(`Bearer ${session}`, { gatewayId: 'shop' }, 'GET /orders', source)).outcome
    const bothBound = await actAs(bound, boundTarget)
    expect(await from(bothBound, address)).toBe('allowed')
    expect(await from(bothBound, elsewhere)).toBe('access_denied')
    const targetBound = await actAs(open, boundTarget)
    expect(await from(targetBound, elsewhere)).toBe('allowed')
    expect(await from(targetBound, '192.0.2.1')).toBe('access_denied')
    const outside = { subject_token: bound.token, requested_subject: boundTarget.user.userId }
    expect(await exchange(outside, elsewhere)).toMatchObject({ body: { error: 'invalid_request' } })
  })

  it('starts nothing nested', async () => {
    const session = await actAs(actor, target)
    for (const form of [
      { subject_token: session, requested_subject: target.user.userId },
      { subject_token: session },
      { subject_token: actor.token, actor_token: session, actor_token_type: accessToken },
    ])
      expect(await exchange(form)).toMatchObject({ status: 400, body: { error: 'invalid_request' } })
  })
})

describe('RFC 8693 section 2.2.2: a token exchange', () => {
  it('with a subject token that does not hold is an invalid_request, whoever else asks', async () => {
    const client = basic(actor.user.username, actor.token)
    const holds = { actor_token: actor.token, actor_token_type: accessToken }
    const dead = await makeTarget()
    await change(dead, { status: 'disabled' })
    const broken = ['made-up-by-somebody', `${actor.token}x`, 'eyJ.a.b', 'x', dead.token]
    for (const subject_token of broken) {
      const named = { subject_token, requested_subject: target.user.userId }
      for (const form of [named, { subject_token }, { ...named, ...holds }, { subject_token, ...holds }])
        expect(await exchange(form)).toMatchObject({ status: 400, body: { error: 'invalid_request' } })
      const byClient = await deployed.call('POST', '/oauth/token', {
        authorization: client,
        form: { grant_type: exchangeGrant, subject_token_type: accessToken, ...named },
      })
      expect(byClient).toMatchObject({ status: 400, body: { error: 'invalid_request' } })
    }
  })

  it('with an actor token that does not hold is one, too', async () => {
    const form = { subject_token: target.token, actor_token: 'made-up-by-somebody' }
    expect(await exchange({ ...form, actor_token_type: accessToken })).toMatchObject({
      status: 400,
      body: { error: 'invalid_request' },
    })
  })
})

describe('T7: acting ends at the next request', () => {
  type Pair = { readonly actor: User; readonly target: User }
  const ends: [string, (pair: Pair) => Promise<unknown>][] = [
    ['the actor is disabled', ({ actor }) => change(actor, { status: 'disabled' })],
    ['the actor may act no more', ({ actor }) => change(actor, { impersonation: 'none' })],
    [
      'the actor may act as others only',
      ({ actor }) => change(actor, { impersonation: 'selected', impersonationTargets: [target.user.userId] }),
    ],
    ['the actor has other roles', ({ actor }) => change(actor, { role: 'Read Only' })],
    [
      'the credential of the actor is deleted',
      async ({ actor }) =>
        deleteCredential(
          deployed.dependencies,
          await deployed.admin(),
          { userId: actor.user.userId, keyId: actor.caller.subject.provenBy.keyId ?? ('key_' as const) },
          origin,
        ),
    ],
    [
      'the actor is deleted',
      async ({ actor }) =>
        deleteUser(deployed.dependencies, await deployed.admin(), actor.user.userId, null, origin),
    ],
    ['the user is disabled', ({ target }) => change(target, { status: 'disabled' })],
    ['the user has other roles', ({ target }) => change(target, { role: 'Read Only' })],
    [
      'the user comes to manage',
      ({ target }) => change(target, { permissions: { 'postern-audit': 'read' } }),
    ],
    ['the user may act as others', ({ target }) => change(target, { impersonation: 'full' })],
    [
      'the user is deleted',
      async ({ target }) =>
        deleteUser(deployed.dependencies, await deployed.admin(), target.user.userId, null, origin),
    ],
  ]
  it.each(ends)('when %s', async (_what, end) => {
    const pair = { actor: await makeActor(), target: await makeTarget() }
    const session = await actAs(pair.actor, pair.target)
    expect((await shop(session)).outcome).toBe('allowed')
    await end(pair)
    expect((await shop(session)).outcome).toBe('invalid_credentials')
  })

  const createActors = async () =>
    createRole(
      deployed.dependencies,
      await deployed.admin(),
      { name: numbered('Actors'), impersonation: 'full' },
      origin,
    )
  const changeActors = async (roleId: number, given: Parameters<typeof changeRole>[3]) =>
    changeRole(deployed.dependencies, await deployed.admin(), roleId, given, origin)
  const refused = async (who: User, whom: User) =>
    (await exchange({ subject_token: who.token, requested_subject: whom.user.userId })).body['error']

  it('by a role: with what the role loses, with the role, and for good', async () => {
    const [whom, other] = [await makeTarget(), await makeTarget()]
    const { roleId } = await createActors()
    const holder = await deployed.make({ username: numbered('holder'), roles: [roleId] })
    const acts = async () => (await shop(session)).outcome
    let session = await actAs(holder, whom)
    expect(await acts()).toBe('allowed')
    // What the role gives beside does not end it.
    await changeActors(roleId, { permissions: { 'ledger/entries': 'read' } })
    expect(await acts()).toBe('allowed')
    for (const [given, isLeft] of [
      [{ impersonation: 'selected', impersonationTargets: [other.user.userId] }, false],
      [{ impersonation: 'selected', impersonationTargets: [other.user.userId, whom.user.userId] }, true],
      [{ impersonation: 'none' }, false],
    ] as const) {
      await changeActors(roleId, given)
      expect(await acts()).toBe('invalid_credentials')
      if (!isLeft) expect(await refused(holder, whom)).toBe('invalid_grant')
      // Given back, it is for tokens to come.
      await changeActors(roleId, { impersonation: 'full' })
      expect(await acts()).toBe('invalid_credentials')
      session = await actAs(holder, whom)
      expect(await acts()).toBe('allowed')
    }
    await change(holder, { roles: [] })
    expect(await acts()).toBe('invalid_credentials')
    await change(holder, { roles: [roleId] })
    expect(await acts()).toBe('invalid_credentials')
  })

  it('by a role, where it is held for all account groups; who has it in one acts as nobody, and nobody as them', async () => {
    const whom = await makeTarget()
    const { roleId } = await createActors()
    const holder = await deployed.make({ username: numbered('holder') })
    const accountGroupRoles = [{ aid: 1, roles: [roleId] }]
    await change(holder, { accountGroupRoles, loginAccountGroup: 1 })
    expect(await refused(holder, whom)).toBe('invalid_grant')
    expect(await refused(actor, holder)).toBe('invalid_grant')
    await change(holder, { accountGroupRoles: [], roles: [roleId] })
    await actAs(holder, whom)
    expect(await refused(actor, holder)).toBe('invalid_grant')
    // The bounds are those of a user's own: nobody who manages, and nobody elsewhere.
    const manager = await deployed.make({
      username: numbered('manager'),
      permissions: { 'postern-audit': 'read' },
    })
    expect(await refused(holder, manager)).toBe('invalid_grant')
    expect(await refused(holder, await deployed.make({ username: numbered('admin'), role: 'Admin' }))).toBe(
      'invalid_grant',
    )
  })

  it('when the user is given a role that acts, or a role of the user comes to act', async () => {
    const { roleId } = await createActors()
    await changeActors(roleId, { impersonation: 'none' })
    const whom = await makeTarget({ roles: [roleId] })
    const session = await actAs(actor, whom)
    expect((await shop(session)).outcome).toBe('allowed')
    await changeActors(roleId, { impersonation: 'full' })
    expect((await shop(session)).outcome).toBe('invalid_credentials')
  })

  it('and does not come back when the change is taken back', async () => {
    const pair = { actor: await makeActor(), target: await makeTarget() }
    const session = await actAs(pair.actor, pair.target)
    for (const user of [pair.actor, pair.target]) {
      await change(user, { status: 'disabled' })
      await change(user, { status: 'active' })
      expect((await shop(session)).outcome).toBe('invalid_credentials')
    }
    const { actor: again, target: whom } = { actor: await makeActor(), target: await makeTarget() }
    const other = await actAs(again, whom)
    await change(again, { impersonation: 'none' })
    await change(again, { impersonation: 'full' })
    expect((await shop(other)).outcome).toBe('invalid_credentials')
  })
})

describe('T7: nobody acts in an organization where either is a guest', () => {
  it('as a guest, or being one', async () => {
    const guest = await deployed.makeInSecond({
      username: 'visitor',
      password: 'a passphrase of the visitor',
      impersonation: 'full',
    })
    const { dependencies } = deployed
    const invited = { username: 'visitor', permissions: { 'shop/orders': 'read' } } as const
    await createUser(dependencies, await deployed.admin(), invited, origin)
    await acceptPlace(
      dependencies,
      await callerWith(deployed.table, guest.token),
      deployed.first.organizationId,
      origin,
    )
    const ofGuest = { subject_token: actor.token, requested_subject: guest.user.userId }
    expect(await exchange(ofGuest)).toMatchObject({ body: { error: 'invalid_grant' } })
    const { body } = await deployed.call('POST', '/v1/auth/login', {
      json: {
        username: 'visitor',
        password: 'a passphrase of the visitor',
        organizationId: deployed.first.organizationId,
      },
    })
    const session = String(body['accessToken'])
    expect((await shop(session)).outcome).toBe('allowed')
    // Even where somebody gave the place leave to act: written past every check.
    await dependencies.write([
      {
        label: 'place',
        update: keys.membership(guest.user.userId, deployed.first.organizationId),
        set: 'SET impersonation = :full',
        values: { ':full': 'full' },
      },
    ])
    const byGuest = { subject_token: session, requested_subject: target.user.userId }
    expect(await exchange(byGuest)).toMatchObject({ body: { error: 'invalid_grant' } })
    // Nor does its leave at home reach across.
    const fromHome = { subject_token: guest.token, requested_subject: target.user.userId }
    expect(await exchange(fromHome)).toMatchObject({ body: { error: 'invalid_grant' } })
  })
})

describe('T7: in the authorizer', () => {
  const api = apiWith(1, 'shop', {
    sections: [{ name: 'orders', title: '', endpoints: [{ endpoint: 'GET /orders', level: 'read' }] }],
  })
  const permissions = { [`${api.apiId}/orders`]: 'read' } as const

  /** What one request from `203.0.113.9` in which somebody acts is answered, noted and counted. */
  const act = async (
    whitelists: { readonly actor: readonly string[]; readonly target: readonly string[] },
    published: Readonly<Record<string, string>> = {},
  ) => {
    const vendorOf = (integrationVendor: string) => ({ integrationVendor, permissions })
    const acting = memberWith(1, {
      user: { whitelist: [...whitelists.actor] },
      membership: { ...vendorOf('vnd_actor'), impersonation: 'full' },
    })
    const actedAs = memberWith(2, {
      user: { whitelist: [...whitelists.target] },
      membership: vendorOf('vnd_target'),
    })
    const asked: string[] = []
    const usage: Usage[] = []
    const ranges: WhitelistRanges = ({ provider }) => {
      const holds = published[provider]
      if (holds === undefined) return undefined
      const prefixOf = (of: Parameters<typeof formatAddress>[0]) =>
        formatAddress(of) === holds ? `${holds}/32` : undefined
      return { state: 'ready', providerVersion: '1', prefixOf }
    }
    const session = actingSession(actedAs, acting)
    const authorize = makeAuthorizer(
      {
        snapshots: readersOf(
          snapshotsOf({
            organization: organizationWith(),
            policy: policyWith([api]),
            members: [acting, actedAs],
            credentials: [],
          }),
        ),
        verifySession: () => Promise.resolve({ ok: true, session }),
        findImported: () => Promise.resolve(null),
        prepareRanges: (words) => {
          asked.push(...words.map(({ provider }) => provider))
          return Promise.resolve(ranges)
        },
        prepareRateLimit: () => Promise.resolve(uncounted),
        now: Date.now,
        noteUse: () => Promise.resolve(),
        countUsage: (counted) => usage.push(counted),
        findEndpoint: ({ path }) =>
          Promise.resolve({ path, target: { kind: 'protected', api: protectedApiOf(api) } }),
      },
      { cacheSeconds: 0 },
    )
    const event = readAuthorizerEvent(httpApi2({ path: '/orders', stage: '$default', resource: '$default' }))
    const verdict = await authorize('Bearer a.b.c', event)
    return {
      outcome: verdict.allow ? 'allowed' : verdict.reason,
      answer: answerFor(event, verdict),
      entry: decisionEntry(event, verdict),
      asked: asked.toSorted(),
      usage,
    }
  }

  it.each([
    ['both words hold it', { actor: ['AWS'], target: ['GOOGLE'] }, 'allowed'],
    ["the actor's word does not", { actor: ['AZURE'], target: ['GOOGLE'] }, 'whitelist_no_match'],
    ["the user's word does not", { actor: ['AWS'], target: ['AZURE'] }, 'whitelist_no_match'],
    ["the actor's has no list", { actor: ['CLOUDFLARE'], target: ['GOOGLE'] }, 'whitelist_unevaluable'],
    ["the user's has no list", { actor: ['AWS'], target: ['CLOUDFLARE'] }, 'whitelist_unevaluable'],
  ])('both whitelists count with provider words, too: %s', async (_name, whitelists, expected) => {
    const { outcome, asked } = await act(whitelists, {
      AWS: '203.0.113.9',
      GOOGLE: '203.0.113.9',
      AZURE: '198.51.100.1',
    })
    expect(outcome).toBe(expected)
    expect(asked).toEqual([...whitelists.actor, ...whitelists.target].toSorted())
  })

  it.each([
    ['that passed', [], true],
    ['that was denied', ['192.0.2.1'], false],
  ])("a request %s is the actor's vendor's in the log and the usage", async (_name, whitelist, allowed) => {
    const { entry, usage, answer } = await act({ actor: whitelist, target: [] })
    expect(entry).toMatchObject({ integrationVendor: 'vnd_actor', apiId: api.apiId })
    expect(usage).toMatchObject([{ integrationVendor: 'vnd_actor', allowed }])
    expect(answer).toMatchObject({ isAuthorized: allowed })
    if (allowed) expect(answer.context).toMatchObject({ integrationVendor: 'vnd_actor', api: 'shop' })
    else expect(answer.context).toEqual({ code: 'access_denied' })
  })
})
