import { randomBytes } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { beforeEach, describe, expect, it } from 'vitest'
import { resetMailPerAddressAndOrganization, resetMailPerUser } from '../../lib/limits/throttle-rule.ts'
import { linkRequest, linkRequestWrite } from '../../lib/mail/reset-request.ts'
import { mailResetLinks } from '../../lib/passwords/mail-reset-links.ts'
import { readResetToken } from '../../lib/passwords/reset-token.ts'
import type { UserId } from '../../lib/secrets/key-id.ts'
import { hashSecret } from '../../lib/secrets/secret-hash.ts'
import { keys } from '../../lib/table/keys.ts'
import { writeTransaction } from '../../lib/table/transaction.ts'
import { refusalCode } from '../contract/refusal-code.ts'
import type { Scene } from './reset-scene.ts'
import { issuer, makeScene, tokenIn } from './reset-scene.ts'

let scene: Scene
let userId: UserId
beforeEach(async () => {
  scene = await makeScene()
  userId = (await scene.makeUser({ username: 'Partner-42', email: 'Ops@Partner.example' })).userId
  await scene.verify(userId)
})

const audited = async () =>
  (await scene.itemsOfKind('audit')).filter((item) => item['action'] === 'password-reset.mailed')

describe('the mailer', () => {
  it.each(['partner-42', 'PARTNER-42', 'ops@partner.example', 'OPS@PARTNER.EXAMPLE'])(
    'mails a link to the stored address, asked for as %s',
    async (login) => {
      await scene.ask(login)
      expect(await scene.deliverPending()).toEqual({ batchItemFailures: [] })
      expect(scene.mails).toHaveLength(1)
      const [mail] = scene.mails
      expect(mail?.to).toBe('Ops@Partner.example')
      expect(mail?.text).toContain(`${issuer}/password-reset?token=pst_r`)
      expect(mail?.text).toContain('Partner-42')
      expect(mail?.text).toContain('16 minutes')
      expect(mail?.html).toContain(`href="${issuer}/password-reset?token=${tokenIn(mail)}"`)
    },
  )

  it('stores the SHA-256 of the token for 1000 seconds, and nowhere the token (F5)', async () => {
    const token = await scene.mailedToken('partner-42')
    const [stored] = await scene.itemsOfKind('reset-token')
    const secret = readResetToken(token)?.secret
    if (secret === undefined) throw new Error('the token has no secret')
    expect(stored?.['tokenHash']).toBe(hashSecret(secret))
    expect(stored?.['expiresAtSeconds']).toBe(scene.clock.milliseconds / 1000 + 1000)
    expect(stored?.['expiresAt']).toBe('2026-11-21T12:16:40.000Z')
    expect(JSON.stringify(await scene.items())).not.toContain(token)
    expect(JSON.stringify(scene.logged)).not.toContain(token.slice(-49))
  })

  it.each([
    [false, ['within 7 days']],
    [true, ['within 16 minutes']],
  ])(
    'mails a link that an administrator requested, which lasts for days unless there is a password: %s',
    async (had, texts) => {
      const chances = {
        now: () => scene.clock.milliseconds,
        randomBytes: (size: number) => randomBytes(size),
      }
      await writeTransaction(scene.table, [
        {
          label: 'user',
          update: keys.user(userId),
          set: 'SET hasPassword = :had',
          values: { ':had': had },
        },
        linkRequestWrite(linkRequest({ userId, canonicalUsername: 'partner-42' }, chances)),
      ])
      await scene.deliverPending()
      expect(scene.mails.map((mail) => mail.text)).toEqual(
        texts.map((text) => expect.stringContaining(text) as string),
      )
      expect(await scene.itemsOfKind('reset-request')).toEqual([])
    },
  )

  it('logs neither the login nor the address, and keeps no request it has dealt with (F5)', async () => {
    for (const login of ['canary-login', 'ops@partner.example']) {
      await scene.ask(login)
      await scene.deliverPending()
      expect(JSON.stringify(scene.logged).toLowerCase()).not.toContain(login)
    }
    expect(JSON.stringify(await scene.items())).not.toContain('canary-login')
    expect(await scene.itemsOfKind('reset-request')).toEqual([])
  })

  it.each([
    ['Kelvin sign', '\u212aelvin'],
    ['dotless i', 'm\u0131ke@partner.example'],
    ['long s', 'bo\u017fs'],
    ['full-width letters', '\uff50artner-42'],
    ['Cyrillic a', 'p\u0430rtner-42'],
    ['ligature', '\ufb01sh@partner.example'],
    ['combining dot', 'mi\u0307ke@partner.example'],
    ['soft hyphen', 'partner\u00ad-42'],
    ['blank around', ' partner-42 '],
    ['second address', 'ops@partner.example,evil@evil.example'],
    ['display name', '<ops@partner.example>'],
    ['quotes', '"ops"@partner.example'],
    ['plus tag', 'ops+x@partner.example'],
  ])('finds nobody by a look-alike: %s (R3, R4)', async (_name, login) => {
    for (const [username, email] of [
      ['kelvin', null],
      ['mike', 'mike@partner.example'],
      ['boss', null],
      ['fish', 'fish@partner.example'],
    ] as const)
      await scene.makeUser({ username, email })
    await scene.ask(login)
    expect(await scene.deliverPending()).toEqual({ batchItemFailures: [] })
    expect(scene.mails).toEqual([])
  })

  it('mails nobody who is disabled or has no address', async () => {
    await scene.makeUser({ username: 'disabled', email: 'disabled@partner.example', status: 'disabled' })
    await scene.makeUser({ username: 'silent' })
    for (const login of ['disabled', 'disabled@partner.example', 'silent', 'nobody']) await scene.ask(login)
    expect(await scene.deliverPending()).toEqual({ batchItemFailures: [] })
    expect(scene.mails).toEqual([])
    expect(await scene.itemsOfKind('reset-token')).toEqual([])
  })

  it('mails nobody for a request that has waited for an hour, and forgets it', async () => {
    await scene.ask('partner-42')
    scene.clock.milliseconds += 3_600_000 - 1
    await scene.ask('partner-42')
    scene.clock.milliseconds += 1
    expect(await scene.deliverPending()).toEqual({ batchItemFailures: [] })
    expect(scene.mails).toHaveLength(1)
    expect(await scene.itemsOfKind('reset-request')).toEqual([])
  })

  it('mails the others of a shared address when SES refuses one of them', async () => {
    for (const username of ['first', 'second', 'third'])
      await scene.verify((await scene.makeUser({ username, email: 'team@partner.example' })).userId)
    const { send } = scene.ses
    scene.ses.send = (message) =>
      message.subject.endsWith('second') ? Promise.reject(new Error('refused')) : send(message)
    await scene.ask('team@partner.example')
    expect((await scene.deliverPending()).batchItemFailures).toHaveLength(1)
    expect(scene.mails.map(({ subject }) => subject.split(' ').at(-1)).toSorted()).toEqual(['first', 'third'])
  })

  it('mails each user of a shared address its own link, five of an organization at most', async () => {
    for (let index = 0; index < 7; index += 1) {
      const user = await scene.makeUser({ username: `shared-${index}`, email: 'team@partner.example' })
      await scene.verify(user.userId)
    }
    await scene.ask('team@partner.example')
    const { write } = scene.dependencies
    const writing = { now: 0, most: 0 }
    scene.dependencies.write = async (writes) => {
      writing.now += 1
      writing.most = Math.max(writing.most, writing.now)
      return await write(writes).finally(() => {
        writing.now -= 1
      })
    }
    await scene.deliverPending()
    // All deliveries are noted in one row, where transactions at the same time would cancel each other.
    expect(writing).toEqual({ now: 0, most: 1 })
    expect(scene.mails).toHaveLength(5)
    expect(new Set(scene.mails.map(tokenIn)).size).toBe(5)
  })

  it('mails once and audits once when the stream delivers twice, one after the other (F2)', async () => {
    const { organizationId } = scene.admin.subject.organization
    const retention = { label: 'organization', update: keys.organization(organizationId) }
    await scene.dependencies.write([
      { ...retention, set: 'SET auditRetentionDays = :days', values: { ':days': 40 } },
    ])
    const at = new Date(scene.clock.milliseconds).toISOString()
    await scene.ask('partner-42', '192.0.2.9')
    const records = await scene.pending()
    scene.clock.milliseconds += 60_000
    await scene.deliver(records)
    await scene.deliver(records)
    expect(scene.mails).toHaveLength(1)
    expect(await audited()).toMatchObject([
      {
        organizationId,
        at,
        expiresAtSeconds: Date.parse(at) / 1000 + 40 * 86_400,
        actor: { kind: 'system', userId: null },
        targetUserId: userId,
        address: '192.0.2.9',
        requestId: 'request-2',
        changes: [],
      },
    ])
  })

  it('mails once and audits once when eight deliveries run at the same time (F2)', async () => {
    await scene.ask('partner-42')
    const records = await scene.pending()
    // On a clock that stands no lease runs out, however slow the machine.
    scene.dependencies.wait = () => wait(100)
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => scene.deliver(records)))
    expect(outcomes.filter(({ batchItemFailures }) => batchItemFailures.length === 0).length).toBeGreaterThan(
      0,
    )
    expect(await scene.deliver(records)).toEqual({ batchItemFailures: [] })
    expect(scene.mails).toHaveLength(1)
    expect(await audited()).toHaveLength(1)
  })

  it('mails a new link when SES failed, audits once, and costs the user one try (F2, F3)', async () => {
    const { send } = scene.ses
    const lost: string[] = []
    scene.ses.send = async (message) => {
      lost.push(tokenIn(message))
      throw new Error('Email address is not verified: ops@partner.example')
    }
    await scene.ask('partner-42')
    const records = await scene.pending()
    for (let round = 0; round < resetMailPerUser.attempts + 1; round += 1)
      expect(await scene.deliver(records)).toEqual({ batchItemFailures: [{ itemIdentifier: 'request-2' }] })
    expect(JSON.stringify(scene.logged)).not.toContain('@')
    scene.ses.send = send
    expect(await scene.deliver(records)).toEqual({ batchItemFailures: [] })
    expect(scene.mails).toHaveLength(1)
    expect(scene.waits).toEqual([])
    expect(await audited()).toHaveLength(1)
    for (const token of lost) expect(await refusalCode(scene.confirm(token))).toBe('reset_token_invalid')
    expect(await refusalCode(scene.confirm(tokenIn(scene.mails[0])))).toBe('ok')
  })

  it('waits for the lease of a delivery that died, then mails (F2)', async () => {
    const died = { ...scene.dependencies, send: () => new Promise<void>(() => {}) }
    await scene.ask('partner-42')
    const records = await scene.pending()
    void mailResetLinks(died, 'request-2')
    while ((await scene.itemsOfKind('reset-token')).length === 0);
    expect(await scene.deliver(records)).toEqual({ batchItemFailures: [] })
    expect(scene.waits).toEqual([12_000])
    expect(scene.mails).toHaveLength(1)
  })

  it('does not mail again when only the note of having mailed was lost and the row comes again (F2)', async () => {
    await scene.ask('partner-42')
    const records = await scene.pending()
    const forgetful = {
      ...scene.dependencies,
      removeRequest: () => Promise.reject(new Error('the table is away')),
    }
    await expect(mailResetLinks(forgetful, 'request-2')).rejects.toThrow('the table is away')
    expect(await scene.deliver(records)).toEqual({ batchItemFailures: [] })
    expect(scene.mails).toHaveLength(1)
  })

  it('lets only the link mailed last work when requests are delivered out of order (F2, R6)', async () => {
    await scene.ask('partner-42')
    await scene.ask('partner-42')
    await scene.deliver((await scene.pending()).reverse())
    const [first, second] = scene.mails.map(tokenIn)
    expect(await refusalCode(scene.confirm(first ?? ''))).toBe('reset_token_invalid')
    expect(await refusalCode(scene.confirm(second ?? ''))).toBe('ok')
  })

  it('sends few mails for many requests, fewer to an address that is not verified, and the last still works (R8)', async () => {
    await scene.makeUser({ username: 'new', email: 'new@partner.example' })
    for (let round = 0; round < 20; round += 1) await scene.ask('new', `192.0.2.${round}`)
    await scene.deliverPending()
    expect(scene.mails).toHaveLength(resetMailPerAddressAndOrganization.attempts)
    expect(await refusalCode(scene.confirm(tokenIn(scene.mails.at(-1))))).toBe('ok')
  })

  it('sends few mails for many requests, and the last of them still works (R8)', async () => {
    for (let round = 0; round < 20; round += 1) {
      await scene.ask('partner-42', `192.0.2.${round}`)
      await scene.ask('ops@partner.example', `192.0.2.${round}`)
    }
    await scene.deliverPending()
    expect(scene.mails).toHaveLength(resetMailPerUser.attempts)
    expect(await refusalCode(scene.confirm(tokenIn(scene.mails.at(-1))))).toBe('ok')
  })

  it('never leaves an owner without a way: before the last link ends, the next can be mailed (R8)', async () => {
    for (let round = 0; round < 8; round += 1) await scene.ask('partner-42')
    await scene.deliverPending()
    const tokenOfAttack = tokenIn(scene.mails.at(-1))
    scene.clock.milliseconds += 901_000
    const mailsBefore = scene.mails.length
    await scene.ask('partner-42')
    await scene.deliverPending()
    expect(scene.mails.length).toBe(mailsBefore + 1)
    expect(await refusalCode(scene.confirm(tokenOfAttack))).toBe('reset_token_invalid')
  })

  it('makes no token for a user whose address was verified when it was looked up and is not any more (R10)', async () => {
    await scene.ask('partner-42')
    const slow = {
      ...scene.dependencies,
      readRecipients: async (userIds: readonly UserId[]) => {
        const recipients = await scene.dependencies.readRecipients(userIds)
        const user = { label: 'user', update: keys.user(userId), set: 'SET emailVerified = :no' }
        await scene.dependencies.write([{ ...user, values: { ':no': false } }])
        return recipients
      },
    }
    await mailResetLinks(slow, 'request-2')
    expect(scene.mails).toEqual([])
    expect(await scene.itemsOfKind('reset-token')).toEqual([])
  })

  it('mails the user whose address was verified since it was looked up', async () => {
    await scene.makeUser({ username: 'new', email: 'new@partner.example' })
    await scene.ask('new')
    const slow = {
      ...scene.dependencies,
      readRecipients: async (userIds: readonly UserId[]) => {
        const recipients = await scene.dependencies.readRecipients(userIds)
        for (const id of userIds) await scene.verify(id)
        return recipients
      },
    }
    await mailResetLinks(slow, 'request-3')
    expect(scene.mails).toMatchObject([{ to: 'new@partner.example', senderName: null }])
  })

  it('makes no link that lasts for days for a user who has chosen a password since it was looked up', async () => {
    const chances = { now: () => scene.clock.milliseconds, randomBytes: (size: number) => randomBytes(size) }
    const had = (hasPassword: boolean) => ({
      label: 'user',
      update: keys.user(userId),
      set: 'SET hasPassword = :had',
      values: { ':had': hasPassword },
    })
    await writeTransaction(scene.table, [
      had(false),
      linkRequestWrite(linkRequest({ userId, canonicalUsername: 'partner-42' }, chances)),
    ])
    const [request] = await scene.itemsOfKind('reset-request')
    const slow = {
      ...scene.dependencies,
      readRecipients: async (userIds: readonly UserId[]) => {
        const recipients = await scene.dependencies.readRecipients(userIds)
        await writeTransaction(scene.table, [had(true)])
        return recipients
      },
    }
    await mailResetLinks(slow, String(request?.['requestId']))
    expect(scene.mails).toEqual([])
    expect(await scene.itemsOfKind('reset-token')).toEqual([])
  })

  it('makes no token for a user who was disabled since it was looked up, and logs that', async () => {
    await scene.ask('partner-42')
    const slow = {
      ...scene.dependencies,
      readRecipients: async (userIds: readonly UserId[]) => {
        const recipients = await scene.dependencies.readRecipients(userIds)
        const disable = { label: 'user', update: keys.user(userId), set: 'SET #status = :off' }
        await scene.dependencies.write([
          { ...disable, names: { '#status': 'status' }, values: { ':off': 'disabled' } },
        ])
        return recipients
      },
    }
    await mailResetLinks(slow, 'request-2')
    expect(scene.mails).toEqual([])
    expect(await scene.itemsOfKind('reset-token')).toEqual([])
    const { organizationId } = scene.admin.subject.organization
    const skipped = { event: 'reset_skipped', reason: 'refused', requestId: 'request-2' }
    expect(scene.logged).toEqual([{ ...skipped, userId, organizationId }])
  })

  it('makes no token for a user whose address changed since it was looked up', async () => {
    await scene.ask('partner-42')
    const stale = {
      ...scene.dependencies,
      readRecipients: async (userIds: readonly UserId[]) =>
        (await scene.dependencies.readRecipients(userIds)).map((recipient) => ({
          ...recipient,
          user: { ...recipient.user, email: 'old@partner.example' },
        })),
    }
    await mailResetLinks(stale, 'request-2')
    expect(scene.mails).toEqual([])
    expect(await scene.itemsOfKind('reset-token')).toEqual([])
  })
})
