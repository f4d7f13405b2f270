import { beforeAll, describe, expect, it, vi } from 'vitest'
import { epochOf } from '../../lib/identity/member.ts'
import type { StoredMembership } from '../../lib/identity/stored-membership.ts'
import { StoredUser } from '../../lib/identity/stored-user.ts'
import { identityFields, membershipFields, type Rows } from '../../lib/identity/user-fields.ts'
import { createIntegrationVendor } from '../../lib/policy/manage-integration-vendors.ts'
import type { UserId } from '../../lib/secrets/key-id.ts'
import { changeUser } from '../../lib/users/change-user.ts'
import { createUser, type NewUser } from '../../lib/users/create-user.ts'
import type { UserChange } from '../../lib/users/given-fields.ts'
import { NewUserBody, UserChangeBody } from '../../lib/users/user-endpoints.ts'
import { exampleUser, User } from '../../lib/users/user-shape.ts'
import { auditedUser, userView } from '../../lib/users/user-view.ts'
import { allItems } from '../fresh-table.ts'
import { origin } from '../organizations/organization.ts'
import { accessScene } from '../policy/access-scene.ts'

/** Rows as somebody adds them who needs another field: the whole of what they add. */
vi.mock(import('../../lib/identity/user-fields.ts'), async (load) => {
  const real = await load()
  const identity = {
    ...real.identityFields,
    addedText: { ...real.identityFields.location, about: 'Where it belongs.' },
    addedChoice: { ...real.identityFields.accessLevel, endsSessions: 'any change' as const },
  }
  const membership = { ...real.membershipFields, addedToMembership: real.identityFields.lastName }
  return {
    ...real,
    identityFields: identity,
    membershipFields: membership,
    identityNames: Object.keys(identity) as (keyof typeof real.identityFields)[],
    membershipNames: Object.keys(membership) as (keyof typeof real.membershipFields)[],
  }
})

const rows: Rows = { ...identityFields, ...membershipFields }

let scene: Awaited<ReturnType<typeof accessScene>>
let targets: readonly UserId[]
let vendorIds: readonly string[]

beforeAll(async () => {
  scene = await accessScene()
  const { dependencies, admin } = scene
  const made = await Promise.all(['target-1', 'target-2'].map((username) => create({ username })))
  targets = made.map(({ userId }) => userId)
  const vendor = async (name: string) =>
    (await createIntegrationVendor(dependencies, await admin(), name, origin)).vendorId
  vendorIds = [await vendor('one'), await vendor('two')]
})

const create = async (body: NewUser) =>
  (await createUser(scene.dependencies, await scene.admin(), body, origin)).user

/** Two values that a field is given one after the other, how each is shown and stored, and one that no request may bring. */
type Sample = {
  readonly given: readonly [UserChange, UserChange]
  readonly shown: readonly [unknown, unknown]
  readonly stored: readonly [unknown, unknown]
  readonly bad: unknown
}

const asGiven = (name: string, one: unknown, other: unknown, bad: unknown): Sample => ({
  given: [{ [name]: one }, { [name]: other }],
  shown: [one, other],
  stored: [one, other],
  bad,
})

const role = (roleId: number, roleName: string) => ({
  ...{ roleId, roleName, builtin: true, hasManagementPermissions: false },
})
const inGroup = (...roles: number[]) => [{ aid: 1, roles }]
const shownInGroup = (...roles: unknown[]) => [{ aid: 1, accountGroupName: 'Default', roles }]

type Special<F> = { [K in keyof F]: F[K] extends { readonly form: 'special' } ? K : never }[keyof F]

/** Of fields that are more than text or a choice. `emailVerified` is nobody's to set (`email-verified.test.ts`). */
const special: Record<
  Exclude<Special<typeof identityFields> | Special<typeof membershipFields>, 'emailVerified'>,
  () => Sample
