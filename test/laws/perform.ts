import { createHash } from 'node:crypto'
import * as z from 'zod'
import type { Answer } from './answer.ts'
import { succeeded } from './answer.ts'
import type { Operation } from './operation.ts'
import type { HttpRequest } from './request.ts'
import { requestOf } from './request.ts'
import type { System } from './system.ts'
import type { World } from './world.ts'

/** How each proof is presented. No part of the world, which is printed and compared. */
type Secret =
  | { readonly kind: 'bearer'; readonly text: string }
  | { readonly kind: 'key'; readonly keyId: string; readonly text: string }

export type Secrets = Map<string, Secret>

export const authorizationOf = (secret: Secret | undefined): string => {
  if (secret === undefined) return 'Bearer pst_unknown'
  if (secret.kind === 'bearer') return `Bearer ${secret.text}`
  return `Basic ${Buffer.from(`${secret.keyId}:${secret.text}`).toString('base64')}`
}

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

export type Move = {
  readonly operation: Operation
  readonly callerId: string | null
  /** `aid` in the query. */
  readonly aid: number | null
}

export type Stage = {
  readonly system: System
  readonly secrets: Secrets
  /** A name for the session that a call may open. */
  readonly nextName: (what: string) => string
}

const NewCredential = z.object({
  credential: z.object({
    keyId: z.string(),
    kind: z.enum(['key', 'token']),
    secret: z.string().optional(),
    token: z.string().optional(),
  }),
})
const LoggedIn = z.object({ accessToken: z.string() })
const Issued = z.object({ access_token: z.string() })

const queryOf = (given: Readonly<Record<string, string | null>>): string =>
  Object.entries(given)
    .flatMap(([name, value]) => (value === null ? [] : [`${name}=${value}`]))
    .join('&')

const keepCredential = (secrets: Secrets, answer: Answer, operation: Operation): void => {
  const made = NewCredential.safeParse(answer.body).data?.credential
  if (made === undefined) return
  const imported = operation.kind === 'import-credential' ? operation.token : undefined
  const bearer = made.token ?? imported
  if (bearer !== undefined) secrets.set(made.keyId, { kind: 'bearer', text: bearer })
  else if (made.secret !== undefined)
    secrets.set(made.keyId, { kind: 'key', keyId: made.keyId, text: made.secret })
}

const keepSession = (stage: Stage, answer: Answer, text: string | undefined): Answer => {
  if (!succeeded(answer) || text === undefined) return answer
  // A client that asks again can get the same session.
  const known = [...stage.secrets].find(([, secret]) => secret.text === text)?.[0]
  const session = known ?? stage.nextName('session')
  stage.secrets.set(session, { kind: 'bearer', text })
  return { ...answer, session }
}

/** Makes the call, and keeps what it showed once. */
export const perform = async (stage: Stage, world: World, move: Move): Promise<Answer> => {
  const { operation } = move
  const { secrets } = stage
  const request = requestOf(operation)
  if (request !== undefined) {
    const answer = await performRequest(stage, move, request)
    if (succeeded(answer)) keepCredential(secrets, answer, operation)
    return answer
  }
  switch (operation.kind) {
    case 'log-in':
      return logIn(stage, world, operation)
    case 'reset-password':
      return resetPassword(stage, world, operation)
    default:
      return performOAuth(stage, world, move)
  }
}

const performRequest = async (
  { system, secrets }: Stage,
  { operation, callerId, aid }: Move,
  request: HttpRequest,
): Promise<Answer> => {
  const authorization = callerId === null ? undefined : authorizationOf(secrets.get(callerId))
  const inGroup = aid === null ? null : String(aid)
  const send = (dryRun: string | null) =>
    system.call({ ...request, query: queryOf({ aid: inGroup, dryRun }), authorization })
  const isRehearsed = 'rehearse' in operation && operation.rehearse
  const rehearsed = isRehearsed ? (await send('true')).status : undefined
  const answer = { ...(await send(null)), rehearsed }
  const isDropIn = operation.kind === 'tyk-user' || operation.kind === 'thousandeyes-user'
  if (!isDropIn || !succeeded(answer)) return answer
  const { userId, keyId } = await system.idsOf(operation.email)
  const token = answer.headers['postern-access-token']
  if (token === undefined) return { ...answer, userId }
  secrets.set(keyId, { kind: 'bearer', text: token })
  return { ...answer, userId, session: keyId }
}

const logIn = async (
  stage: Stage,
  world: World,
  operation: Extract<Operation, { kind: 'log-in' }>,
): Promise<Answer> => {
  const { username, password, organizationId, audience } = operation
  const isHome = world.users[operation.userId]?.home === organizationId
  const body = {
    username,
    password,
    ...(isHome ? {} : { organizationId }),
    ...(audience === null ? {} : { audience: world.apis[audience]?.audience ?? audience }),
  }
  const answer = await stage.system.call({ method: 'POST', path: '/v1/auth/login', body })
  return keepSession(stage, answer, LoggedIn.safeParse(answer.body).data?.accessToken)
}

const performOAuth = async (stage: Stage, world: World, { operation, callerId }: Move): Promise<Answer> => {
  const { system, secrets } = stage
  const post = (path: string, form: Record<string, string>, authorization?: string) =>
    system.call({ method: 'POST', path, form, authorization })
  const textOf = (proofId: string): string => secrets.get(proofId)?.text ?? 'pst_unknown'
  if (operation.kind === 'client-credentials') {
    const { keyId, audience } = operation
    const resource = audience === null ? {} : { resource: world.apis[audience]?.audience ?? audience }
    const form = { grant_type: 'client_credentials', ...resource }
    const answer = await post('/oauth/token', form, authorizationOf(secrets.get(keyId)))
    return keepSession(stage, answer, Issued.safeParse(answer.body).data?.access_token)
  }
  if (operation.kind === 'act-as') {
    const form = {
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: textOf(callerId ?? ''),
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      requested_subject: operation.named,
    }
    const answer = await post('/oauth/token', form)
    return keepSession(stage, answer, Issued.safeParse(answer.body).data?.access_token)
  }
  if (operation.kind === 'revoke') {
    const client = authorizationOf(secrets.get(operation.clientKeyId))
    return post('/oauth/revoke', { token: textOf(operation.proofId) }, client)
  }
  throw new Error(`nobody knows how to ${operation.kind}`)
}

/** Asks for a link, takes it out of the mail, and uses it twice: the second time it must be dead. */
const resetPassword = async (
  { system }: Stage,
  world: World,
  { userId, username, password }: Extract<Operation, { kind: 'reset-password' }>,
): Promise<Answer> => {
  const since = system.mailCount()
  await system.call({ method: 'POST', path: '/v1/password-resets', body: { login: username } })
  await system.deliverMail()
  const token = system.mailedToken(world.users[userId]?.email ?? '', since)
  if (token === undefined) return { status: 404, body: 'no mail', headers: {} }
  const confirm = (newPassword: string) =>
    system.call({
      method: 'POST',
      path: '/v1/password-resets/confirm',
      body: { token, newPassword, confirmPassword: newPassword },
    })
  const answer = await confirm(password)
  const again = await confirm(`${password} again`)
  if (succeeded(answer) && succeeded(again)) throw new Error('No way back: a reset link worked twice')
  return answer
}
