import { UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Caller } from '../../lib/contract/operation.ts'
import { acceptInvitation } from '../../lib/guests/accept-invitation.ts'
import { newInvitationToken } from '../../lib/guests/invitation-token.ts'
import { invitationSeconds } from '../../lib/guests/membership-acceptance.ts'
import { acceptOwnInvitation, leaveOrganization, listOwnMemberships } from '../../lib/guests/memberships.ts'
import { invitationAcceptPerSource } from '../../lib/limits/throttle-rule.ts'
import type { OrganizationId, UserId } from '../../lib/secrets/key-id.ts'
import { MembershipId } from '../../lib/secrets/key-id.ts'
import type { Key } from '../../lib/table/keys.ts'
import { keys } from '../../lib/table/keys.ts'
import { changeUser } from '../../lib/users/change-user.ts'
import { deleteUser } from '../../lib/users/delete-user.ts'
import { refusalCode } from '../contract/refusal-code.ts'
import { callerWith } from '../organizations/organization.ts'
import type { InvitationScene } from './invitation-scene.ts'
import { makeInvitationScene } from './invitation-scene.ts'

let scene: InvitationScene
beforeEach(async () => {
  scene = await makeInvitationScene()
})

const anything = { version: null, ifMatch: null }
const set = (key: Key, field: string, value: unknown) =>
  scene.table.client.send(
    new UpdateCommand({
      TableName: scene.table.tableName,
      Key: key,
      UpdateExpression: 'SET #field = :value',
      ExpressionAttributeNames: { '#field': field },
      ExpressionAttributeValues: { ':value': value },
    }),
  )
const change = (fields: Parameters<typeof changeUser>[3], by: Caller = scene.admin) =>
  changeUser(scene.dependencies, by, scene.userId, fields, anything, scene.nextOrigin())
const remove = (by: Caller) => deleteUser(scene.dependencies, by, scene.userId, null, scene.nextOrigin())
const takeBack = () => remove(scene.host)
const asPartner = () => callerWith(scene.table, scene.partner.token)
const acceptAsPartner = async () =>
  acceptOwnInvitation(scene.dependencies, await asPartner(), scene.organizationId, scene.nextOrigin())
const decline = async () =>
  leaveOrganization(scene.dependencies, await asPartner(), scene.organizationId, scene.nextOrigin())
const verifyAnew = async () => {
  await scene.confirm(await scene.mailedToken('partner-42'))
}
const tokens = () => scene.itemsOfKind('invitation-token')

/** All that a caller can learn from an answer. */
const answerTo = async (token: string): Promise<string> => {
  try {
    await scene.accept(token)
    return 'accepted'
  } catch (error) {
    return JSON.stringify(
      error,
      Object.getOwnPropertyNames(error).filter((name) => name !== 'stack'),
    )
  }
}

