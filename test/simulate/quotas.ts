import { readSettings } from '../../infra/aws/settings.ts'

/**
 * Limits as AWS publishes them, read on 2026-11-22 from the stored copies of these pages. A new account can have less
 * (Service Quotas shows what it has), and some regions have less by default.
 */
export const quotas = {
  /** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/throttling-key-range-limit-exceeded-mitigation.html */
  partition: { readUnits: 3000, writeUnits: 1000 },
  /** A table and each of its indexes: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Limits.html */
  table: { readUnits: 40_000, writeUnits: 40_000 },
  /** A new on-demand table or index; from there it doubles: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html */
  newTable: { readUnits: 12_000, writeUnits: 4_000, minutesToDouble: 30 },
  /**
   * https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html and
   * https://docs.aws.amazon.com/lambda/latest/dg/scaling-behavior.html (1,000 environments, or 10,000 requests a second, per 10 s)
   */
  lambda: {
    environments: 1000,
    requestsPerEnvironment: 10,
    newEnvironments: 1000,
    newEnvironmentsSeconds: 10,
  },
  /** https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html and …/http-api-quotas.html */
  gateway: { requests: 10_000, authorizerTimeoutSeconds: 10 },
  /** RSA keys of a region together; older copies say 500: https://docs.aws.amazon.com/kms/latest/developerguide/requests-per-second.html */
  kms: { rsaSignatures: 1000 },
  /** Of an account in the sandbox; outside, AWS sets it per account: https://docs.aws.amazon.com/ses/latest/dg/quotas.html */
  mail: { sandboxMails: 1 },
} as const

/** What AWS does not publish, or what depends on the deployment. */
export const assumptions = {
  /** Seconds that an environment is busy; a cold start is not included. */
  busySeconds: {
    decision: 0.012,
    login: 0.15,
    token: 0.06,
    newUser: 0.06,
    changedNames: 0.05,
    resetRequest: 0.03,
  },
  /** Of one organization: the default of the setting. */
  sessionTokensPerMinute: readSettings({ mailFrom: null, adminEmail: null }).sessionTokensPerMinute,
  /** Last use and sightings of a credential are noted again after this time (lib/sightings). */
  notedAgainSeconds: 3600,
  /** What a caller, or an organization with its API, weighs in the authorizer's cache: one with few rights. */
  bytesOfCaller: 6000,
  /** Requests go to a random environment, which is the worst case for the caches of containers. */
  routing: 'random',
  /** Callers are equally active, which is the worst case for caches as well. */
  callers: 'uniform',
  /** One partition key gets the throughput of one partition: DynamoDB can split it for heat, but not rows in time order, nor one item. */
  splitForHeat: 'not counted on',
} as const
