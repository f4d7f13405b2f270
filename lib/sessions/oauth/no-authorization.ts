import { pageDocument } from '../../http/pages/link-page.ts'
import type { PageReply } from '../../http/pages/page-reply.ts'
import { pageReply } from '../../http/pages/page-reply.ts'

/**
 * What the authorization endpoint answers. There are no redirection URIs, so the person in front of the browser is told, and nobody is
 * sent anywhere (RFC 6749 section 4.1.2.1).
 */
export const noAuthorization: PageReply = pageReply(
  400,
  pageDocument('No sign-in here', [
    '<h1>No sign-in here</h1>',
    '<p>Tokens are for machines. A client gets one at <code>/oauth/token</code> with its key, by the grant <code>client_credentials</code>.</p>',
  ]),
)
