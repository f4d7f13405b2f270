import type { CallImpact } from '../contract/call-impact.ts'
import type { Caller } from '../contract/operation.ts'
import type { Member } from '../identity/member.ts'
import type { ReadApis } from '../policy/api-names.ts'
import { rangesForTexts } from '../whitelist/prepared-ranges.ts'
import type { PrepareRanges } from '../whitelist/provider-ranges.ts'
import { callImpactOf } from './call-impact.ts'
import type { ReadSightings } from './show-sightings.ts'
import { sightingsOf } from './show-sightings.ts'

export type CallImpactDependencies = {
  readonly readSightings: ReadSightings
  readonly prepareRanges: PrepareRanges
  readonly readApis: ReadApis
}

/** The recent calls of a user that would be refused after a change. @param after the changed user */
export const readCallImpact = async (
  { readSightings, prepareRanges, readApis }: CallImpactDependencies,
  caller: Caller,
  after: Member,
): Promise<CallImpact> => {
  const { organizationId } = caller.subject.organization
  const [sightings, ranges] = await Promise.all([
    sightingsOf(readSightings, organizationId, after.user.userId),
    rangesForTexts(prepareRanges, after.user.whitelist),
  ])
  const apis = await readApis(caller.snapshot.policy.apis.map(({ apiId }) => apiId))
  return callImpactOf(after, caller, sightings, ranges, apis)
}
