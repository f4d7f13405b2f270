import * as z from 'zod'
import type { OwnRequest } from './decide.ts'
import { apiAt } from './decide.ts'
import type { Dice } from './dice.ts'
import { isLive } from './draw.ts'
import type { Observation } from './observation.ts'
import type { Stage } from './perform.ts'
import { authorizationOf } from './perform.ts'
import type { HttpRequest } from './request.ts'
import { groupsOf, isAdministrator, isStanding } from './rights.ts'
import type { DoorRequest, Level, Proof, World } from './world.ts'
import { everyDoorRequest, managementSections } from './world.ts'

const Refusal = z.object({ code: z.string() })

const nobody = 'usr_00000000000nobody'

/** A call that changes nothing, for each right of management: it concerns what does not exist. */
const harmless: Readonly<Record<string, Readonly<Partial<Record<Level, HttpRequest>>>>> = {
  'postern-users': {
    read: { method: 'GET', path: '/v1/users', query: 'limit=1' },
    write: { method: 'PATCH', path: `/v1/users/${nobody}`, body: { description: 'x' } },
  },
  'postern-credentials': {
    read: { method: 'GET', path: `/v1/users/${nobody}/keys` },
    write: { method: 'DELETE', path: `/v1/users/${nobody}/keys/key_0` },
  },
  'postern-whitelist': {
    read: { method: 'GET', path: `/v1/users/${nobody}/whitelist` },
    write: { method: 'PUT', path: `/v1/users/${nobody}/whitelist`, body: { entries: [] } },
  },
  'postern-access': {
    read: { method: 'GET', path: '/v1/roles' },
    write: { method: 'DELETE', path: '/v1/roles/999999' },
  },
  'postern-organization': {
    read: { method: 'GET', path: '/v1/organization' },
    // Of a version that never was.
    write: { method: 'PATCH', path: '/v1/organization', body: { name: 'x', version: 999_999 } },
  },
  'postern-audit': { read: { method: 'GET', path: '/v1/audit' } },
  'postern-apis': {
    read: { method: 'GET', path: '/v1/apis' },
    write: { method: 'DELETE', path: '/v1/apis/api_0000000000nobody' },
  },
}

const ownRequests: readonly Omit<OwnRequest, 'aid'>[] = managementSections.flatMap((section) =>
  (['read', 'write'] as const).flatMap((level) =>
    harmless[section]?.[level] === undefined ? [] : [{ section, level }],
  ),
)

export const askGateway = async (
  { system, secrets }: Stage,
  proofId: string,
  request: DoorRequest,
): Promise<Observation> => {
  const decided = await system.decide(authorizationOf(secrets.get(proofId)), request)
  return { at: 'gateway', proofId, request, ...decided }
}

const askPostern = async (
  { system, secrets }: Stage,
  proofId: string,
  request: OwnRequest,
): Promise<Observation | null> => {
  const http = harmless[request.section]?.[request.level]
  if (http === undefined) return null
  const inGroup = request.aid === null ? [] : [`aid=${request.aid}`]
  const query = [...(http.query === undefined ? [] : [http.query]), ...inGroup].join('&')
  const { status, body } = await system.call({
    ...http,
    query,
    authorization: authorizationOf(secrets.get(proofId)),
  })
  if (status >= 500 || status === 429) return null
  const code = Refusal.safeParse(body).data?.code ?? ''
  return {
    at: 'postern',
    proofId,
    request,
    passed: status !== 401 && status !== 403,
    said: `${status} ${code}`,
  }
}

const askSelf = async ({ system, secrets }: Stage, proofId: string): Promise<Observation> => {
  const authorization = authorizationOf(secrets.get(proofId))
  const { status } = await system.call({ method: 'GET', path: '/v1/users/me', authorization })
  return { at: 'self', proofId, passed: status === 200 }
}

const Verified = z.object({ active: z.boolean() })

/** Any key of the organization may ask about its tokens. */
const askVerify = async (
  { system, secrets }: Stage,
  world: World,
  { proofId, organizationId }: Proof,
): Promise<Observation | null> => {
  const client = Object.values(world.proofs).find(
    (proof) => proof.kind === 'key' && proof.organizationId === organizationId && isLive(proof, world),
  )
  const token = secrets.get(proofId)
  if (client === undefined || token === undefined) return null
  const { status, body } = await system.call({
    method: 'POST',
    path: '/oauth/introspect',
    form: { token: token.text },
    authorization: authorizationOf(secrets.get(client.proofId)),
  })
  const verified = Verified.safeParse(body).data
  return status === 200 && verified ? { at: 'verify', proofId, passed: verified.active } : null
}

export const administratorsProof = (world: World, organizationId: string): Proof | undefined =>
  Object.values(world.proofs).find(
    ({ kind, state, userId, organizationId: where }) =>
      kind !== 'session' &&
      state === 'live' &&
      where === organizationId &&
      isStanding(world.users[userId], organizationId) &&
      isAdministrator(world, userId, organizationId),
  )

const Page = z.object({
  users: z.array(z.object({ userId: z.string() })),
  nextCursor: z.string().nullable(),
})
const usersOnPage = 5

