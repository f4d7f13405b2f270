import * as z from 'zod'
import { shownInstant as instant } from './fields.ts'

const seen = {
  firstSeenAt: instant,
  lastSeenAt: instant,
  count: z.int(),
}
const credential = z.string().meta({
  description:
    'The keyId of a key or token; `password` for sessions that a password opened; the userId of the acting user.',
})

export const SeenAddress = z
  .object({
    credential,
    address: z.string(),
    ...seen,
    refused: z.int().meta({ description: 'How many of them were refused.' }),
  })
  .meta({ id: 'SeenAddress' })
export type SeenAddress = z.infer<typeof SeenAddress>

export const SeenCall = z
  .object({
    credential,
    api: z.string().meta({ description: "The apiId of a protected API, or `postern` for Postern's own." }),
    endpoint: z.string(),
    aid: z.int().nullable(),
    needs: z
      .object({ section: z.string(), level: z.enum(['read', 'write']) })
      .nullable()
      .meta({ description: "The permission for a call of Postern's own API; null for protected APIs." }),
    ...seen,
  })
  .meta({ id: 'SeenCall', description: 'Allowed calls, without the ids in their paths.' })
export type SeenCall = z.infer<typeof SeenCall>

/** The recent calls of a user that a change would refuse. */
export const CallImpact = z.object({
  seen: z.object({ addresses: z.int(), endpoints: z.int() }),
  refusedAddresses: z.array(SeenAddress),
  refusedEndpoints: z.array(SeenCall),
})
export type CallImpact = z.infer<typeof CallImpact>
