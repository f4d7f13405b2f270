import { beforeEach, describe, expect, it } from 'vitest'
import { readMember } from '../../lib/identity/user-store.ts'
import type { UserId } from '../../lib/secrets/key-id.ts'
import { changeUser } from '../../lib/users/change-user.ts'
import { deleteUser } from '../../lib/users/delete-user.ts'
import { userView } from '../../lib/users/user-view.ts'
import { dependenciesOf, origin } from '../organizations/organization.ts'
import type { Scene } from '../passwords/reset-scene.ts'
import { makeScene } from '../passwords/reset-scene.ts'

let scene: Scene
let userId: UserId
beforeEach(async () => {
  scene = await makeScene()
  userId = (await scene.makeUser({ username: 'partner-42', email: 'ops@partner.example' })).userId
})

const organizationId = () => scene.admin.subject.organization.organizationId
const anything = { version: null, ifMatch: null }
const change = (fields: Parameters<typeof changeUser>[3]) =>
  changeUser(dependenciesOf(scene.table), scene.admin, userId, fields, anything, origin)
const shown = async () => {
  const member = await readMember(scene.table, userId, organizationId())
  return member === undefined ? undefined : userView(member, null).emailVerified
}
const entries = async () =>
  (await scene.itemsOfKind('email-entry')).filter((item) => item['userId'] === userId)
const entryOf = (address: string, verified: boolean) => ({
  pk: `EMAIL#${address}`,
  sk: `${organizationId()}#${userId}`,
  verified,
})

describe('the address of a user', () => {
  it('is not verified when it is given, and is when a link that was mailed to it is used', async () => {
    expect(await shown()).toBe(false)
    expect(await entries()).toMatchObject([entryOf('ops@partner.example', false)])
    await scene.confirm(await scene.mailedToken('partner-42'))
    expect(await shown()).toBe(true)
    expect(await entries()).toMatchObject([entryOf('ops@partner.example', true)])
  })

  it.each([
    ['new@partner.example', ['new@partner.example']],
    // Whether capitals matter before the @ is for that mail server to say (RFC 5321 section 2.4).
    ['OPS@partner.example', ['ops@partner.example']],
    [null, []],
  ])('is not verified any more when it becomes %s, nor when it comes back', async (email, left) => {
    await scene.verify(userId)
    await change({ email })
    expect(await shown()).toBe(false)
    expect(await entries()).toMatchObject(left.map((address) => entryOf(address, false)))
    expect(await entries()).toHaveLength(left.length)
    await change({ email: 'ops@partner.example' })
    expect(await shown()).toBe(false)
    expect(await entries()).toMatchObject([entryOf('ops@partner.example', false)])
  })

  it('stays verified when anything else changes, or the same address is given again', async () => {
    await scene.verify(userId)
    await change({ username: 'renamed', description: 'x', status: 'disabled', email: 'ops@partner.example' })
    expect(await shown()).toBe(true)
    expect(await entries()).toMatchObject([entryOf('ops@partner.example', true)])
  })

  it('leaves no entry behind when the user is deleted', async () => {
    await scene.verify(userId)
    await deleteUser(dependenciesOf(scene.table), scene.admin, userId, null, origin)
    expect(await entries()).toEqual([])
  })
})
