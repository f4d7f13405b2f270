import * as z from 'zod'
import { minimumAuditRetentionDays } from '../audit/occasion.ts'
import { shownBrand } from '../brand/brand-shape.ts'
import { colourPattern } from '../brand/shades.ts'
import type { Endpoint } from '../contract/endpoint.ts'
import * as field from '../contract/fields.ts'
import { shownInstant as instant } from '../contract/fields.ts'
import { exampleCredential, NewCredential } from '../credentials/credential-shape.ts'
import { maximumExpiryWarningDays } from '../credentials/expiry/expiry-warning.ts'
import {
  defaultExpiryWarningDays,
  secondFactorRules,
  selfServiceKeys,
} from '../identity/stored-organization.ts'
import { passwordLink } from '../mail/password-link-shape.ts'
import { exampleUser, User } from '../users/user-shape.ts'

const name = field.name(200).min(1, 'must not be empty')

const settings = {
  name,
  passwordPolicy: z
    .strictObject({
      minimumLength: z.int().min(8, 'must be at least 8').max(128, 'must be at most 128').optional(),
      forbiddenCharacters: field
        .line(100)
        .optional()
        .meta({ description: 'Characters that are not allowed in passwords. Default: empty.' }),
    })
    .meta({ id: 'PasswordPolicyChange' }),
  whitelistRequired: z.boolean().meta({
    description: 'Whether users without a whitelist are denied. Otherwise they may call from any address.',
  }),
  rateLimitPerMinute: field.rateLimitPerMinute.meta({
    description:
      "Requests per minute at Postern's own API, counted separately for self-service and management. Default: 240.",
  }),
  protectedApiRateLimitPerMinute: field.rateLimitPerMinute.nullable().meta({
    description: 'Requests per minute at protected APIs, plus introspections. Default: null, no limit.',
  }),
  selfServiceKeys: z.enum(selfServiceKeys).meta({
    description:
      'What users can do with their own keys and tokens, besides listing and revoking them: `none`, `rotate` (default), or `all` (rotate and create).',
  }),
  secondFactor: z.enum(secondFactorRules).meta({
    description:
      'Whose login with a password needs a second factor: `optional` (default), only of users who have one; `managers`, also of users with management permissions or who may act as others; `everybody`. Applies to sessions that open after the change.',
  }),
  sessionLifetimeSeconds: z.int().min(60).max(43_200),
  resetMailSenderName: field.name(100).meta({ description: 'The sender name of mails.' }),
  colour: z
    .string()
    .toLowerCase()
    .regex(colourPattern, 'must be a colour as #rrggbb')
    .nullable()
    .meta({
      description:
        "The accent of the console, pages and mails, as `#rrggbb`. Any colour is allowed: where it cannot be read, a darker or lighter shade is shown. Default: null, Postern's own.",
      examples: ['#0b6e4f'],
    }),
  auditRetentionDays: z
    .int()
    .min(minimumAuditRetentionDays, `must be at least ${minimumAuditRetentionDays}`)
    .max(3660, 'must be at most 3660')
    .meta({
      description: 'How many days audit rows are kept. A change applies to rows that are written after it.',
    }),
  locations: z
    .array(
      field
        .name(200)
        .refine(
          (text) => text.trim() !== '' && text.trim() === text,
          'must not be empty, and must not begin or end with a space',
        ),
    )
    .max(200, 'must have at most 200 entries')
    .refine((list) => new Set(list).size === list.length, 'must not have duplicates')
    .meta({
      description:
        'The allowed locations of users. Default: empty, any text is allowed. The list is replaced as a whole. Users keep a removed location until it is changed.',
      examples: [['Munich', 'Remote']],
    }),
  expiryWarningDays: z.int().min(0).max(maximumExpiryWarningDays).meta({
    description:
      'How many days before a key or token expires its user and the administrators get a mail, but never in the first half of its lifetime. 0 = no mails.',
  }),
}

export const OrganizationChangeBody = z
  .strictObject(settings)
  .partial()
  .extend({ version: field.version.optional() })
  .meta({ id: 'OrganizationChange' })
export type OrganizationChangeBody = z.infer<typeof OrganizationChangeBody>

export const NewOrganizationBody = z
  .strictObject({
    name,
    administrator: z.strictObject({
      username: field.username,
      email: field.email.nullable().optional(),
      mailPasswordLink: z.boolean().optional().meta({
        description:
          'Mail a link to choose the first password to `email`, as `POST /v1/users` does. The mail counts for your organization.',
      }),
    }),
  })
  .meta({ id: 'NewOrganization' })
export type NewOrganizationBody = z.infer<typeof NewOrganizationBody>

