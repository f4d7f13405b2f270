/**
 * Published prices in USD, us-east-1, first tier, without free tiers and savings plans, as of 2026-11-22.
 *
 * - https://aws.amazon.com/lambda/pricing/ (arm64)
 * - https://aws.amazon.com/dynamodb/pricing/on-demand/ (standard table class)
 * - https://aws.amazon.com/cloudwatch/pricing/ (logs: collection)
 * - https://aws.amazon.com/kms/pricing/ (RSA_2048)
 */
export const prices = {
  lambdaRequest: 0.2e-6,
  lambdaGigabyteSecond: 0.0000133334,
  readUnit: 0.125e-6,
  writeUnit: 0.625e-6,
  storedGigabyteMonth: 0.25,
  logByte: { STANDARD: 0.5e-9, INFREQUENT_ACCESS: 0.25e-9 },
  kmsRequest: 0.03 / 10_000,
} as const

/** What CloudWatch adds to the size of each log event: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html */
export const bytesPerLogEvent = 26

/** Assumptions about what cannot be measured here. */
export const assumed = {
  /** Until the answer to one call from a warm function in the same region. All calls count as made one after the other. */
  dynamoDbMilliseconds: 4,
  kmsMilliseconds: 10,
  /** Memory at which a function has one processor: https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html */
  megabytesPerProcessor: 1769,
} as const
