import { beforeEach, describe, expect, it } from 'vitest'
import { deliverOnce } from '../../lib/mail/deliver-once.ts'
import type { PasswordNotice } from '../../lib/mail/notice.ts'
import { noticeWrite } from '../../lib/mail/notice.ts'
import type { UserId } from '../../lib/secrets/key-id.ts'
import { keys } from '../../lib/table/keys.ts'
import type { Scene } from '../passwords/reset-scene.ts'
import { makeScene } from '../passwords/reset-scene.ts'

let scene: Scene
let userId: UserId
beforeEach(async () => {
  scene = await makeScene()
  const user = { username: 'partner-42', email: 'ops@partner.example', timezone: 'Europe/Berlin' }
  userId = (await scene.makeUser(user)).userId
  await scene.verify(userId)
})

const note = (noticeKind: PasswordNotice['noticeKind'], of = userId) =>
  scene.dependencies.write([
    noticeWrite(
      {
        noticeKind,
        userId: of,
        at: '2026-11-21T12:00:00.000Z',
        requestId: 'change-1',
        address: '192.0.2.44',
      },
      2_000_000_000,
    ),
  ])

describe('a notice', () => {
  it('tells who, what, when in their own time, and from where; and holds no link', async () => {
    await note('password-changed')
    expect(await scene.deliverPending()).toEqual({ batchItemFailures: [] })
    expect(scene.mails).toHaveLength(1)
    const [mail] = scene.mails
    expect(mail?.to).toBe('ops@partner.example')
    expect(mail?.subject).toBe('The password of partner-42 was changed')
    expect(mail?.text).toContain('21 November 2026 at 13:00 CET')
    expect(mail?.text).toContain('192.0.2.44')
    const { organizationId } = scene.admin.subject.organization
    expect(scene.logged).toEqual([{ event: 'notice_mailed', requestId: 'change-1', userId, organizationId }])
    const links = `${mail?.text}${mail?.html}`.match(/https?:[^\s"<]*/g)
    expect(new Set(links)).toEqual(new Set(['https://api.postern.example/forgot-password']))
  })

  it('is mailed once, however often the stream brings it (F2)', async () => {
    await note('password-reset')
    const records = await scene.pending()
    for (let round = 0; round < 3; round += 1)
      expect(await scene.deliver(records)).toEqual({ batchItemFailures: [] })
    expect(scene.mails).toHaveLength(1)
    expect(await scene.itemsOfKind('notice')).toEqual([])
  })

  it('is not mailed by a delivery that read it before another one finished (F2)', async () => {
    const { write } = scene.dependencies
    const dependencies = {
      write,
      send: () => Promise.reject(new Error('a second mail')),
      now: () => 0,
      wait: () => Promise.resolve(),
    }
    const message = { to: '', senderName: null, subject: '', text: '', html: '', logoOf: null }
    const delivery = deliverOnce(dependencies, keys.notice('gone'), userId, () => ({ message, writes: [] }))
    expect(await delivery).toBe('sent_before')
    expect(await scene.itemsOfKind('notice')).toEqual([])
  })

  it('is mailed when SES works again (F2)', async () => {
    await note('password-reset')
    const { send } = scene.ses
    scene.ses.send = () => Promise.reject(new Error('SES is away'))
    const records = await scene.pending()
    expect((await scene.deliver(records)).batchItemFailures).toHaveLength(1)
    scene.ses.send = send
    expect(await scene.deliver(records)).toEqual({ batchItemFailures: [] })
    expect(scene.mails).toHaveLength(1)
  })

  it('for an address that is not verified mails nobody, logs that, and is done (R10)', async () => {
    const { userId: unverified } = await scene.makeUser({ username: 'new', email: 'new@partner.example' })
    for (const noticeKind of ['password-changed', 'password-reset'] as const) {
      await note(noticeKind, unverified)
      expect(await scene.deliverPending()).toEqual({ batchItemFailures: [] })
    }
    expect(scene.mails).toEqual([])
    expect(await scene.itemsOfKind('notice')).toEqual([])
    const { organizationId } = scene.admin.subject.organization
    const skipped = { event: 'notice_skipped', reason: 'address_unverified', requestId: 'change-1' }
    expect(scene.logged).toEqual(Array(2).fill({ ...skipped, userId: unverified, organizationId }))
  })

  it('for a user without an address, or gone, mails nobody and is done', async () => {
    const { userId: silent } = await scene.makeUser({ username: 'silent' })
    for (const of of [silent, 'usr_0000000000000000' as const]) {
      await note('password-changed', of)
      expect(await scene.deliverPending()).toEqual({ batchItemFailures: [] })
    }
    expect(scene.mails).toEqual([])
    expect(await scene.itemsOfKind('notice')).toEqual([])
  })
})
