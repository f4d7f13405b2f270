import { texts } from '../texts/en.ts'
import { holds } from './rights.ts'
import { useCall } from './use-call.ts'
import { useMe } from './use-me.ts'

/** The APIs that the user may see, and the name of an API by its id, `postern` and null (none) included. */
export const useApiNames = () => {
  const mayList = holds(useMe(), { section: 'postern-apis', level: 'read' })
  const { data, isLoading } = useCall('listApis', mayList ? {} : null)
  const apis = data?.apis ?? []
  const nameOf = (id: string | null): string => {
    if (id === null) return texts.parts.noApi
    return id === 'postern' ? texts.parts.postern : (apis.find(({ apiId }) => apiId === id)?.name ?? id)
  }
  return { apis, nameOf, isReading: data === undefined && isLoading }
}