export const Organization = z
  .object({
    organizationId: field.organizationId,
    name: z.string(),
    status: z.enum(['active', 'inactive']),
    passwordPolicy: z.object({ minimumLength: z.int(), forbiddenCharacters: z.string() }),
    whitelistRequired: z.boolean(),
    rateLimitPerMinute: z.int(),
    protectedApiRateLimitPerMinute: z.int().nullable(),
    selfServiceKeys: z.enum(selfServiceKeys),
    secondFactor: z.enum(secondFactorRules),
    sessionLifetimeSeconds: z.int(),
    resetMailSenderName: z.string(),
    ...shownBrand,
    auditRetentionDays: z.int(),
    expiryWarningDays: z.int(),
    locations: z.array(z.string()),
    createdAt: instant,
    version: z.int(),
  })
  .meta({ id: 'Organization' })
export type Organization = z.infer<typeof Organization>

export const exampleOrganization: Organization = {
  organizationId: 'org_a1b2c3d4e5',
  name: 'Example Ltd',
  status: 'active',
  passwordPolicy: { minimumLength: 8, forbiddenCharacters: '' },
  whitelistRequired: false,
  rateLimitPerMinute: 240,
  protectedApiRateLimitPerMinute: null,
  selfServiceKeys: 'rotate',
  secondFactor: 'optional',
  sessionLifetimeSeconds: 900,
  resetMailSenderName: 'Example Ltd',
  colour: null,
  logo: null,
  auditRetentionDays: 366,
  expiryWarningDays: defaultExpiryWarningDays,
  locations: [],
  createdAt: '2026-11-21T09:00:00.000Z',
  version: 1,
}

const look = { section: 'postern-organization', level: 'read' } as const
export const manage = { section: 'postern-organization', level: 'write' } as const
export const one = z.object({ organization: Organization })

export const organizationEndpoints = [
  {
    method: 'GET',
    path: '/v1/organization',
    function: 'organization',
    operationId: 'getOrganization',
    tag: 'organization',
    summary: 'Get your organization',
    access: look,
    request: {},
    response: {
      status: 200,
      description: 'The organization',
      mediaType: 'application/json',
      schema: one,
      example: { organization: exampleOrganization },
    },
    errors: [],
  },
  {
    method: 'PATCH',
    path: '/v1/organization',
    function: 'organization',
    operationId: 'changeOrganization',
    dryRun: true,
    tag: 'organization',
    summary: 'Change your organization',
    description: 'Omitted fields stay unchanged. A new password policy applies to new passwords only.',
    access: manage,
    request: {
      mediaType: 'application/json',
      body: OrganizationChangeBody,
      example: { passwordPolicy: { minimumLength: 15 }, version: 1 },
    },
    response: {
      status: 200,
      description: 'The organization as it is now',
      mediaType: 'application/json',
      schema: one,
      example: {
        organization: {
          ...exampleOrganization,
          passwordPolicy: { minimumLength: 15, forbiddenCharacters: '' },
          version: 2,
        },
      },
    },
    errors: ['version_conflict', 'self_lockout'],
  },
  {
    method: 'POST',
    path: '/v1/organizations',
    function: 'organization',
    operationId: 'createOrganization',
    dryRun: true,
    tag: 'organization',
    summary: 'Create another organization with its first administrator',
    description: 'Only for administrators of the first organization. The token is shown only once.',
    access: manage,
    request: {
      headers: field.idempotent,
      mediaType: 'application/json',
      body: NewOrganizationBody,
      example: {
        name: 'Second Ltd',
        administrator: { username: 'second-admin', email: 'admin@second.example' },
      },
    },
    response: {
      status: 201,
      description: 'The organization, its administrator, and the token of the administrator',
      mediaType: 'application/json',
      schema: z.object({
        organization: Organization,
        user: User,
        credential: NewCredential,
        passwordLink,
      }),
      example: {
        organization: { ...exampleOrganization, name: 'Second Ltd' },
        user: { ...exampleUser, username: 'second-admin', roles: ['Admin'] },
        credential: { ...exampleCredential, kind: 'token', token: 'pst_…' },
      },
    },
    errors: ['username_taken'],
  },
  {
    method: 'PATCH',
    path: '/v1/organizations/{organizationId}',
    function: 'organization',
    operationId: 'switchOrganization',
    dryRun: true,
    tag: 'organization',
    summary: 'Enable or disable another organization',
    description:
      'Only for administrators of the first organization. While an organization is `inactive`, all requests of its users are refused. Users, credentials and settings stay unchanged.',
    access: manage,
    request: {
      params: z.object({ organizationId: field.organizationId }),
      mediaType: 'application/json',
      body: z.strictObject({ status: z.enum(['active', 'inactive']) }).meta({ id: 'OrganizationSwitch' }),
      example: { status: 'inactive' },
    },
    response: {
      status: 200,
      description: 'The organization as it is now',
      mediaType: 'application/json',
      schema: one,
      example: { organization: { ...exampleOrganization, status: 'inactive', version: 2 } },
    },
    errors: ['not_found', 'self_lockout', 'version_conflict'],
  },
] as const satisfies readonly Endpoint[]
