import { DeleteCommand } from '@aws-sdk/lib-dynamodb'
import { beforeAll, describe, expect, it } from 'vitest'
import { changeCredential } from '../../lib/credentials/change-credential.ts'
import type { CredentialChange } from '../../lib/credentials/credential-bodies.ts'
import { noteUse } from '../../lib/credentials/credential-store.ts'
import { maximumImported } from '../../lib/credentials/imported-credential.ts'
import {
  createCredential,
  deleteCredential,
  importCredential,
  rotateCredential,
} from '../../lib/credentials/manage-credentials.ts'
import { maximumCredentials } from '../../lib/credentials/new-credential.ts'
import { maximumGuestMemberships } from '../../lib/guests/guest-count.ts'
import { acceptOwnInvitation, confirmMembership, leaveOrganization } from '../../lib/guests/memberships.ts'
import type { UserId } from '../../lib/secrets/key-id.ts'
import { keys } from '../../lib/table/keys.ts'
import { itemKinds } from '../../lib/table/schema.ts'
import type { WriteTransaction } from '../../lib/table/transaction.ts'
import { changeUser } from '../../lib/users/change-user.ts'
import { createUser } from '../../lib/users/create-user.ts'
import { deleteUser } from '../../lib/users/delete-user.ts'
import type { UserChange } from '../../lib/users/given-fields.ts'
import { firstUse } from '../credentials/first-use.ts'
import { allItems } from '../fresh-table.ts'
import { anything, membershipScene } from '../guests/membership-scene.ts'
import type { Deed, Hands, Term } from '../interleaving.ts'
import { interleaving } from '../interleaving.ts'
import { callerWith, origin } from '../organizations/organization.ts'
import { putAnything } from '../table/put-anything.ts'

const offered = { endpoints: ['GET /stock'] }
const deeds: Record<string, Deed> = {}
let run: Awaited<ReturnType<typeof interleaving>>