describe('an invitation', () => {
  it('is accepted by its link, once, and both organizations have a record of it', async () => {
    const token = await scene.mailedInvitation()
    await scene.mailedToken('partner-42')
    expect(await scene.itemsOfKind('reset-token')).toHaveLength(1)
    await scene.dependencies.write([
      {
        label: 'organization',
        update: keys.organization(scene.organizationId),
        set: 'SET auditRetentionDays = :days',
        values: { ':days': 40 },
      },
    ])
    expect(await scene.membership()).toMatchObject({ status: 'invited' })
    const { membership, inviting } = await scene.accept(token, '192.0.2.44')
    expect(membership).toEqual({
      organizationId: scene.organizationId,
      organizationName: 'Visited',
      status: 'guest',
      invitedUntil: null,
    })
    expect(inviting.organizationId).toBe(scene.organizationId)
    expect(await scene.membership()).toMatchObject({
      status: 'active',
      invitedUntilSeconds: null,
      version: 1,
    })
    expect(await tokens()).toEqual([])
    expect(await scene.itemsOfKind('reset-token')).toEqual([])
    const home = scene.admin.subject.organization.organizationId
    const rows = await scene.auditOf('guest.accepted')
    expect(rows).toHaveLength(2)
    for (const row of rows) {
      expect(row).toMatchObject({
        actor: { kind: 'self', userId: scene.userId },
        targetUserId: scene.userId,
        address: '192.0.2.44',
      })
    }
    const daysKept = (row: Record<string, unknown>) =>
      (Number(row['expiresAtSeconds']) - Math.floor(Date.parse(String(row['at'])) / 1000)) / 86_400
    expect(rows.map((row) => [row['organizationId'], row['targetId'], daysKept(row)])).toEqual(
      expect.arrayContaining([
        [scene.organizationId, null, 40],
        [home, scene.organizationId, 366],
      ]),
    )
    expect(await refusalCode(scene.accept(token))).toBe('invitation_invalid')
  })

  it('is accepted by exactly one of forty concurrent callers', async () => {
    const token = await scene.mailedInvitation()
    const outcomes = await Promise.all(Array.from({ length: 40 }, () => refusalCode(scene.accept(token))))
    expect(outcomes.filter((code) => code === 'ok')).toHaveLength(1)
    expect(outcomes.filter((code) => code === 'invitation_invalid')).toHaveLength(39)
    expect(await scene.auditOf('guest.accepted')).toHaveLength(2)
    expect(await scene.membership()).toMatchObject({ status: 'active', version: 1 })
  })

  it('is accepted once when the link and the credentials are used at the same time', async () => {
    const token = await scene.mailedInvitation()
    const partner = await asPartner()
    const byCredentials = () =>
      acceptOwnInvitation(scene.dependencies, partner, scene.organizationId, scene.nextOrigin())
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, () => [
        refusalCode(scene.accept(token)),
        refusalCode(byCredentials()),
      ]).flat(),
    )
    expect(outcomes).toContain('ok')
    expect(outcomes.filter((_, index) => index % 2 === 0 && outcomes[index] === 'ok').length).toBeLessThan(2)
    expect(await scene.auditOf('guest.accepted')).toHaveLength(2)
    expect(await scene.membership()).toMatchObject({ status: 'active', version: 1 })
    expect(await listOwnMemberships(scene.dependencies, partner)).toContainEqual(
      expect.objectContaining({ organizationId: scene.organizationId, status: 'guest' }),
    )
  })

  it('is accepted while the organization changes the roles of the guest', async () => {
    const token = await scene.mailedInvitation()
    await change({ role: 'User' }, scene.host)
    expect(await refusalCode(scene.accept(token))).toBe('ok')
  })

  it('is good until the last second of its seven days', async () => {
    const token = await scene.mailedInvitation()
    const made = scene.clock.milliseconds
    scene.clock.milliseconds = made + invitationSeconds * 1000
    expect(await refusalCode(scene.accept(token))).toBe('invitation_invalid')
    scene.clock.milliseconds = made + invitationSeconds * 1000 - 1000
    expect(await refusalCode(scene.accept(token))).toBe('ok')
  })

  it('refuses used, foreign, expired, altered and invented tokens with one and the same answer', async () => {
    const token = await scene.mailedInvitation()
    const { membershipId = 'mem_' } = (await scene.membership()) ?? {}
    const { randomBytes } = scene.dependencies
    const other = await scene.mailedInvitation(await scene.makeHost('Another'))
    const invented = [
      newInvitationToken({ userId: scene.userId, membershipId }, randomBytes),
      newInvitationToken({ userId: scene.userId, membershipId: 'mem_000000000000' }, randomBytes),
      newInvitationToken({ userId: 'usr_0000000000000000', membershipId }, randomBytes),
      `${token.slice(0, -1)}${token.endsWith('a') ? 'b' : 'a'}`,
      'x',
    ]
    const answers = []
    for (const each of invented) answers.push(await answerTo(each))
    expect(await answerTo(token)).toBe('accepted')
    answers.push(await answerTo(token))
    scene.clock.milliseconds += (invitationSeconds + 1) * 1000
    answers.push(await answerTo(other))
    expect(new Set(answers)).toEqual(new Set([answers[0]]))
    expect(answers[0]).toContain('invitation_invalid')
  })
})

const inTurn =
  (...steps: readonly (() => Promise<unknown>)[]) =>
  async () => {
    for (const step of steps) await step()
  }

