import * as z from 'zod'
import { parseEndpointPattern } from '../decision/endpoint-pattern.ts'
import { permissionLevels } from '../decision/section.ts'
import { splitEndpoint } from '../decision/stored-grants.ts'
import { readImportedHash } from '../secrets/imported-password-hash.ts'
import { parseEntry } from '../whitelist/entry.ts'
import { providerWords } from '../whitelist/provider.ts'
import { ianaTimeZone } from './time-zone.ts'

/** Fields that several endpoints share. The OpenAPI document states their rules as far as JSON Schema can express them. */

// biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern refuses control characters.
const noControlCharacter = /^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]*$/
// biome-ignore lint/suspicious/noControlCharactersInRegex: likewise, line breaks included.
const noLineBreakOrControl = /^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$/

const wellFormed = (text: string): boolean => text.isWellFormed()

/** @param maximum in characters (code points), as in JSON Schema: an emoji counts as one */
export const text = (maximum: number) =>
  z
    .string()
    .refine((given) => [...given].length <= maximum, `must have at most ${maximum} characters`)
    .refine(wellFormed, 'must be well-formed Unicode')
    .meta({ maxLength: maximum })

/** Text of one line, stored verbatim. */
export const line = (maximum: number) =>
  text(maximum).regex(noLineBreakOrControl, 'must not contain line breaks or control characters')

const charactersOf = (...scripts: readonly string[]): string =>
  scripts.map((script) => `\\p{scx=${script}}`).join('')
const cursive = charactersOf('Arab', 'Syrc', 'Mong', 'Nkoo', 'Mand', 'Adlm', 'Rohg')
/** A joiner changes how the letters before it look, also at the end of a word. */
const brahmic = charactersOf(
  ...['Deva', 'Beng', 'Guru', 'Gujr', 'Orya', 'Taml', 'Telu', 'Knda', 'Mlym', 'Sinh', 'Khmr', 'Mymr'],
)
/**
 * Characters that nobody sees and that make one name look like another, or reorder the text around it (bidirectional controls, Trojan
 * Source CVE-2021-42574): those that Unicode calls ignorable, interlinear annotations, format controls of hieroglyphs, and blanks that are
 * no white space (Braille, Khitan, musical). Variation selectors choose the picture of an
 * emoji or an ideograph. Joiners belong to the spelling in scripts whose letters join (UAX #31), such as Persian and Sinhala, and to emoji;
 * at the end of a Persian word or of an emoji nobody sees them.
 *
 * Built for the first text beyond ASCII, which has none of them: it takes 4 ms of a start.
 */
let invisiblePattern: RegExp | undefined
const invisible = (): RegExp => {
  invisiblePattern ??= new RegExp(
    [
      String.raw`(?<![\p{ExtPict}\p{VS}\p{EMod}${cursive}${brahmic}])[\u200c\u200d]`,
      String.raw`(?<![${brahmic}])[\u200c\u200d](?![\p{ExtPict}${cursive}])`,
      String.raw`(?<![\p{Emoji}\p{scx=Hani}\p{scx=Mong}\p{scx=Mymr}])\p{VS}`,
      // Digits are emoji only in keycaps.
      String.raw`(?<=[0-9#*])\p{VS}(?!\u20e3)`,
      String.raw`(?![\u200c\u200d\p{VS}])\p{DI}`,
      String.raw`[\ufff9-\ufffc\u2800\u{13430}-\u{1343f}\u{16fe4}\u{1d159}]`,
    ].join('|'),
    'u',
  )
  return invisiblePattern
}

const ascii = /^\p{ASCII}*$/u

/** A line that people know something by. */
export const name = (maximum: number) =>
  line(maximum).refine(
    (given) => ascii.test(given) || !invisible().test(given),
    'must not contain invisible characters',
  )

/** Text of several lines, stored verbatim. */
export const prose = (maximum: number) =>
  text(maximum).regex(noControlCharacter, 'must not contain control characters')

/**
 * ASCII only, so that no other system can fold a look-alike character into another user's name (CVE-2019-19844). No colon, because it
 * ends the user name in Basic authentication.
 */
