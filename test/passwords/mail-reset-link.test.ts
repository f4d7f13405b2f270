import { beforeEach, describe, expect, it } from 'vitest'
import type { Caller } from '../../lib/contract/operation.ts'
import { acceptOwnInvitation } from '../../lib/guests/memberships.ts'
import { createOrganization } from '../../lib/organizations/create-organization.ts'
import { mailResetLink } from '../../lib/passwords/mail-reset-link.ts'
import type { UserId } from '../../lib/secrets/key-id.ts'
import { changeUser } from '../../lib/users/change-user.ts'
import { createUser } from '../../lib/users/create-user.ts'
import type { NewUserBody } from '../../lib/users/user-endpoints.ts'
import { callerWith, origin } from '../organizations/organization.ts'
import { refusal } from '../policy/access-scene.ts'
import type { Scene } from './reset-scene.ts'
import { firstPassword, makeScene, tokenIn } from './reset-scene.ts'

const invalid = { code: 'reset_token_invalid' }
const sevenDays = 7 * 86_400_000

let scene: Scene
beforeEach(async () => {
  scene = await makeScene()
})

const add = async (body: Partial<NewUserBody>, by: Caller = scene.admin) =>
  await createUser(
    scene.dependencies,
    by,
    { username: 'dana', email: 'dana@console.example', ...body },
    scene.nextOrigin(),
  )
const mailLink = (userId: UserId, by: Caller = scene.admin) =>
  mailResetLink(scene.dependencies, by, userId, origin)
const newestToken = async () => {
  await scene.deliverPending()
  return tokenIn(scene.mails.findLast(({ text }) => text.includes('token=')))
}
const disable = (userId: UserId) =>
  changeUser(scene.dependencies, scene.admin, userId, { status: 'disabled' }, anything, origin)
const anything = { version: null, ifMatch: null }

describe('a link that an administrator has mailed', () => {
  it('lasts for 7 days again for a user who never set a password, works once, and ends the one before', async () => {
    const { user } = await add({ mailPasswordLink: true })
    const first = await newestToken()
    scene.clock.milliseconds += 2 * sevenDays
    expect(await mailLink(user.userId)).toEqual({ mailed: true, limit: null, retryAt: null })
    const second = await newestToken()
    expect(scene.mails.at(-1)).toMatchObject({
      to: 'dana@console.example',
      text: expect.stringContaining('within 7 days'),
    })
    scene.clock.milliseconds += 3_600_000
    await mailLink(user.userId)
    const third = await newestToken()
    for (const former of [first, second]) expect(await refusal(scene.confirm(former))).toMatchObject(invalid)
    scene.clock.milliseconds += sevenDays - 1000
    await scene.confirm(third)
    expect(await refusal(scene.confirm(third))).toMatchObject(invalid)
  })

  it('works for 1000 seconds once the user has a password, and is mailed to nobody else', async () => {
    const { user } = await add({ username: 'shared@console.example', password: firstPassword })
    await scene.makeUser({ username: 'other', email: 'shared@console.example' })
    await mailLink(user.userId)
    const token = await newestToken()
    expect(scene.mails.map(({ to }) => to)).toEqual(['dana@console.example'])
    expect(scene.mails[0]?.text).toContain('within 16 minutes')
    scene.clock.milliseconds += 1_000_000
    expect(await refusal(scene.confirm(token))).toMatchObject(invalid)
  })

  it('is refused with the limit that is reached, and nothing is written', async () => {
    const { user } = await add({ mailPasswordLink: true })
    await mailLink(user.userId)
    const before = await scene.items()
    expect(await refusal(mailLink(user.userId))).toMatchObject({
      code: 'too_many_requests',
      detail: 'No mail was sent: the limit of mails for this address is reached.',
    })
    await expect(mailLink(user.userId)).rejects.toMatchObject({ retryAfterSeconds: 900 })
    expect(await scene.items()).toEqual(before)
  })

  it('counts with what the user requests itself, at the limit of the user', async () => {
    const { userId } = await scene.makeUser({ username: 'verified', email: 'v@console.example' })
    await scene.verify(userId)
    for (let mails = 0; mails < 5; mails += 1) {
      await scene.ask('verified')
      await scene.deliverPending()
    }
    expect(await refusal(mailLink(userId))).toMatchObject({
      code: 'too_many_requests',
      detail: 'No mail was sent: the limit of mails for this user is reached.',
    })
  })

  it('is audited with who requested it', async () => {
    const { user } = await add({})
    await mailLink(user.userId)
    const rows = (await scene.itemsOfKind('audit')).filter(
      ({ action }) => action === 'password-reset.mail-requested',
    )
    expect(rows).toMatchObject([
      {
        actor: { kind: 'user', userId: scene.admin.subject.userId },
        targetUserId: user.userId,
        ...origin,
      },
    ])
  })

  it('is not for a lesser one, not for oneself, not for guests, the disabled, and those without an address', async () => {
    const { user } = await add({ role: 'Admin' })
    const helper = await add({
      username: 'helper',
      generate: 'token',
      permissions: { 'postern-credentials': 'write', 'postern-users': 'write' },
    })
    const token = helper.credential?.kind === 'token' ? helper.credential.token : ''
    const by = await callerWith(scene.table, token)
    expect(await refusal(mailLink(user.userId, by))).toMatchObject({ code: 'grant_not_held' })
    expect(await refusal(mailLink(helper.user.userId, by))).toMatchObject({ code: 'access_denied' })
    const silent = await add({ username: 'silent', email: null })
    expect(await refusal(mailLink(silent.user.userId))).toMatchObject({
      code: 'invalid_request',
      paths: ['mailPasswordLink'],
    })
    await disable(user.userId)
    expect(await refusal(mailLink(user.userId))).toMatchObject({
      code: 'invalid_request',
      detail: expect.stringContaining('disabled'),
    })
    expect(await scene.itemsOfKind('reset-request')).toEqual([])
  })

  it('is requested by the home organization only, and leaves memberships elsewhere as they are', async () => {
    const { user, credential } = await add({ generate: 'token' })
    const made = await createOrganization(
      scene.dependencies,
      scene.admin,
      { name: 'Host', administrator: { username: 'host-admin' } },
      origin,
    )
    const host = await callerWith(scene.table, made.credential.token ?? '')
    await createUser(scene.dependencies, host, { username: 'dana' }, scene.nextOrigin())
    const own = await callerWith(scene.table, credential?.kind === 'token' ? (credential.token ?? '') : '')
    await acceptOwnInvitation(scene.dependencies, own, made.organization.organizationId, origin)
    expect(await refusal(mailLink(user.userId, host))).toMatchObject({ code: 'guest_not_editable' })
    await mailLink(user.userId)
    const { organizationId } = made.organization
    const there = await scene.dependencies.readMember(user.userId, organizationId)
    expect(there?.membership.status).toBe('active')
  })

  it('is requested for the user as it was read', async () => {
    const { user } = await add({})
    const raced = {
      ...scene.dependencies,
      readMember: async (...wanted: Parameters<typeof scene.dependencies.readMember>) => {
        const member = await scene.dependencies.readMember(...wanted)
        await disable(user.userId)
        return member
      },
    }
    expect(await refusal(mailResetLink(raced, scene.admin, user.userId, origin))).toMatchObject({
      code: 'version_conflict',
    })
  })
})