/** The users of an organization, page by page; null if the list does not pass. */
const askList = async (
  { system, secrets }: Stage,
  proofId: string,
  aid: number | null,
): Promise<Observation | null> => {
  const shown: string[] = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const query = [
      `limit=${usersOnPage}`,
      ...(cursor === '' ? [] : [`cursor=${cursor}`]),
      ...(aid === null ? [] : [`aid=${aid}`]),
    ].join('&')
    const authorization = authorizationOf(secrets.get(proofId))
    const answer = await system.call({ method: 'GET', path: '/v1/users', query, authorization })
    if (answer.status === 503) throw new Error(`a page was not there: ${JSON.stringify(answer.body)}`)
    if (answer.status !== 200) return null
    const page = Page.parse(answer.body)
    shown.push(...page.users.map(({ userId }) => userId))
    cursor = page.nextCursor
  }
  return { at: 'list', proofId, shown }
}

/** The explanation of a request beside the authorizer's answer to the very same. */
const askExplain = async (
  stage: Stage,
  world: World,
  proof: Proof,
  request: DoorRequest,
): Promise<Observation | null> => {
  const asker = administratorsProof(world, proof.organizationId)
  const found = apiAt(world, request)
  if (proof.kind === 'session' || asker === undefined || found === null || !found.isBound) return null
  const { system, secrets } = stage
  const { status, body } = await system.call({
    method: 'POST',
    path: '/v1/access/explain',
    body: {
      keyId: proof.proofId,
      method: found.endpoint.method,
      path: found.endpoint.path,
      address: '203.0.113.9',
      api: found.api.apiId,
    },
    authorization: authorizationOf(secrets.get(asker.proofId)),
  })
  const isExplanation = typeof body === 'object' && body !== null && 'allowed' in body
  if (status !== 200 || !isExplanation) return null
  const { passed } = await system.decide(authorizationOf(secrets.get(proof.proofId)), request)
  return { at: 'explain', proofId: proof.proofId, request, passed: body.allowed === true, authorizer: passed }
}

/** A few questions after each step, all at once. */
export const sample = async (
  stage: Stage,
  world: World,
  dice: Dice,
  count: number,
): Promise<Observation[]> => {
  const asked = Array.from({ length: count }, (_, index): Promise<Observation | null>[] => {
    const proof = dice.pick(Object.values(world.proofs))
    const request = dice.pick(everyDoorRequest)
    const own = dice.pick(ownRequests)
    if (proof === undefined || request === undefined || own === undefined) return []
    const { proofId, organizationId } = proof
    const aid = dice.pick(groupsOf(world, organizationId)) ?? null
    const others = [
      () => askPostern(stage, proofId, { ...own, aid }),
      () => askExplain(stage, world, proof, request),
      () => askSelf(stage, proofId),
      () => askVerify(stage, world, proof),
      () => askList(stage, proofId, aid),
    ]
    const other = others[(index + dice.next(others.length)) % others.length]
    return [askGateway(stage, proofId, request), ...(other === undefined ? [] : [other()])]
  })
  const observations = await Promise.all(asked.flat())
  return observations.filter((observation) => observation !== null)
}

const atOnce = 8

const roundRobin = async <Question, Found>(
  questions: readonly Question[],
  ask: (question: Question) => Promise<Found>,
): Promise<Found[]> => {
  const found: Found[] = []
  for (let from = 0; from < questions.length; from += atOnce)
    found.push(...(await Promise.all(questions.slice(from, from + atOnce).map(ask))))
  return found
}

type Question =
  | { readonly at: 'gateway'; readonly proofId: string; readonly request: DoorRequest }
  | { readonly at: 'postern'; readonly proofId: string; readonly request: OwnRequest }
  | { readonly at: 'self'; readonly proofId: string }

/** Every request with every proof. An ended one must be refused everywhere, so it is asked one of each kind only. */
const questionsOf = (world: World, { proofId, state, organizationId }: Proof, dice: Dice): Question[] => {
  const aid = dice.pick(groupsOf(world, organizationId)) ?? null
  const gateway = everyDoorRequest.map((request): Question => ({ at: 'gateway', proofId, request }))
  const postern = ownRequests.map(
    (request): Question => ({ at: 'postern', proofId, request: { ...request, aid } }),
  )
  const self: Question = { at: 'self', proofId }
  return state === 'ended'
    ? [...gateway.slice(0, 1), ...postern.slice(0, 1), self]
    : [...gateway, ...postern, self]
}

const ask = (stage: Stage, question: Question): Promise<Observation | null> => {
  switch (question.at) {
    case 'gateway':
      return askGateway(stage, question.proofId, question.request)
    case 'postern':
      return askPostern(stage, question.proofId, question.request)
    case 'self':
      return askSelf(stage, question.proofId)
  }
}

/** @param most so many of all questions, about; null = every one there is */
export const everything = async (
  stage: Stage,
  world: World,
  dice: Dice,
  most: number | null,
): Promise<Observation[]> => {
  const all = Object.values(world.proofs).flatMap((proof) => questionsOf(world, proof, dice))
  const share = most === null ? 1 : Math.min(1, most / all.length)
  const wanted = all.filter(() => dice.chance(share))
  const observations = await roundRobin(wanted, (question) => ask(stage, question))
  return observations.filter((observation) => observation !== null)
}
