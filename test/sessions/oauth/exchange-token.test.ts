import { beforeAll, describe, expect, it } from 'vitest'
import { admit } from '../../../lib/admission/admit.ts'
import type { Session } from '../../../lib/admission/identify.ts'
import { readCallerSnapshot } from '../../../lib/admission/snapshot-store.ts'
import { readApi } from '../../../lib/apis/api-store.ts'
import { findImported, noteUse } from '../../../lib/credentials/credential-store.ts'
import { readUserIdByUsername } from '../../../lib/identity/user-store.ts'
import { uncounted } from '../../../lib/limits/rate-limiter.ts'
import { createOrganization } from '../../../lib/organizations/create-organization.ts'
import { protectedApiOf } from '../../../lib/policy/stored-api.ts'
import type { RefusedOperation } from '../../../lib/refusals/refusal.ts'
import type { ExchangeDependencies } from '../../../lib/sessions/oauth/exchange-token.ts'
import { exchangeToken } from '../../../lib/sessions/oauth/exchange-token.ts'
import { accessTokenType } from '../../../lib/sessions/oauth/parse-token-request.ts'
import type { SessionGrant } from '../../../lib/sessions/sign-session.ts'
import type { Table } from '../../../lib/table/document-client.ts'
import { changeUser } from '../../../lib/users/change-user.ts'
import { allItems, freshTable } from '../../fresh-table.ts'
import {
  callerWith,
  dependenciesOf,
  makeCaller,
  makeOrganization,
  origin,
} from '../../organizations/organization.ts'

let table: Table
let organization: Awaited<ReturnType<typeof makeOrganization>>
let grants: SessionGrant[]
const refusals: RefusedOperation[] = []

beforeAll(async () => {
  table = await freshTable()
  organization = await makeOrganization(table)
})

const dependencies = (): ExchangeDependencies => {
  grants = []
  return {
    ...dependenciesOf(table),
    readSnapshot: (wanted) => readCallerSnapshot(table, wanted),
    verifySession: () => Promise.resolve({ ok: false, reason: 'session_invalid' }),
    findImported: (secretHash) => findImported(table, secretHash),
    noteUse: (credential, at) => noteUse(table, credential, at),
    readUserIdByUsername: (username) => readUserIdByUsername(table, username),
    issueGrant: (grant) => {
      grants.push(grant)
      return Promise.resolve('signed')
    },
    onRefused: (refused) => {
      refusals.push(refused)
      return Promise.resolve()
    },
  }
}

const exchange = (token: string, requestedSubject: string) =>
  exchangeToken(
    dependencies(),
    {
      grant: 'token_exchange',
      client: null,
      subject: { text: token, type: accessTokenType },
      actor: null,
      requestedSubject,
      audience: null,
    },
    origin,
  )

