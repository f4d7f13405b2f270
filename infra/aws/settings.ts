import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import * as z from 'zod'

const wholeNumber = (minimum: number, maximum: number) => z.int().min(minimum).max(maximum)

/** The only retention times that CloudWatch Logs accepts. */
const retentionDaysOfLogs = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
]

const mailAddress = /^(?:[^<>"\r\n]*<)?([^<>"@\s]+@([a-zA-Z0-9-]+(?:\.[a-zA-Z0-9-]+)+))>?$/

const isOrigin = (text: string): boolean => {
  const isUrl = URL.canParse(text)
  return isUrl && new URL(text).protocol === 'https:' && new URL(text).origin === text
}

const settingsSchema = z.strictObject({
  /** Adds a small example API behind the authorizer. */
  demo: z.boolean().default(false).describe('true or false'),
  /** If null, Postern sends no mail, and the synthesis warns. */
  mailFrom: z
    .string()
    .regex(mailAddress)
    .nullable()
    .describe('an e-mail address, `Name <address>`, or null to send no mail'),
  /** Asks SES to verify the sender's address or its whole domain (with DKIM). */
  createMailIdentity: z
    .enum(['none', 'address', 'domain'])
    .default('none')
    .describe('none, address or domain'),
  /** The origin of the API and of mailed links; default: the API's own endpoint. */
  publicOrigin: z
    .string()
    .refine(isOrigin)
    .optional()
    .describe('an https origin such as https://api.example.com, without path or trailing slash'),
  organizationName: z.string().trim().min(1).max(200).default('Example').describe('1 to 200 characters'),
  adminUsername: z
    .string()
    .regex(/^[A-Za-z0-9.@_+-]{1,128}$/)
    .default('admin')
    .describe('1 to 128 letters, digits and . @ _ + -'),
  adminEmail: z
    .email()
    .nullable()
    .describe('an e-mail address, or null to have the credentials shown once on the terminal'),
  /** How long a warm authorizer may still accept a revoked credential. */
  authorizerCacheSeconds: wholeNumber(0, 300).default(5).describe('a whole number from 0 to 300'),
  /** Who owns unregistered gateways: the first organization or nobody. */
  unregisteredGateways: z
    .enum(['first-organization', 'deny'])
    .default('first-organization')
    .describe('first-organization or deny'),
  /** Lifetime of API Gateway's own cache of answers, in addition to the above. */
  authorizerResultCacheSeconds: wholeNumber(0, 3600).default(0).describe('a whole number from 0 to 3600'),
  /** A cloud provider's list that no download has confirmed for longer admits no address. */
  providerMaximumAgeDays: wholeNumber(1, 365).default(30).describe('a whole number from 1 to 365'),
  /** URLs of the cloud providers' lists; default: the official ones (docs/whitelist.md). */
  providerSources: z
    .string()
    .min(1)
    .optional()
    .describe('a URL, or a JSON object from provider to a list of URLs'),
  /** Whether recent addresses and endpoints of users are recorded. */
  sightings: z.enum(['on', 'off']).default('on').describe('on or off'),
  logRetentionDays: wholeNumber(1, 3653)
    .refine((days) => retentionDaysOfLogs.includes(days))
    .default(90)
    .describe(`one of ${retentionDaysOfLogs.join(', ')}`),
  requestsPerSecond: wholeNumber(1, 10_000).default(100).describe('a whole number from 1 to 10000'),
  /** Concurrency reserved for logins; default: shares the account's unreserved concurrency. */
  loginConcurrency: wholeNumber(1, 10_000).optional().describe('a whole number from 1 to 10000'),
  /** New session tokens of one organization; KMS signs 1,000 a second for an account and region unless AWS raises the quota. */
  sessionTokensPerMinute: wholeNumber(1, 10_000_000)
    .default(30_000)
    .describe('a whole number from 1 to 10000000'),
  /** SNS topic of the alarms; without it they only show in the console. */
  alarmTopicArn: z
    .string()
    .regex(/^arn:[\w-]+:sns:/)
    .optional()
    .describe("an SNS topic's ARN"),
  /** What a deletion of the stack does to the table, the signing key and the logs. */
  removalPolicy: z.enum(['retain', 'destroy']).default('retain').describe('retain or destroy'),
  /** Off in the first deployment: CloudFormation cannot delete a protected table when it rolls back. */
  deletionProtection: z.boolean().default(false).describe('true or false'),
  /** `WARN` leaves out what succeeded. Refusals and faults are logged at each level. */
  logLevel: z.enum(['INFO', 'WARN']).default('INFO').describe('INFO or WARN'),
  /** Of Lambda's own lines: with `INFO`, one at the start and one at the end of each invocation. */
  lambdaLogLevel: z.enum(['INFO', 'WARN']).default('WARN').describe('INFO or WARN'),
  /** The share of allowed decisions that the authorizer logs. */
  allowSamplingRate: z.number().min(0).max(1).default(1).describe('a number from 0 to 1'),
  /** Of the log groups that no alarm and no metric reads. */
  logClass: z
    .enum(['STANDARD', 'INFREQUENT_ACCESS'])
    .default('STANDARD')
    .describe('STANDARD or INFREQUENT_ACCESS'),
})

