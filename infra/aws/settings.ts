import * as z from 'zod'

// A context value is typed in cdk.json and text after `-c key=value`.
const flag = z.union([z.boolean(), z.stringbool({ truthy: ['true'], falsy: ['false'] })])
const wholeNumber = (minimum: number, maximum: number) =>
  z.union([z.number(), z.string().regex(/^\d+$/).transform(Number)]).pipe(z.int().min(minimum).max(maximum))

/** The retention times that CloudWatch Logs knows; it refuses every other. */
const retentionDaysOfLogs = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
]

const mailAddress = /^(?:[^<>"\r\n]*<)?([^<>"@\s]+@([a-zA-Z0-9-]+(?:\.[a-zA-Z0-9-]+)+))>?$/

const isOrigin = (text: string): boolean => {
  const isUrl = URL.canParse(text)
  return isUrl && new URL(text).protocol === 'https:' && new URL(text).origin === text
}

const settingsSchema = z.object({
  /** Adds a small API behind the authorizer, to try it on. */
  demo: flag.default(false).describe('true or false'),
  /** Without it no mail can leave; the synthesis warns. */
  mailFrom: z.string().regex(mailAddress).optional().describe('an e-mail address, or `Name <address>`'),
  /** Asks SES to verify the sender: its one address, or its whole domain (with DKIM). */
  createMailIdentity: z
    .enum(['none', 'address', 'domain'])
    .default('none')
    .describe('none, address or domain'),
  /** Where callers reach the API and where mailed links lead; the API's own endpoint when absent. */
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
  adminEmail: z.email().optional().describe('an e-mail address'),
  /** How long a revoked credential may live on in a warm authorizer. */
  authorizerCacheSeconds: wholeNumber(0, 300).default(5).describe('a whole number from 0 to 300'),
  /** Whose the gateways are that nobody registered: the first organization's, or nobody's. */
  unregisteredGateways: z
    .enum(['first-organization', 'deny'])
    .default('first-organization')
    .describe('first-organization or deny'),
  /** API Gateway's own cache of answers, on top of the above. */
  authorizerResultCacheSeconds: wholeNumber(0, 3600).default(0).describe('a whole number from 0 to 3600'),
  /** A cloud provider's list that no download has confirmed for longer lets nobody in. */
  providerMaximumAgeDays: wholeNumber(1, 365).default(30).describe('a whole number from 1 to 365'),
  /** Where the lists of cloud providers are; the official addresses when absent (docs/whitelist.md). */
  providerSources: z
    .string()
    .min(1)
    .optional()
    .describe('a URL, or a JSON object from provider to a list of URLs'),
  logRetentionDays: wholeNumber(1, 3653)
    .refine((days) => retentionDaysOfLogs.includes(days))
    .default(90)
    .describe(`one of ${retentionDaysOfLogs.join(', ')}`),
  requestsPerSecond: wholeNumber(1, 10_000).default(100).describe('a whole number from 1 to 10000'),
  /** How many logins run at once, reserved for them; as many as the account has left when absent. */
  loginConcurrency: wholeNumber(1, 10_000).optional().describe('a whole number from 1 to 10000'),
  /** SNS topic that hears the alarms; without it they only show in the console. */
  alarmTopicArn: z
    .string()
    .regex(/^arn:[\w-]+:sns:/)
    .optional()
    .describe("an SNS topic's ARN"),
  /** What a deletion of the stack does to the table, the signing key and the logs. */
  removalPolicy: z.enum(['retain', 'destroy']).default('retain').describe('retain or destroy'),
  /** Off in the first deployment: CloudFormation could not take a protected table back, should something else fail. */
  deletionProtection: flag.default(false).describe('true or false'),
  logLevel: z.enum(['DEBUG', 'INFO', 'WARN', 'ERROR']).default('INFO').describe('DEBUG, INFO, WARN or ERROR'),
})

export type Settings = z.output<typeof settingsSchema>

/**
 * Reads the deployment's settings out of the CDK context (`-c key=value`, or `context` in cdk.json).
 * @throws Error that names every context key at fault and what it must be.
 */
export const readSettings = (context: (key: string) => unknown): Settings => {
  const given = Object.fromEntries(
    Object.keys(settingsSchema.shape).map((key) => [key, context(key) ?? undefined]),
  )
  const result = settingsSchema.safeParse(given)
  if (result.success) return result.data
  const keysAtFault = new Set(result.error.issues.map((issue) => issue.path[0]))
  const faults = Object.entries(settingsSchema.shape)
    .filter(([key]) => keysAtFault.has(key))
    .map(([key, { description }]) => `"${key}" must be ${description}, but is ${JSON.stringify(given[key])}`)
  throw new Error(`These settings (CDK context keys) are wrong:\n  ${faults.join('\n  ')}`)
}

/** The bare address of a sender `Name <address>`, and its domain. */
export const mailAddressOf = (sender: string): { address: string; domain: string } => {
  const [, address = '', domain = ''] = mailAddress.exec(sender) ?? []
  return { address, domain }
}
