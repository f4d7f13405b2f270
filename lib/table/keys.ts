import type {
  ApiId,
  CeremonyId,
  KeyId,
  MembershipId,
  OrganizationId,
  SessionId,
  UserId,
} from '../secrets/key-id.ts'
import type { SecretHash } from '../secrets/secret-hash.ts'
import type { TimelineName } from './schema.ts'
import { tableSchema, timelineNames } from './schema.ts'

/**
 * A primary key. User input enters a key only in a canonical, length-checked form (`usernameClaim`, `emailEntry`) or as a hash
 * (`throttle`, `knownSource`, `idempotency`, `importedCredential`), so that no input can address another item.
 */
export type Key = { readonly pk: string; readonly sk: string }

/**
 * The prefix of each partition key. `infra/aws/functions.ts` lists which of these a function may read and write; its IAM role enforces
 * that (dynamodb:LeadingKeys).
 */
export const partitions = {
  user: 'USER#',
  imported: 'IMPORTED#',
  username: 'USERNAME#',
  uid: 'UID#',
  email: 'EMAIL#',
  installation: 'INSTALLATION',
  organization: 'ORG#',
  api: 'API#',
  gateway: 'GATEWAY#',
  audience: 'AUDIENCE#',
  idempotency: 'IDEMPOTENCY#',
  resetRequest: 'RESET_REQUEST#',
  refreshRequest: 'REFRESH_REQUEST#',
  notice: 'NOTICE#',
  throttle: 'THROTTLE#',
  knownSource: 'KNOWN_SOURCE#',
  rate: 'RATE#',
  audit: 'AUDIT#',
  decision: 'DECISION#',
  expiry: 'EXPIRY#',
  sightings: 'SIGHTINGS#',
  usage: 'USAGE#',
  provider: 'PROVIDER#',
} as const

export type PartitionName = keyof typeof partitions

const userPartition = (userId: UserId): string => `${partitions.user}${userId}`
/** The id of the user to whom the partition of this key belongs, as `keys` made it. */
export const userIdIn = ({ pk }: Pick<Key, 'pk'>): string => pk.slice(partitions.user.length)
const providerPartition = (provider: string): string => `${partitions.provider}${provider}`
const organizationPartition = (organizationId: OrganizationId): string =>
  `${partitions.organization}${organizationId}`
const expiryPartition = (day: string): string => `${partitions.expiry}${day}`

/** The first shard has the key of what is not spread. */
const sharded = (partition: string, shard: number): string =>
  shard === 0 ? partition : `${partition}#${shard}`

/** The index attributes of an item; a null value keeps it out of that timeline. */
export const timelineKeys = (
  position: string,
  partition: (value: string, name: TimelineName) => string,
  values: Readonly<Partial<Record<TimelineName, string | null>>>,
): Readonly<Record<string, string>> => ({
  [tableSchema.timelines.sortKey]: position,
  ...Object.fromEntries(
    timelineNames.flatMap((name) => {
      const value = values[name] ?? null
      return value === null ? [] : [[name, partition(value, name)]]
    }),
  ),
})

