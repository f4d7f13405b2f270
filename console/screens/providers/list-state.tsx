import type { Answer } from '../../client/operations.ts'
import { Tag, Time } from '../../parts/small.tsx'
import { texts } from '../../texts/en.ts'

const own = texts.providers

export type List = Answer<'listProviders'>['providers'][number]

export const ListState = ({
  list: { available, tooOld, waiting, lastError },
}: {
  readonly list: Pick<List, 'available' | 'tooOld' | 'waiting' | 'lastError'>
}) => (
  <>
    {available ? <Tag look="good">{own.inForce}</Tag> : <Tag look="danger">{own.letsNobodyIn}</Tag>}{' '}
    {tooOld ? <Tag look="warning">{own.tooOld}</Tag> : null}{' '}
    {waiting ? <Tag look="warning">{own.waiting}</Tag> : null}
    {lastError === null ? null : (
      <span class="second">
        {own.lastError(lastError.reason)} <Time at={lastError.at} form="distance" />
      </span>
    )}
  </>
)
