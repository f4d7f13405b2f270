import type { Answer, Input } from '../../client/operations.ts'

export type Organization = Answer<'getOrganization'>['organization']
type Changes = Omit<Input<'changeOrganization'>['body'], 'version'>

/** The settings as the form has them: numbers and lists as texts. */
export const fieldsOf = (organization: Organization) => ({
  name: organization.name,
  resetMailSenderName: organization.resetMailSenderName,
  colour: organization.colour ?? '',
  locations: organization.locations.join('\n'),
  minimumLength: String(organization.passwordPolicy.minimumLength),
  forbiddenCharacters: organization.passwordPolicy.forbiddenCharacters,
  whitelistRequired: organization.whitelistRequired,
  selfServiceKeys: organization.selfServiceKeys,
  secondFactor: organization.secondFactor,
  sessionLifetimeSeconds: String(organization.sessionLifetimeSeconds),
  rateLimitPerMinute: String(organization.rateLimitPerMinute),
  protectedApiRateLimitPerMinute: String(organization.protectedApiRateLimitPerMinute ?? ''),
  auditRetentionDays: String(organization.auditRetentionDays),
  expiryWarningDays: String(organization.expiryWarningDays),
})

export type Fields = ReturnType<typeof fieldsOf>

const linesIn = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')

/** A text that is no number becomes null, which the API refuses at the field. */
const numberIn = (text: string): number => (text.trim() === '' ? Number.NaN : Number(text))

/** What differs from the organization, as the API takes it. */
export const changesOf = (organization: Organization, fields: Fields): Changes => {
  const before = fieldsOf(organization)
  const changed = <Name extends keyof Fields, T>(name: Name, read: (value: Fields[Name]) => T) =>
    fields[name] === before[name] ? {} : { [name]: read(fields[name]) }
  const same = <T>(value: T): T => value
  const policy = { ...changed('minimumLength', numberIn), ...changed('forbiddenCharacters', same) }
  return {
    ...changed('name', same),
    ...changed('resetMailSenderName', same),
    ...changed('colour', (text) => (text === '' ? null : text)),
    ...changed('locations', linesIn),
    ...(Object.keys(policy).length === 0 ? {} : { passwordPolicy: policy }),
    ...changed('whitelistRequired', same),
    ...changed('selfServiceKeys', same),
    ...changed('secondFactor', same),
    ...changed('sessionLifetimeSeconds', numberIn),
    ...changed('rateLimitPerMinute', numberIn),
    ...changed('protectedApiRateLimitPerMinute', (text) => (text.trim() === '' ? null : Number(text))),
    ...changed('auditRetentionDays', numberIn),
    ...changed('expiryWarningDays', numberIn),
  }
}