export const keys = {
  user: (userId: UserId): Key => ({ pk: userPartition(userId), sk: 'PROFILE' }),
  credential: (userId: UserId, keyId: KeyId): Key => ({ pk: userPartition(userId), sk: `KEY#${keyId}` }),
  credentials: (userId: UserId): { pk: string; skPrefix: string } => ({
    pk: userPartition(userId),
    skPrefix: 'KEY#',
  }),
  importedCredential: (secretHash: SecretHash): Key => ({
    pk: `${partitions.imported}${secretHash}`,
    sk: 'CLAIM',
  }),
  membership: (userId: UserId, organizationId: OrganizationId): Key => ({
    pk: userPartition(userId),
    sk: `MEMBER#${organizationId}`,
  }),
  collection: (userId: UserId): { pk: string } => ({ pk: userPartition(userId) }),
  logout: (userId: UserId, sessionId: SessionId): Key => ({
    pk: userPartition(userId),
    sk: `LOGOUT#${sessionId}`,
  }),
  consoleSession: (userId: UserId, sessionId: SessionId): Key => ({
    pk: userPartition(userId),
    sk: `CONSOLE#${sessionId}`,
  }),
  consoleSessions: (userId: UserId): { pk: string; skPrefix: string } => ({
    pk: userPartition(userId),
    skPrefix: 'CONSOLE#',
  }),
  password: (userId: UserId): Key => ({ pk: userPartition(userId), sk: 'SECRET#PASSWORD' }),
  factors: (userId: UserId): Key => ({ pk: userPartition(userId), sk: 'SECRET#FACTORS' }),
  ceremony: (userId: UserId, ceremonyId: CeremonyId): Key => ({
    pk: userPartition(userId),
    sk: `CEREMONY#${ceremonyId}`,
  }),
  identityProof: (userId: UserId, proofHash: SecretHash): Key => ({
    pk: userPartition(userId),
    sk: `PROOF#${proofHash}`,
  }),
  resetToken: (userId: UserId): Key => ({ pk: userPartition(userId), sk: 'SECRET#RESET' }),
  /** Of one invitation: a membership that is removed and created again has a new id. */
  invitationToken: (userId: UserId, membershipId: MembershipId): Key => ({
    pk: userPartition(userId),
    sk: `SECRET#INVITE#${membershipId}`,
  }),
  usernameClaim: (canonicalUsername: string): Key => ({
    pk: `${partitions.username}${canonicalUsername}`,
    sk: 'CLAIM',
  }),
  uidClaim: (uid: number): Key => ({ pk: `${partitions.uid}${uid}`, sk: 'CLAIM' }),
  /** Home organization first, so that a look-up can skip all users of one organization with this address. */
  emailEntry: (canonicalEmail: string, of: { organizationId: OrganizationId; userId: UserId }): Key => ({
    pk: `${partitions.email}${canonicalEmail}`,
    sk: `${of.organizationId}#${of.userId}`,
  }),
  /** The entries of organizations that sort after this one; null = of all organizations. */
  emailEntriesAfter: (
    canonicalEmail: string,
    organizationId: OrganizationId | null,
  ): { pk: string; skAfter: string } => ({
    pk: `${partitions.email}${canonicalEmail}`,
    skAfter: organizationId === null ? '#' : `${organizationId}#~`,
  }),
  installation: (): Key => ({ pk: partitions.installation, sk: 'FIRST' }),
  organization: (organizationId: OrganizationId): Key => ({
    pk: organizationPartition(organizationId),
    sk: 'SETTINGS',
  }),
  /** Apart from what decisions read: anybody may ask for a logo, and a partition serves 3000 read units a second. */
  logo: (organizationId: OrganizationId): Key => ({
    pk: `${organizationPartition(organizationId)}#LOGO`,
    sk: 'LOGO',
  }),
  accessPolicy: (organizationId: OrganizationId): Key => ({
    pk: organizationPartition(organizationId),
    sk: 'ACCESS',
  }),
  api: (apiId: ApiId): Key => ({ pk: `${partitions.api}${apiId}`, sk: 'API' }),
  /** @param gatewayId API Gateway's id, letters and digits. */
  gateway: (gatewayId: string): Key => ({ pk: `${partitions.gateway}${gatewayId}`, sk: 'BINDINGS' }),
  /** @param audienceHash SHA-256 of the audience, hex. */
  audienceClaim: (audienceHash: string): Key => ({
    pk: `${partitions.audience}${audienceHash}`,
    sk: 'CLAIM',
  }),
  /** Per organization, so that a guest does not get in one organization a response from another. */
  idempotency: (organizationId: OrganizationId, userId: UserId, keyHash: string): Key => ({
    pk: `${partitions.idempotency}${organizationId}#${userId}`,
    sk: keyHash,
  }),
  resetRequest: (requestId: string): Key => ({ pk: `${partitions.resetRequest}${requestId}`, sk: 'REQUEST' }),
  refreshRequest: (requestId: string): Key => ({
    pk: `${partitions.refreshRequest}${requestId}`,
    sk: 'REQUEST',
  }),
  notice: (noticeId: string): Key => ({ pk: `${partitions.notice}${noticeId}`, sk: 'NOTICE' }),
  /** @param windowStart seconds since 1970; null for attempts in a row, which have no window. */
  throttle: (subjectHash: string, windowStart: number | null): Key => ({
    pk: `${partitions.throttle}${subjectHash}`,
    sk: windowStart === null ? 'IN_A_ROW' : String(windowStart),
  }),
  /** @param sourceHash SHA-256 of a login name and of a network from which it has logged in, lower-case hex. */
  knownSource: (sourceHash: string): Key => ({ pk: `${partitions.knownSource}${sourceHash}`, sk: 'LOGIN' }),
  /** A shard of the requests of one allowance class in one window, of an organization (`userId` null) or of one user. */
  rateCounter: (
    of: {
      readonly organizationId: OrganizationId
      readonly userId: UserId | null
      readonly allowanceClass: string
      readonly shard: number
    },
    windowStart: number,
  ): Key => {
    const ofOrganization = `${partitions.rate}${of.organizationId}#${of.allowanceClass}`
    const ofAll = of.userId === null ? ofOrganization : `${ofOrganization}#${of.userId}`
    return { pk: sharded(ofAll, of.shard), sk: String(windowStart) }
  },
  /** One partition per organization and month, or one per shard, in time order, so that no partition grows without limit. */
  audit: (organizationId: OrganizationId, at: string, auditId: string, shard: number): Key => ({
    pk: sharded(`${partitions.audit}${organizationId}#${at.slice(0, 7)}`, shard),
    sk: `${at}#${auditId}`,
  }),
  auditMonth: (organizationId: OrganizationId, month: string, shard: number): { pk: string } => ({
    pk: sharded(`${partitions.audit}${organizationId}#${month}`, shard),
  }),
  /** Index partitions of audit rows. They begin with the organization, so that no query returns rows of another one. */
  auditTimeline: (organizationId: OrganizationId, value: string, shard = 0): string =>
    sharded(`${partitions.audit}${organizationId}#${value}`, shard),
  decisionTimeline: (organizationId: OrganizationId, value: string): string =>
    `${partitions.decision}${organizationId}#${value}`,
  /** The sort key of an item in all its timelines. */
  timelinePosition: (at: string, id: string): string => `${at}#${id}`,
  /** Of a denied request. The key contains the organization, so that no administrator of another one can address it. */
  decision: (organizationId: OrganizationId, requestId: string): Key => ({
    pk: `${partitions.decision}${organizationId}`,
    sk: requestId,
  }),
  /** Partitioned by the UTC day on which a credential expires; sorted by organization, so that each can read its own entries. */
  expiryEntry: (day: string, of: { organizationId: OrganizationId; userId: UserId; keyId: KeyId }): Key => ({
    pk: expiryPartition(day),
    sk: `${of.organizationId}#${of.userId}#${of.keyId}`,
  }),
  expiryDay: (day: string): { pk: string } => ({ pk: expiryPartition(day) }),
  organizationExpiryDay: (day: string, organizationId: OrganizationId): { pk: string; skPrefix: string } => ({
    pk: expiryPartition(day),
    skPrefix: `${organizationId}#`,
  }),
  /** Recent use of one credential of a user in an organization, in up to eight items. */
  sightings: (
    organizationId: OrganizationId,
    userId: UserId,
    credential: KeyId | UserId | 'password',
    index: number,
  ): Key => ({
    pk: `${partitions.sightings}${organizationId}#${userId}`,
    sk: `${credential}#${index}`,
  }),
  userSightings: (organizationId: OrganizationId, userId: UserId): { pk: string } => ({
    pk: `${partitions.sightings}${organizationId}#${userId}`,
  }),
  /** Counts of one container in one hour, spread over shards so that a busy organization is not one partition. */
  usage: (organizationId: OrganizationId, hour: string, shard: number, id: string): Key => ({
    pk: `${partitions.usage}${organizationId}#${hour.slice(0, 10)}#${shard}`,
    sk: `${hour}#${id}`,
  }),
  usageDay: (organizationId: OrganizationId, day: string, shard: number): { pk: string } => ({
    pk: `${partitions.usage}${organizationId}#${day}#${shard}`,
  }),
  /** Provider lists belong to the installation, not to an organization. Names come from validated lists and entries only. */
  providerState: (provider: string): Key => ({ pk: providerPartition(provider), sk: 'STATE' }),
  providerNames: (provider: string): Key => ({ pk: providerPartition(provider), sk: 'NAMES' }),
  /** @param name '' = the whole list. @param copy of the whole list, each in a partition of its own */
  providerRanges: (provider: string, name: string, copy = 0): Key => ({
    pk: sharded(providerPartition(provider), name === '' ? copy : 0),
    sk: `RANGES#${name}`,
  }),
  providerChange: (provider: string, at: string): Key => ({
    pk: providerPartition(provider),
    sk: `CHANGE#${at}`,
  }),
  providerChanges: (provider: string): { pk: string; skPrefix: string } => ({
    pk: providerPartition(provider),
    skPrefix: 'CHANGE#',
  }),
  providerRefusal: (provider: string): Key => ({ pk: providerPartition(provider), sk: 'REFUSED' }),
  providerRefusalPart: (provider: string, index: number): Key => ({
    pk: providerPartition(provider),
    sk: `REFUSED#${index}`,
  }),
  /** Marks a user whose whitelist has narrowed entries of the provider. */
  providerNaming: (provider: string, userId: UserId): Key => ({
    pk: providerPartition(provider),
    sk: `NAMED#${userId}`,
  }),
  providerNamings: (provider: string): { pk: string; skPrefix: string } => ({
    pk: providerPartition(provider),
    skPrefix: 'NAMED#',
  }),
  directory: (organizationId: OrganizationId, canonicalUsername: string) => ({
    directoryPk: organizationPartition(organizationId),
    directorySk: canonicalUsername,
  }),
} as const