const endings: readonly (readonly [string, () => Promise<unknown>])[] = [
  ['was accepted with credentials', acceptAsPartner],
  ['was accepted with credentials and left again', inTurn(acceptAsPartner, decline)],
  ['was declined', decline],
  ['was taken back', takeBack],
  ['was taken back and made anew', inTurn(takeBack, () => scene.invite())],
  ['ended because its home changed the e-mail', () => change({ email: 'other@partner.example' })],
  [
    'went to an address that was changed and came back',
    async () => {
      const before = await scene.membership()
      await change({ email: 'OPS@partner.example' })
      await change({ email: 'ops@partner.example' })
      expect(await scene.membership()).toEqual(before)
    },
  ],
  [
    'went to an address that was changed, came back and was verified again',
    async () => {
      await change({ email: 'OPS@partner.example' })
      await change({ email: 'ops@partner.example' })
      await verifyAnew()
    },
  ],
  ['belongs to a user who is disabled', () => change({ status: 'disabled' })],
  [
    'belongs to a user who was disabled and enabled again',
    inTurn(
      () => change({ status: 'disabled' }),
      () => change({ status: 'active' }),
    ),
  ],
  ['belongs to a user who was deleted', () => remove(scene.admin)],
  [
    'belongs to a user whose home is inactive',
    () => set(keys.organization(scene.admin.subject.organization.organizationId), 'status', 'inactive'),
  ],
  [
    'comes from an organization that is inactive',
    () => set(keys.organization(scene.organizationId), 'status', 'inactive'),
  ],
  ['is older than a reset of the password', verifyAnew],
]

describe('a link to an invitation is dead when the invitation', () => {
  it.each(endings)('%s', async (_, end) => {
    const token = await scene.mailedInvitation()
    await end()
    const before = await scene.membership()
    expect(await refusalCode(scene.accept(token))).toBe('invitation_invalid')
    expect(await scene.membership()).toEqual(before)
  })

  it('was taken back; the link of the one made anew works', async () => {
    const old = await scene.mailedInvitation()
    await takeBack()
    const token = await scene.mailedInvitation()
    expect(await refusalCode(scene.accept(old))).toBe('invitation_invalid')
    expect(await refusalCode(scene.accept(token))).toBe('ok')
  })

  it.each(endings.filter(([name]) => !name.includes('organization') && !name.includes('home is')))(
    '%s between the look and the write',
    async (_, end) => {
      const token = await scene.mailedInvitation()
      const dependencies = {
        ...scene.dependencies,
        readInvitation: async (userId: UserId, membershipId: MembershipId) => {
          const found = await scene.dependencies.readInvitation(userId, membershipId)
          await end()
          return found
        },
      }
      const accepting = acceptInvitation(dependencies, { token }, scene.nextOrigin())
      expect(await refusalCode(accepting)).toBe('invitation_invalid')
      const byLink = (await scene.auditOf('guest.accepted')).filter(({ actor }) =>
        JSON.stringify(actor).includes('"self"'),
      )
      expect(byLink).toEqual([])
    },
  )
})

/** Each row alone, whatever moves with it: what the link was mailed to must be what it is now. */
const spoilt: readonly (readonly [string, () => Promise<unknown>])[] = [
  ['the user is disabled', () => set(keys.user(scene.userId), 'status', 'disabled')],
  ['the address is another', () => set(keys.user(scene.userId), 'email', 'other@partner.example')],
  ['the address is not verified', () => set(keys.user(scene.userId), 'emailVerified', false)],
  ['the epoch of the user has moved', () => set(keys.user(scene.userId), 'epoch', 99)],
  ['the membership is another', () => set(membershipKey(), 'membershipId', 'mem_000000000000')],
  ['the invitation has ended', () => set(membershipKey(), 'invitedUntilSeconds', 1)],
  ['the membership is active already', () => set(membershipKey(), 'invitedUntilSeconds', null)],
]
const membershipKey = () => keys.membership(scene.userId, scene.organizationId)

describe('nobody becomes a guest by a link when', () => {
  it.each(spoilt)('%s: neither at the look nor at the write', async (_, spoil) => {
    const token = await scene.mailedInvitation()
    const [stored] = await tokens()
    const good = await scene.dependencies.readInvitation(
      scene.userId,
      MembershipId.parse(stored?.['membershipId']),
    )
    const writes: unknown[] = []
    await spoil()
    const looking = {
      ...scene.dependencies,
      write: async (asked: Parameters<typeof scene.dependencies.write>[0]) => {
        writes.push(asked)
        return await scene.dependencies.write(asked)
      },
    }
    const accept = (with_: typeof looking) =>
      refusalCode(acceptInvitation(with_, { token }, scene.nextOrigin()))
    expect(await accept(looking)).toBe('invitation_invalid')
    expect(writes).toEqual([])
    expect(await accept({ ...looking, readInvitation: async () => good })).toBe('invitation_invalid')
    expect(await scene.membership()).toMatchObject({ status: 'invited' })
  })
})

