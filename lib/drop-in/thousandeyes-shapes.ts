import * as z from 'zod'
import * as field from '../contract/fields.ts'

/** Bodies of the ThousandEyes calls for users and roles (API version 6). https://developer.thousandeyes.com/v6/admin/ */

/** Also the username. */
export const emailAsUsername = field.email
  .max(128, 'must have at most 128 characters')
  .meta({ description: 'Is the username as well. Upper and lower case are the same name.' })

const aid = z.int().positive().meta({ description: 'An account group, by number.' })
const roleId = z.int().positive().meta({ description: 'A role, by number.' })
const zeroOrOne = z.union([z.literal(0), z.literal(1)])

/** The documentation spells some names in two ways; a request must have exactly one of them. */
const eitherSpelling = <T>(
  context: z.core.$RefinementCtx,
  name: string,
  one: T | undefined,
  other: T | undefined,
): T => {
  const given = one ?? other
  if (given !== undefined && (one === undefined || other === undefined)) return given
  context.issues.push({
    code: 'custom',
    path: [name],
    message: given === undefined ? 'is needed' : 'is given in two spellings',
    input: given,
  })
  return z.NEVER
}

const listOf = <T extends z.ZodType>(item: T) => z.array(item).max(50, 'must have at most 50 entries')

const roleNames = { roleId: roleId.optional(), roleID: roleId.optional() }
type GivenGroup<G> = { readonly accountGroup?: G | undefined; readonly accountGroupName?: G | undefined }
const groupOf = <G, R>(
  { accountGroup, accountGroupName, roles }: GivenGroup<G> & { readonly roles: R },
  context: z.core.$RefinementCtx,
) => ({
  accountGroup: eitherSpelling(context, 'accountGroup', accountGroup, accountGroupName),
  roles,
})
const group = z.strictObject({ aid })

const roleReferences = listOf(
  z.strictObject(roleNames).transform((given, context) => ({
    roleId: eitherSpelling(context, 'roleId', given.roleId, given.roleID),
  })),
)

export const ThousandEyesUserBody = z
  .strictObject({
    name: field.name(200).min(1, 'must not be empty').optional(),
    email: emailAsUsername,
    loginAccountGroup: group.meta({
      description: 'Ignored for a person of another organization, who sets their own.',
    }),
    accountGroupRoles: listOf(
      z
        .strictObject({
          accountGroup: group.optional(),
          accountGroupName: group.optional(),
          roles: roleReferences,
        })
        .transform(groupOf),
    ).optional(),
    allAccountGroupRoles: roleReferences.optional(),
  })
  .refine(
    ({ accountGroupRoles = [], allAccountGroupRoles = [] }) =>
      allAccountGroupRoles.length > 0 || accountGroupRoles.some(({ roles }) => roles.length > 0),
    { path: ['accountGroupRoles'], message: 'give a role here, in allAccountGroupRoles, or in both' },
  )
  .meta({ id: 'ThousandEyesUser' })
export type ThousandEyesUserBody = z.infer<typeof ThousandEyesUserBody>

/** A group or role as answers show it. Only the number is set; the other fields must match. */
const groupSentBack = z.strictObject({ aid, accountGroupName: z.string().optional() })
const rolesSentBack = listOf(
  z
    .strictObject({
      ...roleNames,
      roleName: z.string().optional(),
      hasManagementPermissions: zeroOrOne.optional(),
      builtin: zeroOrOne.optional(),
    })
    .transform(({ roleId: one, roleID: other, ...shown }, context) => ({
      roleId: eitherSpelling(context, 'roleId', one, other),
      shown,
    })),
)

export const ThousandEyesChangeBody = z
  .strictObject({
    name: field.name(200),
    email: field.line(254).meta({
      description: 'Where the e-mail is the username, a new one becomes the username, too.',
    }),
    loginAccountGroup: groupSentBack
      .optional()
      .meta({ description: 'Left out, it stays. Ignored for a person of another organization.' }),
    accountGroupRoles: listOf(
      z
        .strictObject({
          accountGroup: groupSentBack.optional(),
          accountGroupName: groupSentBack.optional(),
          roles: rolesSentBack,
        })
        .transform(groupOf),
    )
      .optional()
      .meta({ description: 'Replaces all that is there; left out, it stays.' }),
    allAccountGroupRoles: rolesSentBack
      .optional()
      .meta({ description: 'Replaces all that is there; left out, it stays.' }),
    uid: z.int().optional(),
    lastLogin: z.string().optional(),
    dateRegistered: z.string().optional(),
  })
  .meta({
    id: 'ThousandEyesChange',
    description:
      'An answer can be sent back as it is: `uid`, `lastLogin`, `dateRegistered` and what describes a group or a role beside its number set nothing, and are a 400 where they say something else than what is so.',
  })
export type ThousandEyesChangeBody = z.infer<typeof ThousandEyesChangeBody>

export const ThousandEyesQuery = z.strictObject({
  format: z
    .enum(['json', 'xml'])
    .optional()
    .meta({ description: 'The form of the answer, refusals included; json unless given.' }),
})

const shownGroup = z.object({ accountGroupName: z.string(), aid: z.int() })
export const ShownRole = z
  .object({
    roleName: z.string(),
    roleId: z.int(),
    hasManagementPermissions: zeroOrOne,
    builtin: zeroOrOne,
  })
  .meta({ id: 'ThousandEyesRole' })
const time = z.string().meta({ description: 'UTC, to the second.', examples: ['2026-11-21 09:00:00'] })

export const ListedUser = z
  .object({
    name: z.string(),
    email: z.string().meta({ description: 'The username where no e-mail is to be shown.' }),
    uid: z.int().meta({ description: 'A number made from the userId, of this user alone and for ever.' }),
    loginAccountGroup: shownGroup.optional().meta({ description: 'Absent where there is none.' }),
    lastLogin: time.optional(),
    dateRegistered: time,
  })
  .meta({ id: 'ThousandEyesListedUser' })
const ShownUser = ListedUser.extend({
  accountGroupRoles: z.array(z.object({ accountGroup: shownGroup, roles: z.array(ShownRole) })),
  allAccountGroupRoles: z.array(ShownRole),
}).meta({ id: 'ThousandEyesShownUser' })

export type ThousandEyesShownUser = z.infer<typeof ShownUser>
export type ThousandEyesShownRole = z.infer<typeof ShownRole>

export const ThousandEyesUsers = z.object({ users: z.array(ShownUser) }).meta({ id: 'ThousandEyesUsers' })
