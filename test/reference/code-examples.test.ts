import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Endpoint } from '../../lib/contract/endpoint.ts'
import { problems } from '../../lib/contract/problem.ts'
import { exampleCredential } from '../../lib/credentials/credential-shape.ts'
import { endpoints } from '../../lib/reference/endpoints.ts'
import { buildOpenApi, documentedPath } from '../../lib/reference/openapi/openapi.ts'
import { exampleRequest } from '../../lib/reference/page/code/example-request.ts'
import { languages } from '../../lib/reference/page/code/languages.ts'
import { uidOf } from '../../lib/users/new-user.ts'
import { exampleUser } from '../../lib/users/user-shape.ts'
import { everyEndpoint } from './every-endpoint.ts'

/** What a program really sends, as a server receives it. */
type Received = {
  readonly method: string
  readonly path: string
  readonly query: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
}

/** Only pages of the console make the others. */
const shown = endpoints.filter(({ tag }) => tag !== 'console')

const environment = {
  POSTERN_TOKEN: 'pst_of_the_reader',
  POSTERN_KEY_ID: 'key_of_the_reader',
  POSTERN_KEY_SECRET: 'its secret',
}

const meaningful = ['authorization', 'content-type', 'idempotency-key', 'if-match'] as const

const readRequest = async (request: IncomingMessage): Promise<Received> => {
  const { pathname, search } = new URL(request.url ?? '', 'http://x')
  const body = await text(request)
  const type = request.headers['content-type'] ?? ''
  const headers = meaningful.flatMap((name) => {
    const value = request.headers[name]
    return typeof value === 'string' ? [[name, value.replace(/;.*/, '')] as const] : []
  })
  const { accept = '*/*' } = request.headers
  return {
    method: request.method ?? '',
    path: pathname,
    query: search.slice(1),
    headers: Object.fromEntries([...headers, ...(accept === '*/*' ? [] : [['accept', accept] as const])]),
    body:
      body === ''
        ? null
        : type.includes('json')
          ? JSON.parse(body)
          : Object.fromEntries(new URLSearchParams(body)),
  }
}

let received: Received[] = []
const server = createServer((request, response) => {
  void readRequest(request).then((got) => {
    received.push(got)
    response.setHeader('content-type', 'application/json').end('{}')
  })
})
beforeAll(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening')
})
afterAll(() => {
  server.close()
})

const builtFor = (port: number) => buildOpenApi({ endpoints, problems, origin: `http://127.0.0.1:${port}` })
let built: ReturnType<typeof builtFor> | undefined

const codeIn = (name: string) => {
  built ??= builtFor((server.address() as AddressInfo).port)
  const document = built
  const language = languages.find((candidate) => candidate.name === name)
  return shown.map((endpoint) => {
    const { method } = endpoint
    const path = documentedPath(endpoint)
    const operation = document.paths[path]?.[method.toLowerCase()]
    if (operation === undefined || language === undefined) throw new Error(`${method} ${path} is missing`)
    return language.write(exampleRequest(document, method.toLowerCase(), path, operation))
  })
}

const run = async (program: string, args: readonly string[], input: string) => {
  const child = spawn(program, args, {
    env: { ...process.env, ...environment },
    stdio: ['pipe', 'ignore', 'pipe'],
  })
  child.stdin.end(input)
  const complaint = await text(child.stderr)
  expect(complaint).toBe('')
}

const AsyncFunction = (async () => undefined).constructor as new (
  ...args: string[]
) => (...given: unknown[]) => Promise<void>

const runs: Readonly<Record<string, (codes: readonly string[]) => Promise<void>>> = {
  curl: (codes) => run('sh', ['-s'], `curl() { command curl -sS "$@"; }\n${codes.join('\n')}`),
  typescript: async (codes) => {
    for (const code of codes)
      await new AsyncFunction('process', 'console', code)({ env: environment }, { log: () => undefined })
  },
  python: (codes) =>
    run(
      'python3',
      ['-c', 'import json, sys\nfor code in json.load(sys.stdin): exec(code, {})'],
      JSON.stringify(codes),
    ),
}

