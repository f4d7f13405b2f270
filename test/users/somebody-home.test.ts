import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Caller } from '../../lib/contract/operation.ts'
import { changeCredential } from '../../lib/credentials/change-credential.ts'
import {
  createCredential,
  deleteCredential,
  rotateCredential,
} from '../../lib/credentials/manage-credentials.ts'
import type { KeyId, UserId } from '../../lib/secrets/key-id.ts'
import { changeUser } from '../../lib/users/change-user.ts'
import { deleteUser } from '../../lib/users/delete-user.ts'
import type { UserChange } from '../../lib/users/given-fields.ts'
import { refusalCode } from '../contract/refusal-code.ts'
import type { MembershipScene } from '../guests/membership-scene.ts'
import { anything, membershipScene } from '../guests/membership-scene.ts'
import { callerWith, origin } from '../organizations/organization.ts'
import { wrongCounts } from './true-counts.ts'

let scene: MembershipScene

beforeEach(async () => {
  scene = await membershipScene()
})

afterEach(async () => expect(await wrongCounts(scene.table)).toEqual([]))

const soon = () => new Date(Date.now() + 3_600_000).toISOString()

/** An administrator with a token that does not expire, and nothing else to get in with. */
type Administrator = { readonly userId: UserId; readonly keyId: KeyId; readonly caller: Caller }

/** The only administrator of an organization, who was made without an address and a password. */
const lastOne = async (host = scene.host): Promise<Administrator> => {
  const caller = await host.admin()
  return { userId: host.administratorId, keyId: caller.subject.provenBy.keyId ?? ('key_' as const), caller }
}

/** One more of that kind. */
const makeFor = async (by: Caller, username: string, role = 'Admin'): Promise<Administrator> => {
  const made = await scene.invite(username, { role }, Promise.resolve(by))
  const body = { name: 'first', kind: 'token' } as const
  const { keyId, token } = await createCredential(scene.dependencies, by, made.userId, body, origin)
  return { userId: made.userId, keyId, caller: await callerWith(scene.table, token ?? '') }
}
const makeAdministrator = async (username: string) =>
  makeFor(await scene.host.admin(), username, 'Organization Admin')

const change = (by: Caller, userId: UserId, fields: UserChange) =>
  changeUser(scene.dependencies, by, userId, fields, anything, origin)

type Deed = (by: Caller, of: Administrator) => Promise<unknown>

/** Everything that can take the last way in, or the standing, of an administrator with one lasting token. */
const takings: Record<string, Deed> = {
  'deleting the credential': (by, { userId, keyId }) =>
    deleteCredential(scene.dependencies, by, { userId, keyId }, origin),
  'disabling the credential': (by, target) =>
    changeCredential(scene.dependencies, by, target, { status: 'disabled' }, origin),
  'giving the credential an end': (by, target) =>
    changeCredential(scene.dependencies, by, target, { expiresAt: soon() }, origin),
  'rotating the credential into one that expires': (by, { userId, keyId }) =>
    rotateCredential(scene.dependencies, by, { userId, keyId }, { expiresAt: soon() }, origin),
  'rotating it so that the first use ends it': (by, { userId, keyId }) =>
    rotateCredential(
      scene.dependencies,
      by,
      { userId, keyId },
      { expiresAt: soon(), endOldOnFirstUse: true },
      origin,
    ),
  'disabling the user': (by, { userId }) => change(by, userId, { status: 'disabled' }),
  'taking the role': (by, { userId }) => change(by, userId, { role: 'User' }),
  'leaving the role in one account group': (by, { userId }) =>
    change(by, userId, { roles: [], accountGroupRoles: [{ aid: 1, roles: [1] }] }),
  'deleting the user': (by, { userId }) => deleteUser(scene.dependencies, by, userId, null, origin),
}

