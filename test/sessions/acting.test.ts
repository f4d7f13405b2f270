import { beforeAll, describe, expect, it } from 'vitest'
import { acceptOwnInvitation } from '../../lib/guests/memberships.ts'
import { endpoints } from '../../lib/reference/endpoints.ts'
import { keys } from '../../lib/table/keys.ts'
import { createUser } from '../../lib/users/create-user.ts'
import { address } from '../functions/deployment.ts'
import { callerWith, origin } from '../organizations/organization.ts'
import {
  accessToken,
  actAs,
  actor,
  begin,
  change,
  deployed,
  exchange,
  exchangeGrant,
  makeActor,
  makeTarget,
  rowsOf,
  shop,
  target,
  vendors,
} from './acting-scene.ts'
import { basic } from './oauth/oauth-request.ts'

beforeAll(begin)

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
    await acceptOwnInvitation(
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
    // Even if the membership allows it to act: written past every check.
    await dependencies.write([
      {
        label: 'membership',
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
