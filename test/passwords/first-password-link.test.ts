import { beforeEach, describe, expect, it } from 'vitest'
import { createOrganization } from '../../lib/organizations/create-organization.ts'
import { managementSectionViews } from '../../lib/reference/management-sections.ts'
import type { UserId } from '../../lib/secrets/key-id.ts'
import { createUser } from '../../lib/users/create-user.ts'
import type { NewUserBody } from '../../lib/users/user-endpoints.ts'
import { dependenciesWithKey, origin } from '../organizations/organization.ts'
import { refusal } from '../policy/access-scene.ts'
import { formerHashes } from '../secrets/foreign-hashes.ts'
import type { Scene } from './reset-scene.ts'
import { firstPassword, makeScene, tokenIn } from './reset-scene.ts'

const days = (count: number) => count * 86_400_000
const invited = { username: 'Dana', email: 'Dana@Console.example', mailPasswordLink: true }

let scene: Scene
beforeEach(async () => {
  scene = await makeScene()
})

const add = async (body: NewUserBody) =>
  (await createUser(scene.dependencies, scene.admin, body, scene.nextOrigin())).user
const mailed = async () => {
  await scene.deliverPending()
  return scene.mails.map(({ to, text }) => ({ to, days: text.includes('within 7 days') }))
}
const invalid = { code: 'reset_token_invalid' }

describe('a link for the first password of a user who is added', () => {
  it('is mailed once to its address, works within seven days, once, and verifies the address', async () => {
    const { userId } = await add(invited)
    expect(await mailed()).toEqual([{ to: 'Dana@Console.example', days: true }])
    const token = tokenIn(scene.mails[0])
    expect(JSON.stringify(await scene.items())).not.toContain(token)
    scene.clock.milliseconds += days(7) - 1000
    await scene.confirm(token)
    expect(await scene.itemsOfKind('user')).toContainEqual(
      expect.objectContaining({ userId, hasPassword: true, emailVerified: true }),
    )
    expect(await refusal(scene.confirm(token))).toMatchObject(invalid)
  })

  it('ends after seven days, and when a newer one is mailed', async () => {
    await add(invited)
    await mailed()
    const token = tokenIn(scene.mails[0])
    scene.clock.milliseconds += days(7)
    expect(await refusal(scene.confirm(token))).toMatchObject(invalid)
    scene.clock.milliseconds -= days(6)
    const newer = await scene.mailedToken('dana')
    expect(await refusal(scene.confirm(token))).toMatchObject(invalid)
    await scene.confirm(newer)
  })

  it('is as short as any other once the user has a password', async () => {
    await add(invited)
    await mailed()
    await scene.confirm(tokenIn(scene.mails[0]))
    await scene.ask('dana')
    expect((await mailed()).at(-1)).toEqual({ to: 'Dana@Console.example', days: false })
    const [stored] = await scene.itemsOfKind('reset-token')
    expect(stored?.['expiresAtSeconds']).toBe(scene.clock.milliseconds / 1000 + 1000)
  })

  it('is mailed to nobody else, even if the username is the address of somebody without a password', async () => {
    await add({ username: 'other', email: 'dana@console.example' })
    await add({ ...invited, username: 'dana@console.example', email: 'new@console.example' })
    expect(await mailed()).toEqual([{ to: 'new@console.example', days: true }])
  })

  it('is mailed only if it is asked for', async () => {
    await add({ ...invited, mailPasswordLink: false })
    expect(await mailed()).toEqual([])
  })

  it('is mailed once, however often the creation is repeated with the same key', async () => {
    const kept = dependenciesWithKey(scene.table, scene.admin, invited, 'the key of Dana')
    const dependencies = { ...kept, now: scene.dependencies.now }
    const make = () =>
      dependencies.once(() => createUser(dependencies, scene.admin, invited, scene.nextOrigin()))
    expect(await make()).toEqual(await make())
    expect(await mailed()).toHaveLength(1)
  })

  it.each([
    ['no address', { email: null }],
    ['a password', { password: firstPassword }],
    ['an imported password', { passwordHash: formerHashes['bcrypt 2b'] ?? '' }],
    ['a disabled user', { status: 'disabled' }],
  ] as const)('is refused with %s, and nobody is added', async (_why, given) => {
    const before = (await scene.items()).length
    expect(await refusal(add({ ...invited, ...given }))).toMatchObject({
      code: 'invalid_request',
      paths: ['mailPasswordLink'],
    })
    expect(await scene.items()).toHaveLength(before)
  })

  it('is not mailed to a user of another organization, who is invited', async () => {
    const dependencies = { ...scene.dependencies, ownSections: managementSectionViews }
    const administrator = { username: 'dana', email: 'dana@other.example' }
    await createOrganization(dependencies, scene.admin, { name: 'Other', administrator }, origin)
    const { membership } = await add({
      username: 'dana',
      email: 'dana@console.example',
      mailPasswordLink: true,
    })
    expect(membership).toBe('invited')
    expect(await scene.itemsOfKind('reset-request')).toEqual([])
  })

  it('is audited as mailed by Postern, beside who added the user', async () => {
    const { userId } = await add(invited)
    await mailed()
    const rows = (await scene.itemsOfKind('audit')).filter((row) => row['targetUserId'] === userId)
    expect(rows.map(({ action, actor }) => [action, (actor as { userId: UserId | null }).userId])).toEqual(
      expect.arrayContaining([
        ['user.created', scene.admin.subject.userId],
        ['password-reset.mailed', null],
      ]),
    )
  })
})
