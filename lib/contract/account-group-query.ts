import * as z from 'zod'
import type { Endpoint } from './endpoint.ts'

/**
 * The query parameter `aid` selects the account group of any request that needs a credential. The decision reads it, so endpoints do not
 * declare it unless they use it themselves.
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
        'The number of the account group in which the request is made. Its roles count in addition to those for all account groups. Default: the login account group of the caller.',
    }),
})

export const takesAccountGroup = (endpoint: Endpoint): boolean =>
  endpoint.access !== 'public' && !('aid' in (endpoint.request.query?.shape ?? {}))
