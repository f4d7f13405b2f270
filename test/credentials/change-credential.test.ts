import { beforeEach, describe, expect, it } from 'vitest'
import { changeCredential } from '../../lib/credentials/change-credential.ts'
import type { CredentialChange } from '../../lib/credentials/credential-bodies.ts'
import { maximumImported } from '../../lib/credentials/imported-credential.ts'
import {
  createCredential,
  deleteCredential,
  importCredential,
  listCredentials,
  rotateCredential,
} from '../../lib/credentials/manage-credentials.ts'
import { maximumCredentials } from '../../lib/credentials/new-credential.ts'
import { epochOf } from '../../lib/identity/member.ts'
import type { KeyId, UserId } from '../../lib/secrets/key-id.ts'
import { keys } from '../../lib/table/keys.ts'
import { refusalCode } from '../contract/refusal-code.ts'
import { allItems } from '../fresh-table.ts'
import { origin } from '../organizations/organization.ts'
import type { AccessScene } from '../policy/access-scene.ts'
import { accessScene } from '../policy/access-scene.ts'
import { wrongCounts } from '../users/true-counts.ts'

type Target = { readonly userId: UserId; readonly keyId: KeyId }

let scene: AccessScene

beforeEach(async () => {
  scene = await accessScene()
})

const set = async (
  target: { userId: UserId; keyId: KeyId },
  status: 'active' | 'disabled',
  by = scene.admin(),
) => changeCredential(scene.dependencies, await by, target, { status }, origin)

/** A user with two tokens. */
const twoTokens = async (username: string) => {
  const { user, token } = await scene.make({ username, permissions: { orders: 'read' } })
  const body = { name: 'other', kind: 'token' } as const
  const other = await createCredential(scene.dependencies, await scene.admin(), user.userId, body, origin)
  const [, first] = await listCredentials(scene.dependencies, await scene.admin(), user.userId)
  const target = { userId: user.userId, keyId: first?.keyId ?? ('key_' as const) }
  return { target, token, other: other.token ?? '', userId: user.userId }
}

describe('a single key', () => {
  it('is refused while it is disabled, and the others are not', async () => {
    const { target, token, other } = await twoTokens('one-of-two')
    const calls = () =>
      Promise.all([token, other].map((presented) => scene.protectedApi(presented, 'GET /orders')))
    expect(await calls()).toEqual(['allowed', 'allowed'])
    expect(await set(target, 'disabled')).toMatchObject({ keyId: target.keyId, status: 'disabled' })
    expect(await calls()).toEqual(['credential_disabled', 'allowed'])
    expect(await set(target, 'disabled')).toMatchObject({ status: 'disabled' })
    expect(await set(target, 'active')).toMatchObject({ status: 'active' })
    expect(await calls()).toEqual(['allowed', 'allowed'])
    expect(await wrongCounts(scene.table)).toEqual([])
  })

  it('opens no old session again when it is enabled: the epoch has moved', async () => {
    const { target, userId } = await twoTokens('no-way-back')
    const epoch = async () => {
      const member = await scene.dependencies.readMember(userId, scene.organizationId)
      return member === undefined ? '' : epochOf(member)
    }
    const before = await epoch()
    await set(target, 'disabled')
    await set(target, 'active')
    expect(await epoch()).not.toBe(before)
  })

  it('is not rotated while it is disabled, which would be a way around it', async () => {
    const { target } = await twoTokens('rotator')
    await set(target, 'disabled')
    const rotation = rotateCredential(scene.dependencies, await scene.admin(), target, {}, origin)
    expect(await refusalCode(rotation)).toBe('invalid_request')
    await deleteCredential(scene.dependencies, await scene.admin(), target, origin)
    expect(await wrongCounts(scene.table)).toEqual([])
  })

  it('is disabled by whoever may revoke it, and enabled by those only who hold what the user holds', async () => {
    const { target } = await twoTokens('holder')
    const { token } = await scene.make({
      username: 'key-manager',
      permissions: { 'postern-credentials': 'write', 'postern-users': 'write' },
    })
    const manager = () => scene.callerWith(token)
    expect(await set(target, 'disabled', manager())).toMatchObject({ status: 'disabled' })
    expect(await refusalCode(set(target, 'active', manager()))).toBe('grant_not_held')
    const others = await scene.makeOrganization('other')
    expect(await refusalCode(set(target, 'active', others.admin()))).toBe('not_found')
  })

  it('is disabled by one of forty at once, and counted once', async () => {
    const { target } = await twoTokens('raced')
    const caller = scene.admin()
    await Promise.all(Array.from({ length: 40 }, () => set(target, 'disabled', caller)))
    expect(await wrongCounts(scene.table)).toEqual([])
  })
})

