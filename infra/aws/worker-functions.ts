import type { FunctionSpec } from './function-spec.ts'
import { hashing, knowCaller, plain } from './function-spec.ts'

export type WorkerFunctionName =
  | 'authorizer'
  | 'mailer'
  | 'refresh-providers'
  | 'warn-of-expiry'
  | 'bootstrap'

/** The rows of the functions that no endpoint names. */
export const workerSpecs: Readonly<Record<WorkerFunctionName, FunctionSpec>> = {
  authorizer: {
    entry: 'functions/authorizer.ts',
    worksBehind: true,
    purpose: 'Decides request by request who may call a protected API',
    hashes: false,
    // Every protected request waits for it, and sometimes for its cold start.
    memoryMegabytes: 1024,
    // API Gateway's timeout for an authorizer is 10 s.
    timeoutSeconds: 5,
    table: knowCaller,
    writes: ['user', 'sightings', 'usage', 'rate', 'throttle', 'decision'],
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
    // The largest document has 4 MB; parsing and merging it takes less than 128 MB and, on half a vCPU, half a second.
    memoryMegabytes: 1024,
    // Eight sequential downloads of at most 20 s each, and about 3,900 rows in the first run.
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
    // Lambda's maximum: about sixty reads, then pages of a hundred warnings with a pause after each.
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
