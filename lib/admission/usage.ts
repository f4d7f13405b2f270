import type { Decision } from '../decision/decide.ts'
import { vendorOf } from '../decision/subject.ts'

/** One decided request of a user whom an integration vendor provides. */
export type Usage = {
  readonly organizationId: string
  readonly integrationVendor: string
  readonly allowed: boolean
}

/** Hears of each decision about a known caller; decides nothing, and must not throw. */
export type CountUsage = (usage: Usage) => void

/** Null for callers without a vendor: each further set of dimensions of a metric costs money every month. */
export const usageOf = ({ allow, subject }: Decision): Usage | null => {
  if (subject === null) return null
  const integrationVendor = vendorOf(subject)
  if (integrationVendor === null) return null
  return { organizationId: subject.organization.organizationId, integrationVendor, allowed: allow }
}
