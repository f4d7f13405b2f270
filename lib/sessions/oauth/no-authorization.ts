import { pageDocument } from '../../http/pages/link-page.ts'
import type { PageReply } from '../../http/pages/page-reply.ts'
import { pageReply } from '../../http/pages/page-reply.ts'

/**
 * The response of the authorization endpoint. There are no redirection URIs, so it shows a page and does not redirect (RFC 6749 section
 * 4.1.2.1).
 */
export const noAuthorization: PageReply = pageReply(
  400,
  pageDocument('No sign-in here', [
    '<h1>No sign-in here</h1>',
    '<p>Tokens are for machines. A client gets one at <code>/oauth/token</code> with its key and the grant <code>client_credentials</code>.</p>',
  ]),
)
