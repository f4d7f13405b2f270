import { holds } from './rights.ts'
import { useCall } from './use-call.ts'
import { useMe } from './use-me.ts'

type Choice = { readonly value: string; readonly text: string }

const useMaySee = (): boolean => holds(useMe(), { section: 'postern-access', level: 'read' })

/** The roles to choose from; none for whoever may not see them. */
export const useRoleChoices = (): readonly Choice[] => {
  const { data } = useCall('listRoles', useMaySee() ? {} : null)
  return (data?.roles ?? []).map(({ roleId, roleName }) => ({ value: String(roleId), text: roleName }))
}

/** The account groups to choose from; none for whoever may not see them. */
export const useAccountGroupChoices = (): readonly Choice[] => {
  const { data } = useCall('listAccountGroups', useMaySee() ? {} : null)
  return (data?.accountGroups ?? []).map(({ aid, accountGroupName }) => ({
    value: String(aid),
    text: accountGroupName,
  }))
}

/** The integration vendors to choose from; none for whoever may not see them. */
export const useVendorChoices = (): readonly Choice[] => {
  const { data } = useCall('listIntegrationVendors', useMaySee() ? {} : null)
  return (data?.integrationVendors ?? []).map(({ vendorId, name }) => ({ value: vendorId, text: name }))
}
