import { holds } from './rights.ts'
import { useCall } from './use-call.ts'
import { useMe } from './use-me.ts'

/** The name of an integration vendor by its id; the id if it is gone or may not be seen. */
export const useVendorNames = (): ((vendorId: string) => string) => {
  const maySee = holds(useMe(), { section: 'postern-access', level: 'read' })
  const { data } = useCall('listIntegrationVendors', maySee ? {} : null)
  const names = new Map(
    (data?.integrationVendors ?? []).map(({ vendorId, name }) => [vendorId as string, name]),
  )
  return (vendorId) => names.get(vendorId) ?? vendorId
}
