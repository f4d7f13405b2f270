/**
 * Sparse indexes of what happened, by time. Audit rows: who did it, who acted as that user, the user it was done to, what else it was
 * done to, the action. Denied requests: the user, who acted as it, nothing, the API, the reason; and all of an organization.
 */
export const timelineNames = ['byActor', 'byActing', 'byUser', 'byTarget', 'byAction', 'byTime'] as const
export type TimelineName = (typeof timelineNames)[number]

/**
 * The names of the one table. The stack and every store take them from here, nobody spells them again.
 * `docs/storage.md` shows each item with an example.
 */
export const tableSchema = {
  partitionKey: 'pk',
  sortKey: 'sk',
  /** Seconds since 1970. TTL only cleans up: DynamoDB may keep an expired item for days, so each reader checks for itself. */
  timeToLive: 'expiresAtSeconds',
  /** The members of an organization, by username; read for lists only, never for a decision (eventually consistent). */
  directoryIndex: { name: 'directory', partitionKey: 'directoryPk', sortKey: 'directorySk' },
  /**
   * Each index has the name of its partition key, and carries those of the others, so that a list by one of them is filtered by the rest
   * without reading rows. Eventually consistent, for lists only.
   */
  timelines: { names: timelineNames, sortKey: 'timeline' },
  /** Tells the stream's consumers which rows are theirs: the event filter of the stack reads it. */
  kind: 'kind',
} as const

/** Values of `kind`. */
export const itemKinds = {
  user: 'user',
  password: 'password',
  credential: 'credential',
  expiryEntry: 'expiry-entry',
  importedCredential: 'imported-credential',
  membership: 'membership',
  logout: 'logout',
  usernameClaim: 'username-claim',
  uidClaim: 'uid-claim',
  emailEntry: 'email-entry',
  organization: 'organization',
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
  providerState: 'provider-state',
  providerNames: 'provider-names',
  providerRanges: 'provider-ranges',
  providerChange: 'provider-change',
  providerRefusal: 'provider-refusal',
  providerRefusalPart: 'provider-refusal-part',
  providerNaming: 'provider-naming',
} as const
