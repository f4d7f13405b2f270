import { randomBytes } from 'node:crypto'
import { openList, openSearch } from '../../functions/wiring/user-lists.ts'
import type { AdmitDependencies } from '../../lib/admission/admit.ts'
import { admit } from '../../lib/admission/admit.ts'
import { readCallerSnapshot } from '../../lib/admission/snapshot-store.ts'
import { readApi, readApiIdByAudience, readApis, readGateway } from '../../lib/apis/api-store.ts'
import { targetApiReader } from '../../lib/apis/target-api.ts'
import type { ManagementSection } from '../../lib/contract/endpoint.ts'
import type { Caller } from '../../lib/contract/operation.ts'
import { findImported, noteUse, readCredentials } from '../../lib/credentials/credential-store.ts'
import { readCeremony, readDemands, readFactors, readIdentityProof } from '../../lib/factors/factor-store.ts'
import type { VerifyFactor } from '../../lib/factors/verify-factor.ts'
import { verifyFactor } from '../../lib/factors/verify-factor.ts'
import { readDirectoryNow } from '../../lib/guests/recent-memberships-store.ts'
import { readKeptReply } from '../../lib/http/idempotency/kept-reply-store.ts'
import { repeatable } from '../../lib/http/request-writes.ts'
import { reachOf } from '../../lib/identity/account-group-reach.ts'
import { readInstallation } from '../../lib/identity/installation-store.ts'
import { readOrganizations } from '../../lib/identity/organization-store.ts'
import type { StoredMembership } from '../../lib/identity/stored-membership.ts'
import { readBelongings, readMember, readUsernameHolder } from '../../lib/identity/user-store.ts'
import { uncounted } from '../../lib/limits/rate-limiter.ts'
import { passwordLink } from '../../lib/mail/password-link.ts'
import { createFirstOrganization } from '../../lib/organizations/first-organization.ts'
import { readAccessPolicy } from '../../lib/policy/access-policy-store.ts'
import { readProviderData, readProviderNames } from '../../lib/providers/provider-store.ts'
import { argon2Hasher } from '../../lib/secrets/argon2.ts'
import type { ApiId, CeremonyId, OrganizationId, UserId } from '../../lib/secrets/key-id.ts'
import type { SecretHash } from '../../lib/secrets/secret-hash.ts'
import type { Table } from '../../lib/table/document-client.ts'
import type { Write } from '../../lib/table/transaction.ts'
import { writeTransaction } from '../../lib/table/transaction.ts'
import { createUser } from '../../lib/users/create-user.ts'
import type { NewUserBody } from '../../lib/users/user-endpoints.ts'
import type { ProviderEntry } from '../../lib/whitelist/entry.ts'
import { prepareNoRanges } from '../../lib/whitelist/prepared-ranges.ts'
import type { Provider } from '../../lib/whitelist/provider.ts'
import { testSeal } from '../factors/test-seal.ts'
import { madeOnce } from '../made-once.ts'

export const origin = { address: '203.0.113.1', requestId: 'test-request' }

/** Verifies second factors of the test's own seal. */
export const verifierOf =
  (table: Table): VerifyFactor =>
  (...given) =>
    verifyFactor(
      {
        seal: testSeal,
        issuer: 'https://postern.example',
        readCeremony: (userId, ceremonyId) => readCeremony(table, userId, ceremonyId),
      },
      ...given,
    )

/** Each test makes an administrator with a password, so passwords are hashed at the least cost that argon2 has. */
export const quickHasher = () => argon2Hasher({ memoryCost: 8, timeCost: 1 })

