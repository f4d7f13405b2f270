import type { Decision } from '../decision/decide.ts'
import { vendorOf } from '../decision/subject.ts'
import type { OrganizationId } from '../secrets/key-id.ts'

/** One decision about a user of an integration vendor. */
export type Usage = {
  readonly organizationId: OrganizationId
  readonly integrationVendor: string
  readonly allowed: boolean
}

/** Called for each decision about a user of a vendor. Must not throw. */
export type CountUsage = (usage: Usage) => void

/** Null for users without a vendor: every set of metric dimensions has a monthly price. */
export const usageOf = ({ allow, subject }: Decision): Usage | null => {
  if (subject === null) return null
  const integrationVendor = vendorOf(subject)
  if (integrationVendor === null) return null
  return { organizationId: subject.organization.organizationId, integrationVendor, allowed: allow }
}
