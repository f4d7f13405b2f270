import { beforeEach, describe, expect, it } from 'vitest'
import { withholding } from '../../lib/http/request-writes.ts'
import { createOrganization } from '../../lib/organizations/create-organization.ts'
import { makeResetLink } from '../../lib/passwords/make-reset-link.ts'
import { managementSectionViews } from '../../lib/reference/management-sections.ts'
import type { UserId } from '../../lib/secrets/key-id.ts'
import { changeUser } from '../../lib/users/change-user.ts'
import { createUser } from '../../lib/users/create-user.ts'
import type { UserChange } from '../../lib/users/given-fields.ts'
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
const alter = (userId: UserId, change: UserChange) =>
  changeUser(
    scene.dependencies,
    scene.admin,
    userId,
    change,
    { version: null, ifMatch: null },
    scene.nextOrigin(),
  )
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
    // There is none yet.
    expect(scene.mails[0]?.text).not.toMatch(/your password|new password for/)
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

  it.each([
    [days(1), 'within 6 days', 6 * 86_400],
    [days(6.5), 'within 12 hours', 43_200],
    [days(7) - 60_000, 'within 16 minutes', 1000],
    [days(8), 'within 16 minutes', 1000],
  ])(
    'is replaced by one that works as long if anybody requests one, %s milliseconds later',
    async (later, text, seconds) => {
      const { userId } = await add(invited)
      await mailed()
      scene.clock.milliseconds += later
      const token = await scene.mailedToken('dana')
      expect(scene.mails.at(-1)?.text).toContain(text)
      expect((await scene.itemsOfKind('reset-token')).map((stored) => stored['expiresAtSeconds'])).toEqual([
        scene.clock.milliseconds / 1000 + seconds,
      ])
      // Further requests lengthen nothing.
      await scene.mailedToken('Dana@console.example')
      const [newest] = await scene.itemsOfKind('reset-token')
      expect(newest).toMatchObject({
        userId,
        expiresAtSeconds: scene.clock.milliseconds / 1000 + seconds,
      })
      expect(await refusal(scene.confirm(token))).toMatchObject(invalid)
      await scene.confirm(tokenIn(scene.mails.at(-1)))
    },
  )

  it('gives its time to no link that an administrator made, and to none that replaces that one', async () => {
    const { userId } = await add(invited)
    await mailed()
    const first = tokenIn(scene.mails[0])
    await makeResetLink(scene.dependencies, scene.admin, userId, scene.nextOrigin())
    expect(await refusal(scene.confirm(first))).toMatchObject(invalid)
    await scene.mailedToken('dana')
    const [stored] = await scene.itemsOfKind('reset-token')
    expect(stored?.['expiresAtSeconds']).toBe(scene.clock.milliseconds / 1000 + 1000)
  })

  it.each([
    ['renamed', { username: 'dana-2' }, [{ to: 'Dana@Console.example', days: true }]],
    ['given another address', { email: 'new@console.example' }, [{ to: 'new@console.example', days: true }]],
    ['disabled', { status: 'disabled' }, []],
  ] as const)('is mailed as the user is by then, if it was %s before', async (_what, change, expected) => {
    const { userId } = await add(invited)
    await alter(userId, change)
    expect(await mailed()).toEqual(expected)
  })

  it.each([
    ['another address', { email: 'new@console.example' }, { email: invited.email }],
    ['a disabling', { status: 'disabled' }, { status: 'active' }],
  ] as const)('ends with %s, even if that is undone', async (_what, change, undone) => {
    const { userId } = await add(invited)
    await mailed()
    await alter(userId, change)
    await alter(userId, undone)
    expect(await refusal(scene.confirm(tokenIn(scene.mails[0])))).toMatchObject(invalid)
    const renewed = await scene.mailedToken('dana')
    expect(scene.mails.at(-1)?.text).toContain('within 16 minutes')
    await scene.confirm(renewed)
  })

  it('is not mailed by a dry run', async () => {
    const { write } = withholding(scene.dependencies.write)
    await createUser({ ...scene.dependencies, write }, scene.admin, invited, scene.nextOrigin())
    expect(await mailed()).toEqual([])
  })

  it('is mailed to two users of one organization with one address in 15 minutes', async () => {
    const address = 'team@console.example'
    for (const username of ['one', 'two', 'three']) await add({ ...invited, username, email: address })
    expect(await mailed()).toEqual(Array(2).fill({ to: address, days: true }))
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