> = {
  username: () => asGiven('username', 'first-name', 'second-name', 'two words'),
  email: () => asGiven('email', 'one@x.example', null, 'nowhere'),
  timezone: () => asGiven('timezone', 'Europe/Berlin', 'Asia/Tokyo', 'Europe/Nowhere'),
  whitelist: () => asGiven('whitelist', ['203.0.113.7'], ['2001:db8::/32'], ['example.com']),
  loginAccountGroup: () => asGiven('loginAccountGroup', 1, null, 0),
  integrationVendor: () => asGiven('integrationVendor', vendorIds[0], vendorIds[1], 'x'.repeat(101)),
  impersonation: () => asGiven('impersonation', 'full', 'none', 'everybody'),
  rateLimitPerMinute: () => asGiven('rateLimitPerMinute', null, 60, 60),
  impersonationTargets: () => ({
    ...asGiven('impersonationTargets', [targets[0]], [targets[1]], ['no id']),
    given: [
      { impersonation: 'selected', impersonationTargets: [targets[0] ?? 'usr_none'] },
      { impersonationTargets: [targets[1] ?? 'usr_none'] },
    ],
  }),
  permissions: () => ({
    ...asGiven('permissions', { orders: 'read' }, { orders: 'write' }, { orders: 'own' }),
    stored: [{ [`${scene.apiId}/orders`]: 'read' }, { [`${scene.apiId}/orders`]: 'write' }],
  }),
  endpoints: () => ({
    ...asGiven('endpoints', ['GET /orders'], ['GET /orders/{id}'], ['orders']),
    stored: [[`${scene.apiId} GET /orders`], [`${scene.apiId} GET /orders/{id}`]],
  }),
  allAccountGroupRoles: () => ({
    given: [{ role: 'User' }, { roles: ['Read Only', 'User'] }],
    shown: [[role(2, 'User')], [role(3, 'Read Only'), role(2, 'User')]],
    stored: [[2], [3, 2]],
    bad: [2],
  }),
  accountGroupRoles: () => ({
    given: [{ accountGroupRoles: inGroup(2) }, { accountGroupRoles: inGroup(3) }],
    shown: [shownInGroup(role(2, 'User')), shownInGroup(role(3, 'Read Only'))],
    stored: [inGroup(2), inGroup(3)],
    bad: inGroup(2),
  }),
}

const sampleOf = (name: string): Sample => {
  const { bounds, initial, options } = rows[name] ?? { initial: undefined }
  if (bounds !== undefined) return asGiven(name, 'one text', 'another', 'x'.repeat(bounds.maximum + 1))
  if (options !== undefined) return asGiven(name, options[1], initial, 'no such choice')
  return special[name as keyof typeof special]()
}

const lives = new Map<string, Promise<Awaited<ReturnType<typeof live>>>>()
const lifeOf = (name: string) => {
  const known = lives.get(name) ?? live(name)
  lives.set(name, known)
  return known
}

/** A user is made with the field and changed; what was seen of it on the way. */
const live = async (name: string) => {
  const { given } = sampleOf(name)
  const [first, second] = given
  const { dependencies, organizationId } = scene
  const admin = await scene.admin()
  const { userId, ...created } = await create({ username: `with-${name}`.toLowerCase(), ...first })
  const before = await dependencies.readMember(userId, organizationId)
  const after = await changeUser(
    dependencies,
    admin,
    userId,
    second,
    { version: null, ifMatch: null },
    origin,
  )
  const stored = await dependencies.readMember(userId, organizationId)
  if (before === undefined || stored === undefined) throw new Error('the user is gone')
  const audited = (await allItems(scene.table)).filter(
    (item) => item['kind'] === 'audit' && item['targetUserId'] === userId,
  )
  const changesOf = (action: string) =>
    audited.filter((row) => row['action'] === action).flatMap((row) => row['changes'])
  return {
    created: User.parse({ userId, ...created }) as Readonly<Record<string, unknown>>,
    changed: User.parse(userView(stored, admin.snapshot.policy)) as Readonly<Record<string, unknown>>,
    answered: after,
    stored,
    /** In the rows of the creation and of the change. */
    kept: changesOf('user.created') as { field: string; after: Readonly<Record<string, unknown>> }[],
    changes: changesOf('user.changed') as { field: string; before: unknown; after: unknown }[],
    endsSessions: epochOf(before) !== epochOf(stored),
  }
}

const names = Object.keys(rows).filter((name) => name !== 'emailVerified')

describe.each(names)('%s of a user', (name) => {
  it('is shown as it was given, when the user is made and when it is changed', async () => {
    const { shown } = sampleOf(name)
    const { created, changed, answered, stored } = await lifeOf(name)
    expect([created[name], changed[name]]).toEqual(shown)
    expect(answered).toEqual(stored)
  })

  it('has its change in the audit, and nothing else has', async () => {
    const [before, after] = sampleOf(name).stored
    expect((await lifeOf(name)).changes).toEqual([{ field: name, before, after }])
  })

  it('is refused with a bad value, by its name', () => {
    const { bad } = sampleOf(name)
    for (const body of [NewUserBody, UserChangeBody]) {
      const refused = body.safeParse({ username: 'bad', [name]: bad }).error?.issues ?? []
      expect(refused.map(({ path, ...issue }) => path[0] ?? ('keys' in issue && issue.keys[0]))).toEqual([
        name,
      ])
    }
  })
})

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

