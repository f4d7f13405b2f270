import * as z from 'zod'

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
