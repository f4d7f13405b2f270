import * as z from 'zod'
import { shownInstant as instant, status } from '../contract/fields.ts'
import { credentialKinds } from '../secrets/key-id.ts'

export const Credential = z
  .object({
    keyId: z.string(),
    kind: z.enum(credentialKinds),
    name: z.string(),
    status: status.meta({ description: 'While `disabled`, it is refused like one that is not there.' }),
    createdAt: instant,
    expiresAt: instant.nullable(),
    lastUsedAt: instant.nullable().meta({ description: 'To within an hour.' }),
    replaces: z.string().optional().meta({ description: 'The keyId of the one that it was rotated from.' }),
    replacedExpiresAt: instant.optional().meta({
      description:
        'When that one stops working: until then both do. With `endOldOnFirstUse` it can be sooner.',
    }),
    replacedBy: z.string().optional().meta({
      description: 'The keyId of the newest one that it was rotated to; this one works until `expiresAt`.',
    }),
    imported: z
      .literal(true)
      .optional()
      .meta({ description: 'Its secret was made elsewhere, and only the hash of it is known here.' }),
    clientId: z
      .string()
      .optional()
      .meta({ description: 'Of an imported key: what is presented beside its secret.' }),
  })
  .meta({ id: 'Credential' })
export type Credential = z.infer<typeof Credential>

const NewKey = Credential.extend({
  kind: z.literal('key'),
  secret: z.string().meta({ description: 'The secret of the key, shown this once.' }),
}).meta({ id: 'NewKey' })

const NewToken = Credential.extend({
  kind: z.literal('token'),
  token: z.string().meta({ description: 'The token, shown this once.' }),
}).meta({ id: 'NewToken' })

export const NewCredential = z.discriminatedUnion('kind', [NewKey, NewToken]).meta({
  id: 'NewCredential',
  discriminator: {
    propertyName: 'kind',
    mapping: { key: '#/components/schemas/NewKey', token: '#/components/schemas/NewToken' },
  },
})
/** Each has what the other has not, so that either may be asked of both. */
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
