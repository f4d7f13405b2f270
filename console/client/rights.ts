import type { ManagementSection } from '../../lib/contract/endpoint.ts'
import type { PermissionLevel } from '../../lib/decision/section.ts'
import type { Me } from './session.ts'

export type Needs = { readonly section: ManagementSection; readonly level: PermissionLevel }

/** Whether the user holds a permission on Postern's own API. The API decides; this only hides what it would refuse. */
export const holds = ({ management }: Me, { section, level }: Needs): boolean => {
  const held = management[section]
  return held === 'write' || held === level
}
