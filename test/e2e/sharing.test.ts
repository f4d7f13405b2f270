import { describe, expect } from 'vitest'
import type { Caller } from './customer.ts'
import { callerWith, withinCacheTime } from './customer.ts'
import { it } from './kit.ts'
import type { Laptop, Reply } from './laptop.ts'
import { ask } from './laptop.ts'
import {
  decisionOn,
  demo,
  demoApi,
  demoAudience,
  homeOf,
  logInTo,
  makeOrganization,
  makeUserIn,
  order,
  password,
  refused,
  sessionIn,
} from './organizations.ts'
import { bearer, makeUser, sessionOf } from './tester.ts'

/** What organizations share and hand over, over HTTP: an API, a gateway, and the invitation of a guest. The walk through all parts. */

let laptop: Laptop

it.beforeAll(({ laptop: running }) => {
  laptop = running
})

/** Of the audit, which may have rows of other files. */
const newestRow = ({ json }: Reply): unknown => (json as { rows: unknown[] }).rows[0]

describe('a shared API', () => {
  it('is used within its share, and not beyond it', async () => {
    const partner = await makeOrganization(laptop, 'partner')
    const { apiId } = await demoApi(laptop)
    const share = `/v1/apis/demo/shares/${partner.organizationId}`
    const shared = await laptop.admin(share, { method: 'PUT', body: { sections: { orders: 'read' } } })
    expect(shared.status, shared.text).toBe(200)
    const audited = await partner.call('/v1/audit?action=api.shared')
    expect(audited.json).toMatchObject({
      rows: [{ actor: { kind: 'organization', userId: null, organizationId: await homeOf(laptop) }, apiId }],
    })
    expect((await partner.call('/v1/apis')).json).toMatchObject({
      apis: [{ apiId, name: 'demo', gateways: [], sections: ['orders'] }],
    })

    const reader = {
      username: 'partner-writer',
      password,
      permissions: { orders: 'write' },
      generate: 'token',
    }
    const { credential } = await makeUserIn(partner, reader)
    const expectBeyond = async (denied: Reply, reason: string, seen: string | null = apiId) => {
      expect(denied.status).toBe(403)
      expect(await decisionOn(partner.call, denied)).toMatchObject({ reason, apiId: seen })
    }
    for (const token of [credential.token, partner.credential.token]) {
      // Nothing is kept of callers who were refused, and what the authorizer knows of the API lives for its cache time.
      await expect.poll(async () => (await demo(laptop, token)).status, withinCacheTime).toBe(200)
      await expectBeyond(await demo(laptop, token, '/demo/orders', order), 'share_exceeded')
    }
    // What it was given it does not give on, nor widen.
    const third = await makeOrganization(laptop, 'third-party')
    const onward = `/v1/apis/${apiId}/shares/${third.organizationId}`
    for (const path of [onward, `/v1/apis/${apiId}/shares/${partner.organizationId}`]) {
      const body = { everySection: { level: 'write' } }
      expect(refused(await partner.call(path, { method: 'PUT', body }))).toEqual([404, 'not_found'])
    }

    // Its owner could use a token that it sees: a token for what is shared is good for that and nothing else.
    await expectBeyond(await demo(laptop, await sessionIn(laptop, 'partner-writer', {})), 'session_audience')
    const forDemo = await sessionIn(laptop, 'partner-writer', { audience: demoAudience })
    expect((await demo(laptop, forDemo)).status).toBe(200)
    const own = await ask(`${laptop.api}/v1/users/me`, { headers: bearer(forDemo) })
    expect(refused(own)).toEqual([403, 'access_denied'])

    expect(
      (await partner.call(`/v1/apis/${apiId}/shares/${partner.organizationId}`, { method: 'DELETE' })).status,
    ).toBe(204)
    await expect.poll(async () => (await demo(laptop, credential.token)).status, withinCacheTime).toBe(403)
    await expectBeyond(await demo(laptop, credential.token), 'api_unknown', null)
    expect(newestRow(await laptop.admin('/v1/audit?action=api.share-ended'))).toMatchObject({
      actor: { kind: 'organization', organizationId: partner.organizationId },
      address: null,
    })
  })
})

