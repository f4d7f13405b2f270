import * as z from 'zod'
import * as field from '../contract/fields.ts'
import { longestSecretHash, readSecretHash } from '../secrets/imported-secret-hash.ts'
import { credentialKinds } from '../secrets/key-id.ts'

const name = field.name(100).min(1, 'must not be empty')

const neverExpires = 'Default: null, it never expires.'

export const NewCredentialBody = z
  .strictObject({
    name,
    kind: z.enum(credentialKinds),
    expiresAt: field.instant.nullable().optional().meta({ description: neverExpires }),
  })
  .meta({ id: 'NewCredentialRequest' })
export type NewCredentialBody = z.infer<typeof NewCredentialBody>

const noSha256 = 'must be a SHA-256: 64 hexadecimal digits, or base64 or base64url of 32 bytes'
const secretHash = z
  .string()
  .max(longestSecretHash, { error: noSha256, abort: true })
  .check((context) => {
    if (readSecretHash(context.value) === undefined)
      context.issues.push({ code: 'custom', message: noSha256, input: context.value })
  })

/** Must not look like an id of Postern. */
const clientId = z
  .string()
  .regex(
    /^(?!(?:key|pst|usr|org|ses)_)[\x21-\x39\x3b-\x7e]{1,200}$/,
    'must be 1 to 200 printable ASCII characters without spaces and colons, and must not begin with key_, pst_, usr_, org_ or ses_',
  )

export const CredentialImportBody = z
  .strictObject({
    name,
    kind: z.enum(credentialKinds),
    hash: secretHash.meta({
      description:
        'SHA-256 of the secret as the client sends it: 64 hexadecimal digits, base64 or base64url.',
    }),
    clientId: clientId
      .optional()
      .meta({ description: 'For a key: the client id that is sent with the secret, verbatim.' }),
    expiresAt: field.instant.nullable().optional().meta({ description: neverExpires }),
  })
  .meta({ id: 'CredentialImport' })
export type CredentialImportBody = z.infer<typeof CredentialImportBody>

export const RotationBody = z
  .strictObject({
    name: name.optional(),
    overlapSeconds: z
      .int()
      .min(0)
      .max(30 * 86_400)
      .optional()
      .meta({
        description: 'How many seconds the old one stays valid; default 86400. Never beyond its own expiry.',
      }),
    endOldOnFirstUse: z
      .boolean()
      .optional()
      .meta({ description: 'Whether the first use of the new one ends the old one early.' }),
    expiresAt: field.instant.nullable().optional().meta({
      description:
        'When the new one expires. Default: after the original lifetime of the old one, counted from now. Null: never.',
    }),
  })
  .meta({ id: 'Rotation' })
export type RotationBody = z.infer<typeof RotationBody>

export const CredentialChange = z
  .strictObject({
    name: name.optional(),
    status: field.status.optional(),
    expiresAt: field.instant.nullable().optional().meta({ description: 'Null: never.' }),
  })
  .refine((change) => Object.values(change).some((value) => value !== undefined), {
    path: ['status'],
    message: 'must be given, or name, or expiresAt',
  })
  .meta({ id: 'CredentialChange' })
export type CredentialChange = z.infer<typeof CredentialChange>

export const PasswordChangeBody = z
  .strictObject({
    currentPassword: field.password,
    newPassword: field.password,
    confirmPassword: field.password,
  })
  .meta({ id: 'PasswordChange' })
export type PasswordChangeBody = z.infer<typeof PasswordChangeBody>
