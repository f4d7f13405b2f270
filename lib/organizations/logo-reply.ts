import type { StoredLogo } from '../brand/stored-logo.ts'
import type { SentFile } from '../contract/operation.ts'
import { DomainError } from '../effects/domain-error.ts'

/**
 * The image of a path. Its policy and the `nosniff` of every response keep a browser from taking it for a document, whatever its bytes
 * are.
 *
 * @param logo that the organization has now, if there is one
 * @throws DomainError not_found, the same for another hash, an organization without a logo, and one that does not exist
 */
export const logoReply = (
  logo: StoredLogo | undefined,
  hash: string,
): { readonly headers: Readonly<Record<string, string>>; readonly file: SentFile } => {
  if (logo?.hash !== hash) throw new DomainError('not_found')
  return {
    headers: {
      'cache-control': 'public, max-age=31536000, immutable',
      'content-security-policy': "default-src 'none'; sandbox",
    },
    file: { mediaType: logo.mediaType, base64: Buffer.from(logo.image).toString('base64') },
  }
}
