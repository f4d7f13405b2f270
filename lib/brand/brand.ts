import type { StoredOrganization } from '../identity/stored-organization.ts'
import type { Shades } from './shades.ts'
import { shadesOf } from './shades.ts'

/** How an organization looks. */
export type Brand = {
  readonly name: string
  /** Null = Postern's own colours. */
  readonly shades: Shades | null
  readonly logo: ShownLogo | null
}

export type ShownLogo = { readonly path: string; readonly width: number; readonly height: number }

type Look = Pick<StoredOrganization, 'organizationId' | 'name' | 'colour' | 'logo'>

export const brandOf = (organization: Look): Brand => ({
  name: organization.name,
  shades: shadesOf(organization.colour),
  logo: shownLogo(organization),
})

/** The path contains the hash of the image, so that what is kept under it never changes. */
const shownLogo = ({ organizationId, logo }: Look): ShownLogo | null =>
  logo === null
    ? null
    : {
        path: `/v1/organizations/${organizationId}/logo/${logo.hash}`,
        width: logo.width,
        height: logo.height,
      }

/** The same as the API shows it. */
export const brandView = (organization: Look) => ({
  colour: organization.colour,
  logo: shownLogo(organization),
})

/** The largest size with the proportions of the logo in a box, in whole pixels. Small logos are not enlarged. */
export const fitted = (
  { width, height }: Pick<ShownLogo, 'width' | 'height'>,
  box: Pick<ShownLogo, 'width' | 'height'>,
): { readonly width: number; readonly height: number } => {
  const scale = Math.min(1, box.width / width, box.height / height)
  return { width: Math.round(width * scale), height: Math.round(height * scale) }
}
