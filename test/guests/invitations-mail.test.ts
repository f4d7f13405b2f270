import { UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Caller } from '../../lib/contract/operation.ts'
import { invitationSeconds } from '../../lib/guests/membership-acceptance.ts'
import {
  invitationMailPerUser,
  invitationMailPerUserAndOrganization,
} from '../../lib/limits/throttle-rule.ts'
import { changeOrganization } from '../../lib/organizations/change-organization.ts'
import type { OrganizationId } from '../../lib/secrets/key-id.ts'
import { keys } from '../../lib/table/keys.ts'
import { changeUser } from '../../lib/users/change-user.ts'
import { createUser } from '../../lib/users/create-user.ts'
import { deleteUser } from '../../lib/users/delete-user.ts'
import { refusalCode } from '../contract/refusal-code.ts'
import { issuer, tokenIn } from '../passwords/reset-scene.ts'
import type { InvitationScene } from './invitation-scene.ts'
import { makeInvitationScene } from './invitation-scene.ts'

let scene: InvitationScene
beforeEach(async () => {
  scene = await makeInvitationScene()
})

const change = (fields: Parameters<typeof changeUser>[3]) =>
  changeUser(
    scene.dependencies,
    scene.admin,
    scene.userId,
    fields,
    { version: null, ifMatch: null },
    scene.nextOrigin(),
  )
const takeBack = (by: Caller) => deleteUser(scene.dependencies, by, scene.userId, null, scene.nextOrigin())
const turnOff = (organizationId: OrganizationId) =>
  scene.table.client.send(
    new UpdateCommand({
      TableName: scene.table.tableName,
      Key: keys.organization(organizationId),
      UpdateExpression: 'SET #status = :inactive',
      ExpressionAttributeNames: { '#status': 'status' },
      ExpressionAttributeValues: { ':inactive': 'inactive' },
    }),
  )
const reasons = () =>
  scene.logged.filter(({ event }) => event === 'notice_skipped').map(({ reason }) => reason)

