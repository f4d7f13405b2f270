import type { AuditAction } from '../audit/audit-row.ts'
import type { DryRunReport } from '../contract/sighting-endpoints.ts'
import type { Caller, Origin } from '../http/operation.ts'
import { foreseeChange } from '../sightings/foresee-change.ts'
import type { ReadSightings } from '../sightings/show-sightings.ts'
import { sightingsOf } from '../sightings/show-sightings.ts'
import type { Write } from '../table/transaction.ts'
import { rangesForTexts } from '../whitelist/prepared-ranges.ts'
import { outcomeWithoutWriting } from './administrator-count.ts'
import type { ChangeUserDependencies, Expected } from './change-user.ts'
import { changeUser } from './change-user.ts'
import type { Member } from './member.ts'
import type { UserChange } from './user-change.ts'

export type RehearseChangeDependencies = ChangeUserDependencies & { readonly readSightings: ReadSightings }

export type RehearsedChange = { readonly after: Member; readonly report: DryRunReport }

/**
 * The whole change, but for its writes, and what it would refuse of what was seen of late.
 *
 * @throws DomainError as `changeUser` does: what would be refused is refused here too
 */
export const rehearseChange = async (
  dependencies: RehearseChangeDependencies,
  caller: Caller,
  userId: string,
  change: UserChange,
  expected: Expected,
  origin: Origin,
  action?: AuditAction,
): Promise<RehearsedChange> => {
  const administratorCount = caller.snapshot.organization?.administratorCount ?? 0
  const unwritten = {
    ...dependencies,
    write: (writes: readonly Write[]) => Promise.resolve(outcomeWithoutWriting(writes, administratorCount)),
  }
  const after = await changeUser(unwritten, caller, userId, change, expected, origin, action)
  const { organizationId } = caller.subject.organization
  const [sightings, ranges] = await Promise.all([
    sightingsOf(dependencies.readSightings, organizationId, userId),
    rangesForTexts(dependencies.prepareRanges, after.user.whitelist),
  ])
  const apis = await dependencies.readApis((caller.snapshot.policy?.apis ?? []).map(({ apiId }) => apiId))
  return { after, report: foreseeChange(after, caller, sightings, ranges, apis) }
}
