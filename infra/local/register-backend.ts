import { backendGatewayId } from './backend.ts'

const name = 'backend'
const methods = ['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE']

/**
 * Registers the developer's own API as an administrator, with one section that lists everything. Leaves existing registrations
 * unchanged. Reports what is left to do.
 */
export async function registerBackend(
  apiOrigin: string,
  token: string | undefined,
  report: (message: string) => void,
): Promise<void> {
  const post = (path: string, body: object) =>
    fetch(`${apiOrigin}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  const api = {
    name,
    audience: `https://${name}.postern.example`,
    gateways: [{ gatewayId: backendGatewayId }],
  }
  const made = await post('/v1/apis', api)
  if (made.status === 409) return
  const section = {
    name: 'everything',
    endpoints: methods.flatMap((method) => [`${method} /`, `${method} /*`]),
  }
  const listed = made.ok ? await post(`/v1/apis/${name}/sections`, section) : made
  if (!listed.ok) {
    report(
      `The API behind --backend cannot be registered (${listed.status}): do it with POST /v1/apis and the gateway id "${backendGatewayId}" (docs/access.md).`,
    )
  }
}
