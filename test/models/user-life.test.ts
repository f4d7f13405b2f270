import { UpdateCommand } from '@aws-sdk/lib-dynamodb'
import * as fc from 'fast-check'
import { beforeAll, describe } from 'vitest'
import type { Caller } from '../../lib/contract/operation.ts'
import { changeCredential } from '../../lib/credentials/change-credential.ts'
import { createCredential, deleteCredential } from '../../lib/credentials/manage-credentials.ts'
import { acceptOwnInvitation, confirmMembership, leaveOrganization } from '../../lib/guests/memberships.ts'
import { countAttempt } from '../../lib/limits/throttle-store.ts'
import { createOrganization } from '../../lib/organizations/create-organization.ts'
import { completeReset } from '../../lib/passwords/complete-reset.ts'
import { makeResetLink } from '../../lib/passwords/make-reset-link.ts'
import { readReset } from '../../lib/passwords/reset-token-store.ts'
import type { KeyOwner, OrganizationId, UserId } from '../../lib/secrets/key-id.ts'
import { KeyId } from '../../lib/secrets/key-id.ts'
import type { Table } from '../../lib/table/document-client.ts'
import { keys } from '../../lib/table/keys.ts'
import { changeUser } from '../../lib/users/change-user.ts'
import { createUser } from '../../lib/users/create-user.ts'
import { deleteUser } from '../../lib/users/delete-user.ts'
import type { UserChange } from '../../lib/users/given-fields.ts'
import { refusalCode } from '../contract/refusal-code.ts'
import { allItems, freshTable } from '../fresh-table.ts'
import { makeOrganization, origin } from '../organizations/organization.ts'
import { wrongCountsIn } from '../users/true-counts.ts'
import type { Draw } from './check-model.ts'
import { agreesWithModel } from './check-model.ts'
import type { Item } from './table-scene.ts'
import { admittedIn, modelDependencies, restore, scheduledTable, startedAt } from './table-scene.ts'
import type { Model, Taking, User } from './user-model.ts'
import * as model from './user-model.ts'
import { day } from './user-model.ts'

/** Two organizations, each with an administrator, the first also with a user whose address is verified and who has a link. */
type Real = {
  readonly table: Table
  readonly clock: { now: number }
  /** Of every user and every credential ever made, by name. */
  readonly userIds: Map<string, UserId>
  readonly keyIds: Map<string, KeyId>
  /** Of each user, in the link that was made last. */
  readonly linkTokens: Map<string, string>
}

const organizations = ['north', 'south']
const organizationIds = new Map<string, OrganizationId>()
const administratorIds = new Map<string, UserId>()
let doraId: UserId
let doraLink: string
let table: Table
let saved: readonly Item[]

beforeAll(async () => {
  table = await freshTable()
  const first = await makeOrganization(table)
  const body = { name: 'South', administrator: { username: 'south-admin' } }
  const second = await createOrganization(first.dependencies, first.admin, body, origin)
  organizationIds.set('north', first.organizationId).set('south', second.organization.organizationId)
  administratorIds.set('north', first.userId).set('south', second.user.userId)
  const dependencies = dependenciesIn({ table, clock: { now: startedAt } })
  const dora = { username: 'dora', email: 'dora@one.example' }
  doraId = (await createUser(dependencies, first.admin, dora, origin)).user.userId
  const makeLink = async () => tokenIn((await makeResetLink(dependencies, first.admin, doraId, origin)).link)
  const token = await makeLink()
  await markMailed(table, doraId)
  await completeReset(dependencies, { token, ...chosenPassword }, origin)
  doraLink = await makeLink()
  saved = (await allItems(table)).filter((item) => item['kind'] !== 'audit')
})

const chosenPassword = {
  newPassword: 'another passphrase for it',
  confirmPassword: 'another passphrase for it',
}

const tokenIn = (link: string): string => new URL(link).searchParams.get('token') ?? ''

/** As if the link had gone to the user's address: whoever has it reads that mailbox. */
const markMailed = ({ client, tableName }: Table, userId: UserId) =>
  client.send(
    new UpdateCommand({
      ...{ TableName: tableName, Key: keys.resetToken(userId) },
      UpdateExpression: 'SET mailed = :yes',
      ExpressionAttributeValues: { ':yes': true },
    }),
  )

const firstOf = (organization: string, rest: Pick<User, 'username' | 'email' | 'hasPassword'>): User => ({
  ...{ home: organization, isVerified: false, isOn: true, link: null, ...rest },
  credentials: { [`${organization}-admin.first`]: { ends: false, isOn: true } },
  memberships: { [organization]: { status: 'home', until: null, isAdministrator: true } },
})