describe('a guest', () => {
  it('is invited, accepts, calls what it was granted, is suspended and confirmed, and leaves for good', async () => {
    const host = await makeOrganization(laptop, 'host')
    const { apiId } = await demoApi(laptop)
    const share = { method: 'PUT', body: { sections: { orders: 'read' } } }
    expect((await laptop.admin(`/v1/apis/demo/shares/${host.organizationId}`, share)).status).toBe(200)
    const { user } = await makeUser(laptop, { username: 'guest', password, email: 'guest@home.example' })
    const atHome = callerWith(laptop, bearer(await sessionOf(laptop, 'guest', password)))
    const there = { organizationId: host.organizationId }
    const abroad = async () => callerWith(laptop, bearer(await sessionIn(laptop, 'guest', there)))
    const membership = `/v1/users/me/memberships/${host.organizationId}`
    const membershipThere = async () =>
      ((await host.call(`/v1/users/${user.userId}`)).json as { user: { membership: string } }).user.membership
    const invite = () =>
      host.call('/v1/users', {
        body: { username: 'guest', permissions: { orders: 'read', 'postern-users': 'read' } },
      })

    // Nothing passes before the guest accepts.
    expect((await invite()).json).toMatchObject({ user: { membership: 'invited' } })
    expect((await logInTo(laptop, 'guest', there)).status).toBe(401)
    expect((await host.call('/v1/audit?action=login.refused')).json).toMatchObject({
      rows: [{ reason: 'membership_inactive' }],
    })
    const asked = { userId: user.userId, method: 'GET', path: '/orders', address: '127.0.0.1' }
    expect((await host.call('/v1/access/explain', { body: asked })).json).toMatchObject({
      allowed: false,
      reason: 'membership_inactive',
      steps: [{}, { saw: expect.stringContaining('invited') }],
    })
    expect((await laptop.admin(`/v1/audit?action=guest.invited&target=${user.userId}`)).json).toMatchObject({
      rows: [{ actor: { kind: 'organization', organizationId: host.organizationId }, changes: [] }],
    })
    // Neither of the organizations accepts in its name, nor does the host confirm what was never accepted.
    expect((await host.call(`/v1/users/${user.userId}/membership/confirm`, { method: 'POST' })).status).toBe(
      404,
    )
    const accepting = `/v1/users/${user.userId}/memberships/${host.organizationId}/accept`
    expect((await laptop.admin(accepting, { method: 'POST' })).status).toBe(404)

    expect((await atHome('/v1/users/me/memberships')).json).toMatchObject({
      memberships: expect.arrayContaining([
        expect.objectContaining({ ...there, organizationName: 'host', status: 'invited' }),
      ]),
    })
    const accepted = await atHome(`${membership}/accept`, { method: 'POST' })
    expect([accepted.status, accepted.json]).toMatchObject([200, { membership: { status: 'guest' } }])

    const first = await sessionIn(laptop, 'guest', there)
    expect((await callerWith(laptop, bearer(first))('/v1/users')).status).toBe(200)
    const forDemo = await sessionIn(laptop, 'guest', { ...there, audience: demoAudience })
    await expect.poll(async () => (await demo(laptop, forDemo)).status, withinCacheTime).toBe(200)
    const beyond = await demo(laptop, forDemo, '/demo/orders', order)
    expect(await decisionOn(host.call, beyond)).toMatchObject({ reason: 'share_exceeded', apiId })
    // At home it holds nothing, and what it holds there is not seen there.
    expect((await demo(laptop, await sessionOf(laptop, 'guest', password))).status).toBe(403)
    expect((await laptop.admin(`/v1/users/${user.userId}`)).json).toMatchObject({
      user: { permissions: {}, membership: 'home' },
    })

    // Home creates a credential for it, and so could act as it: the membership is suspended until the host confirms it.
    const key = await laptop.admin(`/v1/users/${user.userId}/keys`, { body: { name: 'new', kind: 'token' } })
    expect(key.status).toBe(201)
    expect(await membershipThere()).toBe('suspended')
    expect((await callerWith(laptop, bearer(first))('/v1/users/me')).status).toBe(401)
    expect((await logInTo(laptop, 'guest', there)).status).toBe(401)
    expect((await atHome(`${membership}/accept`, { method: 'POST' })).status).toBe(404)
    expect((await host.call('/v1/audit?action=guest.suspended')).json).toMatchObject({
      rows: [
        { actor: { kind: 'organization', organizationId: await homeOf(laptop) }, targetUserId: user.userId },
      ],
    })
    expect(
      (await host.call(`/v1/users/${user.userId}/membership/confirm`, { method: 'POST' })).json,
    ).toMatchObject({
      user: { membership: 'guest' },
    })
    expect((await callerWith(laptop, bearer(first))('/v1/users/me')).status).toBe(401)
    const second = await sessionIn(laptop, 'guest', there)
    expect((await callerWith(laptop, bearer(second))('/v1/users/me')).status).toBe(200)

    // It leaves from home; a membership that is created again is another one.
    expect((await atHome(membership, { method: 'DELETE' })).status).toBe(204)
    expect((await host.call(`/v1/users/${user.userId}`)).status).toBe(404)
    expect((await invite()).status).toBe(201)
    expect((await atHome(`${membership}/accept`, { method: 'POST' })).status).toBe(200)
    for (const old of [first, second])
      expect((await callerWith(laptop, bearer(old))('/v1/users/me')).status).toBe(401)
    expect((await (await abroad())('/v1/users/me')).status).toBe(200)
    await expect.poll(async () => (await demo(laptop, forDemo)).status, withinCacheTime).toBe(403)

    // The host ends it, too, and the home is not for anybody to leave.
    expect((await host.call(`/v1/users/${user.userId}`, { method: 'DELETE' })).status).toBe(204)
    expect((await logInTo(laptop, 'guest', there)).status).toBe(401)
    expect(
      refused(await atHome(`/v1/users/me/memberships/${await homeOf(laptop)}`, { method: 'DELETE' })),
    ).toEqual([409, 'self_lockout'])
  })
})

