import { describe, expect, it } from 'vitest'
import { endsOf, openConsoleSession } from '../../lib/console/console-session.ts'
import { listOwnSessions } from '../../lib/console/list-sessions.ts'
import { endOwnSession, signOut, signOutEverywhere } from '../../lib/console/sign-out.ts'
import type { SessionState } from '../../lib/console/stored-console-session.ts'
import { noReach } from '../../lib/identity/account-group-reach.ts'
import { hashSecret } from '../../lib/secrets/secret-hash.ts'
import type { Write, WriteTransaction } from '../../lib/table/transaction.ts'
import { refusalCode } from '../contract/refusal-code.ts'
import { subject } from '../decision/sample-subject.ts'
import { admittedSnapshotIn, organizationWith } from '../functions/stored-scene.ts'
import { storedMembership, storedUser } from '../identity/sample-membership.ts'

const issuer = 'https://postern.example'
const zeros = (size: number) => new Uint8Array(size)

describe('a session of the console', () => {
  const now = Date.parse('2026-11-22T10:00:00.789Z')
  const member = { membership: storedMembership() }
  const open = (state: SessionState, user: Parameters<typeof storedUser>[0] = {}) =>
    openConsoleSession(
      { issuer, now: () => now, randomBytes: zeros },
      { ...member, user: storedUser(user) },
      state,
      { address: '203.0.113.7', userAgent: 'x'.repeat(257) },
    )

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
      epoch: '3.mem_1.5',
      tookFactor: false,
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
  })

  it('that others move meanwhile is ended all the same, at the fifth look at the latest', async () => {
    const { session } = open('signed-in')
    const { sessionId } = session
    const provenBy = { ...subject().provenBy, kind: 'session', keyId: null, sessionId } as const
    const snapshot = admittedSnapshotIn(organizationWith({}))
    const caller = { subject: subject({ provenBy }), snapshot, aid: null, reach: noReach }
    const from = { address: '203.0.113.7', requestId: 'request-1' }
    const gone = { committed: false, failed: 'console-session', found: undefined } as const
    const endAfter = (moves: number) => {
      const outcomes = Array.from({ length: moves }, () => gone)
      const write: WriteTransaction = () => Promise.resolve(outcomes.pop() ?? { committed: true })
      const readConsoleSessions = () => Promise.resolve([session])
      const dependencies = { write, readConsoleSessions, now: () => now, randomBytes: zeros }
      return refusalCode(endOwnSession(dependencies, caller, sessionId, from))
    }
    expect([await endAfter(4), await endAfter(5)]).toEqual(['ok', 'temporarily_unavailable'])
    const nobody = { write: () => Promise.resolve(gone), now: () => now, randomBytes: zeros }
    expect(await refusalCode(signOutEverywhere(nobody, caller, from))).toBe('not_found')
  })

  it('that another request moves during a sign-out is ended where it went', async () => {
    const { session, cookie } = open('signed-in', { userId: 'usr_0123456789abcdef' })
    const moved = { ...session, organizationId: 'org_2' } as const
    const written: (readonly Write[])[] = []
    await signOut(
      {
        issuer,
        write: (writes) =>
          Promise.resolve(
            written.push(writes) > 1
              ? { committed: true }
              : { committed: false, failed: 'console-session', found: undefined },
          ),
        readConsoleSession: () => Promise.resolve(session),
        readConsoleSessions: () => Promise.resolve([moved]),
        readEndedSecret: () => Promise.resolve(session.secretHash),
        readSnapshot: () => Promise.resolve(admittedSnapshotIn(organizationWith({}))),
        now: () => now,
        randomBytes: zeros,
      },
      [cookie.split(';')[0] ?? ''],
      { address: '203.0.113.7', requestId: 'request-1' },
    )
    expect(written).toHaveLength(2)
    expect(written[1]).toMatchObject([{ label: 'console-session', delete: { sk: moved.sk } }, {}, {}])
  })

  it('is listed while it is signed in, has not ended and has the epoch of its user', async () => {
    const { session } = open('signed-in')
    const stored = [
      session,
      { ...session, state: 'second-factor' as const },
      { ...session, expiresAtSeconds: now / 1000 - 1 },
      { ...session, epoch: '30.mem_1.5' },
    ]
    const caller = {
      ...{ subject: subject(), aid: null, reach: noReach },
      snapshot: { ...admittedSnapshotIn(organizationWith({})), user: storedUser() },
    }
    const dependencies = { readConsoleSessions: async () => stored, now: () => now }
    expect((await listOwnSessions(dependencies, caller)).sessions).toHaveLength(1)
  })
})