const sentBy = async (name: string): Promise<Received[]> => {
  received = []
  await runs[name]?.(codeIn(name))
  return received
}

let byTypescript: Promise<Received[]> | undefined
const sentByTypescript = () => {
  byTypescript ??= sentBy('typescript')
  return byTypescript
}

/** These two programs are the reader's; the suite does without them. */
const isMissing = (program: string): boolean => spawnSync(program, ['--version']).error !== undefined

/** What the scene has not, and how the API refuses an example for that. */
const lacking: Readonly<Record<string, readonly [status: number, reason: string]>> = {
  confirmMembership: [404, 'is not suspended'],
  acceptOwnInvitation: [404, 'not_found'],
  leaveOrganization: [404, 'not_found'],
  acceptInvitation: [400, 'invitation_invalid'],
  submitInvitationPage: [400, 'invitation'],
  confirmPasswordReset: [400, 'reset_token_invalid'],
  submitPasswordResetPage: [400, 'link'],
  login: [401, 'invalid_credentials'],
  challengeOwnPasskey: [404, 'no passkey'],
  proveIdentity: [400, 'current_password_wrong'],
  beginSecondFactor: [403, 'proof_required'],
  addSecondFactor: [404, 'not_found'],
  renameSecondFactor: [404, 'not_found'],
  removeSecondFactor: [403, 'proof_required'],
  makeRecoveryCodes: [403, 'proof_required'],
  getRefusedProviderList: [404, 'No refused list'],
  acceptProviderList: [404, 'No refused list'],
  getDecision: [404, 'not_found'],
  createApi: [409, 'name_taken'],
  createOrganization: [409, 'username_taken'],
  changeTykPassword: [403, 'another user'],
  deleteSection: [409, 'in_use'],
  deleteApi: [409, 'in_use'],
  // The account groups and roles of ThousandEyes' own documentation.
  createThousandEyesUser: [400, 'not an account group'],
  createThousandEyesUserV6: [400, 'not an account group'],
  createThousandEyesUserJson: [400, 'not an account group'],
  changeThousandEyesUser: [400, 'not an account group'],
  changeThousandEyesUserV6: [400, 'not an account group'],
  changeThousandEyesUserJson: [400, 'not an account group'],
}

const changesItsScene = ['changeCredential', 'changeOrganization', 'replaceLogo', 'changeApi', 'handOverApi']

/** Changes after everything that they would change, deletions last and from the inside outwards. */
const turnOf = ({ method, path, operationId }: Endpoint): number => {
  if (operationId === 'logout') return -3
  // Before the credential that asks is rotated and deleted.
  if (path.startsWith('/v1/users/me/second-factors')) return -2
  if (path.startsWith('/v1/users/me/')) return -1
  if (method === 'DELETE') return 100 - path.split('/').length
  return changesItsScene.includes(operationId) ? 1 : 0
}

const exampleUid = '4826137205118431'