describe('the keys of a user who may have no more', () => {
  const given = async (count: number, imported: number) => {
    const { user } = await scene.make({ username: 'full', permissions: { orders: 'read' } })
    const by = [scene.dependencies, await scene.admin(), user.userId] as const
    for (let index = 0; index < count; index += 1) {
      const body = { name: 'one', kind: 'token' } as const
      const hash = String(index).padStart(64, '0')
      await (index < imported
        ? importCredential(...by, { ...body, hash }, origin)
        : createCredential(...by, body, origin))
    }
    const [, ...others] = await listCredentials(...by)
    return others.map(({ keyId }) => ({ userId: user.userId, keyId }))
  }
  /** Another request changes the user between the read and the write. */
  const overtaken = (userId: UserId) => {
    let isFirst = true
    const write: typeof scene.dependencies.write = async (...of) => {
      if (isFirst)
        await scene.dependencies.write([
          { label: 'user', update: keys.user(userId), set: 'ADD version :one', values: { ':one': 1 } },
        ])
      isFirst = false
      return scene.dependencies.write(...of)
    }
    return { ...scene.dependencies, write }
  }

  it.each([
    [maximumCredentials - 1, 0],
    [maximumImported + 3, maximumImported],
  ])(
    'are disabled and revoked whatever comes between (%i, of which %i are imported)',
    async (count, imported) => {
      const [one, other] = await given(count, imported)
      if (one === undefined || other === undefined) throw new Error('there are many')
      const admin = await scene.admin()
      const { userId } = one
      const change = { status: 'disabled' } as const
      await changeCredential(overtaken(userId), admin, one, change, origin)
      await deleteCredential(overtaken(userId), admin, other, origin)
      const { length } = await listCredentials(scene.dependencies, admin, userId)
      expect(length).toBe(count)
      const body = { name: 'another', kind: 'token' } as const
      await createCredential(overtaken(userId), admin, userId, body, origin)
      expect(await refusalCode(createCredential(overtaken(userId), admin, userId, body, origin))).toBe(
        imported === 0 ? 'key_limit_reached' : 'ok',
      )
      expect(await wrongCounts(scene.table)).toEqual([])
    },
  )
})

