import { holds } from '../client/rights.ts'
import { useCall } from '../client/use-call.ts'
import { useVendorChoices } from '../client/use-choices.ts'
import { useMe } from '../client/use-me.ts'
import { texts } from '../texts/en.ts'
import { SelectField, TextField } from './fields.tsx'

const own = texts.user.overview

type Name = 'firstName' | 'lastName' | 'location' | 'timezone' | 'integrationVendor'
export type Profile = Readonly<Record<Name, string>>

const zones = Intl.supportedValuesOf('timeZone')
/** A value that is not offered any more stays what it is until somebody chooses another. */
const choicesOf = (
  none: string,
  offered: readonly { readonly value: string; readonly text: string }[],
  value: string,
) => {
  const isOffered = value === '' || offered.some((each) => each.value === value)
  return [{ value: '', text: none }, ...offered, ...(isOffered ? [] : [{ value, text: value }])]
}

/** Who a user is, besides its names: the same for a new and for an existing one. */
export const ProfileFields = ({
  fields,
  set,
}: {
  readonly fields: Profile
  readonly set: (name: Name) => (value: string) => void
}) => {
  const me = useMe()
  const may = (section: 'postern-access' | 'postern-organization') => holds(me, { section, level: 'read' })
  const vendors = useVendorChoices()
  const settings = useCall('getOrganization', may('postern-organization') ? {} : null).data?.organization
  const locations = settings?.locations ?? []
  return (
    <>
      <TextField label={own.firstName} name="firstName" value={fields.firstName} onInput={set('firstName')} />
      <TextField label={own.lastName} name="lastName" value={fields.lastName} onInput={set('lastName')} />
      {locations.length === 0 ? (
        <TextField label={own.location} name="location" value={fields.location} onInput={set('location')} />
      ) : (
        <SelectField
          label={own.location}
          name="location"
          value={fields.location}
          onChange={set('location')}
          choices={choicesOf(
            own.noLocation,
            locations.map((each) => ({ value: each, text: each })),
            fields.location,
          )}
        />
      )}
      <TextField
        label={own.timezone}
        name="timezone"
        value={fields.timezone}
        onInput={set('timezone')}
        suggestions={zones}
        isRequired
      />
      {may('postern-access') ? (
        <SelectField
          label={own.vendor}
          name="integrationVendor"
          value={fields.integrationVendor}
          onChange={set('integrationVendor')}
          choices={choicesOf(own.noVendor, vendors, fields.integrationVendor)}
        />
      ) : null}
    </>
  )
}