/** The fields of which something holds that was seen. */
const fieldsWhere = async (holds: (life: Awaited<ReturnType<typeof live>>, name: string) => boolean) => {
  const found = await Promise.all(names.map(async (name) => holds(await lifeOf(name), name)))
  return names.filter((_, index) => found[index]).toSorted()
}

describe('of the fields of a user', () => {
  it('those that let it do something are kept in the audit when it is made, and nothing personal', async () => {
    const kept = await fieldsWhere(({ kept }, name) => name in (kept[0]?.after ?? {}))
    expect(kept).toEqual(
      [
        ...['username', 'status', 'accessLevel', 'addedChoice', 'whitelist'],
        ...['permissions', 'endpoints', 'accountGroupRoles', 'loginAccountGroup'],
        ...['impersonation', 'impersonationTargets', 'integrationVendor', 'rateLimitPerMinute'],
      ].toSorted(),
    )
    expect(auditedUser(exampleUser).roles).toEqual(['User'])
  })

  it('those that session tokens stand for end them', async () => {
    expect(await fieldsWhere(({ endsSessions }) => endsSessions)).toEqual(
      [
        ...['allAccountGroupRoles', 'accountGroupRoles', 'impersonation', 'impersonationTargets'],
        'accessLevel',
        'addedChoice',
      ].toSorted(),
    )
  })

  it('hosts see what they need once the user has accepted, and before that its name alone', async () => {
    const shownTo = (status: 'active' | 'invited') =>
      fieldsWhere(({ stored: { user, membership } }, name) => {
        const marked = StoredUser.parse({
          ...user,
          ...{
            email: 'a@x.example',
            whitelist: ['192.0.2.1'],
            timezone: 'Asia/Tokyo',
            accessLevel: 'dashboard',
          },
          ...{
            status: 'disabled',
            firstName: 'F',
            lastName: 'L',
            name: 'N',
            description: 'D',
            location: 'O',
          },
          ...{ addedText: 'R', addedChoice: 'dashboard' },
        })
        const seenIn = (membership: StoredMembership): string => {
          const seen: Readonly<Record<string, unknown>> = userView({ user: marked, membership }, null)
          return JSON.stringify(seen[name])
        }
        const atHome = seenIn(membership)
        const isSet = name in identityFields && atHome !== JSON.stringify(rows[name]?.initial)
        return isSet && seenIn({ ...membership, organizationId: 'org_host' as const, status }) === atHome
      })
    expect(await shownTo('active')).toEqual(
      [
        'username',
        'name',
        'firstName',
        'lastName',
        'status',
        'accessLevel',
        'addedChoice',
        'timezone',
      ].toSorted(),
    )
    expect(await shownTo('invited')).toEqual(['username'])
  })

  it('all but the names are nothing in a user that is made with a username', async () => {
    const made = await create({ username: 'bare' })
    const { userId, createdAt, updatedAt, username, name, version, ...rest } = made
    expect([username, name]).toEqual(['bare', 'bare'])
    const { status, membership, accessLevel, addedChoice, timezone, impersonation, ...nothing } = {
      addedChoice: '',
      ...rest,
    }
    expect([status, membership, impersonation]).toEqual(['active', 'home', 'none'])
    expect([accessLevel, addedChoice, timezone]).toEqual(['api', 'api', 'UTC'])
    const empty = ['', '[]', '{}', 'null', 'false', '0']
    expect(Object.entries(nothing).filter(([, value]) => !empty.includes(textOf(value)))).toEqual([])
  })

  it('a text is empty in items that were stored before there was such a field', async () => {
    const { stored } = await lifeOf('addedText')
    const { addedText, ...older } = { addedText: undefined, ...stored.user }
    expect(StoredUser.parse(older)).toEqual({ ...stored.user, addedText: '' })
    // What decides about requests is not guessed.
    const { whitelist, ...damaged } = stored.user
    expect(StoredUser.safeParse(damaged).success).toBe(false)
  })

  it('requests and answers name these, and what the user is made or found with', () => {
    const others = (shape: object) =>
      Object.keys(shape)
        .filter((name) => !(name in rows))
        .toSorted()
    expect(others(NewUserBody.shape)).toEqual(
      [
        'role',
        'roles',
        'password',
        'confirmPassword',
        'passwordHash',
        'mailPasswordLink',
        'generate',
      ].toSorted(),
    )
    expect(others(UserChangeBody.shape)).toEqual(['role', 'roles', 'version'])
    expect(others(User.shape)).toEqual(
      [
        ...['userId', 'membership', 'guestMemberships', 'roles', 'integrationVendorName'],
        ...['createdAt', 'updatedAt', 'lastLoginAt', 'lastUsedAt', 'version'],
      ].toSorted(),
    )
    expect(Object.keys(User.shape)).toEqual(expect.arrayContaining(Object.keys(rows)))
  })
})
