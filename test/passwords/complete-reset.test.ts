import { PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { beforeEach, describe, expect, it } from 'vitest'
import { StoredPassword } from '../../lib/identity/stored-password.ts'
import { StoredUser } from '../../lib/identity/stored-user.ts'
import { resetConfirmPerSource } from '../../lib/limits/throttle-rule.ts'
import { completeReset } from '../../lib/passwords/complete-reset.ts'
import { newResetToken } from '../../lib/passwords/reset-token.ts'
import type { UserId } from '../../lib/secrets/key-id.ts'
import { asPasswordText } from '../../lib/secrets/password-text.ts'
import { keys } from '../../lib/table/keys.ts'
import { readItem } from '../../lib/table/read.ts'
import { refusalCode } from '../contract/refusal-code.ts'
import type { Scene } from './reset-scene.ts'
import { firstPassword, makeScene, newPassword } from './reset-scene.ts'

let scene: Scene
let userId: UserId
beforeEach(async () => {
  scene = await makeScene()
  userId = (await scene.makeUser({ username: 'partner-42', email: 'ops@partner.example' })).userId
})

const holds = async (password: string): Promise<boolean> => {
  const stored = StoredPassword.parse(await readItem(scene.table, keys.password(userId)))
  const text = asPasswordText(password)
  if (text === undefined) throw new Error('the password is too long')
  return await scene.dependencies.hasher.verify(stored.passwordHash, text)
}
const user = async () => StoredUser.parse(await readItem(scene.table, keys.user(userId)))
const setUser = (field: string, value: unknown) =>
  scene.table.client.send(
    new UpdateCommand({
      TableName: scene.table.tableName,
      Key: keys.user(userId),
      UpdateExpression: 'SET #field = :value',
      ExpressionAttributeNames: { '#field': field },
      ExpressionAttributeValues: { ':value': value },
    }),
  )

const setOrganization = (field: string, value: unknown) =>
  scene.dependencies.write([
    {
      label: 'organization',
      update: keys.organization(scene.admin.subject.organization.organizationId),
      set: 'SET #field = :value',
      names: { '#field': field },
      values: { ':value': value },
    },
  ])

describe('a reset', () => {
  it('sets the password, ends every session, audits, and mails a notice (R7)', async () => {
    const token = await scene.mailedToken('partner-42')
    const before = await user()
    await setOrganization('auditRetentionDays', 40)
    const at = new Date(scene.clock.milliseconds).toISOString()
    await scene.confirm(token)
    expect(await holds(newPassword)).toBe(true)
    expect(await holds(firstPassword)).toBe(false)
    const after = await user()
    expect(after.epoch).toBe(before.epoch + 1)
    expect(after.version).toBe(before.version + 1)
    const rows = (await scene.itemsOfKind('audit')).filter((item) => item['action'] === 'password.reset')
    expect(rows).toHaveLength(1)
    const seconds = Date.parse(at) / 1000
    expect(rows[0]).toMatchObject({
      organizationId: scene.admin.subject.organization.organizationId,
      outcome: 'done',
      at,
      expiresAtSeconds: seconds + 40 * 86_400,
      targetUserId: userId,
      targetId: null,
      actor: { kind: 'self', userId },
      address: '198.51.100.7',
    })
    expect(await readItem(scene.table, keys.password(userId))).toMatchObject({ changedAt: at })
    expect(await scene.itemsOfKind('notice')).toMatchObject([
      { requestId: rows[0]?.['requestId'], at, expiresAtSeconds: seconds + 2 * 86_400 },
    ])

    const linkMails = scene.mails.length
    await scene.deliverPending()
    await scene.deliverPending()
    expect(scene.mails).toHaveLength(linkMails + 1)
    const notice = scene.mails.at(-1)
    expect(notice?.to).toBe('ops@partner.example')
    expect(notice?.subject).toBe('The password of partner-42 was reset')
    expect(notice?.text).toContain('198.51.100.7')
    expect(notice?.text).not.toContain('token=')
    expect(await scene.itemsOfKind('notice')).toEqual([])
  })

  it('verifies the address that the link was mailed to, on the user and on its e-mail entry (R10)', async () => {
    const entry = async () =>
      (await scene.itemsOfKind('email-entry')).find((item) => item['userId'] === userId)
    expect([(await user()).emailVerified, (await entry())?.['verified']]).toEqual([false, false])
    await scene.confirm(await scene.mailedToken('partner-42'))
    expect([(await user()).emailVerified, (await entry())?.['verified']]).toEqual([true, true])
    await scene.confirm(await scene.mailedToken('partner-42'))
    const rows = (await scene.itemsOfKind('audit')).filter((item) => item['action'] === 'password.reset')
    expect(rows).toHaveLength(2)
    expect(rows.flatMap((row) => row['changes'])).toEqual([
      { field: 'emailVerified', before: false, after: true },
    ])
  })

  it('gives a first password to a user who had none', async () => {
    const body = { username: 'key-user', email: 'key@partner.example', password: undefined }
    const { userId: keyUser } = await scene.makeUser(body)
    await scene.confirm(await scene.mailedToken('key-user'))
    expect(await readItem(scene.table, keys.password(keyUser))).toBeDefined()
    expect(await readItem(scene.table, keys.user(keyUser))).toMatchObject({ hasPassword: true })
    const rows = (await scene.itemsOfKind('audit')).filter((item) => item['action'] === 'password.reset')
    expect(rows[0]?.['changes']).toContainEqual({ field: 'hasPassword', before: false, after: true })
  })

  it('lets exactly one of forty concurrent callers win (R5)', async () => {
    const token = await scene.mailedToken('partner-42')
    const { epoch } = await user()
    const passwords = Array.from({ length: 40 }, (_, index) => `the passphrase of racer ${index}`)
    const outcomes = await Promise.all(
      passwords.map((password) => refusalCode(scene.confirm(token, password))),
    )
    expect(outcomes.filter((code) => code === 'ok')).toHaveLength(1)
    expect(outcomes.filter((code) => code === 'reset_token_invalid')).toHaveLength(39)
    expect(await holds(passwords[outcomes.indexOf('ok')] ?? '')).toBe(true)
    expect((await user()).epoch).toBe(epoch + 1)
    expect(await scene.itemsOfKind('notice')).toHaveLength(1)
  })

  it('refuses used, replaced, expired, foreign and invented tokens with one and the same answer, before any hashing (R6)', async () => {
    const { hasher } = scene.dependencies
    let hashed = 0
    scene.dependencies.hasher = {
      ...hasher,
      hash: (password) => {
        hashed += 1
        return hasher.hash(password)
      },
    }
    const answerTo = async (token: string) => {
      try {
        await scene.confirm(token)
        return 'accepted'
      } catch (error) {
        return JSON.stringify(
          error,
          Object.getOwnPropertyNames(error).filter((name) => name !== 'stack'),
        )
      }
    }
    const replaced = await scene.mailedToken('partner-42')
    const used = await scene.mailedToken('partner-42')
    const answers = [await answerTo(replaced)]
    await scene.confirm(used)
    answers.push(await answerTo(used))
    const expired = await scene.mailedToken('partner-42')
    scene.clock.milliseconds += 1_000_000
    expect(await scene.itemsOfKind('reset-token'), 'the row is still there').toHaveLength(1)
    answers.push(await answerTo(expired))
    const { organizationId } = scene.admin.subject.organization
    for (const owner of [
      { userId, organizationId },
      { userId: 'usr_0000000000000000', organizationId },
      { userId, organizationId: 'org_0000000000' },
    ] as const)
      answers.push(await answerTo(newResetToken(owner, scene.dependencies.randomBytes)))
    answers.push(await answerTo('not a token'))
    answers.push(await answerTo('x'))
    const alive = await scene.mailedToken('partner-42')
    await setUser('status', 'disabled')
    answers.push(await answerTo(alive))
    await setUser('status', 'active')
    await setUser('email', 'new@partner.example')
    answers.push(await answerTo(alive))
    await setUser('email', 'ops@partner.example')
    await setOrganization('status', 'inactive')
    answers.push(await answerTo(alive))
    await setOrganization('status', 'active')
    expect(hashed).toBe(1)
    expect(new Set(answers).size).toBe(1)
    expect(answers[0]).toContain('reset_token_invalid')
    expect(await refusalCode(scene.confirm(alive))).toBe('ok')
  })

  it('reads alike for every invented token, whether or not a reset is open, so the time tells nothing (R1)', async () => {
    const { organizationId } = scene.admin.subject.organization
    const { userId: other } = await scene.makeUser({ username: 'other', email: 'other@partner.example' })
    await scene.mailedToken('partner-42')
    const sent: string[] = []
    scene.table.client.middlewareStack.add(
      (next, context) => (args) => {
        const { RequestItems = {} } = args.input as { RequestItems?: Record<string, { Keys?: unknown[] }> }
        sent.push(`${context.commandName} ${RequestItems[scene.table.tableName]?.Keys?.length}`)
        return next(args)
      },
      { step: 'initialize', name: 'look' },
    )
    const callsFor = async (owner: Parameters<typeof newResetToken>[0]) => {
      sent.length = 0
      const token = newResetToken(owner, scene.dependencies.randomBytes)
      expect(await refusalCode(scene.confirm(token))).toBe('reset_token_invalid')
      return [...sent]
    }
    const open = await callsFor({ userId, organizationId })
    expect(open).toEqual(['UpdateItemCommand undefined', 'BatchGetItemCommand 4'])
    expect(await callsFor({ userId: other, organizationId })).toEqual(open)
    expect(await callsFor({ userId: 'usr_0000000000000000', organizationId })).toEqual(open)
    expect(await callsFor({ userId, organizationId: 'org_0000000000' })).toEqual(open)
  })

  it('is good until the last second of its 1000', async () => {
    const token = await scene.mailedToken('partner-42')
    scene.clock.milliseconds += 999_000
    expect(await refusalCode(scene.confirm(token))).toBe('ok')
  })

  it('decides in the transaction: what changes between the look and the write is refused', async () => {
    const token = await scene.mailedToken('partner-42')
    const confirmAfter = (change: () => Promise<unknown>) =>
      refusalCode(
        completeReset(
          {
            ...scene.dependencies,
            hasher: {
              hash: async (password) => {
                await change()
                return await scene.dependencies.hasher.hash(password)
              },
            },
          },
          { token, newPassword, confirmPassword: newPassword },
          { address: '198.51.100.7', requestId: 'slow' },
        ),
      )
    const row = await readItem(scene.table, keys.resetToken(userId))
    expect(await confirmAfter(() => setUser('status', 'disabled'))).toBe('reset_token_invalid')
    await setUser('status', 'active')
    expect(await confirmAfter(() => setUser('email', 'new@partner.example'))).toBe('reset_token_invalid')
    await setUser('email', 'ops@partner.example')
    expect(
      await confirmAfter(async () => {
        scene.clock.milliseconds += 1_000_000
      }),
    ).toBe('reset_token_invalid')
    scene.clock.milliseconds -= 1_000_000
    expect(await confirmAfter(() => scene.mailedToken('partner-42'))).toBe('reset_token_invalid')
    expect(await holds(firstPassword)).toBe(true)
    await scene.table.client.send(new PutCommand({ TableName: scene.table.tableName, Item: row ?? {} }))
    expect(await refusalCode(scene.confirm(token))).toBe('ok')
  })

  it('keeps the link good when the rules refuse the password or the two differ', async () => {
    const token = await scene.mailedToken('partner-42')
    await setUser('username', 'night-shift')
    await setOrganization('name', 'Weatherstation')
    await setOrganization('minimumPasswordLength', 9)
    const refusals = [
      ...['eight-ch', 'password123', 'x'.repeat(1025)],
      ...['night-shift', 'ops@partner.example', 'Weatherstation'],
    ]
    for (const password of refusals)
      await expect(scene.confirm(token, password)).rejects.toMatchObject({
        code: 'password_rejected',
        errors: [{ path: 'newPassword' }],
      })
    const differing = { token, newPassword, confirmPassword: `${newPassword} ` }
    await expect(
      completeReset(scene.dependencies, differing, { address: '198.51.100.7', requestId: 'typo' }),
    ).rejects.toMatchObject({ code: 'invalid_request', errors: [{ path: 'confirmPassword' }] })
    expect(await refusalCode(scene.confirm(token))).toBe('ok')
  })

  it('takes every byte of a long password: the last one counts (L5)', async () => {
    const long = `${'pass & phrase \u{1f511} '.repeat(20)}x`
    await scene.confirm(await scene.mailedToken('partner-42'), long)
    expect(await holds(long)).toBe(true)
    expect(await holds(`${long.slice(0, -1)}y`)).toBe(false)
  })

  it('leaves everything as it was when a part of it cannot be written (F3, F4)', async () => {
    const token = await scene.mailedToken('partner-42')
    const before = JSON.stringify(await scene.items())
    const broken = {
      ...scene.dependencies,
      countAttempt: () => Promise.resolve(1),
      write: (writes: Parameters<typeof scene.dependencies.write>[0]) =>
        scene.dependencies.write([
          ...writes,
          { label: 'audit', check: keys.user('usr_nobody'), condition: 'attribute_exists(pk)' },
        ]),
    }
    await refusalCode(
      completeReset(
        broken,
        { token, newPassword, confirmPassword: newPassword },
        { address: '198.51.100.7', requestId: 'broken' },
      ),
    )
    expect(JSON.stringify(await scene.items())).toBe(before)
  })

  it('stores neither the token nor the password in clear (F5)', async () => {
    const token = await scene.mailedToken('partner-42')
    await scene.confirm(token)
    const stored = JSON.stringify(await scene.items())
    expect(stored).not.toContain(token)
    expect(stored).not.toContain(newPassword)
  })

  it('stops a source that tries too many tokens', async () => {
    const codes = await Promise.all(
      Array.from({ length: resetConfirmPerSource.attempts + 3 }, () =>
        refusalCode(scene.confirm('pst_rnot-a-token')),
      ),
    )
    expect(codes.filter((code) => code === 'reset_token_invalid')).toHaveLength(
      resetConfirmPerSource.attempts,
    )
    expect(codes.filter((code) => code === 'too_many_requests')).toHaveLength(3)
  })
})
