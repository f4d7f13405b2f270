import * as z from 'zod'
import { shownInstant as instant, keyId, status } from '../contract/fields.ts'
import { credentialKinds } from '../secrets/key-id.ts'

export const Credential = z
  .object({
    keyId,
    kind: z.enum(credentialKinds),
    name: z.string(),
    status: status.meta({ description: 'A `disabled` credential is refused like an unknown one.' }),
    createdAt: instant,
    expiresAt: instant.nullable(),
    lastUsedAt: instant.nullable().meta({ description: 'Accurate to an hour.' }),
    replaces: keyId.optional().meta({ description: 'The keyId of the credential that this one replaced.' }),
    replacedExpiresAt: instant.optional().meta({
      description:
        'When the replaced credential expires. Until then both work. Can be earlier with `endOldOnFirstUse`.',
    }),
    replacedBy: keyId.optional().meta({
      description:
        'The keyId of the newest credential that replaces this one. This one works until `expiresAt`.',
    }),
    imported: z
      .literal(true)
      .optional()
      .meta({ description: 'True if it was imported: only the hash of its secret is stored.' }),
    clientId: z
      .string()
      .optional()
      .meta({ description: 'For an imported key: the client id that is sent with the secret.' }),
  })
  .meta({ id: 'Credential' })
export type Credential = z.infer<typeof Credential>

const NewKey = Credential.extend({
  kind: z.literal('key'),
  secret: z.string().meta({ description: 'The secret of the key, shown only once.' }),
}).meta({ id: 'NewKey' })

const NewToken = Credential.extend({
  kind: z.literal('token'),
  token: z.string().meta({ description: 'The token, shown only once.' }),
}).meta({ id: 'NewToken' })

export const NewCredential = z.discriminatedUnion('kind', [NewKey, NewToken]).meta({
  id: 'NewCredential',
  discriminator: {
    propertyName: 'kind',
    mapping: { key: '#/components/schemas/NewKey', token: '#/components/schemas/NewToken' },
  },
})
/** Both variants have `secret` and `token`, so that either can be read without a check. */
export type NewCredential =
  | (z.infer<typeof NewKey> & { readonly token?: undefined })
  | (z.infer<typeof NewToken> & { readonly secret?: undefined })

export const exampleCredential: Credential = {
  keyId: 'key_a1b2c3d4e54k2m9x7q1w8e5r3tz9y8x7w6v5',
  kind: 'key',
  name: 'production',
  status: 'active',
  createdAt: '2026-11-21T09:00:00.000Z',
  expiresAt: null,
  lastUsedAt: null,
}