describe('the name and the end of a key', () => {
  const change = async (target: Target, fields: CredentialChange, by = scene.admin()) =>
    changeCredential(scene.dependencies, await by, target, fields, origin)
  const made = async (username: string, expiresAt: string | null = null) => {
    const { user } = await scene.make({ username, permissions: { orders: 'read' } })
    const body = { name: 'nightly', kind: 'token', expiresAt } as const
    const admin = await scene.admin()
    const { keyId } = await createCredential(scene.dependencies, admin, user.userId, body, origin)
    return { userId: user.userId, keyId }
  }
  const entries = async ({ keyId }: Target) =>
    (await allItems(scene.table))
      .filter((item) => item['kind'] === 'expiry-entry' && item['keyId'] === keyId)
      .map(({ pk, expiresAt, warnedAt }) => [pk, expiresAt, warnedAt])
  const rows = async ({ keyId }: Target) =>
    (await allItems(scene.table)).filter(
      (item) => item['action'] === 'credential.changed' && item['targetId'] === keyId,
    )

  it('are changed with a row of the old and the new ones, and end no session', async () => {
    const target = await made('renamed')
    const epoch = async () => {
      const member = await scene.dependencies.readMember(target.userId, scene.organizationId)
      return member === undefined ? '' : epochOf(member)
    }
    const before = await epoch()
    const expiresAt = '2126-01-01T00:00:00.000Z'
    const given = { name: 'hourly', expiresAt: '2126-01-01T01:00:00+01:00' }
    expect(await change(target, given)).toMatchObject({ keyId: target.keyId, name: 'hourly', expiresAt })
    expect(await change(target, given)).toMatchObject({ name: 'hourly', expiresAt })
    expect(await rows(target)).toMatchObject([
      {
        changes: [
          { field: 'name', before: 'nightly', after: 'hourly' },
          { field: 'expiresAt', before: null, after: expiresAt },
        ],
      },
    ])
    expect(await epoch()).toBe(before)
    expect(await wrongCounts(scene.table)).toEqual([])
  })

  it('take the warning along, which is not sent yet for another end', async () => {
    const target = await made('warned', '2126-03-01T10:00:00.000Z')
    const march = 'EXPIRY#2126-03-01'
    expect(await entries(target)).toEqual([[march, '2126-03-01T10:00:00.000Z', null]])
    const [entry] = (await allItems(scene.table)).filter(({ pk }) => pk === march)
    await scene.dependencies.write([
      {
        label: 'warned',
        update: { pk: march, sk: String(entry?.['sk']) },
        set: 'SET warnedAt = :at',
        values: { ':at': '2126-02-15T00:00:00.000Z' },
      },
    ])
    await change(target, { name: 'only the name' })
    expect(await entries(target)).toEqual([[march, '2126-03-01T10:00:00.000Z', '2126-02-15T00:00:00.000Z']])
    await change(target, { expiresAt: '2126-03-01T12:00:00Z' })
    expect(await entries(target)).toEqual([[march, '2126-03-01T12:00:00.000Z', null]])
    await change(target, { expiresAt: '2126-04-02T12:00:00Z' })
    expect(await entries(target)).toEqual([['EXPIRY#2126-04-02', '2126-04-02T12:00:00.000Z', null]])
    await change(target, { expiresAt: null })
    expect(await entries(target)).toEqual([])
    await change(target, { expiresAt: '2126-04-02T12:00:00Z' })
    expect(await entries(target)).toHaveLength(1)
    expect(await wrongCounts(scene.table)).toEqual([])
  })

  it('are changed by whoever may revoke it, but a later end is given only by those who hold what the user holds', async () => {
    const target = await made('kept', '2126-03-01T10:00:00.000Z')
    const { token } = await scene.make({
      username: 'another-key-manager',
      permissions: { 'postern-credentials': 'write', 'postern-users': 'write' },
    })
    const by = () => scene.callerWith(token)
    const less = { name: 'x', expiresAt: '2126-02-01T00:00:00Z', status: 'active' } as const
    expect(await change(target, less, by())).toMatchObject({ name: 'x' })
    for (const expiresAt of ['2126-02-01T00:00:01Z', null])
      expect(await refusalCode(change(target, { expiresAt }, by()))).toBe('grant_not_held')
    const others = await scene.makeOrganization('neighbour')
    expect(await refusalCode(change(target, { name: 'x' }, others.admin()))).toBe('not_found')
  })

  it('are refused in the past, after the end and after a rotation, by name', async () => {
    const target = await made('past', '2126-03-01T10:00:00.000Z')
    const refused = { code: 'invalid_request', errors: [{ path: 'expiresAt', message: expect.any(String) }] }
    await expect(change(target, { expiresAt: '2020-01-01T00:00:00Z' })).rejects.toMatchObject(refused)
    const then = { ...scene.dependencies, now: () => Date.parse('2126-03-01T10:00:00.000Z') }
    const late = { expiresAt: '2127-01-01T00:00:00Z' }
    await expect(changeCredential(then, await scene.admin(), target, late, origin)).rejects.toMatchObject(
      refused,
    )
    await rotateCredential(scene.dependencies, await scene.admin(), target, {}, origin)
    for (const expiresAt of [null, '2126-01-01T00:00:00Z'])
      await expect(change(target, { expiresAt })).rejects.toMatchObject(refused)
    expect(await change(target, { name: 'the old one' })).toMatchObject({ name: 'the old one' })
  })
})