const start = async () => {
  await restore(table, saved)
  const real: Real = {
    table,
    clock: { now: startedAt },
    userIds: new Map([
      ...organizations.map((name) => [`${name}-admin`, known(administratorIds, name)] as const),
      ['dora', doraId],
    ]),
    keyIds: new Map(
      saved
        .filter((item) => item['kind'] === 'credential')
        .map((item) => {
          const organization = organizations.find((name) => administratorIds.get(name) === item['userId'])
          return [`${organization}-admin.first`, KeyId.parse(item['keyId'])]
        }),
    ),
    linkTokens: new Map([['dora', doraLink]]),
  }
  const begun: Model = {
    now: startedAt,
    users: {
      'north-admin': firstOf('north', {
        ...{ username: 'admin', email: 'admin@postern.example', hasPassword: true },
      }),
      'south-admin': firstOf('south', { username: 'south-admin', email: null, hasPassword: false }),
      dora: {
        ...{ home: 'north', username: 'dora', email: 'dora@one.example', isVerified: true, isOn: true },
        ...{ hasPassword: true, credentials: {} },
        memberships: { north: { status: 'home', until: null, isAdministrator: false } },
        link: { madeAt: startedAt, email: 'dora@one.example', isMailed: false },
      },
    },
    ever: ['north-admin', 'south-admin', 'dora'],
    audit: [],
  }
  return { model: begun, real }
}

const known = <T extends string>(ids: ReadonlyMap<string, T>, name: string): T => {
  const id = ids.get(name)
  if (id === undefined) throw new Error(`nothing is known of ${name}`)
  return id
}

const dependenciesIn = ({ table: at, clock }: Pick<Real, 'table' | 'clock'>) => ({
  ...modelDependencies(at, () => clock.now),
  readReset: (of: KeyOwner) => readReset(at, of),
  countAttempt: (...[rule, subject]: [Parameters<typeof countAttempt>[1], string]) =>
    countAttempt(at, rule, subject, clock.now),
})

/** @param name of whoever does it, in a session in that organization */
const as =
  (name: string, organization: string, deed: (real: Real, caller: Caller) => Promise<unknown>) =>
  async (real: Real): Promise<(real: Real) => Promise<string>> => {
    const who = { userId: known(real.userIds, name), organizationId: known(organizationIds, organization) }
    const caller = await admittedIn(real.table, who, 'postern-users', real.clock.now)
    return (at) => refusalCode(deed(at, caller))
  }

// What is drawn.

const usernames = fc.constantFrom('anna', 'ANNA', 'bert', 'carl', 'admin')
const emails = fc.constantFrom(null, 'ops@one.example', 'Ops@One.example', 'two@two.example')
const which = fc.nat(1000)
const anyOrganization = fc.constantFrom(...organizations)

type DrawHere = Draw<Model, Real>
type Chosen = { readonly organization: string; readonly by: string; readonly name: string }

const picked = <T>(from: readonly T[], at: number): T | undefined => from[at % from.length]

/** An administrator at work, and somebody whom it concerns: of the organization, but for one in ten. */
const managing = fc.record({ organization: anyOrganization, at: which, of: which })
type Managing = { readonly organization: string; readonly at: number; readonly of: number }

const chosen = (state: Readonly<Model>, { organization, at, of }: Managing): Chosen | undefined => {
  const placed = Object.keys(state.users).filter(
    (name) => state.users[name]?.memberships[organization] !== undefined,
  )
  const mayManage = (name: string): boolean => {
    const user = model.find(state, name)
    const membership = user.memberships[organization]
    return user.isOn && membership?.isAdministrator === true && ['home', 'guest'].includes(membership.status)
  }
  const by = picked(placed.filter(mayManage), at)
  const name = picked(of % 10 === 9 ? state.ever : placed, Math.floor(of / 10))
  return by === undefined || name === undefined ? undefined : { organization, by, name }
}

const managed =
  (
    draw: (chosen: Chosen, state: Readonly<Model>, fresh: () => string) => ReturnType<DrawHere>,
    by: Managing,
  ): DrawHere =>
  (state, fresh) => {
    const who = chosen(state, by)
    return who === undefined ? undefined : draw(who, state, fresh)
  }

