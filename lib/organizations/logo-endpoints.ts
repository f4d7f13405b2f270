import * as z from 'zod'
import { maximumImageBytes } from '../brand/image.ts'
import type { Endpoint } from '../contract/endpoint.ts'
import * as field from '../contract/fields.ts'
import { exampleOrganization, manage, one } from './organization-endpoints.ts'

export const LogoBody = z
  .strictObject({
    image: z
      .string()
      .max(Math.ceil(maximumImageBytes / 3) * 4, `must be at most ${maximumImageBytes / 1024} KB`)
      .meta({ description: 'The file in base64.' }),
    version: field.version.optional(),
  })
  .meta({ id: 'Logo' })
export type LogoBody = z.infer<typeof LogoBody>

export const exampleLogo: LogoBody = {
  image:
    'iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAIAAACQkWg2AAAAFklEQVR42mPgzvMnCTGMahjVMHw1AAAQ/sgBnhTytwAAAABJRU5ErkJggg==',
}
/** Of that image. */
export const exampleLogoHash = 'ffbeeec70993354223eddffadff28b75'
const shownExample = {
  path: `/v1/organizations/${exampleOrganization.organizationId}/logo/${exampleLogoHash}`,
  width: 16,
  height: 16,
}

export const logoEndpoints = [
  {
    method: 'PUT',
    path: '/v1/organization/logo',
    function: 'organization',
    operationId: 'replaceLogo',
    dryRun: true,
    tag: 'organization',
    summary: 'Set the logo of your organization',
    description:
      'A PNG, JPEG or WebP image of at most 32 KB, with sides of 16 to 1024 pixels, not animated. Its bytes decide what it is. The console, pages and mails show it. It is kept as it is, with its metadata, and whoever knows its address can open it.',
    access: manage,
    request: {
      mediaType: 'application/json',
      body: LogoBody,
      example: exampleLogo,
    },
    response: {
      status: 200,
      description: 'The organization as it is now',
      mediaType: 'application/json',
      schema: one,
      example: { organization: { ...exampleOrganization, logo: shownExample, version: 2 } },
    },
    errors: ['version_conflict'],
  },
  {
    method: 'DELETE',
    path: '/v1/organization/logo',
    function: 'organization',
    operationId: 'removeLogo',
    dryRun: true,
    tag: 'organization',
    summary: 'Remove the logo of your organization',
    access: manage,
    request: {},
    response: {
      status: 200,
      description: 'The organization as it is now',
      mediaType: 'application/json',
      schema: one,
      example: { organization: { ...exampleOrganization, version: 3 } },
    },
    errors: ['version_conflict'],
  },
  {
    method: 'GET',
    path: '/v1/organizations/{organizationId}/logo/{hash}',
    function: 'organization',
    operationId: 'getLogo',
    tag: 'organization',
    summary: 'The logo of an organization',
    description:
      'For pages and browsers. `GET /v1/organization` and `GET /v1/users/me` have its path. A path with another hash, or of an organization that does not exist, is not found.',
    access: 'public',
    request: {
      params: z.object({
        organizationId: field.organizationId,
        hash: z.string().regex(/^[0-9a-f]{32}$/, 'is not the hash of a logo'),
      }),
    },
    response: {
      status: 200,
      description: 'The image, under its own media type. Its path changes with its content.',
      mediaType: '*/*',
    },
    errors: ['not_found'],
  },
] as const satisfies readonly Endpoint[]
