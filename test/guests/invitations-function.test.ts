import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { expectOpenedOften } from '../http/mailed-page.ts'
import { httpEvent } from '../passwords/http-event.ts'
import { openResetFunctions } from '../passwords/reset-functions.ts'
import type { InvitationScene } from './invitation-scene.ts'
import { makeInvitationScene } from './invitation-scene.ts'

let scene: InvitationScene
let invoke: Awaited<ReturnType<typeof openResetFunctions>>
const printed: string[] = []

beforeAll(async () => {
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => printed.push(String(text)) > 0)
  scene = await makeInvitationScene()
  scene.clock.milliseconds = Date.now()
  invoke = await openResetFunctions(scene.table)
})
afterAll(() => vi.restoreAllMocks())

const freshToken = async () => scene.mailedInvitation(await scene.makeHost('Visited & Söhne'))
const page = (method: 'GET' | 'HEAD', query: string) =>
  invoke('invitations', httpEvent({ method, path: '/invitations', query }))
const submit = (form: string, type = 'application/x-www-form-urlencoded') =>
  invoke(
    'invitations',
    httpEvent({ method: 'POST', path: '/invitations', headers: { 'content-type': type }, body: form }),
  )
const accept = (body: string) =>
  invoke('invitations', httpEvent({ method: 'POST', path: '/v1/invitations/accept', body }))

describe('the function of invitations', () => {
  it('changes nothing when the link is opened, however often and by whom (R9)', async () => {
    const token = await freshToken()
    const before = JSON.stringify(await scene.items())
    await expectOpenedOften((method) => page(method, `token=${token}&utm_source=mail`), token)
    expect(JSON.stringify(await scene.items())).toBe(before)
    expect((await accept(JSON.stringify({ token }))).statusCode).toBe(200)
  })

  it('accepts by the form of the page, once, and says where', async () => {
    const token = await freshToken()
    const done = await submit(`token=${token}`)
    expect(done.statusCode).toBe(200)
    expect(done.body).toContain('Visited &amp; Söhne')
    expect(done.body).not.toContain(token)
    const again = await submit(`token=${token}`)
    expect(again.statusCode).toBe(400)
    expect(again.body).toContain('the invitation has ended')
  })

  it.each(['', 'token=x', 'token=x&token=y', 'token=x&userId=usr_1', `token=${'x'.repeat(600)}`])(
    'answers the form %s with one and the same page',
    async (form) => {
      const reply = await submit(form)
      const other = await submit('token=pst_i')
      expect({ ...reply, headers: {} }).toEqual({ ...other, headers: {} })
      expect(reply.statusCode).toBe(400)
    },
  )

  it('takes a form as a form only', async () => {
    expect((await submit('{"token":"x"}', 'application/json')).statusCode).toBe(415)
  })

  it('answers programs with the membership, and every bad token with one refusal', async () => {
    const token = await freshToken()
    const reply = await accept(JSON.stringify({ token }))
    expect(reply.statusCode).toBe(200)
    expect(JSON.parse(reply.body ?? '')).toEqual({
      membership: {
        organizationId: expect.stringMatching(/^org_/),
        organizationName: 'Visited & Söhne',
        status: 'guest',
        invitedUntil: null,
      },
    })
    const told = (answer: typeof reply) => answer.body?.replace(/"requestId":"[^"]*"/, '')
    const [used, invented] = [await accept(JSON.stringify({ token })), await accept('{"token":"x"}')]
    expect(JSON.parse(used.body ?? '')).toMatchObject({ status: 400, code: 'invitation_invalid' })
    expect(told(used)).toBe(told(invented))
  })

  it.each(['{}', '{"token":7}', '{"token":["x"]}', '{"token":"x","userId":"usr_1"}', '{"token":""}', '[]'])(
    'refuses %s with a 400 that names the field',
    async (body) => {
      const reply = await accept(body)
      expect(JSON.parse(reply.body ?? '')).toMatchObject({ status: 400, code: 'invalid_request' })
    },
  )

  it('logs no token and no mail address (F5)', async () => {
    const token = await freshToken()
    await page('GET', `token=${token}`)
    await submit(`token=${token}&token=${token}`)
    await accept(JSON.stringify({ token }))
    const log = printed.join('\n') + JSON.stringify(scene.logged)
    expect(log).toContain('acceptInvitation')
    expect(log).not.toContain('pst_')
    expect(log).not.toContain('partner.example')
  })
})