describe('a gateway', () => {
  it('is closed once it was released, serves whom it was handed to, and no part of it is taken back', async () => {
    const owner = await makeOrganization(laptop, 'owner')
    const { gateways } = await demoApi(laptop)
    const [{ gatewayId, bindingId } = { gatewayId: '', bindingId: '' }] = gateways
    const binding = { gatewayId, stage: '$default', basePath: '/demo' }
    const asAdmin = () => laptop.admin('/demo/orders')
    const asOwner = () => demo(laptop, owner.credential.token)
    const comesTo = (call: () => Promise<Reply>, status: number) =>
      expect.poll(async () => (await call()).status, withinCacheTime).toBe(status)
    const reasonOf = async (call: () => Promise<Reply>, who: Caller) => {
      const reply = await call()
      if (reply.status !== 403) return undefined
      const decision = (await decisionOn(who, reply)) as { reason?: string }
      return decision.reason
    }
    // Each instance of the authorizer may know for a while what was there before.
    const isUnknown = () =>
      expect.poll(() => reasonOf(asAdmin, laptop.admin), withinCacheTime).toBe('api_unknown')

    expect((await laptop.admin(`/v1/apis/demo/gateways/${bindingId}`, { method: 'DELETE' })).status).toBe(204)
    await comesTo(asAdmin, 403)
    await isUnknown()

    const body = { name: 'handed', audience: 'https://handed.example', gateways: [binding] }
    expect((await laptop.admin('/v1/apis', { body })).status).toBe(201)
    await comesTo(asAdmin, 200)
    expect((await asOwner()).status).toBe(403)
    const to = { method: 'PUT', body: { organizationId: owner.organizationId } }
    expect((await laptop.admin('/v1/apis/handed/owner', to)).status).toBe(204)
    await comesTo(asOwner, 200)
    await comesTo(asAdmin, 403)
    await isUnknown()
    for (const [call, kind] of [
      [laptop.admin, 'user'],
      [owner.call, 'organization'],
    ] as const)
      expect(newestRow(await call('/v1/audit?action=api.handed-over'))).toMatchObject({ actor: { kind } })

    const { basePath: _, ...gateway } = binding
    for (const basePath of ['/demo', '/demo/orders']) {
      const bound = await laptop.admin('/v1/apis/demo/gateways', { body: { ...gateway, basePath } })
      expect([basePath, ...refused(bound)]).toEqual([basePath, 409, 'name_taken'])
    }
    await comesTo(asOwner, 200)
    // The first organization's own API of the gateways that nobody registered stays with it.
    expect(refused(await laptop.admin('/v1/apis/demo/owner', to))).toEqual([409, 'in_use'])

    expect((await owner.call('/v1/apis/handed', { method: 'DELETE' })).status).toBe(204)
    await comesTo(asOwner, 403)
    await comesTo(asAdmin, 403)
    expect((await laptop.admin('/v1/apis/demo/gateways', { body: binding })).status).toBe(201)
    await comesTo(asAdmin, 200)
  })
})