const creating = fc
  .record({
    by: managing,
    asked: fc.record({
      username: usernames,
      email: emails,
      isAdministrator: fc.boolean(),
      isOn: fc.integer({ min: 0, max: 7 }).map((drawn) => drawn < 7),
      proof: fc.constantFrom('none' as const, 'none' as const, 'token' as const, 'password' as const),
    }),
  })
  .map(({ by: asked, asked: user }) =>
    managed(({ organization, by }, _state, fresh) => {
      const name = fresh()
      const { username, email, isAdministrator, isOn, proof } = user
      const told = [email ?? 'no e-mail', isAdministrator && 'administrator', !isOn && 'disabled', proof]
      return {
        said: `${name} = ${username} in ${organization} by ${by} (${told.filter(Boolean).join(', ')})`,
        expected: (after) => model.create(after, name, organization, user),
        admit: as(by, organization, async (real, caller) => {
          const body = {
            ...{ username, status: isOn ? ('active' as const) : ('disabled' as const) },
            ...(email === null ? {} : { email }),
            ...(isAdministrator ? { role: 'Organization Admin' } : {}),
            ...(proof === 'token' ? { generate: 'token' as const } : {}),
            ...(proof === 'password' ? { password: 'a passphrase for a model' } : {}),
          }
          const made = await createUser(dependenciesIn(real), caller, body, origin)
          if (made.user.membership === 'home') real.userIds.set(name, made.user.userId)
          if (made.credential !== undefined) real.keyIds.set(`${name}.first`, made.credential.keyId)
        }),
      }
    }, asked),
  )

const anyVersion = { version: null, ifMatch: null }

const change = (
  { organization, by, name }: Chosen,
  told: string,
  fields: UserChange,
  expected: (after: Model) => string,
) => ({
  said: `${name} ${told}, by ${by} in ${organization}`,
  expected,
  admit: as(by, organization, (real, caller) =>
    changeUser(dependenciesIn(real), caller, known(real.userIds, name), fields, anyVersion, origin),
  ),
})

const renaming = fc.record({ by: managing, username: usernames }).map(({ by, username }) =>
  managed((who) => {
    const { organization, name } = who
    return change(who, `renamed ${username}`, { username }, (after) =>
      model.rename(after, organization, name, username),
    )
  }, by),
)

const readdressing = fc.record({ by: managing, email: emails }).map(({ by, email }) =>
  managed((who) => {
    const { organization, name } = who
    return change(who, `gets the e-mail ${email ?? 'of nobody'}`, { email }, (after) =>
      model.readdress(after, organization, name, email, who.by),
    )
  }, by),
)

const turning = fc.record({ by: managing, isOn: fc.boolean() }).map(({ by, isOn }) =>
  managed((who) => {
    const { organization, name } = who
    return change(who, isOn ? 'enabled' : 'disabled', { status: isOn ? 'active' : 'disabled' }, (after) =>
      model.turn(after, organization, name, isOn, who.by),
    )
  }, by),
)

const appointing = fc.record({ by: managing, isAdministrator: fc.boolean() }).map(({ by, isAdministrator }) =>
  managed((who) => {
    const { organization, name } = who
    const told = isAdministrator ? 'made administrator' : 'loses all roles'
    const roles = isAdministrator ? ['Organization Admin'] : []
    return change(who, told, { roles }, (after) => model.appoint(after, organization, name, isAdministrator))
  }, by),
)

const deleting = managing.map((drawn) =>
  managed(
    ({ organization, by, name }) => ({
      said: `${name} deleted, by ${by} in ${organization}`,
      expected: (after) => model.remove(after, organization, name, by),
      admit: as(by, organization, (real, caller) =>
        deleteUser(dependenciesIn(real), caller, known(real.userIds, name), null, origin),
      ),
    }),
    drawn,
  ),
)

const waking = managing.map((drawn) =>
  managed(
    ({ organization, by, name }) => ({
      said: `${name} confirmed, by ${by} in ${organization}`,
      expected: (after) => model.confirm(after, organization, name),
      admit: as(by, organization, (real, caller) =>
        confirmMembership(dependenciesIn(real), caller, known(real.userIds, name), origin),
      ),
    }),
    drawn,
  ),
)

/** What a user does about its membership somewhere, by itself from home. */
const ownDeed = (
  told: string,
  expected: (after: Model, organization: string, name: string) => string,
  deed: typeof acceptOwnInvitation | typeof leaveOrganization,
) =>
  fc.record({ organization: anyOrganization, at: which }).map(
    ({ organization, at }): DrawHere =>
      (state) => {
        const elsewhere = Object.keys(state.users).filter((one) => {
          const { isOn, memberships } = model.find(state, one)
          return isOn && (at % 5 === 4 || Object.keys(memberships).length > 1)
        })
        const name = picked(elsewhere, at)
        if (name === undefined) return undefined
        return {
          said: `${name} ${told} ${organization}`,
          expected: (after) => expected(after, organization, name),
          admit: as(name, model.find(state, name).home, (real, caller) =>
            deed(dependenciesIn(real), caller, known(organizationIds, organization), origin),
          ),
        }
      },
  )