/** An organization with what the examples name, and a way to send them to it. */
const exampleScene = async () => {
  const { scene, params, user: somebodyElse } = await everyEndpoint(['directory', 'byTime'])
  const somebody = somebodyElse.userId
  const asAdmin = { authorization: `Bearer ${scene.first.token}` }
  const asked = async (method: string, path: string, json: unknown) => {
    const answer = await scene.call(method, path, { ...asAdmin, json })
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.text}`)
    return answer.body as Record<string, Record<string, string>>
  }
  const { user, token } = await scene.make({ username: 'reader', password: 'the old passphrase' })
  const [ownToken] = await scene.dependencies.readCredentials(user.userId)
  const { credential: key } = await asked('POST', `/v1/users/${user.userId}/keys`, { name: 'k', kind: 'key' })
  const basic = `Basic ${Buffer.from(`${key?.['keyId']}:${key?.['secret']}`).toString('base64')}`
  const { body: issued } = await scene.call('POST', '/oauth/token', {
    authorization: basic,
    form: { grant_type: 'client_credentials' },
  })
  const session = String(issued['access_token'])
  const binding = await asked('POST', '/v1/apis/shop/gateways', {
    gatewayId: 'onemore',
    stage: 'a',
    basePath: '/',
  })

  let made = 0
  /** As the example of a change has seen it. */
  const userAtVersion2 = async () => {
    const { user: fresh } = await scene.make({ username: `used-up-${++made}` })
    await asked('PATCH', `/v1/users/${fresh.userId}`, { description: 'changed' })
    return fresh
  }

  return async ({ method, path, query, headers: sent, body }: Received) => {
    const isOwn = path.startsWith('/v1/users/me/')
    const isDropIn = /^\/(?:api|v6|users)\/.*(?:usr_|\d{9})/.test(path)
    const endsUser =
      method !== 'GET' && (isDropIn || (method === 'PATCH' && /^\/v1\/users\/usr_\w+$/.test(path)))
    const used = endsUser ? (await userAtVersion2()).userId : somebody
    const changesApi = method !== 'DELETE' && /^\/v1\/apis\/shop(?:\/owner)?$/.test(path)
    const realOf: Readonly<Record<string, string>> = {
      [exampleUser.userId]: used,
      [exampleCredential.keyId]: (isOwn ? ownToken?.keyId : params['keyId']) ?? '',
      vnd_4k2m9x7q1w8e: params['vendorId'] ?? '',
      gwb_4k2m9x7q1w8e: binding['gateway']?.['bindingId'] ?? '',
      org_z9y8x7w6v5: scene.second.organizationId,
      'eyJ…': session,
      '/1001': `/${params['roleId']}`,
      '"roleId":1001': `"roleId":${params['roleId']}`,
      '/1000': `/${params['aid']}`,
      '"aid":1000': `"aid":${params['aid']}`,
      [exampleUid]: String(uidOf(used)),
      ...(changesApi ? { '/apis/shop': `/apis/${scene.apiIds.ledger}` } : {}),
    }
    const real = (example: string): string =>
      example.replaceAll(new RegExp(Object.keys(realOf).join('|'), 'g'), (shown) => realOf[shown] ?? shown)
    const { authorization, 'content-type': mediaType, ...headers } = sent
    const bearer = path === '/v1/auth/logout' ? session : isOwn ? token : scene.first.token
    const credential = authorization?.startsWith('Basic') ? basic : `Bearer ${bearer}`
    const there = body === null ? null : JSON.parse(real(JSON.stringify(body)))
    // These things have another history here than in the example.
    if (/\/(?:roles|account-groups|sections|shares)\//.test(path)) delete there?.version
    return scene.call(method, real(path), {
      ...(authorization === undefined ? {} : { authorization: credential }),
      ...(there === null ? {} : mediaType === 'application/json' ? { json: there } : { form: there }),
      headers,
      query,
    })
  }
}

describe('the code of the reference', () => {
  it('sends one request for each endpoint', async () => {
    expect(await sentByTypescript()).toHaveLength(shown.length)
  })

  it.skipIf(isMissing('curl'))('sends the same requests by curl', async () => {
    const expected = await sentByTypescript()
    expect(await sentBy('curl')).toEqual(expected)
  })

  it.skipIf(isMissing('python3'))('sends the same requests in Python', async () => {
    const expected = await sentByTypescript()
    expect(await sentBy('python')).toEqual(expected)
  })

  it('asks for what the API does', async () => {
    const sent = await sentByTypescript()
    const send = await exampleScene()
    const answers = shown
      .map((endpoint, index) => ({ endpoint, request: sent[index], turn: turnOf(endpoint) }))
      .sort((one, other) => one.turn - other.turn)
    for (const { endpoint, request } of answers) {
      if (request === undefined) throw new Error('nothing was sent')
      const { status, text: answered } = await send(request)
      const [expected, reason] = lacking[endpoint.operationId] ?? [endpoint.response.status, '']
      expect({ status, answered }, endpoint.operationId).toEqual({
        status: expected,
        answered: expect.stringContaining(reason),
      })
      if (endpoint.batch !== undefined) expect(answered, endpoint.operationId).not.toContain('"problem"')
    }
  })
})
