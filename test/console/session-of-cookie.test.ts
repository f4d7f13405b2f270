import { describe, expect, it } from 'vitest'
import { endsOf, openConsoleSession } from '../../lib/console/console-session.ts'
import { clearedCookie, cookieWith, newCookieSecret, secretIn } from '../../lib/console/session-cookie.ts'
import { hasEnded, idleEnd } from '../../lib/console/stored-console-session.ts'
import { hashSecret } from '../../lib/secrets/secret-hash.ts'
import { place, storedUser } from '../identity/sample-place.ts'

const issuer = 'https://postern.example'
const laptop = 'http://localhost:4000'
const zeros = (size: number) => new Uint8Array(size)
const owner = { userId: 'usr_0123456789abcdef', sessionId: 'ses_0123456789abcdefghij' } as const
const secret = newCookieSecret(owner, zeros)
const attributes = 'Path=/; HttpOnly; SameSite=Strict'

describe('the cookie of a session', () => {
  it('is of this host and https alone, and on a laptop of this host', () => {
    expect(cookieWith(issuer, secret)).toBe(`__Host-postern=${secret}; ${attributes}; Secure`)
    expect(cookieWith(laptop, secret)).toBe(`postern=${secret}; ${attributes}`)
    expect(clearedCookie(issuer)).toBe(`__Host-postern=; ${attributes}; Secure; Max-Age=0`)
    expect(clearedCookie(laptop)).toBe(`postern=; ${attributes}; Max-Age=0`)
  })

  it('names the user and the session, which its secret alone does not prove', () => {
    expect(secret).toMatch(/^pst_s0123456789abcdef0123456789abcdefghij_0{43}[0-9A-Za-z]{6}$/)
    expect(secretIn(issuer, ['a=b', `__Host-postern=${secret}`])).toEqual({ ...owner, secret })
    expect(secretIn(laptop, [`postern=${secret}`])).toEqual({ ...owner, secret })
  })

  it.each([
    ['no cookie', []],
    ['another name', [`postern=${secret}`]],
    ['a name that ends alike', [`x__Host-postern=${secret}`]],
    ['two of them', [`__Host-postern=${secret}`, `__Host-postern=${secret}`]],
    ['nothing', ['__Host-postern=']],
    ['a blank in front', [`__Host-postern= ${secret}`]],
    ['a wrong checksum', [`__Host-postern=${secret.slice(0, -1)}${secret.endsWith('0') ? '1' : '0'}`]],
    ['a shorter user', [`__Host-postern=${newCookieSecret({ ...owner, userId: 'usr_1' }, zeros)}`]],
    ['a secret of another kind', [`__Host-postern=${secret.replace('pst_s', 'pst_t')}`]],
  ])('is none with %s', (_what, cookies) => {
    expect(secretIn(issuer, cookies)).toBeUndefined()
  })
})

describe('a session of the console', () => {
  const now = Date.parse('2026-11-22T10:00:00.789Z')
  const member = { user: storedUser(), membership: place() }
  const open = (state: 'signed-in' | 'second-factor' | 'enroll-second-factor') =>
    openConsoleSession({ issuer, now: () => now, randomBytes: zeros }, member, state, {
      address: '203.0.113.7',
      userAgent: 'x'.repeat(257),
    })

  it('keeps the hash of its secret, where it was opened, and what ends it', () => {
    const { session, cookie, write } = open('signed-in')
    const [, opened = ''] = /^__Host-postern=([^;]+);/.exec(cookie) ?? []
    expect(session).toEqual({
      pk: 'USER#usr_1',
      sk: 'CONSOLE#ses_00000000000000000000',
      kind: 'console-session',
      sessionId: 'ses_00000000000000000000',
      userId: 'usr_1',
      organizationId: 'org_1',
      secretHash: hashSecret(opened),
      state: 'signed-in',
      epoch: '3.plc_1.5',
      address: '203.0.113.7',
      userAgent: 'x'.repeat(256),
      startedAt: '2026-11-22T10:00:00.789Z',
      endsAtSeconds: Date.parse('2026-11-22T22:00:00Z') / 1000,
      expiresAtSeconds: Date.parse('2026-11-22T10:30:00Z') / 1000,
    })
    expect(write).toMatchObject({ label: 'console-session', put: session })
  })

  it('ends after 12 hours, after half an hour without use, and ten minutes after a password alone', () => {
    expect(endsOf(open('signed-in').session)).toEqual({
      sessionEndsAt: '2026-11-22T22:00:00.000Z',
      idleEndsAt: '2026-11-22T10:30:00.000Z',
    })
    for (const state of ['second-factor', 'enroll-second-factor'] as const)
      expect(endsOf(open(state).session)).toEqual({
        sessionEndsAt: '2026-11-22T10:10:00.000Z',
        idleEndsAt: '2026-11-22T10:10:00.000Z',
      })
    expect([idleEnd(10_000, 1000), idleEnd(2000, 1000)]).toEqual([2800, 2000])
  })

  it('has ended at its end, to the millisecond', () => {
    const { session } = open('second-factor')
    const end = session.expiresAtSeconds * 1000
    expect([end - 1, end, end + 1].map((at) => hasEnded(session, at))).toEqual([false, true, true])
  })
})