/** The use cases' dependencies over a real table, with real hashing. */
export const dependenciesOf = (table: Table) => ({
  now: Date.now,
  randomBytes: (size: number): Uint8Array => randomBytes(size),
  prepareRanges: prepareNoRanges,
  readProviderData: (...wanted: [readonly Provider[], readonly ProviderEntry[]]) =>
    readProviderData(table, ...wanted),
  readProviderNames: (provider: Provider) => readProviderNames(table, provider),
  hasher: quickHasher(),
  passwordLink,
  write: (writes: readonly Write[]) => writeTransaction(table, writes),
  once: <T>(make: () => Promise<T>) => make(),
  readMember: (userId: UserId, organizationId: OrganizationId) => readMember(table, userId, organizationId),
  readBelongings: (userId: UserId) => readBelongings(table, userId),
  readUsernameHolder: (canonicalUsername: string) => readUsernameHolder(table, canonicalUsername),
  readCredentials: (userId: UserId) => readCredentials(table, userId),
  seal: testSeal,
  verifyFactor: verifierOf(table),
  readFactors: (userId: UserId) => readFactors(table, userId),
  readCeremony: (userId: UserId, ceremonyId: CeremonyId) => readCeremony(table, userId, ceremonyId),
  readIdentityProof: (userId: UserId, proofHash: SecretHash) => readIdentityProof(table, userId, proofHash),
  readDemands: (memberships: readonly StoredMembership[]) => readDemands(table, memberships),
  readMemberships: async (userId: UserId) => (await readBelongings(table, userId)).memberships,
  issuer: 'https://postern.example',
  readAccessPolicy: (organizationId: OrganizationId) => readAccessPolicy(table, organizationId),
  readApi: (apiId: ApiId) => readApi(table, apiId),
  readApis: (apiIds: readonly ApiId[]) => readApis(table, apiIds),
  readGateway: (gatewayId: string) => readGateway(table, gatewayId),
  readTargetApi: targetApiReader({
    issuer: 'https://postern.example',
    readApiIdByAudience: (audience) => readApiIdByAudience(table, audience),
    readApi: (apiId) => readApi(table, apiId),
  }),
  readFirstOrganization: () => readInstallation(table),
  readOrganizations: (organizationIds: readonly OrganizationId[]) =>
    readOrganizations(table, organizationIds),
  readDirectory: (organizationId: OrganizationId) => readDirectoryNow(table, organizationId, Date.now()),
  ...openList(table),
  ...openSearch(table),
})

/** With the Idempotency-Key that a request brings. */
export const dependenciesWithKey = (table: Table, caller: Caller, body: unknown, idempotencyKey: string) => {
  const dependencies = dependenciesOf(table)
  const { userId, organization } = caller.subject
  const { organizationId } = organization
  const request = { idempotencyKey, organizationId, userId, operation: 'test', body }
  const readKept = () => readKeptReply(table, request, Date.now())
  return { ...dependencies, ...repeatable(dependencies.write, request, { ...dependencies, readKept }) }
}

export const callersOf = (table: Table): AdmitDependencies => ({
  readSnapshot: (wanted) => readCallerSnapshot(table, wanted),
  verifySession: () => Promise.resolve({ ok: false, reason: 'session_invalid' }),
  findImported: (secretHash) => findImported(table, secretHash),
  prepareRanges: prepareNoRanges,
  prepareRateLimit: () => Promise.resolve(uncounted),
  now: Date.now,
  noteUse: (credential, at) => noteUse(table, credential, at),
})

/** An organization with its administrator, as an installation makes it, and an API `shop` with a section `orders`, in an empty table. */
export const makeOrganization = async (table: Table) => ({
  ...(await madeOnce('organization', table, () => newOrganization(table))),
  dependencies: dependenciesOf(table),
})

const newOrganization = async (table: Table) => {
  const first = await createFirstOrganization(dependenciesOf(table), {
    organization: 'Example',
    username: 'admin',
    email: 'admin@postern.example',
    credentials: 'shown',
    api: {
      name: 'shop',
      gateways: [],
      sections: [
        { name: 'orders', title: 'Orders', endpoints: ['GET /orders', 'POST /orders', 'GET /orders/{id}'] },
      ],
    },
  })
  if (!first.created || first.token === undefined) throw new Error('the table was not empty')
  const admin = await callerWith(table, first.token)
  return { ...first, token: first.token, admin, apiId: admin.snapshot.policy?.apis[0]?.apiId ?? 'api_' }
}

/**
 * Whoever holds this token, admitted like any caller.
 *
 * @param section what its requests need: its management of that section is what reaches users.
 */
export const callerWith = async (
  table: Table,
  token: string,
  section: ManagementSection = 'postern-users',
): Promise<Caller> => {
  const { decision, admitted } = await admit(callersOf(table), `Bearer ${token}`, {
    address: origin.address,
    method: 'GET',
    path: '/v1/users/me',
    aid: null,
    target: { kind: 'self', endsSession: false },
  })
  if (admitted === null) throw new Error(`not admitted: ${decision.allow ? '' : decision.reason}`)
  return { ...admitted, reach: reachOf(admitted.subject, section, 'write') }
}

/** A user with a token, and the caller that it makes. */
export const makeCaller = async (
  table: Table,
  admin: Caller,
  body: NewUserBody,
  dependencies = dependenciesOf(table),
) => {
  const { user, credential } = await createUser(dependencies, admin, { ...body, generate: 'token' }, origin)
  if (credential?.token === undefined) throw new Error('no token was made')
  return { user, token: credential.token, caller: await callerWith(table, credential.token) }
}
