import type { IndexName } from '../../infra/local/schema-table.ts'
import { identify, readClaim } from '../../lib/admission/identify.ts'
import { readCallerSnapshot } from '../../lib/admission/snapshot-store.ts'
import { readApi } from '../../lib/apis/api-store.ts'
import { targetOf } from '../../lib/contract/endpoint.ts'
import { findImported } from '../../lib/credentials/credential-store.ts'
import { decide } from '../../lib/decision/decide.ts'
import type { Target } from '../../lib/decision/decision-request.ts'
import { DomainError } from '../../lib/effects/domain-error.ts'
import type { StoredAccessPolicy } from '../../lib/identity/stored-organization.ts'
import { createOrganization } from '../../lib/organizations/create-organization.ts'
import { readAccessPolicy } from '../../lib/policy/access-policy-store.ts'
import { protectedApiOf } from '../../lib/policy/stored-api.ts'
import { managementSectionViews } from '../../lib/reference/management-sections.ts'
import { ownEndpointAt } from '../../lib/reference/own-endpoint.ts'
import type { SecretHash } from '../../lib/secrets/secret-hash.ts'
import type { NewUserBody } from '../../lib/users/user-endpoints.ts'
import { noProviderRanges } from '../../lib/whitelist/match.ts'
import { freshTable } from '../fresh-table.ts'
import {
  callerWith,
  dependenciesOf,
  makeCaller,
  makeOrganization,
  origin,
} from '../organizations/organization.ts'

/** An organization with its administrator over a real table, and functions that answer requests to it. */
export const accessScene = async (indexes: readonly IndexName[] = ['directory']) => {
  const table = await freshTable(indexes)
  const { organizationId, userId, token, apiId } = await makeOrganization(table)
  const dependencies = { ...dependenciesOf(table), ownSections: managementSectionViews }
  /** The administrator as a new request loads it, with the current policy. */
  const admin = () => callerWith(table, token)

  const newOrganization = async (name: string) => {
    const { organization, user, credential } = await createOrganization(
      dependencies,
      await admin(),
      { name, administrator: { username: `admin-${name}` } },
      origin,
    )
    if (credential.token === undefined) throw new Error('no token was made')
    return { organizationId: organization.organizationId, userId: user.userId, token: credential.token }
  }
  const organizationWith = (made: Awaited<ReturnType<typeof newOrganization>>) => ({
    ...made,
    admin: () => callerWith(table, made.token),
    make: async (body: NewUserBody) => makeCaller(table, await callerWith(table, made.token), body),
  })

  const decisionOn = async (presented: string, endpoint: string, target: Target, aid: number | null) => {
    const claimed = {
      verifySession: () => Promise.resolve({ ok: false, reason: 'session_invalid' } as const),
      findImported: (secretHash: SecretHash) => findImported(table, secretHash),
    }
    const claim = await readClaim(claimed, presented)
    if (!claim.ok) return claim.reason
    const snapshot = await readCallerSnapshot(table, claim.claimed.lookUp)
    const identified = identify(claim.claimed, snapshot, Date.now())
    const [method = '', path = ''] = endpoint.split(' ')
    const decision = decide(
      identified,
      { address: origin.address, method, path, aid, target },
      { ranges: noProviderRanges, withinRateLimit: () => true },
    )
    return decision.allow ? 'allowed' : decision.reason
  }
  return {
    table,
    organizationId,
    apiId,
    administratorId: userId,
    token,
    dependencies,
    admin,
    make: async (body: NewUserBody) => makeCaller(table, await admin(), body),
    callerWith: (presented: string) => callerWith(table, presented),
    newOrganization,
    organizationWith,
    /** Another organization with its own administrator. */
    makeOrganization: async (name: string) => organizationWith(await newOrganization(name)),
    policy: async (): Promise<StoredAccessPolicy> => {
      const policy = await readAccessPolicy(table, organizationId)
      if (policy === undefined) throw new Error('the organization has no policy')
      return policy
    },
    /** The answer of a protected API's authorizer. */
    protectedApi: async (presented: string, endpoint: string, ofApiId = apiId) => {
      const api = await readApi(table, ofApiId)
      const target: Target = { kind: 'protected', api: api === undefined ? null : protectedApiOf(api) }
      return await decisionOn(presented, endpoint, target, null)
    },
    /** The answer of Postern's own API. */
    ownApi: (presented: string, endpoint: string, aid: number | null = null) =>
      decisionOn(presented, endpoint, ownTarget(endpoint), aid),
  }
}

const ownTarget = (text: string): Target => {
  const [method = '', path = ''] = text.split(' ')
  const endpoint = ownEndpointAt(method, path)
  if (endpoint === undefined) throw new Error(`Postern has no endpoint ${text}`)
  return targetOf(endpoint)
}

export type AccessScene = Awaited<ReturnType<typeof accessScene>>

/** The code, detail and fields of a refusal. */
export const refusal = async (
  attempt: Promise<unknown>,
): Promise<{ code: string; detail: string; paths: readonly string[]; messages: string }> => {
  try {
    await attempt
  } catch (error) {
    if (!(error instanceof DomainError)) throw error
    return {
      code: error.code,
      detail: error.detail ?? '',
      paths: error.errors.map(({ path }) => path),
      messages: error.errors.map(({ message }) => message).join('; '),
    }
  }
  return { code: 'ok', detail: '', paths: [], messages: '' }
}