/** Users in every state that a condition asks for, and what is done to them. */
beforeAll(async () => {
  const scene = await membershipScene()
  const { table, host, home } = scene
  const at = Date.now()
  const later = (seconds: number) => new Date(at + seconds * 1000).toISOString()
  const dependencies = { ...scene.dependencies, now: () => at }
  const [admin, hostAdmin] = [await scene.admin(), await host.admin()]
  const second = await scene.makeHost('second')
  const secondAdmin = await second.admin()
  const thirdAdmin = await (await scene.makeHost('third')).admin()

  const with_ = (hands: Hands) => ({ ...dependencies, ...hands })
  const idOf = async (username: string, fields = {}) =>
    (await createUser(dependencies, admin, { username, ...fields }, origin)).user.userId
  const give = async (userId: UserId, fields: object = {}) => {
    const body = { name: 'given', kind: 'token', ...fields } as const
    return { userId, keyId: (await createCredential(dependencies, admin, userId, body, origin)).keyId }
  }
  type Target = Awaited<ReturnType<typeof give>>
  const rotated = async (target: Target, body = {}) => ({
    ...target,
    keyId: (await rotateCredential(dependencies, admin, target, body, origin)).keyId,
  })
  const disable = (target: Target) =>
    changeCredential(dependencies, admin, target, { status: 'disabled' }, origin)
  const count = async (userId: UserId, fields: Record<string, number>) => {
    const user = (await dependencies.readMember(userId, home.organizationId))?.user
    if (user === undefined) throw new Error('the user is there')
    await dependencies.write([putAnything('user', { ...user, ...fields })])
  }

  const clerk = { ...offered, permissions: { 'postern-users': 'write' } } as const
  const clerkId = (await scene.invite('clerk', clerk)).userId
  const { token } = await createCredential(
    dependencies,
    hostAdmin,
    clerkId,
    { name: 'c', kind: 'token' },
    origin,
  )
  const hostClerk = await callerWith(table, token ?? '')

  const partner = await scene.make({ username: 'partner', email: 'partner@a.example' })
  const { userId } = partner.user
  await scene.invite('partner', offered)
  await scene.accept(partner.caller)
  await scene.invite('partner', offered, Promise.resolve(secondAdmin))

  const holder = await idOf('holder')
  const lasting = await give(holder)
  const ending = await give(holder, { expiresAt: later(86_400 * 30) })
  const brief = await give(holder, { expiresAt: later(3600) })
  const off = await give(holder)
  await disable(off)
  const replaced = await give(holder)
  const successor = await rotated(replaced, { endOldOnFirstUse: true })

  const suspended = await scene.make({ username: 'suspended', email: 'suspended@a.example' })
  const suspendedId = suspended.user.userId
  await scene.invite('suspended', offered)
  await scene.accept(suspended.caller)
  await changeUser(dependencies, admin, suspendedId, { email: 'other@a.example' }, anything, origin)

  await idOf('deputy', { role: 'Admin', email: 'deputy@a.example' })
  const boss = await give(await idOf('boss', { role: 'Admin' }))
  const locked = await idOf('locked', { role: 'Admin' })
  const idle = await idOf('idle')
  const full = await idOf('full')
  await count(full, { credentialCount: maximumCredentials - 1, importedCount: 0 })
  const imports = await idOf('imports')
  await count(imports, { importedCount: maximumImported - 1 })
  const visitor = await idOf('visitor')
  await count(visitor, { guestCount: maximumGuestMemberships - 1 })

  const change =
    (of: UserId, fields: UserChange, by = admin) =>
    (hands: Hands) =>
      changeUser(with_(hands), by, of, fields, anything, origin)
  const create =
    (of: UserId, fields = {}) =>
    (hands: Hands) =>
      createCredential(with_(hands), admin, of, { name: 'new', kind: 'key', ...fields }, origin)
  const imported = (of: UserId, hash: string) => (hands: Hands) =>
    importCredential(with_(hands), admin, of, { name: 'old', kind: 'token', hash: hash.repeat(64) }, origin)
  const rotate =
    (target: Target, body = {}) =>
    (hands: Hands) =>
      rotateCredential(with_(hands), admin, target, body, origin)
  const revoke = (target: Target) => (hands: Hands) => deleteCredential(with_(hands), admin, target, origin)
  const edit = (target: Target, fields: CredentialChange) => (hands: Hands) =>
    changeCredential(with_(hands), admin, target, fields, origin)
  const set = (target: Target, status: 'active' | 'disabled') => edit(target, { status })
  const remove =
    (of: UserId, by = admin) =>
    (hands: Hands) =>
      deleteUser(with_(hands), by, of, null, origin)
  /** The first transaction of an invitation only finds that the username is somebody's. */
  const onceTaken = (write: WriteTransaction): WriteTransaction => {
    let isTaken = false
    return async (writes) => {
      if (isTaken) return await write(writes)
      isTaken = true
      return await dependencies.write(writes)
    }
  }
  const invite =
    (username: string, by = hostAdmin) =>
    (hands: Hands) =>
      createUser({ ...with_(hands), write: onceTaken(hands.write) }, by, { username, ...offered }, origin)
  const accept =
    (caller = partner.caller, { organizationId } = host) =>
    (hands: Hands) =>
      acceptOwnInvitation(with_(hands), caller, organizationId, origin)
  const leave =
    ({ organizationId } = host) =>
    (hands: Hands) =>
      leaveOrganization(with_(hands), partner.caller, organizationId, origin)
  const inTurn =
    (...steps: readonly Deed[]): Deed =>
    async (hands) => {
      for (const step of steps) await step(hands)
    }

  /** What the mailer leaves of an invitation. */
  const mailLink = async () => {
    const membership = await scene.membershipOf(userId, second.organizationId)
    const token = {
      ...keys.invitationToken(userId, membership?.membershipId ?? 'mem_'),
      kind: itemKinds.invitationToken,
    }
    await dependencies.write([putAnything('invitation token', token)])
  }

  Object.assign(deeds, {
    'create a key': create(userId),
    'create a key that ends': create(holder, { expiresAt: later(60) }),
    'create a key for one without any': create(idle),
    'create a key for an administrator without any': create(locked),
    'create a key for one whose membership is suspended': create(suspendedId),
    'create the last key': create(full),
    'create a key for an administrator': create(boss.userId),
    'import the last one': imported(imports, 'a'),
    'import another last one': imported(imports, 'b'),
    'import a hash': imported(userId, 'c'),
    'import the hash for another': imported(idle, 'c'),
    'rotate a lasting key': rotate(lasting),
    'rotate a brief key': rotate(brief),
    'rotate a replaced key': rotate(replaced),
    'rotate its successor': rotate(successor),
    'use its successor': async () => {
      const all = await dependencies.readCredentials(holder)
      const used = all.find(({ keyId }) => keyId === successor.keyId)
      if (used !== undefined) await noteUse(table, firstUse(used), later(1))
    },
    'revoke a lasting key': revoke(lasting),
    'revoke a disabled key': revoke(off),
    'revoke the key of an administrator': revoke(boss),
    'name a key': edit(lasting, { name: 'one' }),
    'name it otherwise': edit(lasting, { name: 'other' }),
    'give a disabled key an end': edit(off, { expiresAt: later(3600) }),
    'give a brief key a later end': edit(brief, { expiresAt: later(86_400) }),
    'disable a lasting key': set(lasting, 'disabled'),
    'disable a key that ends': set(ending, 'disabled'),
    'disable the key of an administrator': set(boss, 'disabled'),
    'enable a disabled key': set(off, 'active'),
    'replace a key that ends': inTurn(revoke(ending), create(holder, { expiresAt: later(60) })),
    rename: change(userId, { username: 'renamed' }),
    'rename another likewise': change(idle, { username: 'renamed' }),
    'give a first name': change(holder, { firstName: 'Pat' }),
    'give it a name': change(userId, { name: 'Partner of both' }),
    'change the address': change(userId, { email: 'new@a.example' }),
    'make an administrator of one without keys': change(idle, { role: 'Admin' }),
    'take the role of an administrator': change(boss.userId, { role: 'User' }),
    delete: remove(userId),
    'delete one with keys': remove(holder),
    invite: invite('partner', thirdAdmin),
    'invite for the last time': invite('visitor'),
    'invite for the last time elsewhere': invite('visitor', thirdAdmin),
    accept: accept(partner.caller, second),
    leave: leave(),
    'take an invitation back and make it anew': inTurn(
      remove(userId, secondAdmin),
      invite('partner', secondAdmin),
      mailLink,
    ),
    'take an invitation back and invite elsewhere': inTurn(
      remove(userId, secondAdmin),
      invite('partner', thirdAdmin),
    ),
    'change the membership': change(userId, { endpoints: ['POST /stock'] }, hostAdmin),
    'remove the guest and invite it again': inTurn(
      remove(userId, hostAdmin),
      invite('partner'),
      change(userId, { endpoints: ['POST /stock'] }, hostAdmin),
    ),
    'confirm a membership': (hands: Hands) => confirmMembership(with_(hands), hostClerk, suspendedId, origin),
    'change a suspended membership': change(suspendedId, { endpoints: ['POST /stock'] }, hostAdmin),
    'create a suspended membership again': inTurn(
      remove(suspendedId, hostAdmin),
      invite('suspended'),
      accept(suspended.caller),
      change(suspendedId, { endpoints: ['POST /stock'] }, hostAdmin),
    ),
  })
  const past = (await allItems(table)).filter(({ kind }) => kind === 'audit')
  for (const { pk, sk } of past)
    await table.client.send(new DeleteCommand({ TableName: table.tableName, Key: { pk, sk } }))
  run = await interleaving(table, deeds)
})

