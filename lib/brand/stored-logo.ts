import * as z from '../effects/shape.ts'
import { OrganizationId } from '../secrets/key-id.ts'
import { itemShape } from '../table/stored-item.ts'
import { imageTypes } from './image.ts'

/** `ORG#<organizationId>#LOGO` / `LOGO`. */
export const StoredLogo = z.object({
  ...itemShape('logo'),
  organizationId: OrganizationId,
  /** SHA-256 of the image, the first 32 digits; the organization has the same. */
  hash: z.string(),
  mediaType: z.enum(imageTypes),
  image: z.bytes(),
})
export type StoredLogo = z.infer<typeof StoredLogo>
