import { beforeEach, describe, expect, it } from 'vitest'
import { changeCredentialStatus } from '../../lib/credentials/credential-status.ts'
import {
  createCredential,
  deleteCredential,
  listCredentials,
  rotateCredential,
} from '../../lib/credentials/manage-credentials.ts'
import { epochOf } from '../../lib/identity/member.ts'
import type { KeyId, UserId } from '../../lib/secrets/key-id.ts'
import { refusalCode } from '../contract/refusal-code.ts'
import { origin } from '../organizations/organization.ts'
import type { AccessScene } from '../policy/access-scene.ts'
import { accessScene } from '../policy/access-scene.ts'
import { wrongCounts } from '../users/true-counts.ts'

let scene: AccessScene

beforeEach(async () => {
  scene = await accessScene()
})

const set = async (
  target: { userId: UserId; keyId: KeyId },
  status: 'active' | 'disabled',
  by = scene.admin(),
) => changeCredentialStatus(scene.dependencies, await by, target, status, origin)

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