const equipping = fc.record({ by: managing, ends: fc.boolean() }).map(({ by: drawn, ends }) =>
  managed(({ organization, by, name }, _state, fresh) => {
    const credential = fresh()
    return {
      said: `${credential} = a token for ${name}${ends ? ' that ends' : ''}, by ${by} in ${organization}`,
      expected: (after) => model.equip(after, organization, name, { name: credential, ends }, by),
      admit: as(by, organization, async (real, caller) => {
        const expiresAt = ends ? new Date(real.clock.now + 90 * day).toISOString() : null
        const body = { name: credential, kind: 'token' as const, expiresAt }
        const userId = known(real.userIds, name)
        const made = await createCredential(dependenciesIn(real), caller, userId, body, origin)
        real.keyIds.set(credential, made.keyId)
      }),
    }
  }, drawn),
)

const taking = fc
  .record({ by: managing, at: which, deed: fc.constantFrom<Taking[]>('deleted', 'disabled', 'enabled') })
  .map(({ by: drawn, at, deed }) =>
    managed(({ organization, by, name }, state) => {
      const credential = picked(Object.keys(state.users[name]?.credentials ?? {}), at)
      if (credential === undefined) return undefined
      return {
        said: `${credential} of ${name} ${deed}, by ${by} in ${organization}`,
        expected: (after) => model.take(after, organization, name, credential, deed, by),
        admit: as(by, organization, (real, caller) => {
          const target = { userId: known(real.userIds, name), keyId: known(real.keyIds, credential) }
          if (deed === 'deleted') return deleteCredential(dependenciesIn(real), caller, target, origin)
          const status = deed === 'enabled' ? 'active' : 'disabled'
          return changeCredential(dependenciesIn(real), caller, target, { status }, origin)
        }),
      }
    }, drawn),
  )

const linking = fc.record({ by: managing, isMailed: fc.boolean() }).map(({ by: drawn, isMailed }) =>
  managed(
    ({ organization, by, name }) => ({
      said: `${name} gets a link${isMailed ? ' by mail' : ''}, by ${by} in ${organization}`,
      isAlone: true,
      expected: (after) => {
        const answer = model.makeLink(after, organization, name, by)
        const link = after.users[name]?.link
        if (answer === 'ok' && link != null) link.isMailed = isMailed
        return answer
      },
      admit: as(by, organization, async (real, caller) => {
        const userId = known(real.userIds, name)
        const { link } = await makeResetLink(dependenciesIn(real), caller, userId, origin)
        real.linkTokens.set(name, tokenIn(link))
        if (isMailed) await markMailed(real.table, userId)
      }),
    }),
    drawn,
  ),
)

const choosing = which.map(
  (at): DrawHere =>
    (state) => {
      const linked = Object.keys(state.users).filter((one) => model.find(state, one).link !== null)
      const name = picked(linked, at)
      if (name === undefined) return undefined
      return {
        said: `${name} chooses a password`,
        expected: (after) => model.choosePassword(after, name),
        admit: () =>
          Promise.resolve((real) => {
            const body = { token: known(real.linkTokens, name), ...chosenPassword }
            return refusalCode(completeReset(dependenciesIn(real), body, origin))
          }),
      }
    },
)

const waiting = fc.constantFrom(600_000, day, 8 * day).map(
  (milliseconds): DrawHere =>
    () => ({
      said: `${milliseconds / day} days later`,
      isAlone: true,
      expected: (state) => {
        state.now += milliseconds
        return 'ok'
      },
      admit: () =>
        Promise.resolve((real) => {
          real.clock.now += milliseconds
          return Promise.resolve('ok')
        }),
    }),
)

// What there is, from one look at the whole table.

/** What belongs to no user, or is to be gone by its TTL. */
const besideUsers = [
  'audit',
  'notice',
  'throttle',
  'organization',
  'access-policy',
  'api',
  'audience-claim',
  'installation',
]

