import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import { DomainError } from '../effects/domain-error.ts'

/**
 * Refuses a request that no page of the deployment made. A browser sends Origin with every POST, PUT, PATCH and DELETE, and no script
 * can set it or Sec-Fetch-Site. Both must name the own origin; older browsers send only the first.
 *
 * @throws DomainError access_denied
 */
export const refuseOtherSites = ({ headers }: APIGatewayProxyEventV2, origin: string | undefined): void => {
  const { origin: given, 'sec-fetch-site': site = 'same-origin' } = headers
  const isOwn = given !== undefined && given === origin && site === 'same-origin'
  if (isOwn) return
  throw new DomainError('access_denied', {
    detail: "This endpoint takes requests of the console's own pages only.",
  })
}
