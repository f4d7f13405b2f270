import * as z from 'zod'
import * as field from '../contract/fields.ts'
import { shownStatuses } from '../identity/member.ts'
import { identityFields } from '../identity/user-fields.ts'

export const UserListQuery = z.strictObject({
  q: field.line(200).optional().meta({
    description:
      'Words, each the beginning of the username, of the e-mail or of a word of the names. Upper and lower case, accents and punctuation do not matter. The e-mail of guests is not searched. Or a key id, for the user who has this key or token, if the caller may also read the credentials of that user.',
  }),
  status: field.status.optional(),
  role: field
    .line(100)
    .optional()
    .meta({ description: 'The name or the number of a role that is held for any account group.' }),
  accountGroup: field.accountGroupInQuery.optional().meta({
    description:
      'The `aid` of an account group: users with roles in it, or whose sessions begin in it. (`aid` is the account group of the request.)',
  }),
  integrationVendor: field.vendorId
    .optional()
    .meta({ description: 'The `vendorId` of an integration vendor.' }),
  accessLevel: z.enum(identityFields.accessLevel.options).optional(),
  membership: z.enum(shownStatuses).optional().meta({
    description:
      '`home` for users whose home is this organization; or the status of the membership of a guest.',
  }),
  hasOwnGrants: z
    .enum(['true', 'false'])
    .transform((text) => text === 'true')
    .optional()
    .meta({
      type: 'boolean',
      description:
        '`true` for users with rights besides those of their roles: `permissions` or `endpoints` of their own, or an `impersonation` other than `none`.',
    }),
  order: z.enum(['ascending', 'descending']).optional().meta({
    description:
      'By username, with `q` by the word that was found and then by username; default ascending. There is no other order.',
  }),
  limit: field.limit,
  cursor: field.cursor,
})
export type UserListQuery = z.infer<typeof UserListQuery>
