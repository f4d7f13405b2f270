import type { EndpointPattern } from '../../lib/decision/endpoint-pattern.ts'
import { parseEndpointPattern } from '../../lib/decision/endpoint-pattern.ts'
import type { ApiGrants, Grants } from '../../lib/decision/grants.ts'
import { noApiGrants, noGrants } from '../../lib/decision/grants.ts'
import type { ProtectedApi } from '../../lib/decision/protected-api.ts'
import type { Role } from '../../lib/decision/role.ts'
import { roleOf } from '../../lib/decision/role.ts'
import type { Section } from '../../lib/decision/section.ts'
import { levelOfMethod } from '../../lib/decision/section.ts'
import type { Subject } from '../../lib/decision/subject.ts'
import { compileWhitelist } from '../../lib/whitelist/match.ts'

export const pattern = (text: string): EndpointPattern => {
  const parsed = parseEndpointPattern(text)
  if (!parsed.ok) throw new Error(`${text} ${parsed.message}`)
  return parsed.pattern
}

/** A section whose levels follow from the methods, as those of the contract do. */
export const section = (name: string, endpoints: readonly string[]): Section => ({
  name,
  title: name,
  endpoints: endpoints.map((text) => ({
    pattern: pattern(text),
    level: levelOfMethod(text.split(' ')[0] ?? ''),
  })),
})

export const grants = (held: Partial<Grants>): Grants => ({ ...noGrants, ...held })

/** Grants at the API of `shop`. */
export const atShop = (held: Partial<ApiGrants>): Grants =>
  grants({ apis: new Map([[shop.apiId, { ...noApiGrants, ...held }]]) })

export const role = (name: string, held: Grants): Role =>
  roleOf({ roleId: 1000, name, builtIn: false, grants: held })

export const orders = section('orders', ['GET /orders', 'POST /orders', 'GET /orders/{id}'])

/** An API of `org_1` with the section `orders`. */
export const shop: ProtectedApi = {
  apiId: 'api_4k2m9x7q1w8e',
  name: 'shop',
  organizationId: 'org_1',
  audience: 'https://shop.example',
  sections: [orders],
  shares: [],
}

type Parts = Partial<Omit<Subject, 'whitelist' | 'membership' | 'organization'>> & {
  readonly whitelist?: readonly string[]
  readonly organization?: Partial<Subject['organization']>
  readonly membership?: Partial<NonNullable<Subject['membership']>> | null
}

/** An active user of an active organization without a whitelist, who holds nothing. */
export const subject = ({ whitelist = [], organization, membership, ...rest }: Parts = {}): Subject => ({
  userId: 'usr_4k2m9x7q1w8e5r3t',
  username: 'partner-42',
  userStatus: 'active',
  provenBy: { kind: 'token', keyId: 'key_1', sessionId: null, actorId: null, audience: null },
  actor: null,
  accountGroups: [1, 2, 3],
  ...rest,
  organization: { organizationId: 'org_1', isActive: true, whitelistRequired: false, ...organization },
  membership:
    membership === null
      ? null
      : {
          status: 'active',
          loginAccountGroup: null,
          allAccountGroupRoles: [],
          accountGroupRoles: [],
          own: noGrants,
          integrationVendor: null,
          ...membership,
        },
  whitelist: compileWhitelist(whitelist),
})
