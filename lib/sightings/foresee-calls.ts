import type { ForeseenCalls } from '../contract/foreseen-calls.ts'
import type { Caller } from '../contract/operation.ts'
import type { Member } from '../identity/member.ts'
import type { ReadApis } from '../policy/api-names.ts'
import { rangesForTexts } from '../whitelist/prepared-ranges.ts'
import type { PrepareRanges } from '../whitelist/provider-ranges.ts'
import { foreseeChange } from './foresee-change.ts'
import type { ReadSightings } from './show-sightings.ts'
import { sightingsOf } from './show-sightings.ts'

export type ForeseeDependencies = {
  readonly readSightings: ReadSightings
  readonly prepareRanges: PrepareRanges
  readonly readApis: ReadApis
}

/** Which of the calls that were seen of late would not pass any more, were the user as it is given here. */
export const foreseeCalls = async (
  { readSightings, prepareRanges, readApis }: ForeseeDependencies,
  caller: Caller,
  after: Member,
): Promise<ForeseenCalls> => {
  const { organizationId } = caller.subject.organization
  const [sightings, ranges] = await Promise.all([
    sightingsOf(readSightings, organizationId, after.user.userId),
    rangesForTexts(prepareRanges, after.user.whitelist),
  ])
  const apis = await readApis(caller.snapshot.policy.apis.map(({ apiId }) => apiId))
  return foreseeChange(after, caller, sightings, ranges, apis)
}
