import type { HttpFunctionName } from '../../lib/contract/endpoint.ts'
import type { FunctionSpec } from './function-spec.ts'

export type WorkerFunctionName =
  | 'authorizer'
  | 'mailer'
  | 'refresh-providers'
  | 'warn-of-expiry'
  | 'bootstrap'
export type FunctionName = HttpFunctionName | WorkerFunctionName

// A password's hash is work on purpose (19 MiB, one thread): on a whole processor it takes the least time and costs the same.
const hashing = { hashes: true, memoryMegabytes: 1769 } as const
export const plain = { hashes: false, memoryMegabytes: 512 } as const
// API Gateway gives up after 30 s and a caller long before; a function must end while somebody still listens.
export const answering = { timeoutSeconds: 10, directory: false, mail: false } as const
// A batch begins no item after 10 s, and one that has begun ends well within the rest.
const answeringBatches = { ...answering, timeoutSeconds: 25 } as const

/** What it takes to know a caller: whose an imported credential is, one read, and the note of when its key was last used. */
const knowCaller = ['GetItem', 'BatchGetItem', 'UpdateItem'] as const
const callerReads = ['organization', 'imported', 'provider', 'api', 'audience'] as const
/** The notes and counters of a request, and what is kept of a refusal. */
const callerWrites = ['user', 'sightings', 'rate', 'throttle', 'decision', 'audit'] as const

/**
 * Everything that one function may do, in one row. Roles, environments and bundles derive from it, and the test of the
 * template holds each role against it: a permission is a one-word change here.
 */
