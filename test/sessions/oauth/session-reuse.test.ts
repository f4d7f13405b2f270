import { describe, expect, it } from 'vitest'
import type { SessionRequest } from '../../../lib/sessions/log-in.ts'
import { reuseSessions } from '../../../lib/sessions/oauth/session-reuse.ts'

const lifetimeSeconds = 900
const request: SessionRequest = {
  userId: 'usr_0123456789abcdef',
  organizationId: 'org_0123456789',
  accountGroup: null,
  epoch: '1.mem_0123456789ab.1',
  audience: null,
  keyId: 'key_a',
  lifetimeSeconds,
}
const address = '203.0.113.9'

const open = () => {
  const clock = { milliseconds: 1_000_000 }
  let signed = 0
  const { sessionFor, forget } = reuseSessions({
    issueSession: () => {
      signed += 1
      return Promise.resolve({ text: `token ${signed}`, sessionId: `ses_${signed}` })
    },
    now: () => clock.milliseconds,
  })
  return { clock, sessionFor, forget, ask: (of = request, from = address) => sessionFor(of, from) }
}

describe('a client that asks again for the same session', () => {
  it('gets the same token in the first third of its life, and is told no more than what is left of it', async () => {
    const { clock, ask } = open()
    expect(await ask()).toMatchObject({ text: 'token 1', isReused: false, expiresInSeconds: lifetimeSeconds })
    clock.milliseconds += 1
    expect(await ask()).toMatchObject({ text: 'token 1', isReused: true, expiresInSeconds: 899 })
    clock.milliseconds += 299_998
    expect(await ask()).toMatchObject({ text: 'token 1', sessionId: 'ses_1', expiresInSeconds: 600 })
    clock.milliseconds += 1
    expect(await ask()).toMatchObject({ text: 'token 2', isReused: false, expiresInSeconds: lifetimeSeconds })
    clock.milliseconds += 1
    expect(await ask()).toMatchObject({ text: 'token 2', isReused: true })
  })

  it('gets another one for whatever differs, and from another address', async () => {
    const { ask } = open()
    const others: Partial<SessionRequest>[] = [
      { userId: 'usr_another' },
      { organizationId: 'org_another' },
      { accountGroup: 3 },
      { epoch: '2.mem_0123456789ab.1' },
      { audience: 'https://shop.example' },
      { keyId: 'key_b' },
      { lifetimeSeconds: 60 },
    ]
    expect(Object.keys(request).sort()).toEqual(others.flatMap((other) => Object.keys(other)).sort())
    const texts = [(await ask()).text, (await ask(request, '203.0.113.10')).text]
    for (const other of others) texts.push((await ask({ ...request, ...other })).text)
    expect(new Set(texts).size).toBe(others.length + 2)
    expect(await ask()).toMatchObject({ text: 'token 1', isReused: true })
  })

  it('gets another one when the first is forgotten, or the clock was set back', async () => {
    const { clock, ask, forget } = open()
    await ask()
    forget(request, address)
    expect(await ask()).toMatchObject({ text: 'token 2', isReused: false })
    clock.milliseconds -= 1
    expect(await ask()).toMatchObject({ text: 'token 3', isReused: false })
  })

  it('gets another one when a thousand others came since', async () => {
    const { ask, clock } = open()
    for (let index = 0; index < 1000; index += 1) await ask({ ...request, keyId: `key_${index}` })
    expect(await ask({ ...request, keyId: 'key_0' })).toMatchObject({ isReused: true })
    await ask()
    expect(await ask({ ...request, keyId: 'key_0' })).toMatchObject({ isReused: false })
    // A token in place of an older one is not the oldest.
    clock.milliseconds += lifetimeSeconds * 1000
    await ask({ ...request, keyId: 'key_2' })
    await ask({ ...request, keyId: 'key_1' })
    expect(await ask({ ...request, keyId: 'key_2' })).toMatchObject({ isReused: true })
  })
})
