/**
 * Sparse indexes by time. Audit rows use the first five for the actor, the acting user, the target user, the other target and the
 * action. Denied requests use them for the user (byActor), the acting user, the API (byTarget) and the reason (byAction), and byTime
 * for all of an organization.
 */
export const timelineNames = ['byActor', 'byActing', 'byUser', 'byTarget', 'byAction', 'byTime'] as const
export type TimelineName = (typeof timelineNames)[number]

/** One index for each search word of a member (`lib/identity/search-words.ts`). */
export const wordNames = ['word1', 'word2', 'word3', 'word4', 'word5', 'word6'] as const
export type WordName = (typeof wordNames)[number]

/** Attribute and index names for the stack and all stores. `docs/storage.md` shows each item with an example. */
export const tableSchema = {
  partitionKey: 'pk',
  sortKey: 'sk',
  /** Seconds since 1970. DynamoDB may keep an expired item for days, so each reader checks the expiry itself. */
  timeToLive: 'expiresAtSeconds',
  /** The members of an organization by username. Eventually consistent: for lists, never for decisions. */
  directoryIndex: { name: 'directory', partitionKey: 'directoryPk', sortKey: 'directorySk' },
  /**
   * The members of an organization by one of their search words. Each index has the name of its sort key; the partition key is that of the
   * directory. Eventually consistent: for lists only.
   */
  words: { names: wordNames, partitionKey: 'directoryPk', projected: ['userId'] },
  /**
   * Each index has the name of its partition key and projects the partition keys of the others, so that one query can filter by all.
   * Eventually consistent: for lists only.
   */
  timelines: { names: timelineNames, sortKey: 'timeline' },
  /** The item's kind. The stack's event source filters select stream records by it. */
  kind: 'kind',
} as const

/** Values of `kind`. */
export const itemKinds = {
  user: 'user',
  password: 'password',
  factors: 'factors',
  ceremony: 'ceremony',
  identityProof: 'identity-proof',
  credential: 'credential',
  expiryEntry: 'expiry-entry',
  importedCredential: 'imported-credential',
  membership: 'membership',
  logout: 'logout',
  consoleSession: 'console-session',
  usernameClaim: 'username-claim',
  uidClaim: 'uid-claim',
  emailEntry: 'email-entry',
  installation: 'installation',
  organization: 'organization',
  logo: 'logo',
  accessPolicy: 'access-policy',
  api: 'api',
  gateway: 'gateway',
  audienceClaim: 'audience-claim',
  idempotency: 'idempotency',
  resetRequest: 'reset-request',
  resetToken: 'reset-token',
  invitationToken: 'invitation-token',
  notice: 'notice',
  refreshRequest: 'provider-refresh-request',
  throttle: 'throttle',
  knownSource: 'known-source',
  rateCounter: 'rate-counter',
  audit: 'audit',
  decision: 'decision',
  sightings: 'sightings',
  usage: 'usage',
  providerState: 'provider-state',
  providerNames: 'provider-names',
  providerRanges: 'provider-ranges',
  providerChange: 'provider-change',
  providerRefusal: 'provider-refusal',
  providerRefusalPart: 'provider-refusal-part',
  providerNaming: 'provider-naming',
} as const