export const functionSpecs: Readonly<Record<FunctionName, FunctionSpec>> = {
  'create-user': {
    ...answeringBatches,
    ...hashing,
    entry: 'functions/create-user.ts',
    purpose: 'Creates API users',
    table: [...knowCaller, 'PutItem', 'ConditionCheckItem'],
    writes: [
      ...callerWrites,
      'organization',
      'username',
      'email',
      'notice',
      'expiry',
      'idempotency',
      'uid',
      'provider',
      'api',
    ],
    reads: callerReads,
    signing: 'verify',
  },
  users: {
    ...answering,
    ...plain,
    entry: 'functions/users.ts',
    purpose: 'Lists, shows, changes and deletes API users',
    table: [...knowCaller, 'Query', 'PutItem', 'DeleteItem', 'ConditionCheckItem'],
    writes: [...callerWrites, 'organization', 'username', 'email', 'expiry', 'provider', 'api'],
    reads: callerReads,
    directory: true,
    signing: 'verify',
  },
  keys: {
    ...answeringBatches,
    ...plain,
    entry: 'functions/keys.ts',
    purpose: 'Creates, lists, rotates, disables and deletes keys and tokens, and makes reset links',
    table: [...knowCaller, 'Query', 'PutItem', 'DeleteItem', 'ConditionCheckItem'],
    writes: [...callerWrites, 'organization', 'imported', 'expiry', 'idempotency'],
    reads: callerReads,
    signing: 'verify',
  },
  'change-password': {
    ...answering,
    ...hashing,
    entry: 'functions/change-password.ts',
    purpose: "Changes the caller's own password",
    table: [...knowCaller, 'PutItem', 'DeleteItem'],
    writes: [...callerWrites, 'notice'],
    reads: callerReads,
    signing: 'verify',
  },
  login: {
    ...answering,
    ...hashing,
    entry: 'functions/login.ts',
    purpose: 'Exchanges a password for a session token, and ends sessions',
    table: [...knowCaller, 'PutItem'],
    writes: [...callerWrites, 'knownSource'],
    reads: [...callerReads, 'username'],
    signing: 'sign',
  },
  oauth: {
    ...answering,
    ...plain,
    entry: 'functions/oauth.ts',
    purpose: 'OAuth token, introspection and revocation endpoints, key set and metadata',
    table: [...knowCaller, 'Query', 'PutItem', 'DeleteItem'],
    writes: [...callerWrites, 'organization', 'imported', 'expiry'],
    reads: [...callerReads, 'username'],
    signing: 'sign',
  },
  whitelist: {
    ...answering,
    ...plain,
    entry: 'functions/whitelist.ts',
    purpose: "Shows and replaces a user's whitelist",
    table: [...knowCaller, 'Query', 'PutItem', 'DeleteItem', 'ConditionCheckItem'],
    writes: [...callerWrites, 'username', 'email', 'organization', 'provider'],
    reads: callerReads,
    signing: 'verify',
  },
  'check-whitelist': {
    ...answering,
    ...plain,
    entry: 'functions/check-whitelist.ts',
    purpose: 'Says whether a user may call from an address',
    // The update notes the last use of the caller's credential.
    table: knowCaller,
    writes: callerWrites,
    reads: [...callerReads, 'username'],
    signing: 'verify',
  },
  providers: {
    ...answering,
    ...plain,
    entry: 'functions/providers.ts',
    purpose: "Shows the cloud providers' lists, takes requests to refresh them, and accepts refused ones",
    // Accepting the largest list reads it and writes 3,000 rows.
    memoryMegabytes: 1024,
    timeoutSeconds: 25,
    table: [...knowCaller, 'Query', 'PutItem', 'DeleteItem', 'ConditionCheckItem'],
    writes: [...callerWrites, 'refreshRequest', 'provider'],
    reads: [...callerReads, 'installation'],
    signing: 'verify',
  },
  'request-password-reset': {
    ...answering,
    ...plain,
    entry: 'functions/request-password-reset.ts',
    purpose: 'Takes requests for a password reset',
    // It has no permission to read: the answer cannot depend on whether the user exists.
    table: ['PutItem', 'UpdateItem'],
    writes: ['resetRequest', 'throttle'],
    reads: [],
    signing: 'none',
  },
  'confirm-password-reset': {
    ...answering,
    ...hashing,
    entry: 'functions/confirm-password-reset.ts',
    purpose: 'Sets a new password against a mailed token',
    table: ['GetItem', 'BatchGetItem', 'PutItem', 'UpdateItem', 'DeleteItem'],
    writes: ['user', 'email', 'notice', 'audit', 'throttle', 'organization'],
    reads: [],
    signing: 'none',
  },
  invitations: {
    ...answering,
    ...plain,
    entry: 'functions/invitations.ts',
    purpose: 'Accepts invitations by a mailed token',
    table: ['BatchGetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'ConditionCheckItem'],
    writes: ['user', 'audit', 'throttle'],
    reads: ['organization'],
    signing: 'none',
  },
  access: {
    ...answering,
    ...plain,
    entry: 'functions/access.ts',
    purpose: 'Roles, account groups, integration vendors, and who has which role',
    // The check is for guests: their identity is not this organization's to change, but must not have changed meanwhile.
    table: [...knowCaller, 'Query', 'PutItem', 'ConditionCheckItem'],
    writes: [...callerWrites, 'organization', 'username', 'email', 'api', 'idempotency'],
    reads: callerReads,
    directory: true,
    signing: 'verify',
  },
  apis: {
    ...answering,
    ...plain,
    entry: 'functions/apis.ts',
    // Reading 4 MB of YAML takes some 470 MB, and a second on half a processor.
    memoryMegabytes: 1024,
    purpose: 'Protected APIs: their sections, gateways and shares',
    table: [...knowCaller, 'Query', 'PutItem', 'DeleteItem', 'ConditionCheckItem'],
    writes: [...callerWrites, 'organization', 'api', 'gateway', 'audience', 'idempotency'],
    reads: [...callerReads, 'installation'],
    directory: true,
    signing: 'verify',
  },
  audit: {
    ...answering,
    ...plain,
    entry: 'functions/audit.ts',
    purpose: 'Shows and exports the audit of an organization',
    table: [...knowCaller, 'Query'],
    timelines: true,
    writes: callerWrites,
    reads: callerReads,
    signing: 'verify',
  },
  explain: {
    ...answering,
    ...plain,
    entry: 'functions/explain.ts',
    purpose: 'Explains decisions: those that were made and those that would be',
    table: knowCaller,
    timelines: true,
    writes: callerWrites,
    reads: [...callerReads, 'username'],
    signing: 'verify',
  },
  organization: {
    ...answering,
    ...plain,
    entry: 'functions/organization.ts',
    purpose: 'Shows and changes the organization, and makes others',
    table: [...knowCaller, 'PutItem', 'ConditionCheckItem'],
    writes: [...callerWrites, 'organization', 'username', 'email', 'expiry', 'uid', 'idempotency'],
    reads: [...callerReads, 'installation'],
    signing: 'verify',
  },
  'drop-in': {
    ...answering,
    ...hashing,
    entry: 'functions/drop-in.ts',
    purpose: 'Manages API users by the calls of Tyk Dashboard and ThousandEyes',
    table: [...knowCaller, 'Query', 'PutItem', 'DeleteItem', 'ConditionCheckItem'],
    directory: true,
    writes: [
      ...callerWrites,
      'organization',
      'username',
      'email',
      'notice',
      'expiry',
      'idempotency',
      'uid',
      'imported',
      'provider',
      'api',
    ],
    reads: [...callerReads, 'username', 'uid'],
    signing: 'verify',
  },
  meta: {
    ...answering,
    ...plain,
    entry: 'functions/meta.ts',
    purpose: 'Health, OpenAPI description, reference page, and the answer to unknown routes',
    table: [],
    writes: [],
    reads: [],
    signing: 'none',
  },
  authorizer: {
    entry: 'functions/authorizer.ts',
    purpose: 'Decides request by request who may call a protected API',
    hashes: false,
    // Every protected request waits for it, the first one also for its start.
    memoryMegabytes: 1024,
    // API Gateway gives up on an authorizer after 10 s.
    timeoutSeconds: 5,
    table: knowCaller,
    writes: ['user', 'sightings', 'rate', 'throttle', 'decision'],
    reads: ['organization', 'imported', 'provider', 'api', 'gateway', 'installation'],
    directory: false,
    signing: 'verify',
    mail: false,
  },
  mailer: {
    entry: 'functions/mailer.ts',
    purpose: 'Mails reset links and notices from the stream of the table',
    ...plain,
    timeoutSeconds: 30,
    table: ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem', 'ConditionCheckItem'],
    writes: ['user', 'notice', 'resetRequest', 'throttle', 'audit'],
    reads: ['organization', 'username', 'email'],
    directory: false,
    signing: 'none',
    mail: true,
  },
  'refresh-providers': {
    entry: 'functions/refresh-providers.ts',
    purpose: 'Downloads the address ranges that cloud providers publish',
    hashes: false,
    // The largest document has 4 MB; reading and merging it takes less than 128 MB and, with half a processor, half a second.
    memoryMegabytes: 1024,
    // Eight downloads of at most 20 s each, one after the other, and some 3,900 rows at the first time.
    timeoutSeconds: 300,
    table: ['BatchGetItem', 'Query', 'PutItem', 'DeleteItem', 'ConditionCheckItem'],
    writes: ['provider'],
    reads: [],
    directory: false,
    signing: 'none',
    mail: false,
  },
  'warn-of-expiry': {
    entry: 'functions/warn-of-expiry.ts',
    purpose: 'Asks for a mail about each key and token that expires soon',
    ...plain,
    // All that Lambda gives: some sixty reads, then pages of a hundred warnings with a pause after each, as long as there are more.
    timeoutSeconds: 900,
    table: ['BatchGetItem', 'Query', 'PutItem', 'UpdateItem', 'ConditionCheckItem'],
    writes: ['user', 'expiry', 'notice', 'audit'],
    reads: ['organization'],
    directory: true,
    signing: 'none',
    mail: false,
  },
  bootstrap: {
    entry: 'functions/bootstrap.ts',
    purpose: 'Makes the first organization and its administrator, and replaces one that never got in',
    ...hashing,
    timeoutSeconds: 30,
    table: ['GetItem', 'BatchGetItem', 'PutItem', 'UpdateItem', 'DeleteItem'],
    writes: [
      'user',
      'organization',
      'username',
      'email',
      'expiry',
      'installation',
      'api',
      'gateway',
      'audience',
      'resetRequest',
      'audit',
      'uid',
    ],
    reads: ['provider'],
    directory: false,
    signing: 'none',
    mail: false,
  },
}