const usernamePattern = /^[A-Za-z0-9.!#$%&'*+/=?^_{|}~@-]+$/
export const username = z
  .string()
  .min(1, 'must not be empty')
  .max(128, 'must have at most 128 characters')
  .regex(
    usernamePattern,
    "may contain only the letters A-Z, digits and .!#$%&'*+/=?^_{|}~@- (no blank, no colon)",
  )
  .meta({
    description: 'Unique in the deployment, regardless of case.',
    examples: ['partner-42'],
  })

const emailPattern =
  /^[A-Za-z0-9!#$%&'*+/=?^_{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_{|}~-]+)*@[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/
export const email = z
  .string()
  .max(254, 'must have at most 254 characters')
  .regex(emailPattern, 'must be one plain e-mail address, for example "ops@partner.example"')
  .meta({ description: 'Password resets are mailed to it. It need not be unique or deliverable.' })

/** A username or e-mail address for a login or a reset. Only looked up, so most texts are accepted. */
export const login = line(254).min(1, 'must not be empty')

export const timezone = z
  .string()
  .max(64, { error: 'must have at most 64 characters', abort: true })
  .refine((name) => ianaTimeZone(name) !== undefined, {
    error: 'must be an IANA time zone, for example "Europe/Berlin" or "UTC"',
  })
  .overwrite((name) => ianaTimeZone(name) ?? name)
  .meta({
    description: 'An IANA name in upper or lower case; link names such as "US/Pacific" are kept.',
    examples: ['Europe/Berlin'],
  })

export const status = z.enum(['active', 'disabled'])

/** Refuses only what cannot be hashed; `lib/secrets/password-rules.ts` checks the organization's rules. */
export const password = z
  .string()
  .refine(wellFormed, 'must be well-formed Unicode')
  .meta({ format: 'password' })

/** A password hash from another system. */
export const passwordHash = z
  .string()
  .check((context) => {
    const read = readImportedHash(context.value)
    if (!read.ok) context.issues.push({ code: 'custom', message: read.message, input: context.value })
  })
  .meta({ format: 'password' })

/** A token that was mailed in a link. */
export const mailedToken = text(512).min(1, 'must not be empty')

/**
 * The query of a page that a mailed link opens. The page shows its form for any token; only the POST checks it. Not strict, because mail
 * programs and scanners add parameters to links (`utm_source`).
 */
export const linkQuery = z.object({ token: text(512).optional() })

export const instant = z.iso.datetime({
  offset: true,
  message: 'must be a time with its offset, for example "2027-01-31T12:00:00Z"',
})

/** Seconds since 1970. */
export const epochSeconds = z
  .int()
  .nonnegative()
  .meta({ format: 'int64', description: 'Seconds since 1970.' })

export const sectionName = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[a-z0-9][a-z0-9._-]*$/, 'must be lower-case letters, digits and . _ -')

/** A slug, unique among the APIs that an organization sees. */
export const apiName = z
  .string()
  .min(1)
  .max(63)
  .regex(/^[a-z][a-z0-9-]*$/, 'must be lower-case letters, digits and -, and begin with a letter')
  .refine((name) => !name.startsWith('postern'), 'must not begin with "postern", which is reserved')

/** An API by its name or its id. */
export const apiReference = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,63}$/, 'is not the name or id of an API')
  .meta({ description: 'An API by its name or its apiId.', examples: ['shop'] })

/** A section, with the API's name in front if there are several APIs. */
const permissionName = z
  .string()
  .max(128)
  .regex(
    /^(?:[a-z][a-z0-9_-]{0,63}\/)?[a-z0-9][a-z0-9._-]{0,63}$/,
    'must be a section, or <api>/<section>, in lower-case letters, digits and . _ -',
  )

export const permissions = z
  .record(permissionName, z.enum([...permissionLevels, 'deny']))
  .refine((map) => Object.keys(map).length <= 100, 'must name at most 100 sections')
  .meta({
    description:
      'Maps section names to `read` or `write` (which includes read). Put the name of the API and a slash in front unless it is the only API that the organization owns (or sees, if it owns none). Permissions only add up: `deny` is the same as leaving the section out, and is refused if a role of the user grants the section.',
    examples: [{ 'shop/orders': 'read' }],
  })

export const endpoint = z.string().check((context) => {
  const parsed = parseEndpointPattern(context.value)
  if (!parsed.ok) context.issues.push({ code: 'custom', message: parsed.message, input: context.value })
})

/** With the API's name and a blank in front if there are several APIs. */
const grantedEndpoint = z.string().check((context) => {
  const parsed = parseEndpointPattern(splitEndpoint(context.value).endpoint)
  if (!parsed.ok) context.issues.push({ code: 'custom', message: parsed.message, input: context.value })
})

export const endpoints = z
  .array(grantedEndpoint)
  .max(200, 'must have at most 200 entries')
  .meta({
    description:
      'Single endpoints: method, one blank, path within the API; `{name}` matches one segment, a last `*` the rest. Put the name of the API and a blank in front unless it is the only API that the organization owns (`shop GET /orders/*`).',
    examples: [['GET /orders/*']],
  })

