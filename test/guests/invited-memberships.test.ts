import { beforeEach, describe, expect, it } from 'vitest'
import { openLogins } from '../../functions/wiring/logins.ts'
import { readCallerSnapshot } from '../../lib/admission/snapshot-store.ts'
import { explain } from '../../lib/explain/explain.ts'
import { readUserIdByUsername } from '../../lib/identity/user-store.ts'
import { ownEndpointAt } from '../../lib/reference/own-endpoint.ts'
import { logIn } from '../../lib/sessions/log-in.ts'
import { changeUser } from '../../lib/users/change-user.ts'
import { checkWhitelist } from '../../lib/users/manage-whitelist.ts'
import { refusalCode } from '../contract/refusal-code.ts'
import { origin } from '../organizations/organization.ts'
import type { MembershipScene } from './membership-scene.ts'
import { anything, membershipScene } from './membership-scene.ts'

const password = 'a passphrase of the owner'

let scene: MembershipScene
let partner: Awaited<ReturnType<MembershipScene['make']>>

beforeEach(async () => {
  scene = await membershipScene()
  partner = await scene.make({ username: 'partner', password, whitelist: [origin.address] })
  await scene.invite('partner', { endpoints: ['GET /stock'] })
})

describe('before the user accepts, the organization that invites it', () => {
  const explained = async () =>
    explain(
      {
        ...scene.dependencies,
        ownEndpointAt,
        readSnapshot: (wanted) => readCallerSnapshot(scene.table, wanted),
        readUserIdByUsername: (name) => readUserIdByUsername(scene.table, name),
      },
      await scene.host.admin(),
      { username: 'partner', method: 'GET', path: '/stock', address: origin.address },
    )

  it('does not hear from explain whether its home has disabled it', async () => {
    const before = await explained()
    expect(before).toMatchObject({ reason: 'membership_inactive', subject: { status: 'active' } })
    const { user } = partner
    await changeUser(
      scene.dependencies,
      await scene.admin(),
      user.userId,
      { status: 'disabled' },
      anything,
      origin,
    )
    expect(await explained()).toEqual(before)
  })

  const check = async (address: string) =>
    checkWhitelist(
      { ...scene.dependencies, readUserIdByUsername: (name) => readUserIdByUsername(scene.table, name) },
      await scene.host.admin(),
      { username: 'partner', address },
    )

  it('does not hear from its audit whether a password was right', async () => {
    const reasons: string[] = []
    const dependencies = {
      ...scene.dependencies,
      ...openLogins(scene.table),
      spendSession: () => Promise.resolve(),
      issueSession: () => Promise.reject(new Error('no session is to be opened')),
      onRefused: (reason: string) => void reasons.push(reason),
    }
    const { organizationId } = scene.host
    for (const tried of [password, 'not the password at all'])
      await refusalCode(logIn(dependencies, { username: 'partner', password: tried, organizationId }, origin))
    expect(reasons).toEqual(['membership_inactive', 'membership_inactive'])
  })

  it('learns nothing of its whitelist', async () => {
    const verdict = await check(origin.address)
    expect(verdict).toMatchObject({ allowed: false, entry: null })
    expect(await check('198.51.100.9')).toEqual(verdict)
    await scene.accept(partner.caller)
    expect(await check(origin.address)).toMatchObject({ allowed: true, entry: null })
  })
})
