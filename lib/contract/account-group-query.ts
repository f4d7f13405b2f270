import * as z from 'zod'
import type { Endpoint } from './endpoint.ts'

/**
 * `aid` in the query chooses the account group of any request that needs a credential. It is part of who asks, not of what is asked:
 * the decision reads it, and no endpoint names it, unless it wants to see it as well.
 */
export const AccountGroupQuery = z.strictObject({
  aid: z
    .string()
    .regex(/^[1-9][0-9]{0,8}$/)
    .optional()
    .meta({
      type: 'integer',
      minimum: 1,
      maximum: 999_999_999,
      description:
        'The account group in which the request is made, by number: its roles count beside those for all account groups. Without it, the login account group of the caller.',
    }),
})

export const takesAccountGroup = (endpoint: Endpoint): boolean =>
  endpoint.access !== 'public' && !('aid' in (endpoint.request.query?.shape ?? {}))