const whitelistEntry = z.string().check((context) => {
  const parsed = parseEntry(context.value)
  if (!parsed.ok) context.issues.push({ code: 'custom', message: parsed.message, input: context.value })
})

export const whitelist = z
  .array(whitelistEntry)
  .max(200, 'must have at most 200 entries')
  .meta({
    description: `IPv4 or IPv6 addresses, CIDR ranges, or a cloud: ${providerWords('or')}, best narrowed (\`AWS:eu-west-1\`). Empty = any address.`,
    examples: [['203.0.113.7', '2001:db8::/32', 'AWS:eu-west-1']],
  })

/** The number of a role or an account group. */
export const number = z.int().min(1).max(999_999_999)

/** A role by its number or its name. */
export const roleReference = z
  .union([number, text(100).min(1)])
  .meta({ description: 'A role by its roleId or its name, for example "User".', examples: ['User'] })

/** An id in a path. Other characters never occur in ids and are refused before any read. */
export const id = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'is not an id')
/** Not zod's `templateLiteral`, whose first use takes 4 ms of a start. */
const idOf = <const P extends string>(prefix: P, what: string) =>
  z.string().regex(new RegExp(`^${prefix}[A-Za-z0-9_-]{1,60}$`), what) as z.ZodType<string> as z.ZodType<
    `${P}${string}`,
    string
  >
export const userId = idOf('usr_', 'is not the id of a user')
export const organizationId = idOf('org_', 'is not the id of an organization')
export const apiId = idOf('api_', 'is not the id of an API')
/** Of a protected API, or `postern` for Postern itself. */
export const apiIdOrPostern = z.union(
  [z.literal('postern'), apiId],
  'is neither the id of an API nor "postern"',
)
export const vendorId = idOf('vnd_', 'is not the id of an integration vendor')
export const factorId = idOf('fac_', 'is not the id of a second factor')
export const ceremonyId = idOf('cer_', 'is not the id of an enrollment or a challenge')
export const bindingId = idOf('gwb_', 'is not the id of a binding')
export const keyId = idOf('key_', 'is not the id of a key or a token')
export const sessionId = idOf('ses_', 'is not the id of a session')

const largestVersion = 2_147_483_647
export const version = z
  .int()
  .min(0)
  .max(largestVersion)
  .meta({ description: 'The version on which the change is based. An older one is refused with 409.' })

/** Up to the largest integer that is exact in JSON (RFC 8259 section 6). */
export const rateLimitPerMinute = z.int().min(1, 'must be at least 1')

/** A whole number in a query. A string on the wire, but an integer in the OpenAPI document. */
export const countInQuery = (minimum: number, maximum: number) =>
  z
    .string()
    .regex(/^[0-9]{1,6}$/, 'must be a number')
    .transform(Number)
    .refine((count) => count >= minimum && count <= maximum, `must be from ${minimum} to ${maximum}`)
    .meta({ type: 'integer', minimum, maximum })

/** 1, or as `chosenNumber`. */
export const accountGroupInQuery = z
  .string()
  .regex(/^[1-9][0-9]{0,8}$/, 'must be the number of an account group')
  .transform(Number)
  .meta({ type: 'integer', minimum: 1, maximum: 999_999_999 })

export const limit = countInQuery(1, 100)
  .optional()
  .meta({ description: 'Maximum number of rows; default 50.' })

export const cursor = z
  .string()
  .max(2048)
  .regex(/^[A-Za-z0-9_-]+$/, 'is not a cursor of this list')
  .optional()
  .meta({
    description:
      'The `nextCursor` of the previous page, with the same query in the same account group; only `limit` may differ.',
  })

export const idempotencyKey = z
  .string()
  .regex(/^[\x21-\x7e]{1,255}$/, 'must be 1 to 255 printable characters without blanks, preferably a UUID')

/** For every POST that creates something. The response is stored for a day and returned to repetitions. */
export const idempotent = z.object({
  'idempotency-key': idempotencyKey.optional().meta({
    description: 'Makes retries safe: requests with the same key are carried out once.',
  }),
})

export const impersonation = z.enum(['none', 'full', 'selected']).meta({
  description:
    'Whom the user, or every user with the role for all account groups, may act as. Only a caller with all permissions may set `full` or `selected`.',
})
export const impersonationTargets = z
  .array(userId)
  .max(50, 'must have at most 50 entries')
  .meta({ description: 'For `selected`: user ids of the same organization.' })

/** A time in a response. */
export const shownInstant = z.string().meta({ format: 'date-time' })
