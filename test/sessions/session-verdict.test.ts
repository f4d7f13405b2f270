import { describe, expect, it } from 'vitest'
import { DomainError } from '../../lib/effects/domain-error.ts'
import { KeyId } from '../../lib/secrets/key-id.ts'
import { looksLikeSession } from '../../lib/sessions/session-text.ts'
import { sessionVerdictReader } from '../../lib/sessions/session-verdict.ts'
import {
  actorEpoch,
  epoch,
  issuer,
  keyId,
  newTestKey,
  now,
  organizationId,
  otherUserId,
  signed,
  userId,
} from './crafted-token.ts'

const key = newTestKey()
const { text, claims } = await signed(key)

const readerWith = (changed: Partial<Parameters<typeof sessionVerdictReader>[0]> = {}) =>
  sessionVerdictReader({
    publicKeys: async () => [key],
    issuer,
    now: () => now,
    ...changed,
  })

describe('a session', () => {
  it('is told by whom, where, under which epoch and through which key it was opened', async () => {
    expect(await readerWith()(text)).toEqual({
      ok: true,
      session: {
        userId,
        organizationId,
        sessionId: claims.jti,
        keyId,
        epoch,
        audience: null,
        actor: null,
        expiresAt: claims.exp * 1000,
      },
    })
  })

  it('names the API that its token is for', async () => {
    const audience = 'https://shop.example'
    const verdict = await readerWith()((await signed(key, { audience })).text)
    expect(verdict).toMatchObject({ ok: true, session: { audience } })
  })

  it('of a password login has no key', async () => {
    const verdict = await readerWith()((await signed(key, { keyId: null })).text)
    expect(verdict).toMatchObject({ ok: true, session: { keyId: null, actor: null } })
  })

  it('of somebody who acts as the user names the actor, and the key as the actor’s, not as one of the user', async () => {
    const actorsKey = KeyId.parse(keyId.replace(userId.slice(4), otherUserId.slice(4)))
    const actor = { userId: otherUserId, epoch: actorEpoch } as const
    const verdict = await readerWith()((await signed(key, { actor, keyId: actorsKey })).text)
    expect(verdict).toMatchObject({
      ok: true,
      session: { userId, keyId: null, actor: { ...actor, keyId: actorsKey } },
    })
    const withPassword = await readerWith()((await signed(key, { actor, keyId: null })).text)
    expect(withPassword).toMatchObject({ ok: true, session: { actor: { ...actor, keyId: null } } })
  })

  it('that has expired is told from one that never held', async () => {
    const late = readerWith({ now: () => now + 900_000 })
    expect(await late(text)).toEqual({ ok: false, reason: 'session_expired' })
    expect(await readerWith({ issuer: 'https://other.example' })(text)).toEqual({
      ok: false,
      reason: 'session_invalid',
    })
  })

  it('is denied when another key signed it', async () => {
    const read = readerWith({ publicKeys: async () => [newTestKey()] })
    expect(await read(text)).toEqual({ ok: false, reason: 'session_invalid' })
  })
})

describe('the keys', () => {
  it('are asked for only when the text may be a session token', async () => {
    let fetches = 0
    const publicKeys = async () => {
      fetches += 1
      return [key]
    }
    const read = readerWith({ publicKeys })
    for (const other of ['', 'pst_x', 'a.b.c', 'eyJ', 'eyJ.a', 'eyJ.a.b.c']) {
      expect(await read(other)).toEqual({ ok: false, reason: 'session_invalid' })
    }
    expect(fetches).toBe(0)
  })

  it('are made ready once, for all tokens that they verify', async () => {
    let looks = 0
    const watched = {
      ...key,
      get key() {
        looks += 1
        return key.key
      },
    }
    const keys = [watched]
    const read = readerWith({ publicKeys: async () => keys })
    await read(text)
    const once = looks
    expect([(await read(text)).ok, looks]).toEqual([true, once])
  })

  it('may change while the container lives', async () => {
    let keys = [newTestKey()]
    const read = readerWith({ publicKeys: async () => keys })
    expect((await read(text)).ok).toBe(false)
    keys = [key]
    expect((await read(text)).ok).toBe(true)
  })

  it('that cannot be had make an error, never a pass', async () => {
    const publicKeys = async () => {
      throw new DomainError('temporarily_unavailable')
    }
    await expect(readerWith({ publicKeys })(text)).rejects.toThrow('temporarily_unavailable')
  })
})

describe('a session token is told from an opaque token', () => {
  it('by its form', () => {
    expect(looksLikeSession(text)).toBe(true)
    for (const other of ['pst_0a.b.c', 'eyJ', 'eyJ.x', 'eyJ.x.y.z', '', ' eyJ.x.y', 'EYJ.x.y']) {
      expect(looksLikeSession(other)).toBe(false)
    }
  })
})
