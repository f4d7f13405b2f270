import { holds } from './rights.ts'
import { useCall } from './use-call.ts'
import { useMe } from './use-me.ts'

/** The name of an integration vendor by its id; the id if it is gone or may not be seen. */
export const useVendorNames = () => {
  const maySee = holds(useMe(), { section: 'postern-access', level: 'read' })
  const { data, isLoading } = useCall('listIntegrationVendors', maySee ? {} : null)
  const names = new Map(
    (data?.integrationVendors ?? []).map(({ vendorId, name }) => [vendorId as string, name]),
  )
  return {
    nameOf: (vendorId: string): string => names.get(vendorId) ?? vendorId,
    isReading: data === undefined && isLoading,
  }
}
