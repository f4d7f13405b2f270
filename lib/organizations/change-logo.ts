import { hash } from 'node:crypto'
import { readImage } from '../brand/image.ts'
import type { StoredLogo } from '../brand/stored-logo.ts'
import type { Caller, Origin } from '../contract/operation.ts'
import { invalidField, requireVersion } from '../effects/domain-error.ts'
import type { StoredOrganization } from '../identity/stored-organization.ts'
import { readBase64 } from '../secrets/exact-base64.ts'
import { keys } from '../table/keys.ts'
import { itemKinds } from '../table/schema.ts'
import { put } from '../table/stored-item.ts'
import type { ChangeDependencies } from './change-organization.ts'
import { saveOrganization } from './change-organization.ts'
import type { LogoBody } from './logo-endpoints.ts'

/** 128 bits name an image. */
const hashDigits = 32

/** @throws DomainError invalid_request for what is no image that can be a logo, version_conflict */
export const replaceLogo = async (
  dependencies: ChangeDependencies,
  caller: Caller,
  { image: text, version }: LogoBody,
  origin: Origin,
): Promise<StoredOrganization> => {
  const before = caller.snapshot.organization
  requireVersion('The organization', before.version, version)
  const image = readBase64(text, 'base64')
  if (image === undefined) throw invalidField('image', 'must be base64')
  const read = readImage(image)
  if (!read.ok) throw invalidField('image', read.message)
  const { organizationId } = before
  const { mediaType, width, height } = read.image
  const logo = { hash: hash('sha256', image, 'hex').slice(0, hashDigits), width, height }
  const stored: StoredLogo = {
    ...keys.logo(organizationId),
    kind: itemKinds.logo,
    organizationId,
    hash: logo.hash,
    mediaType,
    image,
  }
  return saveOrganization(dependencies, caller, { logo }, origin, [put<typeof StoredLogo>('logo', stored)])
}

/** @throws DomainError version_conflict */
export const removeLogo = async (
  dependencies: ChangeDependencies,
  caller: Caller,
  origin: Origin,
): Promise<StoredOrganization> => {
  const { organizationId, logo } = caller.snapshot.organization
  if (logo === null) return caller.snapshot.organization
  return saveOrganization(dependencies, caller, { logo: null }, origin, [
    { label: 'logo', delete: keys.logo(organizationId) },
  ])
}