describe('an acceptance', () => {
  it('by a link that a newer one replaces between the look and the write is refused', async () => {
    const token = await scene.mailedInvitation()
    const { membershipId = 'mem_' } = (await scene.membership()) ?? {}
    const dependencies = {
      ...scene.dependencies,
      readInvitation: async (userId: UserId, ofMembership: MembershipId) => {
        const found = await scene.dependencies.readInvitation(userId, ofMembership)
        await set(keys.invitationToken(userId, membershipId), 'tokenHash', 'f'.repeat(64))
        return found
      },
    }
    const accepting = acceptInvitation(dependencies, { token }, scene.nextOrigin())
    expect(await refusalCode(accepting)).toBe('invitation_invalid')
    expect(await scene.membership()).toMatchObject({ status: 'invited' })
  })

  it.each([
    [
      'that is made anew',
      inTurn(
        () => takeBack(),
        () => scene.invite(),
      ),
    ],
    ['that ends', () => change({ email: 'other@partner.example' })],
  ])('with credentials of an invitation %s between the look and the write is refused', async (_, end) => {
    await scene.invite()
    const dependencies = {
      ...scene.dependencies,
      readMember: async (userId: UserId, organizationId: OrganizationId) => {
        const found = await scene.dependencies.readMember(userId, organizationId)
        await end()
        return found
      },
    }
    const accepting = acceptOwnInvitation(
      dependencies,
      await asPartner(),
      scene.organizationId,
      scene.nextOrigin(),
    )
    expect(await refusalCode(accepting)).toBe('version_conflict')
    expect(await scene.membership()).toMatchObject({ status: 'invited' })
  })
})

describe('the link of an invitation', () => {
  it('is stored as a hash', async () => {
    const token = await scene.mailedInvitation()
    expect(JSON.stringify(await scene.items())).not.toContain(token.slice(-20))
    const [stored] = await tokens()
    expect(stored).toMatchObject({
      tokenHash: expect.stringMatching(/^[0-9a-f]{64}$/),
      email: 'ops@partner.example',
      expiresAtSeconds: (await scene.membership())?.invitedUntilSeconds,
    })
  })

  it.each([
    ['was accepted with credentials', acceptAsPartner],
    ['was declined', decline],
    ['was taken back', takeBack],
    ['belongs to a user who was deleted', () => remove(scene.admin)],
  ])('is not stored any more when the invitation %s', async (_, end) => {
    await scene.mailedInvitation()
    expect(await tokens()).toHaveLength(1)
    await end()
    expect(await tokens()).toEqual([])
  })

  it('leaves everything as it was when a part of the acceptance cannot be written (F4)', async () => {
    const token = await scene.mailedInvitation()
    const before = JSON.stringify([await scene.membership(), await tokens()])
    const failing = {
      ...scene.dependencies,
      write: (writes: Parameters<typeof scene.dependencies.write>[0]) =>
        scene.dependencies.write([
          ...writes,
          { label: 'broken', check: keys.user('usr_none'), condition: 'attribute_exists(pk)' },
        ]),
    }
    const accepting = acceptInvitation(failing, { token }, scene.nextOrigin())
    expect(await refusalCode(accepting)).not.toBe('ok')
    expect(JSON.stringify([await scene.membership(), await tokens()])).toBe(before)
    expect(await refusalCode(scene.accept(token))).toBe('ok')
  })

  it('is tried by one source so often and no more', async () => {
    const token = await scene.mailedInvitation()
    const { attempts } = invitationAcceptPerSource
    const tries = () =>
      Promise.all(Array.from({ length: attempts }, () => refusalCode(scene.accept('x', '192.0.2.9'))))
    expect(new Set(await tries())).toEqual(new Set(['invitation_invalid']))
    expect(await refusalCode(scene.accept(token, '192.0.2.9'))).toBe('too_many_requests')
    expect(await refusalCode(scene.accept(token, '192.0.2.10'))).toBe('ok')
  })
})
