import type { Member } from './member.ts'
import { isGuest } from './member.ts'
import type { Audience, IdentityFields } from './user-fields.ts'
import { fieldsIn, identityFields, identityNames, initialFields } from './user-fields.ts'

/** The identity fields that the membership's organization may see. Hidden fields have the initial values of a new user. */
export const shownIdentity = (member: Member): IdentityFields => {
  const isShown: Readonly<Record<Audience, boolean>> = {
    home: !isGuest(member),
    hosts: member.membership.status !== 'invited',
    everybody: true,
  }
  const shown = identityNames.filter((name) => isShown[identityFields[name].shownTo])
  const hidden = { ...initialFields(identityFields), name: member.user.username }
  return { ...hidden, ...fieldsIn(member.user, shown) }
}