const observe = async (real: Real) => {
  const items = await allItems(real.table)
  const ofKind = (kind: string) => items.filter((item) => item['kind'] === kind)
  const names = new Map<string, string>([...real.userIds].map(([name, userId]) => [userId, name]))
  const named = (userId: unknown): string => names.get(String(userId)) ?? String(userId)
  const keyNames = new Map<string, string>([...real.keyIds].map(([name, keyId]) => [keyId, name]))
  const keyNamed = ({ keyId }: Item): string => keyNames.get(String(keyId)) ?? String(keyId)
  const organizationNames = new Map<string, string>([...organizationIds].map(([name, id]) => [id, name]))
  const membership = (item: Item) => {
    const isHome = ofKind('user').some(
      ({ userId, homeOrganizationId }) =>
        userId === item['userId'] && homeOrganizationId === item['organizationId'],
    )
    const active = isHome ? 'home' : 'guest'
    const until = item['invitedUntilSeconds']
    return {
      status: item['status'] === 'active' ? active : item['status'],
      until: typeof until === 'number' ? until * 1000 : until,
      isAdministrator: ['[1]', '[4]'].includes(JSON.stringify(item['allAccountGroupRoles'])),
      listedAs: item['directorySk'],
    }
  }
  const organizationNamed = (organizationId: unknown): string | undefined =>
    organizationNames.get(String(organizationId))
  const seen = [
    ...['user', 'membership', 'username-claim', 'email-entry', 'uid-claim', 'password', 'reset-token'],
    ...['credential', 'expiry-entry', ...besideUsers],
  ]
  const userNames = (kind: string): string[] =>
    ofKind(kind)
      .map(({ userId }) => named(userId))
      .sort()
  return {
    users: Object.fromEntries(
      ofKind('user').map((user) => {
        const { userId, homeOrganizationId, username, email, emailVerified, status } = user
        const memberships = ofKind('membership').filter((item) => item['userId'] === userId)
        return [
          named(userId),
          {
            ...{ home: organizationNamed(homeOrganizationId), username, email, isVerified: emailVerified },
            isOn: status === 'active',
            memberships: Object.fromEntries(
              memberships.map((item) => [organizationNamed(item['organizationId']), membership(item)]),
            ),
          },
        ]
      }),
    ),
    usernames: ofKind('username-claim')
      .map((item) => {
        const holder = `${named(item['userId'])} ${organizationNamed(item['organizationId'])}`
        return `${String(item['pk']).replace('USERNAME#', '')} ${holder}`
      })
      .sort(),
    addresses: ofKind('email-entry')
      .map((item) => {
        const holder = `${named(item['userId'])} ${organizationNamed(item['organizationId'])}`
        return `${String(item['pk']).replace('EMAIL#', '')} ${holder} ${item['verified']}`
      })
      .sort(),
    numbers: userNames('uid-claim'),
    passwords: userNames('password'),
    links: userNames('reset-token'),
    credentials: ofKind('credential').map(keyNamed).sort(),
    awaited: ofKind('expiry-entry').map(keyNamed).sort(),
    administrators: organizations.map(
      (name) =>
        ofKind('organization').find((item) => item['organizationId'] === organizationIds.get(name))?.[
          'administratorCount'
        ],
    ),
    audit: ofKind('audit')
      .map((item) => `${organizationNamed(item['organizationId'])} ${item['action']}`)
      .sort(),
    wrong: [
      ...wrongCountsIn(items),
      ...items
        .filter(({ kind, pk }) => !seen.includes(String(kind)) && !String(pk).startsWith('INSTALLATION'))
        .map(({ kind, pk, sk }) => `${kind} ${pk} ${sk} is left`),
    ],
  }
}

describe('the life of users and their memberships', () => {
  agreesWithModel<Model, Real>(
    () => ({
      deeds: [
        { arbitrary: creating, weight: 9 },
        { arbitrary: renaming, weight: 3 },
        { arbitrary: readdressing, weight: 4 },
        { arbitrary: turning, weight: 4 },
        { arbitrary: appointing, weight: 4 },
        { arbitrary: deleting, weight: 3 },
        { arbitrary: waking, weight: 2 },
        { arbitrary: ownDeed('accepts the invitation of', model.accept, acceptOwnInvitation), weight: 5 },
        { arbitrary: ownDeed('leaves', model.leave, leaveOrganization), weight: 1 },
        { arbitrary: equipping, weight: 2 },
        { arbitrary: taking, weight: 3 },
        { arbitrary: linking, weight: 6 },
        { arbitrary: choosing, weight: 6 },
        { arbitrary: waiting, weight: 1 },
      ],
      start,
      scheduled: (real, scheduler) => ({ ...real, table: scheduledTable(real.table, scheduler) }),
      stateOf: (state) => model.stateOf(state, organizations),
      observe,
      givingWay: ['version_conflict', 'temporarily_unavailable', 'username_taken'],
    }),
    { runs: 8, length: 50 },
  )
})