const consistentSettings = settingsSchema.refine(
  ({ createMailIdentity, mailFrom }) => createMailIdentity === 'none' || mailFrom !== null,
  '"createMailIdentity" needs a "mailFrom" to verify',
)

export type Settings = z.output<typeof settingsSchema>

/** Says what is wrong with the settings. */
export class SettingsError extends Error {}

const example = '{ "mailFrom": "postern@example.com", "adminEmail": "you@example.com" }'

/**
 * Reads the settings of a deployment from a JSON file that is kept with the code, so that every deployment uses it.
 * @throws SettingsError that names the file, every invalid setting and its valid values.
 */
export const readSettingsFile = (file: string): Settings => {
  const name = basename(file)
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
    throw new SettingsError(
      `There is no ${name}. Write your settings into ${file} and commit it (docs/deploy.md), for instance:\n  ${example}`,
    )
  }
  let given: unknown
  try {
    given = JSON.parse(text)
  } catch (error) {
    throw new SettingsError(`${name} is no JSON: ${error instanceof Error ? error.message : error}`)
  }
  return readSettings(given, name)
}

/** @throws SettingsError */
export const readSettings = (given: unknown, file = 'postern.json'): Settings => {
  const result = consistentSettings.safeParse(given)
  if (result.success) return result.data
  const faults = result.error.issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => `"${key}" is no setting`)
    const [key] = issue.path
    if (issue.code === 'custom' && key === undefined) return [issue.message]
    return typeof key === 'string' ? [faultOf(key, given)] : [`they must be an object such as ${example}`]
  })
  throw new SettingsError(`The settings in ${file} are wrong:\n  ${[...new Set(faults)].join('\n  ')}`)
}

export const settingNames: readonly string[] = Object.keys(settingsSchema.shape)

const faultOf = (key: string, given: unknown): string => {
  const wanted = Object.entries(settingsSchema.shape).find(([name]) => name === key)?.[1].description
  const value = Object.entries(given ?? {}).find(([name]) => name === key)?.[1]
  return value === undefined
    ? `"${key}" is missing: it must be ${wanted}`
    : `"${key}" must be ${wanted}, but is ${JSON.stringify(value)}`
}

/**
 * Refuses settings given with `-c`: the next deployment would revert them, remove the mail identity and the alarms' topic, or,
 * if the origin changes, end every session.
 *
 * @param context the whole CDK context.
 * @throws SettingsError that says where the setting belongs.
 */
export const refuseSettingsIn = (context: Readonly<Record<string, unknown>>, file: string): void => {
  const misplaced = Object.keys(context).filter((key) =>
    settingNames.some((name) => name.toLowerCase() === key.toLowerCase()),
  )
  if (misplaced.length === 0) return
  const names = misplaced.map((key) => `"${key}"`).join(', ')
  throw new SettingsError(
    `Settings belong in ${basename(file)}, not after -c and not in cdk.json: a deployment without them would take them back. Move: ${names}`,
  )
}

/** The bare address of a sender `Name <address>`, and its domain. */
export const mailAddressOf = (sender: string): { address: string; domain: string } => {
  const [, address = '', domain = ''] = mailAddress.exec(sender) ?? []
  return { address, domain }
}