describe('the last administrator', () => {
  it.each(Object.entries(takings))('stays, and stays able to get in: %s is refused', async (name, deed) => {
    const last = await lastOne()
    const refused = name === 'deleting the user' ? 'self_lockout' : 'last_administrator'
    expect(await refusalCode(deed(last.caller, last))).toBe(refused)
    await expect(scene.host.admin()).resolves.toBeDefined()
  })

  it.each(Object.entries(takings))(
    'is not guarded for ever: with a second one, %s is allowed',
    async (_name, deed) => {
      const last = await lastOne()
      const second = await makeAdministrator('second')
      expect(await refusalCode(deed(second.caller, last))).toBe('ok')
      // And then the second one is the last.
      expect(await refusalCode(change(second.caller, second.userId, { role: 'User' }))).toBe(
        'last_administrator',
      )
    },
  )

  it.each([
    ['an address', { email: 'reachable@host.example' }],
    ['a second token', {}],
  ])('may give up its token when it has %s to get in with, and then not that', async (name, fields) => {
    const last = await lastOne()
    const isAddress = name === 'an address'
    await change(last.caller, last.userId, fields)
    const body = { name: 'second', kind: 'token' } as const
    const other = isAddress
      ? null
      : await createCredential(scene.dependencies, last.caller, last.userId, body, origin)
    const deleteKey = (keyId: KeyId) =>
      refusalCode(deleteCredential(scene.dependencies, last.caller, { userId: last.userId, keyId }, origin))
    expect(await deleteKey(last.keyId)).toBe('ok')
    expect(await refusalCode(change(last.caller, last.userId, { email: null }))).toBe(
      isAddress ? 'last_administrator' : 'ok',
    )
    if (other !== null) expect(await deleteKey(other.keyId)).toBe('last_administrator')
  })

  it('does not count a credential that expires as a way in, nor an administrator without any', async () => {
    const last = await lastOne()
    const body = { name: 'brief', kind: 'token', expiresAt: soon() } as const
    await createCredential(scene.dependencies, last.caller, last.userId, body, origin)
    const own = deleteCredential(scene.dependencies, last.caller, last, origin)
    expect(await refusalCode(own)).toBe('last_administrator')
    const locked = await makeAdministrator('locked-out')
    await deleteCredential(scene.dependencies, last.caller, locked, origin)
    expect(await refusalCode(change(last.caller, last.userId, { role: 'User' }))).toBe('last_administrator')
    // Whoever gets a way in counts from then on.
    const lasting = { name: 'again', kind: 'token' } as const
    await createCredential(scene.dependencies, last.caller, locked.userId, lasting, origin)
    expect(await refusalCode(change(last.caller, last.userId, { role: 'User' }))).toBe('ok')
  })

  it('is not a disabled one, one of an account group, nor a guest', async () => {
    const last = await lastOne()
    const disabled = await makeAdministrator('disabled')
    await change(last.caller, disabled.userId, { status: 'disabled' })
    const local = await makeAdministrator('local')
    await change(last.caller, local.userId, { roles: [], accountGroupRoles: [{ aid: 1, roles: [1, 4] }] })
    const { caller: guest } = await scene.make({ username: 'guest' })
    await scene.invite('guest', { role: 'Organization Admin' })
    await scene.accept(guest)
    expect(await refusalCode(change(last.caller, last.userId, { role: 'User' }))).toBe('last_administrator')
    await change(last.caller, disabled.userId, { status: 'active' })
    expect(await refusalCode(change(last.caller, last.userId, { role: 'User' }))).toBe('ok')
  })
})

describe('races', () => {
  const names = Object.keys(takings)
  const rounds = names.length

  it('of several takings from several administrators leave one, and every count right', async () => {
    for (let round = 0; round < rounds; round += 1) {
      const first = await lastOne(await scene.makeHost(`race-${round}`))
      const others = await Promise.all(
        Array.from({ length: 1 + (round % 3) }, (_, index) => makeFor(first.caller, `r${round}-${index}`)),
      )
      const all = [first, ...others]
      const codes = await Promise.all(
        all.map((target, index) => {
          const by = all[(index + 1) % all.length]?.caller ?? first.caller
          const name = names[(round + index * 3) % names.length] ?? ''
          return refusalCode(takings[name]?.(by, target) ?? Promise.resolve())
        }),
      )
      expect(codes.filter((code) => code === 'ok').length, String(round)).toBeLessThan(all.length)
      expect(await wrongCounts(scene.table), `${round}: ${codes.join(' ')}`).toEqual([])
    }
  })

  it('of several takings from the one that is left leave it as it is', async () => {
    for (let round = 0; round < rounds; round += 1) {
      const last = await lastOne(await scene.makeHost(`race-${round}`))
      // Each of them could go alone, and not both.
      await change(last.caller, last.userId, { email: `round-${round}@host.example` })
      const body = { name: 'spare', kind: 'token' } as const
      const spare = await createCredential(scene.dependencies, last.caller, last.userId, body, origin)
      const codes = await Promise.all([
        refusalCode(change(last.caller, last.userId, { email: null })),
        refusalCode(
          deleteCredential(scene.dependencies, last.caller, { ...last, keyId: spare.keyId }, origin),
        ),
        refusalCode(
          rotateCredential(
            scene.dependencies,
            last.caller,
            last,
            { expiresAt: soon(), overlapSeconds: 0 },
            origin,
          ),
        ),
      ])
      expect(codes.filter((code) => code === 'last_administrator').length, codes.join(' ')).toBeGreaterThan(0)
      expect(await wrongCounts(scene.table), `${round}: ${codes.join(' ')}`).toEqual([])
    }
  })
})
