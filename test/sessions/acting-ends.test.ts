import { beforeAll, describe, expect, it } from 'vitest'
import { deleteCredential } from '../../lib/credentials/manage-credentials.ts'
import { changeRole, createRole } from '../../lib/policy/manage-roles.ts'
import { deleteUser } from '../../lib/users/delete-user.ts'
import { origin } from '../organizations/organization.ts'
import type { User } from './acting-scene.ts'
import {
  actAs,
  actor,
  begin,
  change,
  deployed,
  exchange,
  makeActor,
  makeTarget,
  numbered,
  shop,
  target,
} from './acting-scene.ts'

beforeAll(begin)

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
