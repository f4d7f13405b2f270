import { beforeEach, describe, expect, it } from 'vitest'
import { noteUse, readCredentials } from '../../../lib/credentials/credential-store.ts'
import { StoredExpiryEntry } from '../../../lib/credentials/expiry/stored-expiry-entry.ts'
import { deleteCredential } from '../../../lib/credentials/manage-credentials.ts'
import { noticeLifetimeSeconds } from '../../../lib/mail/notice.ts'
import { changeOrganization } from '../../../lib/organizations/change-organization.ts'
import { endpoints } from '../../../lib/reference/endpoints.ts'
import { keys } from '../../../lib/table/keys.ts'
import { put } from '../../../lib/table/stored-item.ts'
import { writeTransaction } from '../../../lib/table/transaction.ts'
import { origin } from '../../organizations/organization.ts'
import { issuer } from '../../passwords/reset-scene.ts'
import { firstUse } from '../first-use.ts'
import { begin, both, change, makeVerified, recipients, scene, userId } from './warning-scene.ts'

beforeEach(begin)

describe('a warning of an expiry', () => {
  it('tells the user and the administrators what ends, when in their own time, and what to do', async () => {
    const { keyId, secret = 'none' } = await scene.makeKey(userId, 90)
    const [stored] = await readCredentials(scene.table, userId)
    if (stored === undefined) throw new Error('there is no credential')
    await noteUse(scene.table, firstUse(stored), scene.inDays(70))
    scene.goTo(76)
    expect(await scene.warn()).toEqual({ warned: 1, left: 0 })
    expect(await scene.deliverPending()).toEqual({ batchItemFailures: [] })
    expect(recipients()).toEqual(both)
    const [own, admins] = scene.mails.toSorted((one, other) => (one.to < other.to ? 1 : -1))
    expect(own?.subject).toBe('The key "production" of partner-42 expires on 19 February 2027')
    for (const part of [
      `key "production", ${keyId}, of the user partner-42 (Nightly export) at Example`,
      'expires on 19 February 2027 at 13:00 CET',
      'last used on 30 January 2027 at 13:00 CET',
      `POST ${issuer}/v1/users/me/keys/${keyId}/rotate`,
      'the key is yours',
    ])
      expect(own?.text).toContain(part)
    expect(admins?.text).toContain('expires on 19 February 2027 at 12:00 UTC')
    expect(admins?.text).toContain(`POST ${issuer}/v1/users/${userId}/keys/${keyId}/rotate`)
    expect(admins?.text).toContain('you are an administrator of Example')
    for (const { text, html } of scene.mails) {
      const links = [...`${text}${html}`.matchAll(/https?:\/\/[^\s"<]+[^\s"<.]/g)].map(
        ([link]) => new URL(link),
      )
      for (const { origin, pathname, hash } of links) {
        expect(origin).toBe(issuer)
        // A section of the reference, or a call that is in it.
        if (hash !== '') expect(endpoints.map(({ operationId }) => `#${operationId}`)).toContain(hash)
        else expect(pathname).toMatch(/^\/v1\/users\/\w+\/keys\/\w+\/rotate$/)
      }
      expect(`${text}${html}`).not.toContain(secret)
    }
  })

  it('is logged and audited, with ids only', async () => {
    const { keyId, expiresAt } = await scene.makeKey(userId, 90)
    scene.goTo(80)
    await scene.warn()
    const { organization } = scene.admin.snapshot
    const { organizationId, auditRetentionDays } = organization
    expect(scene.warnings()).toEqual([{ event: 'credential_expiring', organizationId, userId, keyId }])
    const rows = (await scene.itemsOfKind('audit')).filter(
      ({ action }) => action === 'credential.expiry-warned',
    )
    const requestId = `${keyId}@${expiresAt}`
    const now = scene.clock.milliseconds / 1000
    expect(rows).toMatchObject([
      {
        ...{ organizationId, actor: { kind: 'system' }, targetUserId: userId, targetId: keyId, requestId },
        expiresAtSeconds: now + auditRetentionDays * 86_400,
      },
    ])
    expect(await scene.itemsOfKind('notice')).toMatchObject([
      { keyId, requestId, expiresAtSeconds: now + noticeLifetimeSeconds },
    ])
  })

  it('is not asked for if the credential got another end after it was read', async () => {
    const { keyId } = await scene.makeKey(userId, 90)
    scene.goTo(80)
    const late = scene.warn({
      write: async (writes) => {
        const update = keys.credential(userId, keyId)
        const end = { set: 'SET expiresAt = :end', values: { ':end': scene.inDays(95) } }
        await writeTransaction(scene.table, [{ label: 'another end', update, ...end }])
        return scene.worker.write(writes)
      },
    })
    expect(await late).toEqual({ warned: 0, left: 0 })
    expect(scene.warnings()).toEqual([])
  })

  it('is not mailed for a user who is gone', async () => {
    const { keyId } = await scene.makeKey(userId, 90)
    scene.goTo(80)
    await scene.warn()
    await writeTransaction(scene.table, [{ label: 'user', delete: keys.user(userId) }])
    expect(await scene.deliverPending()).toEqual({ batchItemFailures: [] })
    expect(recipients()).toEqual([])
    expect(scene.logged).toContainEqual(
      expect.objectContaining({ event: 'notice_skipped', reason: 'credential_changed', userId, keyId }),
    )
  })

  it('goes to no administrator who is disabled, or gone and still in the directory', async () => {
    const [disabled, gone] = [
      await makeVerified({ username: 'disabled', email: 'disabled@postern.example', role: 'Admin' }),
      await makeVerified({ username: 'gone', email: 'gone@postern.example', role: 'Admin' }),
    ]
    await change(disabled.userId, { status: 'disabled' })
    await writeTransaction(scene.table, [{ label: 'user', delete: keys.user(gone.userId) }])
    await scene.makeKey(userId, 90)
    scene.goTo(80)
    await scene.warn()
    await scene.deliverPending()
    expect(recipients()).toEqual(both)
  })

  it('comes at its time and not before, once, whenever the worker runs', async () => {
    await scene.makeKey(userId, 90)
    for (const [day, warned] of [
      [0, 0],
      [75.9, 0],
      [76, 1],
      [76, 0],
      [89, 0],
      [91, 0],
    ] as const) {
      scene.goTo(day)
      expect([day, await scene.warn()]).toEqual([day, { warned, left: 0 }])
      await scene.deliverPending()
    }
    expect(recipients()).toEqual(both)
  })

  it('is asked for once by six runs at the same time, and mailed once by each of two streams (F2)', async () => {
    for (const name of ['one', 'two', 'three']) await scene.makeKey(userId, 90, scene.admin, name)
    scene.goTo(80)
    const runs = await Promise.all(Array.from({ length: 6 }, () => scene.warn()))
    expect(runs.reduce((total, { warned }) => total + warned, 0)).toBe(3)
    expect(scene.warnings()).toHaveLength(3)
    const records = await scene.pending()
    expect(records).toHaveLength(3)
    await scene.deliver(records)
    await scene.deliver(records)
    expect(recipients()).toEqual([...both, ...both, ...both].toSorted())
    expect(await scene.itemsOfKind('notice')).toEqual([])
  })

  it('reaches the others while SES refuses one address, and that one when it is taken again (F2)', async () => {
    await scene.makeKey(userId, 90)
    scene.goTo(80)
    await scene.warn()
    const { send } = scene.ses
    scene.ses.send = (message) =>
      message.to === 'ops@partner.example' ? Promise.reject(new Error('not verified')) : send(message)
    const records = await scene.pending()
    expect((await scene.deliver(records)).batchItemFailures).toHaveLength(1)
    expect(recipients()).toEqual(['admin@postern.example'])
    scene.ses.send = send
    expect(await scene.deliver(records)).toEqual({ batchItemFailures: [] })
    expect(recipients()).toEqual(both)
  })

  it('takes one lease after the other, so that its recipients do not cancel each other, while SES serves all at once', async () => {
    for (let number = 11; number < 19; number += 1)
      await makeVerified({
        username: `admin-${number}`,
        email: `admin-${number}@postern.example`,
        role: 'Admin',
      })
    await scene.makeKey(userId, 90)
    scene.goTo(80)
    await scene.warn()
    const records = await scene.pending()
    const { write } = scene.dependencies
    const { send } = scene.ses
    const under = { writes: 0, mails: 0 }
    const most = { writes: 0, mails: 0 }
    const seen = async <T>(what: 'writes' | 'mails', work: () => Promise<T>): Promise<T> => {
      under[what] += 1
      most[what] = Math.max(most[what], under[what])
      try {
        return await work()
      } finally {
        under[what] -= 1
      }
    }
    let refused = 0
    scene.dependencies.write = (writes) =>
      seen('writes', () => {
        refused += 1
        return refused === 1 ? Promise.reject(new Error('DynamoDB is away')) : write(writes)
      })
    const allLeased = Promise.withResolvers<void>()
    scene.ses.send = (message) =>
      seen('mails', async () => {
        if (under.mails === 9) allLeased.resolve()
        await allLeased.promise
        await send(message)
      })
    // Of ten leases the first is not written, and the mail of that one follows.
    expect((await scene.deliver(records)).batchItemFailures).toHaveLength(1)
    expect(scene.mails).toHaveLength(9)
    expect(most).toEqual({ writes: 1, mails: 9 })
    expect(await scene.deliver(records)).toEqual({ batchItemFailures: [] })
    expect(scene.mails).toHaveLength(10)
    expect(new Set(recipients()).size).toBe(10)
  })

  it('is of the successor, never of an overlap', async () => {
    const { keyId } = await scene.makeKey(userId, 90)
    scene.goTo(70)
    const successor = await scene.rotate(userId, keyId, { overlapSeconds: 30 * 86_400 })
    scene.goTo(80)
    expect(await scene.warn()).toEqual({ warned: 0, left: 0 })
    scene.goTo(147)
    await scene.warn()
    expect(scene.warnings()).toMatchObject([{ keyId: successor.keyId }])
  })

  it('is not mailed when the credential is replaced or deleted before the mailer comes to it', async () => {
    const replaced = await scene.makeKey(userId, 90)
    const deleted = await scene.makeKey(userId, 90)
    scene.goTo(80)
    expect(await scene.warn()).toMatchObject({ warned: 2 })
    await scene.rotate(userId, replaced.keyId)
    await deleteCredential(scene.manage, scene.admin, { userId, keyId: deleted.keyId }, origin)
    expect(await scene.deliverPending()).toEqual({ batchItemFailures: [] })
    expect(scene.mails).toEqual([])
    expect(await scene.itemsOfKind('notice')).toEqual([])
    const skipped = scene.logged.filter(({ event }) => event === 'notice_skipped')
    expect(skipped.map(({ keyId }) => keyId).toSorted()).toEqual([replaced.keyId, deleted.keyId].toSorted())
    for (const entry of skipped) expect(entry).toMatchObject({ reason: 'credential_changed', userId })
  })

  it('believes the credential, not the entry that leads to it', async () => {
    const { keyId } = await scene.makeKey(userId, 90)
    const [entry] = await scene.itemsOfKind('expiry-entry')
    await deleteCredential(scene.manage, scene.admin, { userId, keyId }, origin)
    await writeTransaction(scene.table, [
      put<typeof StoredExpiryEntry>('left behind', StoredExpiryEntry.parse(entry)),
    ])
    scene.goTo(80)
    expect(await scene.warn()).toEqual({ warned: 0, left: 0 })
  })

  it('loses to a rotation that comes between reading and writing', async () => {
    const { keyId } = await scene.makeKey(userId, 90)
    scene.goTo(80)
    const warned = await scene.warn({
      readAdministrators: async (organizationId) => {
        await scene.rotate(userId, keyId)
        return await scene.worker.readAdministrators(organizationId)
      },
    })
    expect(warned).toEqual({ warned: 0, left: 0 })
    expect(await scene.pending()).toEqual([])
  })

  it('waits while the user is disabled, and while the organization wants none', async () => {
    await scene.makeKey(userId, 90)
    scene.goTo(80)
    await change(userId, { status: 'disabled' })
    expect(await scene.warn()).toMatchObject({ warned: 0 })
    await change(userId, { status: 'active' })
    const off = await changeOrganization(scene.manage, scene.admin, { expiryWarningDays: 0 }, origin)
    expect(await scene.warn()).toMatchObject({ warned: 0 })
    const admin = { ...scene.admin, snapshot: { ...scene.admin.snapshot, organization: off } }
    await changeOrganization(scene.manage, admin, { expiryWarningDays: 5 }, origin)
    expect(await scene.warn()).toMatchObject({ warned: 0 })
    scene.goTo(85)
    expect(await scene.warn()).toMatchObject({ warned: 1 })
  })

  it('goes once to an address that several share, and to ten administrators at most', async () => {
    for (let number = 10; number < 22; number += 1)
      await makeVerified({
        username: `admin-${number}`,
        email: number === 10 ? 'OPS@partner.example' : `admin-${number}@postern.example`,
        role: 'Admin',
      })
    await makeVerified({ username: 'a-reader', email: 'reader@postern.example', role: 'Read Only' })
    const gone = await makeVerified({ username: 'a-gone', email: 'gone@postern.example', role: 'Admin' })
    await change(gone.userId, { status: 'disabled' })
    await scene.makeUser({ username: 'a-silent', role: 'Admin' })
    await scene.makeKey(userId, 90)
    scene.goTo(80)
    await scene.warn()
    await scene.deliverPending()
    const told = [11, 12, 13, 14, 15, 16, 17, 18].map((number) => `admin-${number}@postern.example`)
    expect(recipients()).toEqual(['admin@postern.example', ...told, 'ops@partner.example'].toSorted())
  })

  it('goes to nobody at an address that is not verified, and they take nobody’s place (R10)', async () => {
    for (let number = 10; number < 22; number += 1)
      await scene.makeUser({ username: `a-${number}`, email: `a-${number}@postern.example`, role: 'Admin' })
    await scene.makeUser({ username: 'a-namesake', email: 'admin@postern.example', role: 'Admin' })
    const owner = await scene.makeUser({ username: 'owner', email: 'owner@partner.example' })
    const { keyId } = await scene.makeKey(owner.userId, 90)
    scene.goTo(80)
    await scene.warn()
    await scene.deliverPending()
    expect(recipients()).toEqual(['admin@postern.example'])
    const { organizationId } = scene.admin.subject.organization
    const skipped = scene.logged.filter(({ event }) => event === 'notice_skipped')
    const reason = 'address_unverified'
    expect(skipped).toEqual([
      { event: 'notice_skipped', reason, organizationId, userId: owner.userId, keyId },
    ])
  })

  it('does not go to an address that was changed between the worker and the mailer (R10)', async () => {
    await scene.makeKey(userId, 90)
    scene.goTo(80)
    await scene.warn()
    await change(userId, { email: 'stranger@evil.example' })
    await scene.deliverPending()
    expect(recipients()).toEqual(['admin@postern.example'])
    const skipped = scene.logged.filter(({ event }) => event === 'notice_skipped')
    expect(skipped).toMatchObject([{ reason: 'address_unverified', userId }])
  })

  it('with nobody to mail is left in the log, once', async () => {
    const { userId: silent } = await scene.makeUser({ username: 'silent' })
    await change(scene.admin.subject.userId, { email: null })
    await scene.makeKey(silent, 90)
    scene.goTo(80)
    expect(await scene.warn()).toMatchObject({ warned: 1 })
    expect(await scene.warn()).toMatchObject({ warned: 0 })
    expect(scene.warnings()).toMatchObject([{ userId: silent, reason: 'nobody_to_mail' }])
    expect(await scene.pending()).toEqual([])
  })
})
