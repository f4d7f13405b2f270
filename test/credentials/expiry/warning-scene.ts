import type { UserId } from '../../../lib/secrets/key-id.ts'
import { changeUser } from '../../../lib/users/change-user.ts'
import { origin } from '../../organizations/organization.ts'
import type { ExpiryScene } from './expiry-scene.ts'
import { makeExpiryScene } from './expiry-scene.ts'

export let scene: ExpiryScene
export let userId: UserId
export const begin = async () => {
  scene = await makeExpiryScene()
  const user = { username: 'partner-42', email: 'ops@partner.example', timezone: 'Europe/Berlin' }
  userId = (await scene.makeUser({ ...user, name: 'Nightly export' })).userId
  for (const each of [userId, scene.admin.subject.userId]) await scene.verify(each)
}

const anything = { version: null, ifMatch: null }
export const change = (of: UserId, body: Parameters<typeof changeUser>[3]) =>
  changeUser(scene.manage, scene.admin, of, body, anything, origin)
export const makeVerified = async (body: Parameters<typeof scene.makeUser>[0]) => {
  const user = await scene.makeUser(body)
  await scene.verify(user.userId)
  return user
}
export const recipients = () => scene.mails.map(({ to }) => to).toSorted()
export const both = ['admin@postern.example', 'ops@partner.example']