/** What a condition of a deed is there for: the rival that would do harm without it. */
const guards: readonly (readonly [deed: string, rival: string, label: string, condition: string])[] = [
  ['create the last key', 'create the last key', 'count', 'credentialCount < :limit'],
  ['import the last one', 'import another last one', 'count', 'importedCount < :importLimit'],
  ['import a hash', 'import the hash for another', 'import', 'attribute_not_exists(pk)'],
  [
    'create a key for one without any',
    'make an administrator of one without keys',
    'count',
    'version = :version',
  ],
  [
    'create a key for an administrator without any',
    'create a key for an administrator without any',
    'count',
    'lastingCredentialCount = :lastingRead',
  ],
  ['create a key', 'invite', 'count', 'guestCount = :guests'],
  ['create a key', 'accept', 'membership elsewhere', 'version = :read'],
  [
    'create a key',
    'remove the guest and invite it again',
    'membership elsewhere',
    'membershipId = :membership',
  ],
  [
    'create a key for one whose membership is suspended',
    'confirm a membership',
    'membership elsewhere',
    'version = :read',
  ],
  [
    'create a key for one whose membership is suspended',
    'create a suspended membership again',
    'membership elsewhere',
    'membershipId = :membership',
  ],
  ['rotate a replaced key', 'use its successor', 'old credential', 'expiresAt = :read'],
  ['rotate a lasting key', 'disable a lasting key', 'old credential', '#status = :active'],
  ['rotate a brief key', 'rotate a brief key', 'old credential', 'replacedBy = :replaced'],
  ['rotate its successor', 'rotate a replaced key', 'earlier credential', 'replacedBy = :read'],
  ['revoke a lasting key', 'rotate a lasting key', 'credential', 'expiresAt = :read'],
  ['revoke a disabled key', 'enable a disabled key', 'credential', '#status = :status'],
  ['disable a key that ends', 'disable a key that ends', 'credential', '#status = :before'],
  ['disable a lasting key', 'rotate a lasting key', 'credential', 'expiresAt = :expiry'],
  ['name a key', 'name it otherwise', 'credential', '#name = :name'],
  ['give a disabled key an end', 'enable a disabled key', 'credential', '#status = :before'],
  ['give a brief key a later end', 'rotate a brief key', 'credential', 'replacedBy = :replaced'],
  ['disable the key of an administrator', 'take the role of an administrator', 'count', 'version = :version'],
  [
    'disable the key of an administrator',
    'create a key for an administrator',
    'count',
    'lastingCredentialCount = :lastingRead',
  ],
  ['give a first name', 'disable a lasting key', 'user', '#readVersion = :readVersion'],
  ['delete', 'change the address', 'user', 'version = :version'],
  ['delete one with keys', 'create a key that ends', 'user', 'credentialCount = :count'],
  ['delete', 'invite', 'user', 'guestCount = :guests'],
  ['delete', 'take an invitation back and invite elsewhere', 'membership', 'attribute_exists(pk)'],
  ['delete one with keys', 'replace a key that ends', 'credential', 'attribute_exists(pk)'],
  ['rename', 'rename another likewise', 'username', 'attribute_not_exists(pk)'],
  ['give it a name', 'accept', 'membership elsewhere', '#was = :was'],
  ['rename', 'remove the guest and invite it again', 'membership elsewhere', '#was = :was'],
  ['rename', 'invite', 'user', 'guestCount = :guests'],
  ['change the address', 'invite', 'user', 'guestCount = :guests'],
  [
    'take the role of an administrator',
    'revoke the key of an administrator',
    'user',
    'lastingCredentialCount = :lasting',
  ],
  ['change the membership', 'rename', 'user', 'version = :read'],
  ['change the membership', 'change the membership', 'membership', '#readVersion = :readVersion'],
  [
    'change the membership',
    'remove the guest and invite it again',
    'membership',
    'membershipId = :membership',
  ],
  ['invite', 'invite', 'membership', 'attribute_not_exists(pk)'],
  ['invite', 'rename', 'guest count', 'canonicalUsername = :username'],
  ['invite for the last time', 'invite for the last time elsewhere', 'guest count', 'guestCount < :limit'],
  ['accept', 'take an invitation back and make it anew', 'membership', 'membershipId = :membership'],
  ['accept', 'create a key', 'membership', 'invitedUntilSeconds > :now'],
  ['accept', 'give it a name', 'user', 'version = :named'],
  ['leave', 'change the membership', 'membership', 'version = :read'],
  ['leave', 'remove the guest and invite it again', 'membership', 'membershipId = :membership'],
  ['confirm a membership', 'change a suspended membership', 'membership', 'version = :read'],
  ['confirm a membership', 'create a suspended membership again', 'membership', 'membershipId = :membership'],
]

