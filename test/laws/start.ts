import * as z from 'zod'
import type { Answer } from './answer.ts'
import { answered, succeeded } from './answer.ts'
import { diceOf } from './dice.ts'
import type { Operation } from './operation.ts'
import type { Secrets } from './perform.ts'
import { sentenceOf } from './request.ts'
import type { Run, RunStart } from './run.ts'
import { startRun } from './run.ts'
import type { Saved, System } from './system.ts'
import type { World } from './world.ts'
import { noGrants } from './world.ts'

/** Where every run begins: three organizations, a dozen users, shared and unshared APIs. */

const Made = z.object({ created: z.literal(true), password: z.string(), token: z.string() })
const Me = z.object({
  user: z.object({ userId: z.string(), loginAccountGroup: z.int().nullable() }),
})
const Organization = z.object({ organization: z.object({ organizationId: z.string() }) })
const Groups = z.object({ accountGroups: z.array(z.object({ aid: z.int() })) })
const Keys = z.object({ credentials: z.array(z.object({ keyId: z.string() })) })
const Apis = z.object({
  apis: z.array(z.object({ apiId: z.string(), name: z.string(), audience: z.string() })),
})

const firstUsername = 'first-admin'
const firstEmail = 'first-admin@laws.example'

/** Nothing waits, nothing expires within an hour, and no limit of requests answers in place of the model. */
const settings = { rateLimitPerMinute: 1_000_000, sessionLifetimeSeconds: 43_200 }

const readAs = async <Schema extends z.ZodType>(
  system: System,
  token: string,
  path: string,
  schema: Schema,
): Promise<z.output<Schema>> => {
  const answer = await system.call({ method: 'GET', path, authorization: `Bearer ${token}` })
  if (!succeeded(answer)) throw new Error(`GET ${path} → ${answer.status} ${JSON.stringify(answer.body)}`)
  return schema.parse(answer.body)
}

const relax = async (system: System, token: string): Promise<void> => {
  const authorization = `Bearer ${token}`
  const answer = await system.call({
    method: 'PATCH',
    path: '/v1/organization',
    body: settings,
    authorization,
  })
  if (!succeeded(answer)) throw new Error(`PATCH /v1/organization → ${answer.status}`)
}

/** The installation as the deployment makes it, and the world that shows it. */
const install = async (system: System): Promise<RunStart> => {
  const made = Made.parse(
    await system.invoke('bootstrap', {
      organization: 'First',
      username: firstUsername,
      email: firstEmail,
      credentials: 'shown',
      rateLimitPerMinute: settings.rateLimitPerMinute,
    }),
  )
  const read = <Schema extends z.ZodType>(path: string, schema: Schema) =>
    readAs(system, made.token, path, schema)
  const { user } = await read('/v1/users/me', Me)
  const { organization } = await read('/v1/organization', Organization)
  const { accountGroups } = await read('/v1/account-groups', Groups)
  const { credentials } = await read(`/v1/users/${user.userId}/keys`, Keys)
  const { apis } = await read('/v1/apis', Apis)
  await relax(system, made.token)
  const { organizationId } = organization
  const keyId = credentials[0]?.keyId ?? ''
  const world: World = {
    next: 1,
    first: organizationId,
    defaultApi: apis[0]?.apiId ?? null,
    registered: [],
    organizations: { [organizationId]: { groups: accountGroups.map(({ aid }) => aid) } },
    roles: {},
    users: {
      [user.userId]: {
        userId: user.userId,
        username: firstUsername,
        home: organizationId,
        status: 'active',
        email: firstEmail,
        password: made.password,
        lockedOut: false,
        memberships: {
          [organizationId]: {
            number: 1,
            status: 'home',
            disabled: false,
            loginGroup: user.loginAccountGroup,
            roles: [{ roleId: 1, aid: null }],
            own: noGrants,
            impersonation: 'none',
            targets: [],
          },
        },
      },
    },
    apis: Object.fromEntries(
      apis.map((api) => [api.apiId, { ...api, organizationId, bindings: [], sections: {}, shares: {} }]),
    ),
    proofs: {
      [keyId]: {
        proofId: keyId,
        kind: 'token',
        userId: user.userId,
        organizationId,
        membershipNumber: 1,
        audience: null,
        actorId: null,
        aid: null,
        openedBy: null,
        state: 'live',
      },
    },
  }
  return { world, secrets: new Map([[keyId, { kind: 'bearer', text: made.token }]]), number: 0 }
}

const dice = diceOf([0])

/** A call of the start, which has to succeed. */
const must = async (run: Run, callerId: string | null, operation: Operation): Promise<Answer> => {
  const [answer] = await run.step([{ operation, callerId, aid: null }], dice)
  if (answer === undefined || !succeeded(answer))
    throw new Error(`${sentenceOf(operation)} → ${answer?.status} ${JSON.stringify(answer?.body)}`)
  return answer
}

const proofIn = (answer: Answer): string => answered(answer).credential?.keyId ?? ''

const makeOrganization = async (run: Run, system: System, first: string, username: string) => {
  const answer = await must(run, first, { kind: 'create-organization', name: username, username })
  const proofId = proofIn(answer)
  const secret = run.secrets.get(proofId)
  if (secret !== undefined) await relax(system, secret.text)
  await must(run, proofId, { kind: 'create-group', name: 'everywhere' })
  return { organizationId: answered(answer).organization?.organizationId ?? '', proofId }
}

