import { shortId } from '../client/find.ts'
import { holds } from '../client/rights.ts'
import { useApiNames } from '../client/use-api-names.ts'
import { useCall } from '../client/use-call.ts'
import { useMe } from '../client/use-me.ts'
import { useCredentials } from '../client/use-names.ts'
import { useVendorNames } from '../client/use-vendor-names.ts'
import { texts } from '../texts/en.ts'
import type { Change, Line, Names } from './change-lines.ts'
import { readChange } from './change-lines.ts'
import { Tag } from './small.tsx'

const own = texts.changes

/**
 * For ids in changes. Without the right to see what has a name, its id stands for it.
 *
 * @param keyIds of the credentials whose names are wanted
 */
export const useChangeNames = (keyIds: readonly string[] = []): Names & { readonly isReading: boolean } => {
  const maySee = holds(useMe(), { section: 'postern-access', level: 'read' })
  const roles = useCall('listRoles', maySee ? {} : null)
  const groups = useCall('listAccountGroups', maySee ? {} : null)
  const apis = useApiNames()
  const vendors = useVendorNames()
  const credentials = useCredentials(keyIds)
  const isFirst = [roles, groups].some(({ data, isLoading }) => data === undefined && isLoading)
  return {
    api: apis.nameOf,
    role: (id) => roles.data?.roles.find(({ roleId }) => roleId === id)?.roleName ?? String(id),
    group: (id) => groups.data?.accountGroups.find(({ aid }) => aid === id)?.accountGroupName ?? String(id),
    vendor: vendors.nameOf,
    credential: (keyId) => {
      const credential = credentials.of(keyId)
      return credential === undefined || credential === 'gone' ? shortId(keyId) : credential.name
    },
    isReading: isFirst || apis.isReading || vendors.isReading || credentials.isReading,
  }
}

/** These fields of a form, as they were and as they would be saved. */
export const changedFields = <T extends object>(
  fields: readonly (keyof T & string)[],
  before: T,
  after: T,
): readonly Change[] => fields.map((field) => ({ field, before: before[field], after: after[field] }))

/** Field by field: what a list or a set of rights gains and loses, and the old and the new of any other value. */
export const Changes = ({
  changes,
  names,
}: {
  readonly changes: readonly Change[]
  readonly names: Names
}) => {
  const read = changes.map((change) => readChange(change, names)).filter(({ lines }) => lines.length > 0)
  return (
    <dl class="changes">
      {read.map(({ label, whole, lines }) => (
        <div key={label}>
          <dt>
            {label} {whole === null ? null : <Mark is={whole} />}
          </dt>
          <dd>
            <ul>
              {lines.map((line) => (
                <li key={line.key}>
                  <OneLine line={line} isMarked={whole === null} />
                </li>
              ))}
            </ul>
          </dd>
        </div>
      ))}
    </dl>
  )
}

/** The same as the API says it, for whoever compares it with a request. */
export const AsJson = ({ changes }: { readonly changes: unknown }) => (
  <details class="more">
    <summary>{own.details}</summary>
    <pre>{JSON.stringify(changes, null, 2)}</pre>
  </details>
)

const Mark = ({ is }: { readonly is: 'added' | 'removed' }) => (
  <Tag look={is === 'added' ? 'good' : 'danger'}>{own[is]}</Tag>
)

const OneLine = ({
  line: { name, before, after },
  isMarked,
}: {
  readonly line: Line
  readonly isMarked: boolean
}) => {
  const isEntry = name !== '' && (before === null || after === null)
  const value = before === null ? after : before
  return (
    <>
      {isEntry && isMarked ? <Mark is={before === null ? 'added' : 'removed'} /> : null}{' '}
      {name === '' ? null : <bdi>{name}</bdi>}
      {name !== '' && value !== '' ? ': ' : null}
      {isEntry ? (
        <bdi>{value}</bdi>
      ) : (
        <>
          <del>
            <bdi>{before ?? own.nothing}</bdi>
          </del>{' '}
          <span aria-hidden="true">→</span>{' '}
          <ins>
            <bdi>{after ?? own.nothing}</bdi>
          </ins>
        </>
      )}
    </>
  )
}
