import type { Answer } from '../../client/operations.ts'
import { Time } from '../../parts/small.tsx'
import type { Column } from '../../parts/table.tsx'
import { texts } from '../../texts/en.ts'

const own = texts.secondFactors

export type Factor = Answer<'listOwnSecondFactors'>['secondFactors'][number]

/** What is shown of second factors, to their user and to administrators. */
export const factorColumns: readonly Column<Factor>[] = [
  { title: own.name, cell: ({ name }) => name },
  { title: own.kind, cell: ({ kind }) => own.kinds[kind] },
  { title: own.added, cell: ({ createdAt }) => <Time at={createdAt} form="day" /> },
  {
    title: own.lastUse,
    cell: ({ lastUsedAt }) =>
      lastUsedAt === null ? (
        <span class="muted">{own.neverUsed}</span>
      ) : (
        <Time at={lastUsedAt} form="distance" />
      ),
  },
]