const makeUser = async (
  run: Run,
  by: string,
  username: string,
  more: Partial<Extract<Operation, { kind: 'create-user' }>> = {},
): Promise<{ userId: string; proofId: string }> => {
  const operation: Operation = { fields: {}, generate: 'token', ...more, kind: 'create-user', username }
  const answer = await must(run, by, operation)
  return { userId: answered(answer).user?.userId ?? '', proofId: proofIn(answer) }
}

const makeApi = async (run: Run, by: string, name: string): Promise<string> => {
  const audience = `https://${name}.laws.example`
  const answer = await must(run, by, { kind: 'create-api', name, audience })
  return answered(answer).api?.apiId ?? ''
}

const populate = async (run: Run, system: System, first: string): Promise<void> => {
  const second = await makeOrganization(run, system, first, 'second-admin')
  const third = await makeOrganization(run, system, first, 'third-admin')

  const shop = await makeApi(run, first, 'shop')
  await must(run, first, { kind: 'bind', api: shop, gatewayId: 'gw1', stage: '$default', basePath: '/shop' })
  const north = [
    { pattern: 'GET /a', level: 'read' as const },
    { pattern: 'POST /a', level: 'write' as const },
  ]
  const south = [{ pattern: 'GET /a/*', level: 'read' as const }]
  await must(run, first, { kind: 'create-section', api: shop, name: 'north', entries: north })
  await must(run, first, { kind: 'create-section', api: shop, name: 'south', entries: south })
  await must(run, first, {
    kind: 'share',
    api: shop,
    organizationId: second.organizationId,
    entitlement: { everySection: null, sections: { north: 'read' } },
  })

  const desk = await makeApi(run, second.proofId, 'desk')
  await must(run, first, { kind: 'bind', api: desk, gatewayId: 'gw2', stage: 'prod', basePath: '/' })
  await must(run, second.proofId, { kind: 'create-section', api: desk, name: 'north', entries: north })

  const group = await must(run, first, { kind: 'create-group', name: 'north' })
  const aid = answered(group).accountGroup?.aid ?? null
  const managing = (...sections: readonly string[]) =>
    sections.map((section) => ({ text: section, api: null, section, level: 'write' as const }))
  const onNorth = (api: string, level: 'read' | 'write') => [
    { text: `${api}/north`, api, section: 'north', level },
  ]
  const users = ['postern-users', 'postern-credentials']

  await makeUser(run, first, 'manager', {
    fields: {
      permissions: [...managing(...users, 'postern-access', 'postern-apis'), ...onNorth(shop, 'read')],
    },
  })
  const role = await must(run, first, {
    kind: 'create-role',
    name: 'group manager',
    gives: { permissions: managing(...users) },
  })
  const roleId = answered(role).role?.roleId ?? 2
  const scoped = await makeUser(run, first, 'group-manager', { fields: { loginAccountGroup: aid } })
  await must(run, first, {
    kind: 'replace-roles',
    userId: scoped.userId,
    roles: [{ roleId, aid }],
    rehearse: false,
  })
  const plain = await makeUser(run, first, 'plain', {
    fields: { permissions: onNorth(shop, 'write'), email: 'plain@laws.example' },
    password: 'a long passphrase for plain',
  })
  const inGroup = await makeUser(run, first, 'in-group', { fields: { loginAccountGroup: aid } })
  await must(run, first, {
    kind: 'replace-roles',
    userId: inGroup.userId,
    roles: [{ roleId: 3, aid }],
    rehearse: false,
  })
  await makeUser(run, first, 'actor', { fields: { impersonation: 'full' }, generate: 'token' })
  const actors = await must(run, first, {
    kind: 'create-role',
    name: 'actors',
    gives: { impersonation: 'full' },
  })
  await makeUser(run, first, 'role-actor', {
    fields: { roles: [answered(actors).role?.roleId ?? 2] },
    generate: 'token',
  })
  await makeUser(run, first, 'machine', { fields: { roles: [6] }, generate: 'key' })
  await makeUser(run, second.proofId, 'second-manager', {
    fields: { permissions: [...managing(...users), ...onNorth(shop, 'read')] },
  })
  await makeUser(run, second.proofId, 'second-plain', {
    fields: { permissions: [...onNorth(shop, 'write'), ...onNorth(desk, 'read')] },
  })
  const visitor = await makeUser(run, third.proofId, 'visitor@laws.example', {
    password: 'a long passphrase for visitors',
  })
  await must(run, second.proofId, {
    kind: 'create-user',
    username: 'visitor@laws.example',
    fields: { permissions: onNorth(desk, 'write') },
  })
  await must(run, visitor.proofId, { kind: 'accept', organizationId: second.organizationId })
  await must(run, null, {
    kind: 'log-in',
    userId: visitor.userId,
    username: 'visitor@laws.example',
    password: 'a long passphrase for visitors',
    organizationId: second.organizationId,
    audience: null,
  })
  await must(run, first, { kind: 'create-credential', userId: plain.userId, credential: 'key' })
}

export type Beginning = RunStart & { readonly items: Saved }

/** Made once, by calls that are judged like all others; every run begins with a copy of it. */
export const makeBeginning = async (system: System): Promise<Beginning> => {
  const installed = await install(system)
  const run = startRun(system, installed)
  const [first] = Object.keys(installed.world.proofs)
  await populate(run, system, first ?? '')
  const secrets: Secrets = new Map(run.secrets)
  return { world: structuredClone(run.world()), secrets, number: run.fresh(), items: await system.save() }
}
