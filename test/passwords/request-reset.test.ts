import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { sourceOf } from '../../lib/limits/source.ts'
import { resetPerLogin, resetPerSource, throttleSubject, windowAt } from '../../lib/limits/throttle-rule.ts'
import { ResetRequestBody } from '../../lib/passwords/password-reset-endpoints.ts'
import { requestReset } from '../../lib/passwords/request-reset.ts'
import { keys } from '../../lib/table/keys.ts'
import { refusalCode } from '../contract/refusal-code.ts'
import { putAnything } from '../table/put-anything.ts'
import type { Scene } from './reset-scene.ts'
import { makeScene } from './reset-scene.ts'

let scene: Scene
beforeAll(async () => {
  scene = await makeScene()
  await scene.makeUser({ username: 'partner-42', email: 'ops@partner.example' })
  await scene.makeUser({ username: 'disabled', email: 'disabled@partner.example', status: 'disabled' })
})

const askedBefore = async (attempts: number, address: string): Promise<void> => {
  const { startSeconds } = windowAt(resetPerSource, scene.clock.milliseconds)
  const key = keys.throttle(throttleSubject(resetPerSource, sourceOf(address)), startSeconds)
  await scene.dependencies.write([putAnything('throttle', { ...key, attempts })])
}

describe('asking for a reset', () => {
  beforeEach(async () => {
    await scene.deliverPending()
    scene.clock.milliseconds += 3_600_000
  })

  it('writes the same items for a known, an unknown, a disabled and an impossible login (R1)', async () => {
    const shapes: string[] = []
    for (const login of ['partner-42', 'nobody-42', 'disabled', 'p\u0430rtner-42', "x' OR 1=1 --"]) {
      const before = new Set((await scene.items()).map((item) => `${item['pk']} ${item['sk']}`))
      await scene.ask(login)
      const written = (await scene.items()).filter((item) => !before.has(`${item['pk']} ${item['sk']}`))
      shapes.push(
        written
          .map((item) => `${item['kind']}: ${Object.keys(item).sort().join(',')}`)
          .filter((shape) => shape.startsWith('reset-request'))
          .join('; '),
      )
    }
    expect(new Set(shapes).size).toBe(1)
    expect(shapes[0]).toContain('reset-request')
  })

  it('uses three storage calls for every login, none of which reads (R1)', async () => {
    const calls: string[] = []
    const dependencies = {
      now: () => 0,
      countAttempt: async () => {
        calls.push('count')
        return 1
      },
      putRequest: async () => void calls.push('put'),
    }
    for (const login of ['partner-42', 'nobody'])
      await requestReset(dependencies, { login }, { address: '', requestId: '' })
    expect(calls).toEqual(['count', 'count', 'put', 'count', 'count', 'put'])
  })

  it('drops what is asked for one login too often, with the usual answer (R8)', async () => {
    const asked = await Promise.all(
      Array.from({ length: resetPerLogin.attempts + 5 }, (_, index) =>
        refusalCode(scene.ask(index % 2 === 0 ? 'Partner-42' : 'PARTNER-42', `192.0.2.${index}`)),
      ),
    )
    expect(new Set(asked)).toEqual(new Set(['ok']))
    expect(await scene.itemsOfKind('reset-request')).toHaveLength(resetPerLogin.attempts)
  })

  it('stops a source that asks too often, and no other (R8)', async () => {
    await askedBefore(resetPerSource.attempts - 5, '2001:db8::1')
    const codes = await Promise.all(
      Array.from({ length: 10 }, (_, index) => refusalCode(scene.ask(`login-${index}`, '2001:db8::1'))),
    )
    expect(codes.filter((code) => code === 'too_many_requests')).toHaveLength(5)
    expect(await refusalCode(scene.ask('login-x', '2001:db8:0:0:ffff::9')), 'the same /64').toBe(
      'too_many_requests',
    )
    expect(await refusalCode(scene.ask('login-x', '2001:db8:1::1'))).toBe('ok')
  })

  it('does not let a stopped source use up what others may ask for the same login (R8)', async () => {
    await askedBefore(resetPerSource.attempts, '198.51.100.1')
    for (let index = 0; index <= resetPerLogin.attempts; index += 1)
      expect(await refusalCode(scene.ask('victim', '198.51.100.1'))).toBe('too_many_requests')
    await scene.ask('victim', '198.51.100.2')
    const requests = await scene.itemsOfKind('reset-request')
    expect(requests.filter((item) => item['login'] === 'victim')).toHaveLength(1)
  })
})

describe('the contract of the request', () => {
  it.each([
    [['ops@partner.example', 'evil@evil.example']],
    [{ $ne: null }],
    [{ email: 'ops@partner.example' }],
    ['ops@partner.example\r\nBcc: evil@evil.example'],
    ['ops@partner.example\n'],
    ['ops@partner.example\u2028evil@evil.example'],
    ['\u0000'],
    ['\ud800'],
    [''],
    ['x'.repeat(255)],
    [null],
    [42],
    [true],
  ])('refuses %j as a login (R3)', (login) => {
    expect(ResetRequestBody.safeParse({ login }).success).toBe(false)
  })

  it('refuses any other field, a link of the caller above all (R2)', () => {
    for (const field of ['url', 'redirect', 'host', 'email'])
      expect(ResetRequestBody.safeParse({ login: 'a', [field]: 'https://evil.example' }).success).toBe(false)
  })
})
