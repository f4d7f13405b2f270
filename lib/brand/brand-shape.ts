import * as z from 'zod'
import * as field from '../contract/fields.ts'

/** The colour and the logo of an organization, as the API shows them. */
export const shownBrand = {
  colour: z.string().nullable().meta({ description: "The accent, as `#rrggbb`; null = Postern's own." }),
  logo: z
    .object({
      path: z.string().meta({ description: 'Of the image, which needs no credential.' }),
      width: z.int(),
      height: z.int(),
    })
    .nullable(),
}

/** What each of its users sees of an organization. */
export const ShownOrganization = z.object({
  organizationId: field.organizationId,
  name: z.string(),
  ...shownBrand,
})

export const exampleShownOrganization: z.infer<typeof ShownOrganization> = {
  organizationId: 'org_9x7q1w8e5r3t4k2m',
  name: 'Example',
  colour: '#0b6e4f',
  logo: null,
}