describe('exchangeToken', () => {
  it('gives a short session as the other user, and the audit names both (T7)', async () => {
    const actor = await makeCaller(table, organization.admin, {
      username: 'integration',
      impersonation: 'full',
    })
    const target = await makeCaller(table, organization.admin, {
      username: 'resource',
      permissions: { orders: 'read' },
    })
    const issued = await exchange(actor.token, 'resource')
    expect(issued).toMatchObject({
      ok: true,
      response: { access_token: 'signed', expires_in: 300, issued_token_type: accessTokenType },
    })
    expect(grants).toMatchObject([
      {
        userId: target.user.userId,
        actor: { userId: actor.user.userId, epoch: expect.stringMatching(/^1\.mem_[0-9a-z]{12}\.0$/) },
        audience: null,
        lifetimeSeconds: 300,
      },
    ])
    const rows = (await allItems(table)).filter((item) => item['action'] === 'impersonation.started')
    expect(rows).toMatchObject([{ actor: { userId: actor.user.userId }, targetUserId: target.user.userId }])
  })

  it('refuses administrators, managers, the unselected, strangers, oneself, the disabled, and whoever may not at all (T7)', async () => {
    const { admin } = organization
    const full = await makeCaller(table, admin, { username: 'full', impersonation: 'full' })
    const plain = await makeCaller(table, admin, { username: 'plain' })
    const chosen = await makeCaller(table, admin, { username: 'chosen' })
    await makeCaller(table, admin, { username: 'manager', permissions: { 'postern-users': 'read' } })
    await makeCaller(table, admin, { username: 'other-actor', impersonation: 'full' })
    const selective = await makeCaller(table, admin, {
      username: 'selective',
      impersonation: 'selected',
      impersonationTargets: [chosen.user.userId],
    })
    const body = { name: 'Second', administrator: { username: 'elsewhere-admin' } }
    const elsewhere = await createOrganization(dependenciesOf(table), admin, body, origin)
    const stranger = await makeCaller(table, await callerWith(table, elsewhere.credential.token ?? ''), {
      username: 'stranger',
    })

    const refusal = { ok: false, refusal: { error: 'invalid_grant' } }
    expect(await exchange(full.token, 'admin')).toMatchObject(refusal)
    expect(await exchange(full.token, 'manager')).toMatchObject(refusal)
    expect(await exchange(full.token, 'other-actor')).toMatchObject(refusal)
    expect(await exchange(full.token, 'full')).toMatchObject(refusal)
    expect(await exchange(full.token, 'nobody')).toMatchObject(refusal)
    expect(await exchange(full.token, stranger.user.userId)).toMatchObject(refusal)
    const typed = ({ token }: { readonly token: string }) => ({ text: token, type: accessTokenType }) as const
    const ofStranger = {
      grant: 'token_exchange',
      client: null,
      requestedSubject: null,
      audience: null,
    } as const
    expect(
      await exchangeToken(
        dependencies(),
        { ...ofStranger, subject: typed(stranger), actor: typed(full) },
        origin,
      ),
    ).toMatchObject(refusal)
    const { user: disabled } = await makeCaller(table, admin, { username: 'disabled' })
    const anything = { version: null, ifMatch: null }
    await changeUser(dependenciesOf(table), admin, disabled.userId, { status: 'disabled' }, anything, origin)
    expect(await exchange(full.token, 'disabled')).toMatchObject(refusal)
    expect(await exchange(plain.token, 'chosen')).toMatchObject(refusal)
    expect(await exchange(selective.token, 'plain')).toMatchObject(refusal)
    expect(await exchange(selective.token, 'chosen')).toMatchObject({ ok: true })
    expect(await exchange('pst_not-a-token', 'chosen')).toMatchObject({
      ok: false,
      refusal: { error: 'invalid_request' },
    })
  })

  it.each([
    [
      'a permission to manage',
      { permissions: { orders: 'read', 'postern-users': 'read' } as const },
      'actor_refused',
    ],
    ['leave to act as others', { impersonation: 'full' as const }, 'session_superseded'],
  ])('ends when the user that it is for is given %s (T7)', async (what, given, reason) => {
    const { admin } = organization
    const name = what.replaceAll(' ', '-')
    const username = `promoted-${name}`
    const actor = await makeCaller(table, admin, { username: `actor-${name}`, impersonation: 'full' })
    const { user } = await makeCaller(table, admin, { username, permissions: { orders: 'read' } })
    expect(await exchange(actor.token, username)).toMatchObject({ ok: true })
    const [grant] = grants
    if (grant === undefined || grant.actor === null) throw new Error('no session was granted')
    const session: Session = {
      ...grant,
      sessionId: 'ses_1',
      keyId: null,
      actor: { ...grant.actor, keyId: grant.keyId },
      expiresAt: Date.now() + 60_000,
    }
    const verifySession = () => Promise.resolve({ ok: true, session } as const)
    const admission = {
      ...dependencies(),
      prepareRateLimit: () => Promise.resolve(uncounted),
      verifySession,
    }
    const api = await readApi(table, organization.apiId)
    const target = { kind: 'protected', api: api === undefined ? null : protectedApiOf(api) } as const
    const request = { method: 'GET', path: '/orders', address: origin.address, aid: null, target }
    const decide = async () => (await admit(admission, 'Bearer a.b.c', request)).decision
    expect(await decide()).toMatchObject({ allow: true, subject: { userId: user.userId } })
    const anything = { version: null, ifMatch: null }
    await changeUser(dependenciesOf(table), admin, user.userId, given, anything, origin)
    expect(await decide()).toMatchObject({ allow: false, reason })
  })

  it('tells the audit of refusals who tried to act as somebody', async () => {
    const eager = await makeCaller(table, organization.admin, { username: 'eager' })
    expect(await exchange(eager.token, 'admin')).toMatchObject({ ok: false })
    expect(refusals.at(-1)).toMatchObject({
      caller: { subject: { userId: eager.user.userId } },
      code: 'impersonation_refused',
      request: { method: 'POST', path: '/oauth/token', ...origin },
    })
  })

  it('takes no subject token that is not the own one, beside the name of whom to act as', async () => {
    const actor = await makeCaller(table, organization.admin, { username: 'clumsy', impersonation: 'full' })
    const other = await makeCaller(table, organization.admin, { username: 'other-holder' })
    await makeCaller(table, organization.admin, { username: 'named' })
    const asked = (subject: string) =>
      exchangeToken(
        dependencies(),
        {
          grant: 'token_exchange',
          client: null,
          subject: { text: subject, type: accessTokenType },
          actor: { text: actor.token, type: accessTokenType },
          requestedSubject: 'named',
          audience: null,
        },
        origin,
      )
    expect(await asked('made up')).toMatchObject({ refusal: { error: 'invalid_request' } })
    expect(await asked(other.token)).toMatchObject({ refusal: { error: 'invalid_grant' } })
    expect(await asked(actor.token)).toMatchObject({ ok: true })
  })
})