describe('the mail about an invitation', () => {
  it('goes to the verified address, names the organization, and holds the link', async () => {
    await scene.invite()
    expect(await scene.deliverPending()).toEqual({ batchItemFailures: [] })
    expect(scene.mails).toHaveLength(1)
    const [mail] = scene.mails
    expect(mail).toMatchObject({
      to: 'ops@partner.example',
      senderName: null,
      subject: 'Invitation for the user partner-42',
    })
    expect(mail?.text).toContain(`"Visited" (${scene.organizationId})`)
    expect(mail?.text).toContain('28 November 2026 at 13:00 CET')
    expect(mail?.text).toContain(`${issuer}/invitations?token=pst_i`)
    expect(await refusalCode(scene.accept(tokenIn(mail)))).toBe('ok')
    expect(await scene.itemsOfKind('notice')).toEqual([])
  })

  it('holds nothing that the inviter typed but the name of its organization (R10)', async () => {
    const canary = 'canary-text'
    const typed = { firstName: canary, lastName: canary, name: canary, description: canary, location: canary }
    const body = { username: 'Partner-42', email: `${canary}@evil.example`, ...typed }
    await createUser(scene.dependencies, scene.host, body, scene.nextOrigin())
    await scene.deliverPending()
    expect(scene.mails).toHaveLength(1)
    expect(JSON.stringify(scene.mails)).not.toContain(canary)
    expect(JSON.stringify(scene.mails)).not.toContain('Partner-42')
  })

  it.each(['Win at https://evil.example', 'evil.example', 'write to me@evil.example', 'call +1/555', '‮gro'])(
    'gives the id instead of a name that a mail program could make a link of: %s',
    async (name) => {
      await changeOrganization(scene.dependencies, scene.host, { name }, scene.nextOrigin())
      await scene.invite()
      await scene.deliverPending()
      expect(scene.mails[0]?.text).toContain(scene.organizationId)
      expect(JSON.stringify(scene.mails)).not.toContain(name)
    },
  )

  it('does not exist for an address that is not verified, or for none', async () => {
    await scene.makeUser({ username: 'new', email: 'new@partner.example' })
    await scene.makeUser({ username: 'silent' })
    for (const username of ['new', 'silent']) await scene.invite(scene.host, username)
    expect(await scene.itemsOfKind('notice')).toEqual([])
  })

  it('is mailed once, however often the stream brings it, and again only if SES failed (F2)', async () => {
    await scene.invite()
    const { send } = scene.ses
    scene.ses.send = () => Promise.reject(new Error('SES is away'))
    const records = await scene.pending()
    expect((await scene.deliver(records)).batchItemFailures).toHaveLength(1)
    scene.ses.send = send
    for (let round = 0; round < 3; round += 1)
      expect(await scene.deliver(records)).toEqual({ batchItemFailures: [] })
    expect(scene.mails).toHaveLength(1)
    expect(await scene.itemsOfKind('invitation-token')).toHaveLength(1)
    expect(await refusalCode(scene.accept(tokenIn(scene.mails[0])))).toBe('ok')
  })

  it.each([
    ['the address changed', () => change({ email: 'OPS@partner.example' }), 'address_unverified'],
    ['the user was disabled', () => change({ status: 'disabled' }), 'user_inactive'],
    [
      'its home was turned off',
      () => turnOff(scene.admin.subject.organization.organizationId),
      'user_inactive',
    ],
    ['the inviting organization was turned off', () => turnOff(scene.organizationId), 'invitation_ended'],
    [
      'its seven days were over',
      () => {
        scene.clock.milliseconds += invitationSeconds * 1000
      },
      'invitation_ended',
    ],
    ['the invitation was taken back', () => takeBack(scene.host), 'invitation_ended'],
    [
      'the invitation was made anew, which asks for a mail of its own',
      async () => {
        await takeBack(scene.host)
        await scene.invite()
      },
      'invitation_ended',
    ],
  ])('is not sent when meanwhile %s', async (_, happen, reason) => {
    await scene.invite()
    const records = await scene.pending()
    await happen()
    expect(await scene.deliver(records)).toEqual({ batchItemFailures: [] })
    expect(scene.mails).toEqual([])
    expect(reasons()).toContain(reason)
    expect(await scene.itemsOfKind('invitation-token')).toEqual([])
  })

  it('is not sent when the address changes between the look and the write', async () => {
    await scene.invite()
    const { write } = scene.dependencies
    let isFirst = true
    scene.mailing.write = async (writes) => {
      if (isFirst) {
        isFirst = false
        await change({ email: 'OPS@partner.example' })
      }
      return await write(writes)
    }
    expect(await scene.deliverPending()).toEqual({ batchItemFailures: [] })
    expect(scene.mails).toEqual([])
    expect(reasons()).toEqual(['refused'])
    expect(await scene.itemsOfKind('invitation-token')).toEqual([])
  })

  it('comes so often from one organization in a day, and no more', async () => {
    const { attempts, windowSeconds } = invitationMailPerUserAndOrganization
    for (let round = 0; round <= attempts; round += 1) {
      await scene.invite()
      await scene.deliverPending()
      await takeBack(scene.host)
    }
    expect(scene.mails).toHaveLength(attempts)
    expect(reasons()).toEqual(['throttled'])
    await scene.invite(await scene.makeHost('Another'))
    await scene.deliverPending()
    expect(scene.mails).toHaveLength(attempts + 1)
    scene.clock.milliseconds += windowSeconds * 1000
    await scene.invite()
    await scene.deliverPending()
    expect(scene.mails).toHaveLength(attempts + 2)
  })

  it('counts on the day of its first attempt only, when SES takes it on the next', async () => {
    const { attempts, windowSeconds } = invitationMailPerUserAndOrganization
    await scene.invite()
    const { send } = scene.ses
    scene.ses.send = () => Promise.reject(new Error('SES is away'))
    const records = await scene.pending()
    await scene.deliver(records)
    scene.ses.send = send
    scene.clock.milliseconds += windowSeconds * 1000
    await scene.deliver(records)
    for (let round = 0; round < attempts; round += 1) {
      await takeBack(scene.host)
      await scene.invite()
      await scene.deliverPending()
    }
    expect(scene.mails).toHaveLength(1 + attempts)
  })

  it('comes so often from all organizations together in a day, and no more', async () => {
    const { attempts } = invitationMailPerUser
    for (let made = 0; made <= attempts; made += 1) {
      await scene.invite(await scene.makeHost(`Host ${made}`))
      await scene.deliverPending()
    }
    expect(scene.mails).toHaveLength(attempts)
    expect(reasons()).toEqual(['throttled'])
  })
})