/** Asked of what a membership is given, whatever becomes of its user (`pending-deletion.ts`). */
const elsewhere = ['not being deleted', 'administrators', 'uid']

describe('of two changes at once', () => {
  const asked = new Map<string, Term>()

  it.each(guards)('"%s" is as if after "%s", or refused: %s, %s', async (deed, rival, label, text) => {
    const { rivalAnswer, between, answer, after } = await run.inTurn(rival, deed)
    expect(rivalAnswer).toBe('ok')
    const isLawful = (end: { readonly answer: string; readonly after: readonly string[] }): boolean =>
      JSON.stringify(end) === JSON.stringify({ answer, after }) ||
      (end.answer !== 'ok' && JSON.stringify(end.after) === JSON.stringify(between))

    const { conditions, ...overtaken } = await run.overtaken(deed, rival)
    for (const term of conditions) asked.set(`${term.label}: ${term.text}`, term)
    expect(isLawful(overtaken), overtaken.answer).toBe(true)
    // And that is what the condition is for.
    expect(conditions).toContainEqual({ label, text })
    const { conditions: _, ...lacking } = await run.overtaken(deed, rival, { label, text })
    expect(isLawful(lacking)).toBe(false)
  })

  it('no condition is asked for nothing', () => {
    const explained = guards.map(([, , label, text]) => `${label}: ${text}`)
    const unexplained = [...asked].filter(
      ([name, { label }]) => !elsewhere.includes(label) && !explained.includes(name),
    )
    expect(unexplained.map(([name]) => name)).toEqual([])
  })
})
