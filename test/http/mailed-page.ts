import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda'
import { expect } from 'vitest'

type Open = (method: 'GET' | 'HEAD') => Promise<APIGatewayProxyStructuredResultV2>

/** Opens the page of a mailed link as its reader and mail scanners do, and expects its form with headers that let nothing out. */
export const expectOpenedOften = async (open: Open, token: string): Promise<void> => {
  for (const method of ['GET', 'HEAD', 'GET', 'HEAD'] as const) {
    const reply = await open(method)
    expect(reply.statusCode).toBe(200)
    expect(reply.headers).toMatchObject({
      'content-type': 'text/html;charset=UTF-8',
      'cache-control': 'no-store',
    })
    expect(reply.headers?.['content-security-policy']).toContain("default-src 'none'")
    expect(JSON.stringify(reply.headers).toLowerCase()).toContain('"referrer-policy":"no-referrer"')
    // The gateway sends a HEAD's headers only (RFC 9110 section 9.3.2).
    expect(reply.body).toContain(token)
  }
}
